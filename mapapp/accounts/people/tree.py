"""Who has which role in which area, and where a role is not filled: one level of areas at a time."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from mapapp.accounts.appointing.rules import ADMINS
from mapapp.accounts.appointing.service import not_over
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.policy import ROLES
from mapapp.accounts.schemas import Show
from mapapp.accounts.signing_in.invitations import is_blocked
from mapapp.accounts.signing_in.sessions import in_force
from mapapp.areas import queries as areas
from mapapp.areas.models import Area
from mapapp.areas.queries import scope
from mapapp.areas.results import AreaName
from mapapp.core.clock import today

ENDING: Final = timedelta(days=14)
"""An appointment that ends within this time is shown as a coming gap."""

TRAINING: Final = timedelta(days=30)
"""Training that expires within this time is shown: a course takes weeks to arrange."""

OF_LEVEL: Final = {2: "province_admin", 4: "amphoe_coordinator", 6: "tambon_officer"}
"""Digits of an area's code → the role that is responsible for it (letters L1.1, L1.2, L2.1)."""


@dataclass(frozen=True, slots=True)
class Held:
    """An appointment with the name of its person, and what an officer above should check."""

    appointment_id: int
    person_id: uuid.UUID
    name: str
    role: str
    area_code: str
    starts_at: datetime
    ends_at: datetime | None
    confidentiality_on: date | None
    training_expires_on: date | None
    to_come: bool
    ending: bool
    never: bool
    papers: bool
    suspended: bool
    blocked: bool
    """The link is locked after too many wrong phone numbers (``invitations.is_blocked``)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of gaps and of appointments to check, in an area and everything inside it."""

    provinces_short: int = 0
    amphoe: int = 0
    amphoe_missing: int = 0
    tambons: int = 0
    tambons_missing: int = 0
    appointments: int = 0
    ending: int = 0
    never: int = 0
    papers: int = 0
    suspended: int = 0
    blocked: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in Counts.__slots__))


@dataclass(frozen=True)
class Branch:
    """An area directly below the one that is shown."""

    area: AreaName
    counts: Counts
    held: list[Held]
    """People who are responsible for it, and its auditors."""
    gap: bool
    """Whether no one (in a province: fewer than two people) is responsible for it now."""


@dataclass(frozen=True)
class Tree:
    """One level of the tree: the area, its own appointments, and the areas directly below it, those with gaps first."""

    code: str
    path: list[AreaName]
    here: list[Held]
    branches: list[Branch]
    totals: Counts
    gap: bool = False


@dataclass(frozen=True)
class Found:
    """The appointments that a search found, with the names of their areas by code."""

    held: list[Held]
    names: dict[str, AreaName] = field(default_factory=dict)
    more: bool = False
    total: int = 0
    """Number of all matches, on all pages."""


def look(session: Session, code: str, now: datetime) -> Tree:
    """The tree below an area, or below the country (``TH``). Four statements, whatever the size of the area.

    Raises:
        NotFound: there is no such area.
    """
    path = [] if code == "TH" else areas.path_of(session, code)
    length = {"TH": 2}.get(code, len(code) + 2)
    held = _held_here(session, code, length, now)
    counts = _counts(session, code, length, now) if length <= 6 else {}
    by_area: dict[str, list[Held]] = defaultdict(list)
    for one in held:
        by_area[one.area_code].append(one)
    branches = [
        Branch(area, count, by_area[area.code], _gap(area.code, by_area[area.code])) for area, count in counts.values()
    ]
    branches.sort(key=lambda branch: (not branch.gap, branch.area.code))
    totals = sum((branch.counts for branch in branches), _own(code, by_area[code]))
    gap = code != "TH" and _gap(code, by_area[code])
    return Tree(code, path, by_area[code], branches, totals, gap)


