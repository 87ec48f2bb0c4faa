"""Reads for volunteers: one request as far as they may see it, their claims, and offers to them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import and_, cast, func, or_, select
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts import policy
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import sessions
from mapapp.core import geo
from mapapp.core.actors import Actor
from mapapp.core.clock import today
from mapapp.core.vault import Vault
from mapapp.database import free_texts
from mapapp.help_requests import contacts
from mapapp.help_requests.labels import LEASED, URGENCIES
from mapapp.help_requests.models import HelpLease, HelpNeed, HelpOffer, HelpRequest
from mapapp.help_requests.public_view import COLUMNS, Known, Need
from mapapp.help_requests.states import now_in
from mapapp.help_requests.working.holding import lead_of
from mapapp.volunteers import queries as volunteers
from mapapp.volunteers.models import Volunteer

SHOWN_PEOPLE = 50
"""Maximum number of volunteers in the list for a hand-over."""

_PLACE = """
SELECT lead.id, lead.cell_tambon_code
FROM help_requests AS asked JOIN help_requests AS lead ON lead.id = coalesce(asked.linked_to, asked.id)
WHERE asked.id = %(request)s AND NOT lead.held
"""


@dataclass(frozen=True)
class NeedShown(Need):
    """A need, as a volunteer sees it."""

    is_mine: bool
    given: str | None


@dataclass(frozen=True)
class RequestShown(Known):
    """What every approved volunteer of the area may read of a request."""

    urgency: str
    needs: list[NeedShown] = field(default_factory=list)


@dataclass(frozen=True)
class PlaceShown:
    """The exact location: for the holder, as long as the claim is valid."""

    request_id: int
    lat: float | None
    lon: float | None
    tambon_code: str
    village_code: str | None
    landmark: str | None

    @property
    def point(self) -> geo.Point | None:
        """The location, if a point was given."""
        return None if self.lat is None or self.lon is None else geo.Point(lat=self.lat, lon=self.lon)


@dataclass(frozen=True)
class LeaseShown:
    """The holder's claim: the first end of those of one request."""

    begun_at: datetime
    ends_at: datetime
    renewals: int


@dataclass(frozen=True)
class Task:
    """A request with a current claim."""

    id: int
    urgency: str
    cell_tambon_code: str
    ends_at: datetime
    begun_at: datetime
    kinds: list[str]
    state: str
    """The furthest progress of its needs."""
    renewals: int
    """How often its holder has extended the time."""


@dataclass(frozen=True)
class OfferShown:
    """An offer that waits for this person's answer."""

    id: int
    request_id: int
    kind: str
    by: str | None
    note: str | None
    urgency: str
    cell_tambon_code: str
    expires_at: datetime


@dataclass(frozen=True)
class AskedShown:
    """The volunteer to whom the holder has offered a request, and until when they can answer."""

    name: str
    expires_at: datetime


@dataclass(frozen=True)
class DoneShown:
    """A request that this person has finished recently."""

    request_id: int
    kind: str
    state: str
    done_at: datetime
    cell_tambon_code: str


def place(session: Session, request_id: int) -> tuple[int, str] | None:
    """The leading request and the tambon of its cell, for the policy; None if it does not exist, or must be checked by
    an officer first."""
    if not 0 < request_id < 2**63:
        return None
    rows = database.driver_rows(session, _PLACE, {"request": request_id})
    return (int(rows[0][0]), str(rows[0][1])) if rows else None


def right(session: Session, actor: Actor, action: str, found: tuple[int, str], now: datetime) -> str | None:
    """The area in which the policy allows this person the action on a request; None if it does not.

    The tambon of the cell decides. A holder keeps the right until the end of the claim if new boundaries have moved the
    request to another area: then one of their own areas is returned, because the resident is waiting for them.

    Args:
        found: as returned by ``place``.
    """
    lead, tambon = found
    if policy.may(actor, action, tambon) is not None:
        return tambon
    mine = policy.areas_of(actor, action)
    if not mine or actor.person_id is None:
        return None
    of_it = or_(HelpRequest.id == lead, HelpRequest.linked_to == lead)
    held = (
        select(HelpNeed.id)
        .join(HelpRequest, HelpRequest.id == HelpNeed.request_id)
        .where(of_it, HelpNeed.holder_id == actor.person_id, HelpNeed.lease_ends_at > now)
    )
    return mine[0] if session.execute(held.limit(1)).first() is not None else None


