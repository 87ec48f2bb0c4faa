"""Reads of the console: the rows of an area by filters and order, how many, and what is to be done."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from mapapp.areas import queries as areas
from mapapp.facilities.console.query_params import Filters
from mapapp.facilities.fields import OF_HOW_MANY, SAID_AT
from mapapp.facilities.freshness import Lifetimes, age_sql, is_stale_sql, stale_queue_order
from mapapp.facilities.kinds import BY_NAME, KIND_ROWS
from mapapp.facilities.models import Facility, FacilityChange, FacilityImport, FacilityReport
from mapapp.facilities.queries import PUBLIC, Pin

Conditions = list[ColumnElement[bool]]

NEARLY: Final = 0.5
"""From this likeness on a name counts as found though it is typed with a slip (``word_similarity`` of pg_trgm)."""

PLANNED_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    pin: Pin
    version: int
    source_ref: str
    reports: int
    """Reports of the public that nobody has handled."""

    @property
    def free(self) -> tuple[int, int | None, datetime | None] | None:
        """What is free or given a day, of how much, and when it was last said; None where nobody has told."""
        name = BY_NAME[self.pin.kind].measure
        count = getattr(self.pin, name)
        of = OF_HOW_MANY.get(name)
        there = None if of is None else getattr(self.pin, of.field)
        return None if count is None else (count, there, getattr(self.pin, SAID_AT[name]))


# Which ----------------------------------------------------------------------------------------------------------


def matching(filters: Filters, area: str, lifetimes: Lifetimes, now: datetime) -> Conditions:
    """The filters as predicates. Duplicates that were merged away are never among them.

    Args:
        area: the area's code as the policy allowed it, ``TH`` for the country.
    """
    found = [areas.scope(Facility.tambon_code, area), Facility.merged_into.is_(None)]
    found.append(Facility.status == filters.status if filters.status else Facility.status != "closed")
    if filters.kind:
        found.append(Facility.kind == filters.kind)
    if filters.q:
        found.append(_named(filters.q))
    if filters.freshness == "fresh":
        found += [~is_stale_sql(lifetimes, now), Facility.doubtful_at.is_(None)]
    elif filters.freshness == "stale":
        found.append(is_stale_sql(lifetimes, now))
    elif filters.freshness == "doubtful":
        found.append(Facility.doubtful_at.is_not(None))
    elif filters.freshness == "planned":
        found += [Facility.status == "temporarily_closed", Facility.closed_from > now]
    if filters.reports:
        found.append(exists().where(FacilityReport.facility_id == Facility.id, FacilityReport.handled_at.is_(None)))
    return found


def to_check(area: str, lifetimes: Lifetimes, now: datetime) -> Conditions:
    """Pins that somebody should look at: stale or doubtful, and not closed for good."""
    doubts = or_(Facility.doubtful_at.is_not(None), is_stale_sql(lifetimes, now))
    return [*matching(Filters(), area, lifetimes, now), doubts]


def _named(text: str) -> ColumnElement[bool]:
    """The words anywhere in name, address or reference; or a name that is nearly so."""
    ways: list[ColumnElement[bool]] = [
        column.icontains(text, autoescape=True) for column in (Facility.name_th, Facility.name_en, Facility.address)
    ]
    ways.append(Facility.source_ref == text)
    if len(text) >= 4:
        ways.append(func.word_similarity(text, Facility.name_th) >= NEARLY)
    return or_(*ways)


def total(session: Session, conditions: Conditions) -> int:
    """How many there are."""
    return session.execute(select(func.count()).select_from(Facility).where(*conditions)).scalar_one()


# In which order -------------------------------------------------------------------------------------------------

_REPORTS: Any = (
    select(func.count())
    .where(FacilityReport.facility_id == Facility.id, FacilityReport.handled_at.is_(None))
    .correlate(Facility)
    .scalar_subquery()
)
_FREE: Any = case({row.name: getattr(Facility, row.measure) for row in KIND_ROWS}, value=Facility.kind)
_STATUS: Any = case({"open": 0, "full": 1, "temporarily_closed": 2, "closed": 3}, value=Facility.status)

ORDERS: Final[dict[str, Any]] = {
    "name": Facility.name_th,
    "kind": Facility.kind,
    "tambon": Facility.tambon_code,
    "status": _STATUS,
    "free": _FREE,
    "confirmed": age_sql(),
    "reports": _REPORTS,
}
"""What a column of the table is sorted by."""


def order(sort: str) -> tuple[Any, ...]:
    """“name” upwards, “-name” downwards, what nobody has told at the end; then by id, so that pages do not overlap."""
    by = ORDERS[sort.lstrip("-")]
    return ((by.desc() if sort.startswith("-") else by.asc()).nulls_last(), Facility.id)


def statement(conditions: Conditions, by: Sequence[Any], *, limit: int, offset: int = 0) -> Select[Any]:
    """The rows of a page of the table. Which they are is found first; only they are read whole, with their reports."""
    page = select(Facility.id).where(*conditions).order_by(*by).limit(limit).offset(offset).subquery()
    extra = (Facility.version, Facility.source_ref, _REPORTS.label("reports"))
    return select(*PUBLIC, *extra).join(page, page.c.id == Facility.id).order_by(*by)


def lines(session: Session, conditions: Conditions, by: Sequence[Any], *, limit: int, offset: int = 0) -> list[Line]:
    """A page of the table; one statement."""
    return _lines(session.execute(statement(conditions, by, limit=limit, offset=offset)))


def _lines(rows: Iterable[Any]) -> list[Line]:
    return [Line(Pin._make(row[:-3]), row[-3], row[-2], row[-1]) for row in rows]


def by_ids(session: Session, ids: Sequence[int]) -> list[Line]:
    """These pins, in the order of the ids; one that is gone is left out."""
    found = {line.pin.id: line for line in lines(session, [Facility.id.in_(ids)], [Facility.id], limit=len(ids))}
    return [found[one] for one in ids if one in found]


def ids(session: Session, conditions: Conditions, by: Sequence[Any], *, limit: int) -> list[int]:
    """The ids alone, in the order of the table."""
    return list(session.scalars(select(Facility.id).where(*conditions).order_by(*by).limit(limit)))


def stale_queue(
    session: Session, area: str, lifetimes: Lifetimes, now: datetime, *, limit: int, offset: int
) -> list[Line]:
    """What to check first: doubtful, then the oldest and most used (``freshness.stale_queue_order``)."""
    by = stale_queue_order(lifetimes, now)
    return lines(session, to_check(area, lifetimes, now), by, limit=limit, offset=offset)


class Seen(NamedTuple):
    """A pin that an action on “all that match” is about."""

    id: int
    version: int
    updated_at: datetime


def all_matching(session: Session, conditions: Conditions, *, limit: int) -> list[Seen]:
    """Every pin that matches, by id."""
    columns = (Facility.id, Facility.version, Facility.updated_at)
    rows = session.execute(select(*columns).where(*conditions).order_by(Facility.id).limit(limit))
    return [Seen(*row) for row in rows]


# The map --------------------------------------------------------------------------------------------------------


class Dot(NamedTuple):
    """A pin as the console's map draws it."""

    id: int
    lon: float
    lat: float
    kind: str
    status: str
    is_stale: bool
    name_th: str
    name_en: str | None


