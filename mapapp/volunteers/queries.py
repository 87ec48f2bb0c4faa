"""Reads of volunteers: one volunteer, the lists for officers, and volunteers who could help at a location.

The right to claim requests is the appointment as ``volunteer``, from any officer; the profile says only what a person
offers. So the appointments decide whether a person counts as approved.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from geoalchemy2 import Geography
from sqlalchemy import ColumnElement, and_, case, cast, column, func, literal, or_, select, table
from sqlalchemy.orm import Session, aliased

from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import sessions
from mapapp.areas.models import Area
from mapapp.areas.queries import scope
from mapapp.core import geo
from mapapp.core.clock import today
from mapapp.database import free_texts
from mapapp.volunteers.models import Volunteer

State = Literal["none", "waiting", "approved", "refused", "suspended", "left", "ended"]
"""As ``models.STATES``; ``none``: neither profile nor appointment; ``ended``: approved before, but the appointment has
ended."""

_REPORTS = table(
    "help_reports", column("id"), column("request_id"), column("about"), column("volunteer_id"),
    column("note_text"), column("at"), column("handled_at"),
)  # fmt: skip
_NEEDS = table("help_needs", column("request_id"), column("holder_id"), column("lease_ends_at"))
"""Tables of the room above. Its models cannot be imported here."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A volunteer who could accept a request. Without phone number: showing that is recorded in the audit log."""

    person_id: uuid.UUID
    name: str
    organisation: str | None
    kind: str | None
    """None, like the fields below, if the person is appointed but has no profile."""
    skills: tuple[str, ...]
    means: tuple[str, ...]
    languages: tuple[str, ...]
    home_tambon: str | None
    reach_km: int | None
    times: str | None
    distance_m: float | None
    """From the reference point of the home tambon, in metres."""
    live: int
    """Number of requests they have accepted now."""


def get(session: Session, person_id: uuid.UUID) -> Volunteer | None:
    """The profile of a person as a volunteer, in any state."""
    return session.get(Volunteer, person_id)


def state_of(session: Session, person_id: uuid.UUID, now: datetime) -> State:
    """The current state of a person as a volunteer."""
    kept = session.execute(select(Volunteer.state).where(Volunteer.person_id == person_id)).scalar_one_or_none()
    return effective(kept, appointed=_is_volunteer(session, person_id, now))


def effective(kept: str | None, *, appointed: bool) -> State:
    """The effective state of a profile (None: no profile) of a person with a current appointment."""
    if appointed:
        return "approved"
    if kept is None:
        return "none"
    return "ended" if kept == "approved" else kept  # type: ignore[return-value]  # one of models.STATES


def _is_volunteer(session: Session, person_id: uuid.UUID, now: datetime) -> bool:
    return any(one.role == "volunteer" for one in sessions.standings(session, person_id, now))


def live(session: Session, person_id: uuid.UUID, now: datetime) -> int:
    """The number of requests that a person has accepted now."""
    return session.execute(select(_live(literal(person_id), now))).scalar_one()


def _live(person: Any, now: datetime) -> ColumnElement[int]:
    held = and_(_NEEDS.c.holder_id == person, _NEEDS.c.lease_ends_at > now)
    return select(func.count(func.distinct(_NEEDS.c.request_id))).where(held).scalar_subquery()


def appointed(area_code: str | None, now: datetime, *, with_papers: bool = True) -> ColumnElement[bool]:
    """SQL condition: “a current appointment as volunteer that covers this area” (None: any area).

    Args:
        with_papers: with the confidentiality agreement and the training that a claim needs.
    """
    day = today(now)
    conditions = [Appointment.role == "volunteer", sessions.in_force(now)]
    if area_code is not None:
        conditions.append(Appointment.area_code.in_([area_code[:length] for length in (2, 4, 6)]))
    if with_papers:
        conditions += [Appointment.confidentiality_on <= day, Appointment.training_expires_on >= day]
    return and_(*conditions)


def candidates(
    session: Session,
    area_code: str,
    *,
    now: datetime,
    at: geo.Point | None = None,
    limit: int = 20,
    but: Collection[uuid.UUID] = (),
) -> list[Candidate]:
    """Volunteers who can accept a request in a tambon: appointed there, agreement and training valid, not on a break,
    not suspended. The nearest home first; people without a profile last.

    Args:
        area_code: of the request: its exact tambon for officers, the tambon of its cell for volunteers.
        at: the location, as exact as the caller may know it: the exact point for officers and holders, otherwise the
            centre of the cell. None: the centre of the tambon.
        but: people to leave out, such as the person who asks.
    """
    home = select(Area.point).where(Area.code == Volunteer.home_tambon).correlate(Volunteer).scalar_subquery()
    there: Any = (
        select(Area.point).where(Area.code == area_code).scalar_subquery() if at is None else cast(at.ewkt, Geography)
    )
    distance = func.ST_Distance(home, there).label("distance_m")
    may = select(Appointment.id).where(Appointment.person_id == Person.id, appointed(area_code, now)).exists()
    rows = session.execute(
        select(
            Person.id.label("person_id"), Person.name, Person.organisation, Volunteer.kind, Volunteer.skills,
            Volunteer.means, Volunteer.languages, Volunteer.home_tambon, Volunteer.reach_km, Volunteer.times, distance,
            _live(Person.id, now).label("live"),
        )
        .outerjoin(Volunteer, Volunteer.person_id == Person.id)
        .where(
            may, Person.erased_at.is_(None), Person.suspended_at.is_(None), Person.id.not_in(but),
            or_(Volunteer.person_id.is_(None), Volunteer.paused_at.is_(None)),
        )
        .order_by(distance.nulls_last(), Person.name, Person.id)
        .limit(limit)
    )  # fmt: skip
    lists = ("skills", "means", "languages")
    return [Candidate(**row._asdict() | {name: tuple(getattr(row, name) or ()) for name in lists}) for row in rows]


