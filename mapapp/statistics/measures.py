"""Measures: what is counted, of what, and what is shown of it. Each room's figures are a row of the registry.

A measure is a table: areas down, *cells* across. Cells are counted for each tambon and added up from there, so that
every cell is a number of disjoint things. What people read are *figures* made of cells: sums, and shares of two sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal

from mapapp.core.config import Config
from mapapp.statistics.states import Shown, shown

SOURCES: Final = ("survey", "areas", "facilities", "coverage", "requests", "volunteers")
"""What changes are noted of (``statistics_pending.source``)."""

Direction = Literal["high", "low", ""]
Cells = Mapping[str, int | None]
"""Cell → its number; None: not entered."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Some cells added up.

    Attributes:
        key: unique in its measure; with a group before it ``elderly.unreached``.
        label: a message to translate.
        cells: those that are added; one that was not entered adds nothing.
        unit: a key of ``formatting.UNITS``.
        worse: which end is worse; empty: neither.
        group: the part of the measure it is about; empty: the whole.
        is_shown: whether pages list it; other sums only stand in shares.
    """

    key: str
    label: str
    cells: tuple[str, ...]
    unit: str = "people"
    worse: Direction = ""
    group: str = ""
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share, or a mean: one sum divided by another.

    Attributes:
        part, whole: keys of sums of this measure, or ``measure:sum`` of another one.
    """

    key: str
    label: str
    part: str
    whole: str
    unit: str = "share"
    worse: Direction = "low"
    group: str = ""
    is_shown: bool = True


Figure = Sum | Ratio


@dataclass(frozen=True)
class Measure:
    """A table of figures by area."""

    key: str
    label: str
    """A message to translate, as all texts here."""
    definition: str
    """What exactly is counted."""
    source: str
    """Who says so."""
    cells: tuple[str, ...]
    sums: tuple[Sum, ...]
    ratios: tuple[Ratio, ...]
    main: str
    """The figure by which areas are ordered, worst first, and which a summary shows."""
    people: bool
    """Whether its cells count people: then disclosure control applies to whatever is published."""
    sources: frozenset[str]
    """Words of ``SOURCES``: what it is made from."""
    sql: str
    """A query of (code, values): the cells of a tambon in the order of ``cells``. ``:codes`` has the tambons, or is
    NULL for all. It may return tambons that are in no list, but not those without any row."""
    absent: Literal["zero", "not_entered"]
    """What it means that the query has no row for a tambon."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Parts of the measure, each with the same figures: code → label."""
    group_label: str = ""
    """What the groups are."""
    strict: frozenset[str] = frozenset()
    """Cells that are unknown for an area as soon as they are for one tambon in it."""
    by_clock: bool = False
    """Whether figures change by time alone: then all are counted again every few minutes."""
    parameters: Callable[[datetime, Config], Mapping[str, Any]] = lambda _now, _config: {}
    """What else the query is given."""
    breaks: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Figure (without its group) → bounds of the classes of a map; others get theirs from the numbers."""
    rows: Callable[[str], str | None] = lambda _code: None
    """The address of the rows behind the figures of an area, for those who may see them."""

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """All of them by key."""
        every: list[Figure] = [*self.sums, *self.ratios]
        return {one.key: one for one in every}

    def of_group(self, group: str) -> list[Figure]:
        """What is shown of a part of the measure; empty: of the whole."""
        return [one for one in self.figures.values() if one.group == group and one.is_shown]

    def cells_of(self, values: Sequence[int | None] | None) -> Cells:
        """A row of the table by cell; None: the area has no row, so nothing was entered."""
        return dict(zip(self.cells, values or [None] * len(self.cells), strict=True))

    def value(self, key: str, cells: Cells, others: Callable[[str], Cells] | None = None) -> float | None:
        """A figure of these cells; None: nothing was entered that it could be made from.

        Args:
            others: the cells of another measure in the same area, for shares of two measures.
        """
        figure = self.figures[key]
        if isinstance(figure, Sum):
            return added(cells, figure.cells)
        part, whole = (self._term(term, cells, others) for term in (figure.part, figure.whole))
        return None if part is None or not whole else part / whole

    def _term(self, term: str, cells: Cells, others: Callable[[str], Cells] | None) -> float | None:
        name, has_measure, key = term.rpartition(":")
        if not has_measure:
            return self.value(term, cells)
        return get(name).value(key, others(name)) if others is not None else None

    def shown(self, key: str, cells: Cells, others: Callable[[str], Cells] | None = None) -> Shown:
        """``value`` as it is shown to those who may see everything."""
        return shown(self.value(key, cells, others))

    def is_silent(self, cells: Cells) -> bool:
        """Whether nothing at all was entered."""
        return all(number is None for number in cells.values())


def added(cells: Cells, keys: Sequence[str]) -> int | None:
    """The sum of what was entered; None if none of it was."""
    known = [number for key in keys if (number := cells[key]) is not None]
    return sum(known) if known else None


_measures: Final[dict[str, Measure]] = {}


def register(measure: Measure) -> None:
    """Adds a measure; again changes nothing.

    Raises:
        ValueError: there is another one of this key, or its parts do not fit together (an error in the code).
    """
    kept = _measures.setdefault(measure.key, measure)
    cells = set(measure.cells)
    used = {cell for one in measure.sums for cell in one.cells} | measure.strict
    if kept is not measure or len(cells) != len(measure.cells) or not used <= cells:
        raise ValueError(measure.key)
    if not measure.sources <= set(SOURCES) or measure.main not in measure.figures:
        raise ValueError(measure.key)


def all_measures() -> list[Measure]:
    """All of them, in the order in which pages show them."""
    return list(_measures.values())


def get(key: str) -> Measure:
    """The measure of this key.

    Raises:
        KeyError: there is none.
    """
    return _measures[key]


def names() -> list[str]:
    """Their keys."""
    return list(_measures)
