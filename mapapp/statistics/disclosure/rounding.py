"""Rounding with a secret offset for each cell of each area, which stays the same for ever.

A count ``a`` of ``THRESHOLD`` people and more becomes ``5·⌊(a + s)/5⌋`` with a secret ``s`` of 0–4, a smaller one
``10·⌊(a + t)/10⌋`` with a secret ``t`` of 0–9, and is withheld besides. On average over the offsets both are exact.

Because the offset stays, a cell that does not change is rounded the same way on every Friday: averaging over weeks
tells nothing. And two roundings of one cell are as far apart as its counts are, give or take 4, however many Fridays
there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

THRESHOLD: Final = 10
"""People: a cell of fewer is withheld, in a table that holds anybody."""

BASE: Final = 5
"""What is shown is a multiple of it."""

SMALL_BASE: Final = 10
"""What withheld cells count as in sums is 0 or this."""

WIDTH: Final = 7
"""What is left open of every withheld count, and of every change from one Friday to another: the highest possible
number minus the lowest, at least, for someone who has all that was ever published."""

ENOUGH_TENS: Final = 10
"""So many withheld cells that count as ten in a sum are at least this many people, whoever they are."""


@dataclass(frozen=True)
class Offsets:
    """Secret offsets, one of each for every cell of every area.

    Attributes:
        large: 0–4, areas × cells.
        small: 0–9, areas × cells.
    """

    large: Ints
    small: Ints


@dataclass(frozen=True)
class Rounded:
    """Counts after rounding, and how far each could be from its true value without being rounded otherwise.

    Attributes:
        told: what it counts as; a multiple of ``BASE``.
        down: how much smaller the true count could be, with the same offset.
        up: how much larger.
    """

    told: Ints
    down: Ints
    up: Ints


def offsets(secret: Callable[[str], bytes], measure: str, areas: Sequence[str], cells: Sequence[str]) -> Offsets:
    """The offsets of these cells of these areas.

    Args:
        secret: a keyed hash of at least 16 bytes; the same for the same text, for ever.
    """
    found = [secret(f"{measure}|{area}|{cell}") for area in areas for cell in cells]
    raw = np.frombuffer(b"".join(one[:16] for one in found), dtype=">u8").reshape(len(areas), len(cells), 2)
    # 64 bits modulo 5 or 10: no offset is more frequent than another by more than 10^-18.
    return Offsets((raw[:, :, 0] % BASE).astype(np.int64), (raw[:, :, 1] % SMALL_BASE).astype(np.int64))


def rounded(counts: Ints, large: Ints, small: Ints) -> Rounded:
    """Each count rounded with its offsets."""
    is_small = counts < THRESHOLD
    base, offset = np.where(is_small, SMALL_BASE, BASE), np.where(is_small, small, large)
    inside = (counts + offset) % base
    told = (counts + offset) - inside
    # Without leaving the side of the threshold on which it is: that is public.
    lowest, highest = np.where(is_small, 0, THRESHOLD), np.where(is_small, THRESHOLD - 1, np.iinfo(np.int64).max)
    return Rounded(told, np.minimum(inside, counts - lowest), np.minimum(base - 1 - inside, highest - counts))
