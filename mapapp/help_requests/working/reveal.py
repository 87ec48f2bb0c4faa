"""Showing a resident's contact details: to the holder as long as the claim is valid, or to an officer. Views are
counted and recorded, and the resident sees who viewed them and when (safety rules “Contact details”, letters L3.8,
L3.13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, TooMany
from mapapp.core.vault import Vault
from mapapp.database import counters
from mapapp.help_requests import contacts, events
from mapapp.help_requests.contacts import Contact
from mapapp.help_requests.models import HelpEvent, HelpRequest
from mapapp.help_requests.working import holding
from mapapp.help_requests.working.holding import Group

AN_HOUR, A_DAY = 10, 30
"""Number of contacts that one volunteer may view."""

FULL: Final = N_(
    "You have viewed the maximum number of contact details for now. The officers of this area can make the call."
)

SAME: Final = timedelta(minutes=1)
"""A second tap this soon after the first counts as the same view."""


@dataclass(frozen=True)
class Shown:
    """The contact details of one request."""

    request_id: int
    contact: Contact
    """Empty if they are not shared, or there are none."""
    is_shared: bool
    """False: the resident has stopped sharing them; officers can still call."""


def reveal(
    session: Session,
    vault: Vault,
    actor: Actor,
    request_id: int,
    *,
    reason: str,
    now: datetime,
    officer_of: Callable[[str], bool] | None = None,
) -> list[Shown]:
    """The contact details of a request and of those linked with it, the leading one first.

    The view must be stored before it is shown: the caller commits before it answers.

    Args:
        reason: a word of ``schemas.CONTACT_REASONS`` or similar: it is kept permanently, so it must not be free text.
        officer_of: whether an officer of this tambon views them; None: the holder. Officers also see what is not shared
            with volunteers, and have no limit; a linked request of another officer's tambon is left out.

    Raises:
        NotFound, Taken, LeaseOver: the actor has no (current) claim.
        TooMany: the limit is reached.
    """
    assert actor.person_id is not None
    holding.lock_person(session, actor.person_id)
    found = holding.group(session, request_id)
    wanted = set(found.requests)
    if officer_of is None:
        mine = found.held(now, actor.person_id)
        if not mine:
            holding.refuse_holder(found, actor, now)
        wanted = {need.request_id for need in mine}
    rows = session.execute(
        select(HelpRequest.id, HelpRequest.contact_sealed, HelpRequest.phone_shared, HelpRequest.tambon_code)
        .where(HelpRequest.id.in_(wanted))
        .order_by(HelpRequest.linked_to.is_not(None), HelpRequest.id)
    ).all()
    shown = []
    for row in rows:
        if officer_of is not None and not officer_of(row.tambon_code):
            continue
        is_shared = row.phone_shared or officer_of is not None
        contact = contacts.of(vault, row.id, row.contact_sealed) if is_shared else Contact()
        if not contact.is_empty:
            _on_record(session, actor, found, row.id, row.tambon_code, reason, now, counts=officer_of is None)
        shown.append(Shown(row.id, contact, is_shared))
    return shown


def _on_record(
    session: Session, actor: Actor, found: Group, request_id: int, tambon: str, reason: str, now: datetime, *,
    counts: bool,
) -> None:  # fmt: skip
    """Counts and records the view; only once for two taps."""
    looks = HelpEvent.action == "contact_shown", HelpEvent.person_id == actor.person_id
    again = select(HelpEvent.id).where(*looks, HelpEvent.request_id == request_id, HelpEvent.at > now - SAME)
    if session.execute(again.limit(1)).first() is not None:
        return
    if counts:
        _within_limits(session, actor, now)
    events.record(session, actor, request_id, "contact_shown", now=now, details={"reason": reason})
    audit.record(
        session, actor, "request.contact", "request", request_id, area_code=tambon, now=now,
        details={"reason": reason},
    )  # fmt: skip


def _within_limits(session: Session, actor: Actor, now: datetime) -> None:
    """Raises ``TooMany``. The caller holds the lock of the person."""
    wait = counters.wait_s(
        session, HelpEvent.at, HelpEvent.action == "contact_shown", HelpEvent.person_id == actor.person_id,
        an_hour=AN_HOUR, a_day=A_DAY, now=now,
    )  # fmt: skip
    if wait:
        raise TooMany(wait, FULL)