def _gap(code: str, held: list[Held]) -> bool:
    """Whether an area has too few responsible people now. People whose appointment is in the future or who are
    suspended do not count."""
    role = OF_LEVEL[len(code)]
    there = {one.person_id for one in held if one.role == role and not one.to_come and not one.suspended}
    return len(there) < (ADMINS if role == "province_admin" else 1)


def _own(code: str, held: list[Held]) -> Counts:
    """What the area's own appointments add to the sums of the areas below."""
    gap = code != "TH" and _gap(code, held)
    return Counts(
        provinces_short=int(gap and len(code) == 2),
        amphoe=int(len(code) == 4),
        amphoe_missing=int(gap and len(code) == 4),
        tambons=int(len(code) == 6),
        tambons_missing=int(gap and len(code) == 6),
        appointments=len(held),
        ending=sum(one.ending for one in held),
        never=sum(one.never for one in held),
        papers=sum(one.papers for one in held),
        suspended=sum(one.suspended for one in held),
        blocked=sum(one.blocked for one in held),
    )


# Statements -------------------------------------------------------------------------------------------------------


def _ending(now: datetime) -> ColumnElement[bool]:
    return and_(Appointment.ends_at.is_not(None), Appointment.ends_at <= now + ENDING)


def _never() -> ColumnElement[bool]:
    return Person.first_signed_in_at.is_(None)


def _papers(now: datetime) -> ColumnElement[bool]:
    """No recorded agreement, or training that is missing, has expired or will soon expire (letters L3.8, L3.14)."""
    return or_(
        Appointment.confidentiality_on.is_(None),
        Appointment.training_expires_on.is_(None),
        Appointment.training_expires_on <= today(now + TRAINING),
    )


def _rows(now: datetime) -> Select[Any]:
    columns: tuple[Any, ...] = (
        Appointment.id,
        Person.id,
        Person.name,
        Appointment.role,
        Appointment.area_code,
        Appointment.starts_at,
        Appointment.ends_at,
        Appointment.confidentiality_on,
        Appointment.training_expires_on,
        Appointment.starts_at > now,
        _ending(now),
        _never(),
        _papers(now),
        Person.suspended_at.is_not(None),
        is_blocked(Person.id),
    )
    return (
        select(*columns)
        .join(Person, Person.id == Appointment.person_id)
        .where(not_over(now), Person.erased_at.is_(None))
    )


def _held(row: Row[Any]) -> Held:
    values = list(row)
    values[10] = bool(values[10])  # NULL where there is no end
    return Held(*values)


_ORDER = case({role: place for place, role in enumerate(ROLES)}, value=Appointment.role)


def _held_here(session: Session, code: str, length: int, now: datetime) -> list[Held]:
    """All appointments for the area itself; for the areas directly below it all except volunteers."""
    below = and_(
        scope(Appointment.area_code, code),
        Appointment.area_code != "TH",
        func.length(Appointment.area_code) == length,
        Appointment.role.not_in(("data_volunteer", "volunteer")),
    )
    rows = _rows(now).where(or_(Appointment.area_code == code, below))
    return [_held(row) for row in session.execute(rows.order_by(Appointment.area_code, _ORDER, Person.name))]


def _responsible(now: datetime) -> Any:
    """Area → number of people who have the responsible role now."""
    return (
        select(Appointment.area_code, func.count(Appointment.person_id.distinct()).label("people"))
        .join(Person, Person.id == Appointment.person_id)
        .where(
            in_force(now),
            Person.suspended_at.is_(None),
            Person.erased_at.is_(None),
            Appointment.area_code != "TH",
            Appointment.role == _role_of(Appointment.area_code),
        )
        .group_by(Appointment.area_code)
        .subquery()
    )


def _role_of(code: Any) -> ColumnElement[str]:
    return case(OF_LEVEL, value=func.length(code))


def _missing(people: Any) -> ColumnElement[bool]:
    wanted = case((func.length(Area.code) == 2, literal(ADMINS)), else_=literal(1))
    return func.coalesce(people, 0) < wanted


