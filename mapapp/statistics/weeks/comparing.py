"""Figures of an area, or of the areas inside it, on two Fridays and now. Exact: for those who may see everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.areas.models import COUNTRY
from mapapp.statistics import measures
from mapapp.statistics.fridays import queries
from mapapp.statistics.fridays.models import StatisticsSnapshot
from mapapp.statistics.fridays.queries import Where
from mapapp.statistics.measures import Cells, Figure, Measure
from mapapp.statistics.models import StatisticsFigure
from mapapp.statistics.states import NOT_ENTERED, Shown, shown

Known = Mapping[tuple[str, str], Cells]
"""Measure and area → its cells."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure on two Fridays and now."""

    before: Shown
    then: Shown
    now: Shown


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of the area."""

    measure: Measure
    figure: Figure
    compared: Compared


@dataclass(frozen=True, slots=True)
class Place:
    """An area inside it."""

    code: str
    compared: Compared

    @property
    def apart(self) -> float:
        """How far the two Fridays are apart; what cannot be said counts as nothing."""
        before, then = self.compared.before.value, self.compared.then.value
        return 0.0 if before is None or then is None else abs(then - before)


class Comparison:
    """Two Fridays and now, of one area or of those of a level inside it."""

    def __init__(
        self, session: Session, then: StatisticsSnapshot, before: StatisticsSnapshot | None, where: Where
    ) -> None:
        self._then, self._before = _frozen(session, then, where), None
        if before is not None:
            self._before = _frozen(session, before, where)
        self._now = _live(session, where)

    def of(self, measure: Measure, figure: str, area: str) -> Compared:
        """One figure of an area."""
        then, before, now = (
            _shown(measure, figure, known, area) if known is not None else NOT_ENTERED
            for known in (self._then, self._before, self._now)
        )
        return Compared(before, then, now)


def _frozen(session: Session, friday: StatisticsSnapshot, where: Where) -> Known:
    return {
        (one.key, area): cells
        for one in measures.all_measures()
        if one.key in friday.measures
        for area, cells in queries.frozen(session, friday, one, where).items()
    }


def _live(session: Session, where: Where) -> Known:
    rows = session.execute(
        select(StatisticsFigure.measure, StatisticsFigure.area_code, StatisticsFigure.values).where(
            where.holds(StatisticsFigure.area_code)
        )
    )
    known = {one.key: one for one in measures.all_measures()}
    return {
        (key, area): known[key].cells_of(values)
        for key, area, values in rows
        if key in known and len(values) == len(known[key].cells)
    }


def _shown(measure: Measure, figure: str, known: Known, area: str) -> Shown:
    def cells(key: str) -> Cells:
        one = measures.get(key)
        nothing = dict.fromkeys(one.cells, 0 if one.absent == "zero" else None)
        return known.get((key, area), nothing)

    return shown(measure.value(figure, cells(measure.key), cells))


def lines(session: Session, area: str, then: StatisticsSnapshot, before: StatisticsSnapshot | None) -> list[Line]:
    """What is shown of an area as a whole, measure by measure."""
    found = Comparison(session, then, before, Where(area))
    return [
        Line(measure, figure, found.of(measure, figure.key, area))
        for measure in measures.all_measures()
        for figure in measure.of_group("")
    ]


def places(
    session: Session,
    area: str,
    measure: Measure,
    figure: str,
    then: StatisticsSnapshot,
    before: StatisticsSnapshot | None,
) -> list[Place]:
    """The areas right inside one: nothing entered first, then those that changed most. An area that was split or merged
    since is there if it is in the list of areas now."""
    below = areas.children(session, None if area == COUNTRY else area)
    if not below:
        return []
    found = Comparison(session, then, before, Where(area, below[0].level))
    made = [Place(one.code, found.of(measure, figure, one.code)) for one in below]
    return sorted(made, key=lambda one: (one.compared.then.is_told, -one.apart, one.code))
