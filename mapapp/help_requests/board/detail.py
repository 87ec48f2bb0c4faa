"""Reads of one request, for the officers of its area."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from geoalchemy2 import Geometry
from sqlalchemy import ColumnElement, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.areas.models import COUNTRY
from mapapp.core.errors import N_, NotFound
from mapapp.core.vault import Vault
from mapapp.database import free_texts
from mapapp.help_requests import contacts, written_texts
from mapapp.help_requests.board import queries
from mapapp.help_requests.board.queries import Need, Report
from mapapp.help_requests.models import (
    HelpBlock,
    HelpEvent,
    HelpLease,
    HelpNeed,
    HelpOffer,
    HelpReport,
    HelpRequest,
)

MOST_EVENTS: Final = 200
"""Maximum number of events that are shown, the newest ones."""


class Lease(NamedTuple):
    """A claim of a need: by whom, from when, until when."""

    id: int
    need_id: int
    kind: str
    holder_id: uuid.UUID | None
    name: str | None
    organisation: str | None
    team: str | None
    begun_at: datetime
    ends_at: datetime
    renewals: int
    ended_at: datetime | None
    how_ended: str | None
    reason: str | None
    note: str | None


class Offer(NamedTuple):
    """An offer that a volunteer has not answered yet."""

    id: int
    kind: str
    name: str
    organisation: str | None
    note: str | None
    at: datetime
    expires_at: datetime


class Event(NamedTuple):
    """An event in the history of the request."""

    id: int
    at: datetime
    action: str
    need_id: int | None
    actor_kind: str
    name: str | None
    details: Mapping[str, Any]
    words: str | None
    """Its free text."""


class Linked(NamedTuple):
    """Another request with the same need."""

    id: int
    tambon_code: str
    posted_at: datetime
    closed_at: datetime | None
    outcome: str | None


class Block(NamedTuple):
    """A block of the request's number that applies at its location."""

    id: int
    reason: str | None
    at: datetime
    until: datetime
    area_code: str
    """The area in which it applies."""
    by: str | None


@dataclass(frozen=True)
class Detail:
    """A request as its officers see it. The contact details are not included: viewing them is a separate step."""

    row: HelpRequest
    lat: float | None
    lon: float | None
    landmark: str | None
    needs: Sequence[Need]
    leases: Sequence[Lease]
    offers: Sequence[Offer]
    events: Sequence[Event]
    linked: Sequence[Linked]
    reports: Sequence[Report]
    block: Block | None
    taken_by: str | None
    """The officer who took it by phone."""
    why_closed: str | None
    """The reason, as the officer who closed it wrote it."""

    @property
    def live(self) -> list[Lease]:
        """Claims that have not ended, according to the states of the needs."""
        held = {need.id for need in self.needs if need.lease_ends_at is not None}
        return [lease for lease in self.leases if lease.ended_at is None and lease.need_id in held]

    def any_need(self, *states: str) -> bool:
        """Whether one of the needs is in one of these states now."""
        return any(need.state in states for need in self.needs)


def get(session: Session, request_id: int) -> HelpRequest:
    """The row, to check whether the officer may see it.

    Raises:
        NotFound: there is no such request.
    """
    if 0 < request_id < 2**63:
        found = session.execute(
            select(HelpRequest).where(HelpRequest.id == request_id).execution_options(populate_existing=True)
        ).scalar_one_or_none()
        if found is not None:
            return found
    raise NotFound(N_("Request not found in your area."))


def detail(session: Session, vault: Vault, row: HelpRequest, now: datetime) -> Detail:
    """All details of a request; ten statements at most, whatever its history."""
    return Detail(
        row=row,
        **_place(session, row.id),
        landmark=contacts.landmark_of(vault, row.id, row.landmark_sealed),
        needs=queries.needs_of(session, [row.id], now),
        leases=_leases(session, row.id),
        offers=_offers(session, row.id, now),
        events=_events(session, row.id),
        linked=_linked(session, row),
        reports=queries.reports(session, HelpReport.request_id == row.id, limit=20),
        block=block_of(session, row, now),
        taken_by=None
        if row.posted_by is None
        else session.execute(select(Person.name).where(Person.id == row.posted_by)).scalar_one_or_none(),
        why_closed=None
        if row.outcome_text is None
        else free_texts.of(session, [row.outcome_text]).get(row.outcome_text),
    )


_LOOKS: Final = ("place_shown", "contact_shown", "downloaded")
"""Events that change nothing in the request."""


