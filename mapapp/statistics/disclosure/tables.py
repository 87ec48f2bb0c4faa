"""What is made from protected cells: totals, shares, and the state of each figure. Nothing here sees a true count.

So whatever is published of an area – on a page, in a file, on a map – follows from its cells, and two of them can
differ in nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mapapp.statistics.disclosure.areas import Protected
from mapapp.statistics.disclosure.rounding import ENOUGH_TENS
from mapapp.statistics.states import NOT_ENTERED, WITHHELD, Shown, shown

AT_LEAST: Final = 100
"""People: a share of fewer is not told."""

EDGE: Final = 0.05
"""A share below it, or as near to 1, is told as a bound: it would name the few who are left."""


def totals(protected: Protected, cells: Sequence[int]) -> list[Shown]:
    """The sum of these cells (one cell: that cell), area by area.

    It is told if one of its cells is, or if so many withheld ones count as ten that they are ten people at least.
    """
    chosen = list(cells)
    is_entered = np.any(protected.is_entered[:, chosen], axis=1).tolist()
    tens = protected.tens[:, chosen].sum(axis=1)
    is_told = (np.any(protected.is_shown[:, chosen], axis=1) | (tens >= ENOUGH_TENS)).tolist()
    numbers = protected.told[:, chosen].sum(axis=1).tolist()
    empties: list[bool] = list(protected.is_empty)
    return [
        NOT_ENTERED if not entered else shown(0) if empty else shown(number) if told else WITHHELD
        for entered, empty, told, number in zip(is_entered, empties, is_told, numbers, strict=True)
    ]


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