# Lists for officers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """A volunteer in an officer's list. Without phone number."""

    person_id: uuid.UUID
    name: str
    organisation: str | None
    kind: str
    skills: list[str]
    means: list[str]
    home_tambon: str
    reach_km: int
    state: State
    state_at: datetime
    paused_at: datetime | None
    live: int
    has_twin: bool
    """Whether another person has signed up with the same number."""


def _has_twin() -> ColumnElement[bool]:
    other = aliased(Person)
    same = (other.phone_claim == Person.phone_claim, other.id != Person.id, other.erased_at.is_(None))
    return select(other.id).where(*same).exists()


def _state_now(now: datetime) -> ColumnElement[str]:
    """``effective`` in SQL."""
    theirs = Appointment.person_id == Volunteer.person_id
    has = select(Appointment.id).where(theirs, appointed(None, now, with_papers=False)).exists()
    return case((has, "approved"), (Volunteer.state == "approved", "ended"), else_=Volunteer.state)


def listed(
    session: Session,
    area: str,
    now: datetime,
    *,
    show: str | None = None,
    kind: str | None = None,
    skill: str | None = None,
    means: str | None = None,
    text: str | None = None,
    limit: int,
    skip: int = 0,
) -> list[Listed]:
    """Volunteers whose home is in an area (a code, or ``TH``): waiting ones first, by waiting time; then the others by
    name.

    Args:
        show: a state, or ``paused``; without it, all except those who have left.
        text: part of the name or the organisation.
    """
    state = _state_now(now)
    conditions = [scope(Volunteer.home_tambon, area), Person.erased_at.is_(None)]
    if show == "paused":
        conditions += [state == "approved", Volunteer.paused_at.is_not(None)]
    else:
        conditions.append(state == show if show else state != "left")
    if kind is not None:
        conditions.append(Volunteer.kind == kind)
    if skill is not None:
        conditions.append(Volunteer.skills.contains([skill]))
    if means is not None:
        conditions.append(Volunteer.means.contains([means]))
    if text is not None:
        names = (Person.name, Person.organisation)
        conditions.append(or_(*(name.icontains(text, autoescape=True) for name in names)))
    rows = session.execute(
        select(
            Person.id.label("person_id"), Person.name, Person.organisation, Volunteer.kind, Volunteer.skills,
            Volunteer.means, Volunteer.home_tambon, Volunteer.reach_km, state.label("state"), Volunteer.state_at,
            Volunteer.paused_at, _live(Person.id, now).label("live"), _has_twin().label("has_twin"),
        )
        .join(Person, Person.id == Volunteer.person_id)
        .where(*conditions)
        .order_by(
            case((state == "waiting", Volunteer.joined_at), else_=None).nulls_last(), Person.name, Person.id,
        )
        .limit(limit)
        .offset(skip)
    )  # fmt: skip
    return [Listed(**row._asdict()) for row in rows]


MOST_WAITING: Final = 100
"""The number of waiting volunteers is counted up to this: it is shown on every officers' page."""


def waiting(session: Session, areas: Sequence[str], now: datetime) -> int:
    """Number of sign-ups that wait for an officer's call in these areas, at most ``MOST_WAITING``."""
    some = (
        select(Volunteer.person_id)
        .join(Person, Person.id == Volunteer.person_id)
        .where(
            Volunteer.state == "waiting",
            or_(*(scope(Volunteer.home_tambon, area) for area in areas)),
            Person.erased_at.is_(None),
            _state_now(now) == "waiting",
        )
        .limit(MOST_WAITING)
        .subquery()
    )
    return session.execute(select(func.count()).select_from(some)).scalar_one()


def counts(session: Session, area: str, now: datetime) -> dict[str, int]:
    """Number of volunteers of an area in each state."""
    inner = (
        select(_state_now(now).label("state"))
        .join(Person, Person.id == Volunteer.person_id)
        .where(scope(Volunteer.home_tambon, area), Person.erased_at.is_(None))
        .subquery()
    )
    rows = session.execute(select(inner.c.state, func.count()).group_by(inner.c.state))
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class Reported:
    """A report about a volunteer. Officers resolve it in the request list."""

    request_id: int
    note: str | None
    at: datetime
    handled_at: datetime | None


def reports_about(session: Session, person_id: uuid.UUID, limit: int = 10) -> list[Reported]:
    """The newest reports about a volunteer."""
    rows = session.execute(
        select(_REPORTS.c.request_id, free_texts.behind(_REPORTS.c.note_text), _REPORTS.c.at, _REPORTS.c.handled_at)
        .where(_REPORTS.c.about == "volunteer", _REPORTS.c.volunteer_id == person_id)
        .order_by(_REPORTS.c.id.desc())
        .limit(limit)
    )
    return [Reported(*row) for row in rows]