def dots(session: Session, conditions: Conditions, lifetimes: Lifetimes, now: datetime, *, limit: int) -> list[Dot]:
    """Pins for the map, by id; ``status`` is ``open`` where a planned closure has not begun."""
    lat, lon = PUBLIC[Pin._fields.index("lat")], PUBLIC[Pin._fields.index("lon")]
    shut = and_(Facility.status == "temporarily_closed", Facility.closed_from > now)
    status = case((shut, "open"), else_=Facility.status)
    columns = (Facility.id, lon, lat, Facility.kind, status, is_stale_sql(lifetimes, now), Facility.name_th)
    rows = session.execute(select(*columns, Facility.name_en).where(*conditions).order_by(Facility.id).limit(limit))
    return [Dot(*row) for row in rows]


# What is to be done ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ToDo:
    """What waits in an area."""

    pins: int
    stale: int
    doubtful: int
    to_check: int
    """Stale or doubtful: the queue."""
    planned: int
    """Closures that begin within ``PLANNED_DAYS``."""
    reports: int
    imports: int
    """The officer's own lists that were uploaded and neither loaded nor given up; those whose file is gone are over."""


def to_do(session: Session, area: str, person_id: uuid.UUID | None, lifetimes: Lifetimes, now: datetime) -> ToDo:
    """The counts of an officer's first page; one statement."""
    stale, doubtful = is_stale_sql(lifetimes, now), Facility.doubtful_at.is_not(None)
    soon = and_(
        Facility.status == "temporarily_closed",
        Facility.closed_from > now,
        Facility.closed_from <= now + timedelta(days=PLANNED_DAYS),
    )
    here = matching(Filters(), area, lifetimes, now)
    inside = areas.scope(Facility.tambon_code, area)
    reports = (
        select(func.count())
        .select_from(FacilityReport)
        .join(Facility, Facility.id == FacilityReport.facility_id)
        .where(FacilityReport.handled_at.is_(None), inside)
        .scalar_subquery()
    )
    mine = FacilityImport.person_id == person_id if person_id else literal(False)
    waiting = and_(FacilityImport.state.in_(("uploaded", "running")), FacilityImport.file.is_not(None))
    imports = select(func.count()).where(mine, waiting).scalar_subquery()
    counted = select(
        func.count(),
        func.count().filter(stale),
        func.count().filter(doubtful),
        func.count().filter(or_(stale, doubtful)),
        func.count().filter(soon),
        reports,
        imports,
    )
    return ToDo(*session.execute(counted.select_from(Facility).where(*here)).one())


