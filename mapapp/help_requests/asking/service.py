"""Saves a new request in one transaction: computes its cell, encrypts its contact details, creates the link of its
page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.audit import service as audit
from mapapp.core import geo
from mapapp.core.actors import Actor
from mapapp.core.config import ERASE_AFTER_DAYS
from mapapp.core.errors import N_, Gone, NotFound, Unavailable
from mapapp.core.problem_types import NOT_READY
from mapapp.core.vault import Vault
from mapapp.help_requests import cells, contacts, events
from mapapp.help_requests.asking import duplicates, limits, place_fields
from mapapp.help_requests.asking.schemas import HelpRequestIn
from mapapp.help_requests.labels import URGENCIES, URGENCY
from mapapp.help_requests.models import HelpLink, HelpNeed, HelpRequest
from mapapp.help_requests.resident import links

Source = Literal["web", "hotline", "api", "survey"]

BY_STAFF: Final = ("hotline", "survey")
"""Someone of the service took it in for the person: on the phone, or at their door. Its address is not counted."""

AGAIN_FOR: Final = timedelta(hours=24)
"""For this long, the same form sent again leads to the page of its request: as long as a phone keeps its draft."""

_NEXT_ID = text("SELECT nextval(pg_get_serial_sequence('help_requests', 'id'))")


@dataclass(frozen=True)
class Submitted:
    """The result of sending a request. Link and code are known only now."""

    request_id: int
    token: str = field(repr=False)
    code: str = field(repr=False)


def submit(
    session: Session,
    vault: Vault,
    actor: Actor,
    data: HelpRequestIn,
    *,
    address: str,
    now: datetime,
    source: Source = "web",
    kept_days: int = ERASE_AFTER_DAYS,
    consent: str | None = None,
) -> Submitted:
    """Saves a request. Life-threatening requests and those taken by an officer are never refused because of a limit.

    No one is told whether the same number has an open request here: the answer is the same, and an officer who sees
    both links them.

    The caller has claimed the form key (``forms.once``), and for ``hotline`` has asked the policy about the tambon.

    Args:
        actor: anyone; for ``hotline`` the officer who takes the request by phone, for ``survey`` who asks for them.
        address: of the sender, for the limit per address.
        source: how it was sent; an officer on the phone has no limit per address.
        kept_days: this many days after it is closed it is deleted, as the consent text says.
        consent: the version of another text that the person agreed to before (``survey``).

    Raises:
        Invalid: no such tambon or village, or a point outside the area of this service.
        Blocked, TooMany: an officer has blocked the number here, or the sender must wait; never if a life is in danger.
        Unavailable: there is no area data, so no one would see it.
    """
    place = place_of(session, data)
    mark = _mark(session, vault, data, place, address=address, source=source, now=now)
    row = _row(actor, data, place, source, now)
    row.kept_days = kept_days
    row.consent_version = consent or data.consent
    row.look, row.held = mark.look, mark.held
    row.id = session.execute(
        _NEXT_ID
    ).scalar_one()  # encrypted values contain the id, so the row is written once and not twice
    contacts.keep(vault, row, data.contact)
    contacts.keep_landmark(vault, row, data.landmark)
    session.add(row)
    session.flush()
    session.execute(
        insert(HelpNeed),
        [
            {"request_id": row.id, "kind": need.kind, "detail": need.detail, "quantity": need.quantity, "state": "open"}
            for need in data.needs
        ],
    )
    events.record(session, actor, row.id, "posted", now=now, details={"source": source, "needs": list(data.kinds)})
    if source == "hotline":
        audit.record(session, actor, "request.take", "request", row.id, area_code=row.tambon_code, now=now)
    link = links.make(session, vault, row.id, made_by="post", now=now)
    return Submitted(row.id, link.token, link.code)


def _mark(
    session: Session, vault: Vault, data: HelpRequestIn, place: Place, *, address: str, source: Source, now: datetime
) -> limits.Mark:
    """Counts the request; returns the mark for an officer.

    Raises:
        Blocked, TooMany: as ``submit``.
    """
    always = source == "hotline" or data.urgency == "life"
    shares, is_blocked, before = [], False, False
    if data.phone is not None:
        is_blocked = limits.is_blocked(session, vault, data.phone, place.tambon_code, now)
        if is_blocked and not always:
            raise limits.blocked()
        if source not in BY_STAFF:
            shares.append(limits.of_pair(vault, data.phone, address))
        shares.append(limits.of_phone(vault, data.phone))
        before = duplicates.asked_before(session, vault, data.phone, place.cell.tambon_code)
    if source not in BY_STAFF:
        shares.append(limits.of_address(vault, address))
    lives = limits.of_lives(vault, address) if data.urgency == "life" and source not in BY_STAFF else None
    mark = limits.take(session, [*shares, *([lives] if lives else [])], now, waits=not always)
    if lives and mark.look:
        limits.mark_earlier(session, lives, now)
    look = "blocked" if is_blocked else mark.look or ("again" if before else None)
    return limits.Mark(look, mark.held and not always)


def again(session: Session, vault: Vault, request_id: int, *, now: datetime) -> Submitted:
    """A new link for a sender who sends the same form again: the first answer may have been lost.

    A new one, because the first cannot be looked up. The caller has checked that it is the same form (its secret key).

    Raises:
        Gone: too long ago, or an officer has ended the links since, or the data was deleted.
        TooMany: too often.
    """
    row = session.execute(
        select(HelpRequest.posted_at, HelpRequest.erased_at).where(HelpRequest.id == request_id)
    ).one_or_none()
    ended = select(HelpLink.id).where(HelpLink.request_id == request_id, HelpLink.revoked_at.is_not(None)).limit(1)
    if row is None or row.erased_at is not None or row.posted_at < now - AGAIN_FOR or session.scalar(ended):
        raise Gone(
            N_("This form was already sent. Open your page with your code, or reload this page to send a new request.")
        )
    limits.answer_again(session, vault, request_id, now)
    link = links.make(session, vault, request_id, made_by="post", now=now)
    return Submitted(request_id, link.token, link.code)


def tambon_of(session: Session, data: HelpRequestIn) -> str:
    """The tambon of a request, for the policy if an officer takes it by phone.

    Raises:
        Invalid, Unavailable: as ``submit``.
    """
    return place_of(session, data).tambon_code


def cell_of(session: Session, data: HelpRequestIn) -> cells.Cell:
    """The cell of a request, for the search for duplicates.

    Raises:
        Invalid, Unavailable: as ``submit``.
    """
    return place_of(session, data).cell


@dataclass(frozen=True)
class Place:
    """The location of a request: as exact as it was sent, and as the public may know it."""

    point: geo.Point | None
    tambon_code: str
    village_code: str | None
    cell: cells.Cell


def place_of(session: Session, data: HelpRequestIn) -> Place:
    """The stored location of a request's point, or of its tambon and village.

    Raises:
        Invalid: no such tambon or village, or a point outside the area of this service.
        Unavailable: there is no area data, so no one would see the request.
    """
    point = data.point
    if point is not None:
        if areas.outside(session, point):
            raise areas.outside_problem(session, "lat")
        at, cell = areas.area_at(session, point), cells.cell_of(session, point)
        if at is None or cell is None:
            raise Unavailable(
                N_("There is no area data yet, so no one would see your request. Call 1669 or your tambon office."),
                kind=NOT_READY,
            )
        return Place(point, at.tambon.code, None, cell)
    tambon, village = place_fields.known(session, data.tambon, data.village)
    if village is not None and village.point is not None:
        cell = cells.cell_of(session, village.point)
        if cell is not None:
            return Place(None, tambon, village.code, cell)
    return Place(None, tambon, village.code if village else None, cells.cell_of_tambon(session, tambon))


def _row(actor: Actor, data: HelpRequestIn, place: Place, source: Source, now: datetime) -> HelpRequest:
    return HelpRequest(
        source=source,
        on_behalf=data.on_behalf or source in BY_STAFF,
        language=data.language,
        urgency=URGENCY[data.urgency],
        people=data.people or 1,
        bedridden=data.bedridden,
        elderly=data.elderly,
        small_children=data.small_children,
        pregnant=data.pregnant,
        description=data.description,
        point=None if place.point is None else place.point.ewkt,
        tambon_code=place.tambon_code,
        village_code=place.village_code,
        cell=place.cell.middle.ewkt,
        cell_key=place.cell.key,
        cell_size=place.cell.size,
        cell_tambon_code=place.cell.tambon_code,
        posted_at=now,
        posted_by=actor.person_id if source in BY_STAFF else None,
        changed_at=now,
        confirmed_at=now,
        free_from=now,
        consent_version=data.consent,
        consent_at=now,
    )


@dataclass(frozen=True)
class Posted:
    """What the pages after sending show of a request."""

    tambon_code: str
    urgency: str
    posted_at: datetime
    held: bool
    """Volunteers see it only after an officer has checked it."""
    cell_size: int
    """Width of the public cell in hundredths of a degree (about 1 km each); 0: the whole tambon."""


def posted(session: Session, request_id: int) -> Posted:
    """A request that was just sent.

    Raises:
        NotFound: there is no such request.
    """
    row = session.execute(
        select(
            HelpRequest.tambon_code, HelpRequest.urgency, HelpRequest.posted_at, HelpRequest.held, HelpRequest.cell_size
        ).where(HelpRequest.id == request_id)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("Request not found."))
    return Posted(row.tambon_code, URGENCIES[row.urgency], row.posted_at, row.held, row.cell_size)