def shown(session: Session, request_id: int, person_id: uuid.UUID | None, now: datetime) -> list[RequestShown]:
    """A leading request and those linked with it, the leading one first. Closed requests are shown without the
    resident's words: no one needs them, and every number can be typed into the address."""
    lead = lead_of(request_id)
    rows = session.execute(
        select(*COLUMNS, HelpRequest.posted_at, HelpRequest.closed_at)
        .where(or_(HelpRequest.id == lead, HelpRequest.linked_to == lead))
        .order_by(HelpRequest.linked_to.is_not(None), HelpRequest.id)
    ).all()
    made = {}
    for row in rows:
        facts = row._asdict()
        posted, closed = facts.pop("posted_at"), facts.pop("closed_at")
        facts["urgency"] = URGENCIES[row.urgency]
        made[row.id] = RequestShown(**facts, days=(today(now) - today(posted)).days, is_closed=closed is not None)
    wanted = select(HelpNeed).where(HelpNeed.request_id.in_(made)).order_by(HelpNeed.id)
    for need in session.scalars(wanted.execution_options(populate_existing=True)):
        state = now_in(need.state, need.lease_ends_at, now)
        is_theirs = person_id is not None and need.holder_id == person_id
        one = made[need.request_id]
        detail = None if one.is_closed and not is_theirs else need.detail
        one.needs.append(
            NeedShown(need.id, need.kind, detail, need.quantity, state, is_theirs and state in LEASED,
                      need.given if is_theirs else None)
        )  # fmt: skip
    return [replace(one, description="") if one.is_closed else one for one in made.values()]


def lease(session: Session, request_ids: Sequence[int], person_id: uuid.UUID, now: datetime) -> LeaseShown | None:
    """A person's current claim of these requests: None if there is none."""
    row = session.execute(
        select(func.min(HelpLease.begun_at), func.min(HelpLease.ends_at), func.max(HelpLease.renewals)).where(
            HelpLease.request_id.in_(request_ids), HelpLease.holder_id == person_id, HelpLease.ended_at.is_(None),
            HelpLease.ends_at > now,
        )
    ).one()  # fmt: skip
    return None if row[1] is None else LeaseShown(*row)


def places(session: Session, vault: Vault, request_ids: Sequence[int]) -> list[PlaceShown]:
    """The exact locations of these requests. Only for callers who have checked the claim."""
    where = cast(HelpRequest.point, Geometry)
    rows = session.execute(
        select(
            HelpRequest.id, func.ST_Y(where).label("lat"), func.ST_X(where).label("lon"), HelpRequest.tambon_code,
            HelpRequest.village_code, HelpRequest.landmark_sealed,
        )
        .where(HelpRequest.id.in_(request_ids))
        .order_by(HelpRequest.linked_to.is_not(None), HelpRequest.id)
    )  # fmt: skip
    return [
        PlaceShown(
            row.id, row.lat, row.lon, row.tambon_code, row.village_code,
            contacts.landmark_of(vault, row.id, row.landmark_sealed),
        )
        for row in rows
    ]  # fmt: skip


def tasks(session: Session, person_id: uuid.UUID, now: datetime) -> list[Task]:
    """A person's current claims, the one that ends first on top."""
    lead = func.coalesce(HelpRequest.linked_to, HelpRequest.id)
    rows = session.execute(
        select(lead.label("id"), HelpRequest.urgency, HelpNeed.kind, HelpNeed.state, HelpNeed.lease_ends_at,
               HelpLease.begun_at, HelpLease.renewals)
        .join(HelpRequest, HelpRequest.id == HelpNeed.request_id)
        .join(HelpLease, and_(HelpLease.need_id == HelpNeed.id, HelpLease.ended_at.is_(None)))
        .where(HelpNeed.holder_id == person_id, HelpNeed.lease_ends_at > now)
        .order_by(HelpNeed.lease_ends_at, HelpNeed.id)
    ).all()  # fmt: skip
    by_lead: dict[int, list[Any]] = {}
    for row in rows:
        by_lead.setdefault(row.id, []).append(row)
    tambons = _cell_tambons(session, by_lead)
    return [
        Task(
            number, URGENCIES[min(row.urgency for row in of_it)], tambons[number], of_it[0].lease_ends_at,
            min(row.begun_at for row in of_it), list(dict.fromkeys(row.kind for row in of_it)),
            max((row.state for row in of_it), key=LEASED.index), max(row.renewals for row in of_it),
        )
        for number, of_it in by_lead.items()
    ]  # fmt: skip