def _counts(session: Session, code: str, length: int, now: datetime) -> dict[str, tuple[AreaName, Counts]]:
    there = _responsible(now)
    child = func.left(Area.code, length)
    digits = func.length(Area.code)
    missing = _missing(there.c.people)
    people = _people_counts(code, length, now)
    rows = session.execute(
        select(
            child,
            func.max(Area.name_th).filter(digits == length),
            func.max(Area.name_en).filter(digits == length),
            func.count().filter(and_(digits == 2, missing)),
            func.count().filter(digits == 4),
            func.count().filter(and_(digits == 4, missing)),
            func.count().filter(digits == 6),
            func.count().filter(and_(digits == 6, missing)),
            *(func.coalesce(func.max(column), 0) for column in list(people.c)[1:]),
        )
        .outerjoin(there, there.c.area_code == Area.code)
        .outerjoin(people, people.c.child == child)
        .where(scope(Area.code, code), digits >= length)
        .group_by(child)
    )
    level = {2: "province", 4: "amphoe", 6: "tambon"}[length]
    return {row[0]: (AreaName(row[0], level, row[1], row[2]), Counts(*row[3:])) for row in rows}


def _people_counts(code: str, length: int, now: datetime) -> Any:
    child = func.left(Appointment.area_code, length).label("child")
    return (
        select(
            child,
            func.count().label("appointments"),
            func.count().filter(_ending(now)).label("ending"),
            func.count().filter(_never()).label("never"),
            func.count().filter(_papers(now)).label("papers"),
            func.count().filter(Person.suspended_at.is_not(None)).label("suspended"),
            func.count().filter(is_blocked(Person.id)).label("blocked"),
        )
        .join(Person, Person.id == Appointment.person_id)
        .where(
            scope(Appointment.area_code, code),
            Appointment.area_code != "TH",
            func.length(Appointment.area_code) >= length,
            not_over(now),
            Person.erased_at.is_(None),
        )
        .group_by(child)
        .subquery()
    )


# Search -----------------------------------------------------------------------------------------------------------


def search(
    session: Session,
    code: str,
    now: datetime,
    *,
    text: str | None = None,
    role: str | None = None,
    show: Show | None = None,
    limit: int = 100,
    after: int = 0,
) -> Found:
    """Appointments inside an area, searched by name, role, or what needs a check; ordered by area, then role."""
    statement = _rows(now).where(scope(Appointment.area_code, code))
    if text:
        statement = statement.where(Person.name.icontains(text, autoescape=True))
    if role:
        statement = statement.where(Appointment.role == role)
    looked_at = {
        "ending": _ending(now),
        "never": _never(),
        "papers": _papers(now),
        "suspended": Person.suspended_at.is_not(None),
        "blocked": is_blocked(Person.id),
    }
    if show in looked_at:
        statement = statement.where(looked_at[show])
    ordered = statement.order_by(Appointment.area_code, _ORDER, Person.name, Appointment.id)
    found = [_held(row) for row in session.execute(ordered.limit(limit + 1).offset(after))]
    total = session.execute(select(func.count()).select_from(statement.order_by(None).subquery())).scalar_one()
    shown = found[:limit]
    codes = {one.area_code[:length] for one in shown for length in (2, 4, 6)} - {"TH"}
    return Found(shown, areas.names(session, codes), len(found) > limit, total)


def gaps(session: Session, code: str, now: datetime, *, limit: int = 2000) -> tuple[list[AreaName], int]:
    """Areas inside this one where a role is not filled: provinces, then amphoe, then tambons, by code; and the number
    of all."""
    there = _responsible(now)
    rows = session.execute(
        select(Area.code, Area.level, Area.name_th, Area.name_en, func.count().over())
        .outerjoin(there, there.c.area_code == Area.code)
        .where(scope(Area.code, code), _missing(there.c.people))
        .order_by(func.length(Area.code), Area.code)
        .limit(limit)
    ).all()
    return [AreaName(*row[:-1]) for row in rows], rows[0][-1] if rows else 0