# What was done --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One pin's part of an action, and where the pin is now."""

    facility_id: int
    version: int
    action: str
    at: datetime
    changes: dict[str, list[Any]]
    tambon_code: str | None
    version_now: int


def steps(session: Session, person_id: uuid.UUID, first: int, last: int, since: datetime, *, limit: int) -> list[Step]:
    """The steps of this person with these numbers in the history, not older than ``since``, by pin."""
    found = (
        select(
            FacilityChange.facility_id, FacilityChange.version, FacilityChange.action, FacilityChange.at,
            FacilityChange.changes, Facility.tambon_code, Facility.version,
        )
        .join(Facility, Facility.id == FacilityChange.facility_id)
        .where(
            FacilityChange.id.between(first, last),
            FacilityChange.actor_id == person_id,
            FacilityChange.import_id.is_(None),
            FacilityChange.at >= since,
        )
        .order_by(FacilityChange.facility_id, FacilityChange.id)
        .limit(limit)
    )  # fmt: skip
    return [Step(*row) for row in session.execute(found)]


def numbers(session: Session, person_id: uuid.UUID | None, ids: Sequence[int], at: datetime) -> tuple[int, int] | None:
    """The first and last number of the steps that this person made at this moment; None where there is none."""
    row = session.execute(
        select(func.min(FacilityChange.id), func.max(FacilityChange.id)).where(
            FacilityChange.facility_id.in_(ids), FacilityChange.at == at, FacilityChange.actor_id == person_id
        )
    ).one()
    return None if row[0] is None else (row[0], row[1])


def names_of(session: Session, ids: Sequence[int], area: str) -> list[Name]:
    """The names of these pins, as far as they lie in the area: for telling which were left as they are."""
    if not ids:
        return []
    inside = areas.scope(Facility.tambon_code, area)
    found = select(Facility.id, Facility.name_th, Facility.name_en).where(Facility.id.in_(ids), inside)
    return [Name(*row) for row in session.execute(found.order_by(Facility.id))]


class Name(NamedTuple):
    """Enough of a pin to name and link it."""

    id: int
    name_th: str
    name_en: str | None
