"""What is made from protected cells: totals, shares, and the state of each figure. Nothing here sees a true count.

So whatever is published of an area – on a page, in a file, on a map – follows from its cells, and two of them can
differ in nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mapapp.statistics.disclosure.areas import Protected
from mapapp.statistics.disclosure.rounding import ENOUGH_TENS
from mapapp.statistics.states import NOT_ENTERED, WITHHELD, Shown, shown

AT_LEAST: Final = 100
"""People: a share of fewer is not told."""

EDGE: Final = 0.05
"""A share below it, or as near to 1, is told as a bound: it would name the few who are left."""


def total(protected: Protected, row: int, cells: Sequence[int]) -> Shown:
    """The sum of these cells of an area (one cell: that cell).

    It is told if one of its cells is, or if so many withheld ones count as ten that they are ten people at least.
    """
    chosen = list(cells)
    if not protected.is_entered[row, chosen].any():
        return NOT_ENTERED
    if protected.is_empty[row]:
        return shown(0)
    if not protected.is_shown[row, chosen].any() and protected.tens[row, chosen].sum() < ENOUGH_TENS:
        return WITHHELD
    return shown(int(protected.told[row, chosen].sum()))


def share(part: Shown, whole: Shown) -> Shown:
    """What part of the whole, 0–1 in whole percent: only where both are told, of ``AT_LEAST`` people, and near 0 and 1
    only as a bound."""
    if whole.value is None:
        return whole
    if whole.value == 0:
        return NOT_ENTERED  # of nobody there is no share, and none is no 0 %
    if whole.value < AT_LEAST or part.value is None:
        return WITHHELD
    found = part.value / whole.value
    if found < EDGE:
        return shown(EDGE, "below")
    if found > 1 - EDGE:
        return shown(1 - EDGE, "above")
    return shown(round(found, 2))
