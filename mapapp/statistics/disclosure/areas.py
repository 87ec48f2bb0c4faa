"""From the smallest public areas up to the country: what each cell of each area is told as.

Every cell (a column) is a tree of its own. A larger area's cell is ``exact`` – its true sum, rounded with its own
offset – only where, for every area inside it, the others could make up for any count that area could have, without a
single published number changing. So an exact cell tells nothing of any area inside it. Elsewhere the cell is the sum of
what the areas inside it are told as, and tells nothing either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mapapp.statistics.disclosure.rounding import (
    BASE,
    ENOUGH_TENS,
    SMALL_BASE,
    THRESHOLD,
    Flags,
    Ints,
    Offsets,
    rounded,
)

COUNTRY: Final = "TH"
_PARENTS: Final = {6: 4, 4: 2}

MAKES_UP: Final = 9
"""By so much a count could be another one without being published otherwise: so much the others must make up for."""


def parent(code: str) -> str | None:
    """The area around an area; None for the country."""
    if code == COUNTRY:
        return None
    return code[: _PARENTS[len(code)]] if len(code) in _PARENTS else COUNTRY


@dataclass(frozen=True)
class Protected:
    """The cells of all areas of one measure as they may be told.

    Attributes:
        areas: codes, the smallest areas first, the country last.
        told: what a cell counts as, areas × cells; also that of withheld ones, which is not shown by itself.
        is_shown: whether it may be shown; areas × cells.
        is_empty: whether nobody at all is in the table of the area: everything in it is a true zero.
        is_entered: whether anything was entered for the cell; areas × cells.
        tens: how many withheld smallest cells inside it count as ten; areas × cells.
        is_exact: whether it is the rounded true sum; areas × cells. Not published.
    """

    areas: tuple[str, ...]
    told: Ints
    is_shown: Flags
    is_empty: Flags
    is_entered: Flags
    tens: Ints
    is_exact: Flags


def all_areas(leaves: Sequence[str]) -> tuple[str, ...]:
    """These areas and all around them, smallest first, in the order of their codes."""
    found = set(leaves)
    for leaf in leaves:
        around = parent(leaf)
        while around is not None:
            found.add(around)
            around = parent(around)
    return tuple(sorted(found, key=lambda code: (0 if code == COUNTRY else -len(code), code)))


class _Tree:
    """What is summed on the way up; rows follow ``areas``."""

    def __init__(self, areas: tuple[str, ...], width: int) -> None:
        self.areas = areas
        self.at = {code: number for number, code in enumerate(areas)}
        shape = (len(areas), width)
        self.true, self.told, self.tens, self.large = (np.zeros(shape, dtype=np.int64) for _ in range(4))
        self.down, self.up, self.most_down, self.most_up = (np.zeros(shape, dtype=np.int64) for _ in range(4))
        self.exact = np.zeros(shape, dtype=np.bool_)

    def gather(self, rows: Ints, into: Ints) -> None:
        """Adds what the areas ``rows`` have to those around them."""
        for kept in (self.true, self.told, self.tens, self.large, self.down, self.up):
            np.add.at(kept, into, kept[rows])
        for kept in (self.most_down, self.most_up):
            np.maximum.at(kept, into, kept[rows])

    def settle(self, rows: Ints, offsets: Offsets) -> None:
        """Decides which cells of these areas are exact, once all inside them is gathered."""
        makes_up = (self.down[rows] - self.most_down[rows] >= MAKES_UP) & (
            self.up[rows] - self.most_up[rows] >= MAKES_UP
        )
        exact = makes_up & (self.true[rows] >= THRESHOLD)
        own = rounded(self.true[rows], offsets.large[rows], offsets.small[rows])
        self.exact[rows] = exact
        for kept, made in (
            (self.told, own.told), (self.down, own.down), (self.most_down, own.down), (self.up, own.up),
            (self.most_up, own.up),
        ):  # fmt: skip
            kept[rows] = np.where(exact, made, kept[rows])


def protect(leaves: Sequence[str], counts: Ints, is_entered: Flags, offsets: Offsets) -> Protected:
    """Protects one measure.

    Args:
        leaves: codes of the smallest public areas, all of one level, each once.
        counts: people, leaves × cells; anything where nothing is entered.
        is_entered: leaves × cells.
        offsets: for ``all_areas(leaves)``, in that order.
    """
    areas = all_areas(leaves)
    tree = _Tree(areas, counts.shape[1])
    first = np.array([tree.at[code] for code in leaves], dtype=np.int64)
    _leaves(tree, first, np.where(is_entered, counts, 0), is_entered, offsets)
    entered = np.zeros(tree.true.shape, dtype=np.bool_)
    entered[first] = is_entered
    for rows, into in _levels(areas, tree.at):
        tree.gather(rows, into)
        np.logical_or.at(entered, into, entered[rows])
        tree.settle(np.unique(into), offsets)
    shown = tree.exact | (tree.large > 0) | (tree.tens >= ENOUGH_TENS)
    empty = entered.any(axis=1) & (tree.true.sum(axis=1) == 0)
    return Protected(areas, tree.told, shown, empty, entered, tree.tens, tree.exact)


@dataclass(frozen=True)
class Limit:
    """What everyone knows of a table: these cells cannot be more than those (who refuses is one of those with few
    doses). Columns of each."""

    part: tuple[int, ...]
    whole: tuple[int, ...]


def limited(found: Protected, limits: Sequence[Limit]) -> Protected:
    """Withholds the part where it is so large that it would tell of a withheld cell of the whole, or the other way
    round.

    The part, at its lowest, must leave a withheld cell on either side all that it can be.
    """
    if not limits:
        return found
    is_shown = found.is_shown.copy()
    lowest = np.where(found.is_shown, np.maximum(found.told - BASE + 1, THRESHOLD), 0)
    # A withheld cell of a larger area is at most nine in each of those inside it; nine says less, and is always true.
    highest = np.where(found.is_shown, found.told + BASE - 1, THRESHOLD - 1)
    for limit in limits:
        room = highest[:, list(limit.whole)].sum(axis=1) - lowest[:, list(limit.part)].sum(axis=1)
        is_shown[np.ix_(room < MAKES_UP, np.array(limit.part))] = False
    return replace(found, is_shown=is_shown)


def _leaves(tree: _Tree, rows: Ints, counts: Ints, is_entered: Flags, offsets: Offsets) -> None:
    made = rounded(counts, offsets.large[rows], offsets.small[rows])
    # A table without anybody is told as it is: there is nothing in it that could make up for anything.
    anybody = (counts.sum(axis=1) > 0)[:, None]
    large = counts >= THRESHOLD
    tree.true[rows], tree.large[rows] = counts, large
    tree.told[rows] = np.where(anybody, made.told, 0)
    tree.tens[rows] = anybody & ~large & (made.told == SMALL_BASE)
    # That somebody is in a table is public, too: one person must be left.
    left = counts.sum(axis=1)[:, None] - 1
    tree.down[rows] = tree.most_down[rows] = np.where(anybody, np.minimum(made.down, left), 0)
    tree.up[rows] = tree.most_up[rows] = np.where(anybody & is_entered, made.up, 0)


def _levels(areas: tuple[str, ...], at: dict[str, int]) -> list[tuple[Ints, Ints]]:
    """For each level but the highest, the smallest first: its rows, and the rows of the areas around them."""
    by_level: dict[int, list[tuple[int, int]]] = {}
    for number, code in enumerate(areas):
        around = parent(code)
        if around is not None:
            by_level.setdefault(len(code), []).append((number, at[around]))
    made = []
    for length in sorted(by_level, reverse=True):
        pairs = np.array(by_level[length], dtype=np.int64)
        made.append((pairs[:, 0], pairs[:, 1]))
    return made
