"""Showing how to reach a resident: to the holder while the lease lives, or to an officer; counted, on record, and the
resident sees who looked and when (safety rules “Contact details”, letters L3.8, L3.13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.actors import Actor
from mapapp.audit import service as audit
from mapapp.errors import N_, TooMany
from mapapp.help_requests import contacts, events
from mapapp.help_requests.contacts import Contact
from mapapp.help_requests.models import HelpEvent, HelpRequest
from mapapp.help_requests.working import holding
from mapapp.help_requests.working.holding import Group
from mapapp.vault import Vault

AN_HOUR, A_DAY = 10, 30
"""Contacts one volunteer may open."""

SAME: Final = timedelta(minutes=1)
"""So soon after the first, a second tap is the same look."""

_ONE_HOUR, _ONE_DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Shown:
    """How to reach one request's resident."""

    request_id: int
    contact: Contact
    """Empty where it is not shared, or there is none."""
    is_shared: bool
    """False: the resident has stopped sharing it; the officers can still call."""


def reveal(
    session: Session,
    vault: Vault,
    actor: Actor,
    request_id: int,
    *,
    reason: str,
    now: datetime,
    by: Literal["holder", "officer"] = "holder",
    may: Callable[[str], bool] = lambda _tambon: True,
) -> list[Shown]:
    """The contacts of a request and of those linked with it, the leading one first.

    What is shown must reach the database before it reaches the screen: the caller commits before it answers.

    Args:
        reason: a word of ``schemas.CONTACT_REASONS`` or one like it: it is kept for ever, so nobody's own words.
        by: officers see what is not shared with volunteers, and no number counts; the edge has asked the policy.
        may: whether they may see those of a true tambon; others, linked from there, are neither opened nor on record.

    Raises:
        NotFound, Taken, LeaseOver: it is not theirs (now).
        TooMany: they have opened as many as they may.
    """
    assert actor.person_id is not None
    holding.lock_person(session, actor.person_id)
    found = holding.group(session, request_id)
    wanted = set(found.requests)
    if by == "holder":
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
        if not may(row.tambon_code):
            continue
        is_shared = row.phone_shared or by == "officer"
        contact = contacts.of(vault, row.id, row.contact_sealed) if is_shared else Contact()
        if not contact.is_empty:
            _on_record(session, actor, found, row.id, row.tambon_code, reason, now, counts=by == "holder")
        shown.append(Shown(row.id, contact, is_shared))
    return shown


def _on_record(
    session: Session, actor: Actor, found: Group, request_id: int, tambon: str, reason: str, now: datetime, *,
    counts: bool,
) -> None:  # fmt: skip
    """Counts it and writes it down; not twice where a tap came twice."""
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
    """Raises ``TooMany``. The caller holds the person's lock, so twenty taps at once are counted one by one."""
    at = HelpEvent.at
    hour = at > now - _ONE_HOUR
    in_hour, in_day, first_of_hour, first_of_day = session.execute(
        select(func.count().filter(hour), func.count(), func.min(at).filter(hour), func.min(at)).where(
            HelpEvent.action == "contact_shown", HelpEvent.person_id == actor.person_id, at > now - _ONE_DAY
        )
    ).one()
    if in_day >= A_DAY:
        wait = first_of_day + _ONE_DAY - now
    elif in_hour >= AN_HOUR:
        wait = first_of_hour + _ONE_HOUR - now
    else:
        return
    raise TooMany(
        max(1, int(wait.total_seconds())),
        N_("You have opened as many contacts as one person may for now. The officers of this area can call for you."),
    )