def _cell_tambons(session: Session, ids: Any) -> dict[int, str]:
    rows = session.execute(select(HelpRequest.id, HelpRequest.cell_tambon_code).where(HelpRequest.id.in_(list(ids))))
    return {row.id: row.cell_tambon_code for row in rows}


def offers(session: Session, person_id: uuid.UUID, now: datetime) -> list[OfferShown]:
    """The offers that a person has not answered, the oldest first."""
    rows = session.execute(
        select(
            HelpOffer.id, HelpOffer.request_id, HelpOffer.kind, Person.name.label("by"),
            free_texts.behind(HelpOffer.note_text).label("note"),
            HelpRequest.urgency, HelpRequest.cell_tambon_code, HelpOffer.expires_at,
        )
        .join(HelpRequest, HelpRequest.id == HelpOffer.request_id)
        .outerjoin(Person, and_(Person.id == HelpOffer.from_person, Person.erased_at.is_(None)))
        .where(HelpOffer.to_person == person_id, HelpOffer.answered_at.is_(None), HelpOffer.expires_at > now)
        .order_by(HelpOffer.id)
    )  # fmt: skip
    return [OfferShown(**{**row._asdict(), "urgency": URGENCIES[row.urgency]}) for row in rows]


def offered_request(session: Session, offer_id: int, person_id: uuid.UUID | None) -> int | None:
    """The request of an offer to this person; None if there is no such offer."""
    if not 0 < offer_id < 2**63 or person_id is None:
        return None
    statement = select(HelpOffer.request_id).where(HelpOffer.id == offer_id, HelpOffer.to_person == person_id)
    return session.execute(statement).scalar_one_or_none()


def offered_to(session: Session, requests: Sequence[int], now: datetime) -> dict[int, AskedShown]:
    """The volunteers who have an open offer of these requests, by request."""
    statement = (
        select(HelpOffer.request_id, Person.name, HelpOffer.expires_at)
        .join(HelpOffer, HelpOffer.to_person == Person.id)
        .where(
            HelpOffer.request_id.in_(requests), HelpOffer.kind == "hand_over", HelpOffer.answered_at.is_(None),
            HelpOffer.expires_at > now,
        )
    )  # fmt: skip
    return {row.request_id: AskedShown(row.name, row.expires_at) for row in session.execute(statement)}


def finished(session: Session, person_id: uuid.UUID, *, limit: int = 20) -> list[DoneShown]:
    """What a person has done, the latest first."""
    rows = session.execute(
        select(HelpNeed.request_id, HelpNeed.kind, HelpNeed.state, HelpLease.ended_at.label("done_at"),
               HelpRequest.cell_tambon_code)
        .join(HelpNeed, HelpNeed.id == HelpLease.need_id)
        .join(HelpRequest, HelpRequest.id == HelpNeed.request_id)
        .where(HelpLease.holder_id == person_id, HelpLease.how_ended == "done")
        .order_by(HelpLease.ended_at.desc(), HelpLease.id)
        .limit(limit)
    )  # fmt: skip
    return [DoneShown(**row._asdict()) for row in rows]


# Other volunteers -------------------------------------------------------------------------------------------------


def may_claim(session: Session, person_id: uuid.UUID, tambon: str | None, now: datetime) -> bool:
    """Whether an appointment of this person, with valid agreement and training, allows claims in this tambon (None:
    anywhere)."""
    rights = policy.roles_of("requests.claim")
    return any(
        one.role in rights and one.personal_data and (tambon is None or one.covers(tambon))
        for one in sessions.standings(session, person_id, now)
    )


def can_take(session: Session, person_id: uuid.UUID, tambon: str, now: datetime) -> bool:
    """Whether this person may claim in this tambon, and is neither on a break nor suspended."""
    row = session.execute(
        select(Person.suspended_at, Volunteer.paused_at)
        .outerjoin(Volunteer, Volunteer.person_id == Person.id)
        .where(Person.id == person_id, Person.erased_at.is_(None))
    ).one_or_none()
    if row is None or row.suspended_at is not None or row.paused_at is not None:
        return False
    return may_claim(session, person_id, tambon, now)


def others(
    session: Session, tambon: str, now: datetime, *, but: uuid.UUID | None, at: geo.Point | None
) -> list[tuple[uuid.UUID, str]]:
    """Volunteers of a tambon who could accept a request, the nearest home first: name and organisation."""
    found = volunteers.candidates(
        session, tambon, now=now, at=at, limit=SHOWN_PEOPLE, but=() if but is None else (but,)
    )  # fmt: skip
    return [(one.person_id, f"{one.name} ({one.organisation})" if one.organisation else one.name) for one in found]