def shown(session: Session, row: HelpRequest, now: datetime) -> tuple[object, ...]:
    """The state of a request and of those linked with it, as plain values, in three statements. If the result differs,
    the page has changed."""
    lead = row.linked_to or row.id
    group = select(HelpRequest.id).where(or_(HelpRequest.id == lead, HelpRequest.linked_to == lead))
    last = select(func.max(HelpEvent.id)).where(HelpEvent.request_id.in_(group), HelpEvent.action.not_in(_LOOKS))
    offers = select(HelpOffer.id).where(
        HelpOffer.request_id == row.id, HelpOffer.answered_at.is_(None), HelpOffer.expires_at > now
    )
    found = session.execute(last).scalar_one(), session.scalars(offers.order_by(HelpOffer.id)).all()
    return *found, queries.needs_of(session, [row.id], now), row.erased_at, row.look, row.held


def _place(session: Session, request_id: int) -> dict[str, float | None]:
    point = cast(HelpRequest.point, Geometry)
    statement = select(func.ST_Y(point), func.ST_X(point)).where(HelpRequest.id == request_id)
    lat, lon = session.execute(statement).one()
    return {"lat": lat, "lon": lon}


def _leases(session: Session, request_id: int) -> list[Lease]:
    statement = (
        select(
            HelpLease.id, HelpLease.need_id, HelpNeed.kind, HelpLease.holder_id, Person.name, Person.organisation,
            free_texts.behind(HelpLease.team_text), HelpLease.begun_at, HelpLease.ends_at, HelpLease.renewals,
            HelpLease.ended_at, HelpLease.how_ended, HelpLease.reason, free_texts.behind(HelpLease.note_text),
        )
        .join(HelpNeed, HelpNeed.id == HelpLease.need_id)
        .outerjoin(Person, Person.id == HelpLease.holder_id)
        .where(HelpLease.request_id == request_id)
        .order_by(HelpLease.id.desc())
        .limit(50)
    )  # fmt: skip
    return [Lease._make(row) for row in session.execute(statement)]


def _offers(session: Session, request_id: int, now: datetime) -> list[Offer]:
    statement = (
        select(
            HelpOffer.id, HelpOffer.kind, Person.name, Person.organisation, free_texts.behind(HelpOffer.note_text),
            HelpOffer.at, HelpOffer.expires_at,
        )
        .join(Person, Person.id == HelpOffer.to_person)
        .where(HelpOffer.request_id == request_id, HelpOffer.answered_at.is_(None), HelpOffer.expires_at > now)
        .order_by(HelpOffer.id)
    )  # fmt: skip
    return [Offer._make(row) for row in session.execute(statement)]


def _events(session: Session, request_id: int) -> list[Event]:
    statement = (
        select(
            HelpEvent.id, HelpEvent.at, HelpEvent.action, HelpEvent.need_id, HelpEvent.actor_kind, Person.name,
            HelpEvent.details, written_texts.of_event(),
        )
        .outerjoin(Person, Person.id == HelpEvent.person_id)
        .where(HelpEvent.request_id == request_id)
        .order_by(HelpEvent.id.desc())
        .limit(MOST_EVENTS)
    )  # fmt: skip
    return [Event._make(row) for row in session.execute(statement)]


def _linked(session: Session, row: HelpRequest) -> list[Linked]:
    lead = row.linked_to or row.id
    statement = (
        select(
            HelpRequest.id, HelpRequest.tambon_code, HelpRequest.posted_at, HelpRequest.closed_at, HelpRequest.outcome
        )
        .where(or_(HelpRequest.id == lead, HelpRequest.linked_to == lead), HelpRequest.id != row.id)
        .order_by(HelpRequest.id)
        .limit(50)
    )
    return [Linked._make(found) for found in session.execute(statement)]


def holds_in(tambon: str) -> ColumnElement[bool]:
    """SQL condition: “this block applies in the tambon”."""
    return or_(HelpBlock.area_code == COUNTRY, literal(tambon).startswith(HelpBlock.area_code))


def block_of(session: Session, row: HelpRequest, now: datetime) -> Block | None:
    """The block of a request's number that applies at its location; the one for the widest area if there are
    several."""
    if row.phone_index is None:
        return None
    why = free_texts.behind(HelpBlock.reason_text)
    found = session.execute(
        select(HelpBlock.id, why, HelpBlock.at, HelpBlock.until, HelpBlock.area_code, Person.name)
        .outerjoin(Person, Person.id == HelpBlock.by_person)
        .where(HelpBlock.phone_index == row.phone_index, HelpBlock.lifted_at.is_(None), HelpBlock.until > now)
        .where(holds_in(row.tambon_code))
        .order_by(HelpBlock.area_code != COUNTRY, func.length(HelpBlock.area_code), HelpBlock.id)
        .limit(1)
    ).first()
    return None if found is None else Block._make(found)


def was_called(events: Sequence[Event], since: datetime) -> bool:
    """Whether an officer has spoken with the resident since then."""
    return any(
        one.action == "called" and one.at >= since and one.details.get("outcome") == "answered" for one in events
    )
