"""Reads of Fridays. What is public comes from here, and nothing here looks at what is live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from mapapp.areas.models import COUNTRY
from mapapp.areas.queries import scope
from mapapp.statistics import measures
from mapapp.statistics.disclosure.tables import share
from mapapp.statistics.fridays import published
from mapapp.statistics.fridays.models import StatisticsFrozen, StatisticsPublished, StatisticsSnapshot
from mapapp.statistics.measures import Cells, Measure, Ratio
from mapapp.statistics.states import NOT_ENTERED, Shown

Figures = dict[str, Shown]
"""Figure → what is told of it."""

DIGITS = {"province": 2, "amphoe": 4, "tambon": 6}


@dataclass(frozen=True)
class Where:
    """Some areas: one, or all of a level inside one."""

    area: str = COUNTRY
    level: str | None = None
    """None: the area itself."""

    def holds(self, column: Any) -> ColumnElement[bool]:
        """Whether a code is one of them."""
        if self.level is None:
            return and_(column == self.area)
        within = None if self.area == COUNTRY else self.area
        inside: ColumnElement[bool] = scope(column, within)
        return and_(inside, func.length(column) == DIGITS[self.level], column != COUNTRY)


def fridays(session: Session) -> list[StatisticsSnapshot]:
    """All of them, the newest first."""
    return list(session.scalars(select(StatisticsSnapshot).order_by(StatisticsSnapshot.friday.desc())))


def find(session: Session, friday: date | None = None) -> StatisticsSnapshot | None:
    """One Friday; None: the newest."""
    asked = select(StatisticsSnapshot).order_by(StatisticsSnapshot.friday.desc()).limit(1)
    return session.scalars(asked if friday is None else asked.where(StatisticsSnapshot.friday == friday)).first()


def before(session: Session, friday: date) -> StatisticsSnapshot | None:
    """The Friday before another one, as far as there is one."""
    asked = select(StatisticsSnapshot).where(StatisticsSnapshot.friday < friday)
    return session.scalars(asked.order_by(StatisticsSnapshot.friday.desc()).limit(1)).first()


def public(session: Session, snapshot: StatisticsSnapshot, measure: Measure, where: Where) -> dict[str, Figures]:
    """What everyone may read of a measure: area → its figures."""
    if measure.people:
        return _protected(session, snapshot, measure, where)
    cells = frozen(session, snapshot, measure, where)
    others = {
        key: public(session, snapshot, measures.get(key), where)
        for key in {term.partition(":")[0] for term in _terms(measure) if ":" in term}
    }
    return {area: dict(_exact(measure, row, {key: rows.get(area, {}) for key, rows in others.items()}))
            for area, row in cells.items()}  # fmt: skip


def _terms(measure: Measure) -> Iterator[str]:
    for one in measure.ratios:
        yield from (one.part, one.whole)


def _exact(measure: Measure, cells: Cells, others: Mapping[str, Figures]) -> Iterator[tuple[str, Shown]]:
    """Figures of a measure that counts no people. A share with people in it is made of what is told of them."""
    for key, one in measure.figures.items():
        if isinstance(one, Ratio) and ":" in one.part + one.whole:
            part, whole = (_term(measure, term, cells, others) for term in (one.part, one.whole))
            yield key, share(part, whole)
        else:
            yield key, measure.shown(key, cells)


def _term(measure: Measure, term: str, cells: Cells, others: Mapping[str, Figures]) -> Shown:
    name, has_measure, key = term.rpartition(":")
    return others[name].get(key, NOT_ENTERED) if has_measure else measure.shown(key, cells)


def _protected(session: Session, snapshot: StatisticsSnapshot, measure: Measure, where: Where) -> dict[str, Figures]:
    keys = snapshot.measures.get(measure.key, {}).get("figures", [])
    table = StatisticsPublished
    asked = select(table.area_code, table.states, table.numbers).where(
        table.friday == snapshot.friday, table.measure == measure.key, where.holds(table.area_code)
    )
    return {
        area: published.told(measure, keys, states, numbers) for area, states, numbers in session.execute(asked).all()
    }


def frozen(session: Session, snapshot: StatisticsSnapshot, measure: Measure, where: Where) -> dict[str, Cells]:
    """The exact cells of a Friday: for those who may see them, and of measures that count no people."""
    names = snapshot.measures.get(measure.key, {}).get("cells", [])
    table = StatisticsFrozen
    asked = select(table.area_code, table.values).where(
        table.friday == snapshot.friday, table.measure == measure.key, where.holds(table.area_code)
    )
    # A measure can have other cells by now: one that was not kept then is not known.
    nothing: dict[str, int | None] = dict.fromkeys(measure.cells)
    found: dict[str, Cells] = {}
    for area, values in session.execute(asked):
        kept = dict(zip(names, values, strict=True))
        found[area] = nothing | {cell: kept[cell] for cell in measure.cells if cell in kept}
    return found


def series(session: Session, measure: Measure, area: str) -> list[tuple[StatisticsSnapshot, Figures]]:
    """What was published of an area, Friday by Friday, the oldest first."""
    found = []
    for snapshot in reversed(fridays(session)):
        figures = public(session, snapshot, measure, Where(area)).get(area, {})
        found.append((snapshot, figures))
    return found


def holds_examples(session: Session) -> bool:
    """Whether one of them is made up to show the service."""
    return session.execute(select(exists().where(StatisticsSnapshot.is_example))).scalar_one()
