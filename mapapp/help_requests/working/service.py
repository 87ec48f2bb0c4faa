"""Actions of a holder, or of an officer on their behalf: extending, returning, progress. Nothing commits.

The web layer has asked the policy before. A second tap of the same step changes nothing and gives the same answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor, system
from mapapp.core.errors import N_, Conflict
from mapapp.core.problem_types import NO_MORE_TIME
from mapapp.help_requests import events, states, written_texts
from mapapp.help_requests.models import HelpLease, HelpNeed, HelpOffer, HelpReport, HelpRequest
from mapapp.help_requests.working import holding, place_quota, queries
from mapapp.help_requests.working.claiming import Full, claim
from mapapp.help_requests.working.holding import Group, Held, LeaseOver, Need, Taken
from mapapp.help_requests.working.lease_terms import Terms
from mapapp.help_requests.working.offers import Offered, answer_offer, offer, stop_asking, withdraw
from mapapp.help_requests.working.reveal import Shown, reveal

__all__ = [
    "Full",
    "Held",
    "LeaseOver",
    "Offered",
    "Shown",
    "Taken",
    "Terms",
    "answer_offer",
    "claim",
    "let_go",
    "may_ask_for_more",
    "moved",
    "offer",
    "progress",
    "release",
    "renew",
    "report",
    "reveal",
    "stop_asking",
    "take_back",
]

By = Literal["holder", "officer"]

Why = Literal["appointment_ended", "suspended", "left", "erased"]
"""Why the right of a person ended, as the rooms below name it."""

A_TAP: Final = timedelta(minutes=1)
"""A second tap of “more time” this soon after the first counts as the same."""


def renew(session: Session, actor: Actor, request_id: int, *, terms: Terms, now: datetime, by: By = "holder") -> Held:
    """Extends the claim: a full duration from now, for all claimed needs. Officers can do this any number of times.

    A holder can extend only after half of the time (``may_ask_for_more``): earlier they would gain little, and use one
    of their few extensions. An extension by an officer always adds at least half a duration.

    Raises:
        NotFound, Taken, LeaseOver: the actor has no (current) claim.
        Conflict: the holder has used all extensions.
    """
    found = holding.group(session, request_id)
    needs = _held(found, actor, now, by)
    length = terms.length(found.urgency)
    ends = now + length
    if by == "officer":
        ends = max(ends, _last_end(needs, now) + length / 2)
    late = [need.id for need in needs if need.lease_ends_at is not None and ends - need.lease_ends_at >= A_TAP]
    as_it_is = Held(found.lead, tuple(need.id for need in needs), _first_end(needs), is_new=False)
    if not late:
        return as_it_is
    live = HelpLease.need_id.in_(late), HelpLease.ended_at.is_(None)
    used = session.execute(select(func.max(HelpLease.renewals)).where(*live)).scalar_one() or 0
    if by == "holder" and used >= terms.renewals:
        raise Conflict(
            N_("You cannot extend the time again. Ask the officers of this area."),
            kind=NO_MORE_TIME,
        )
    if by == "holder" and not may_ask_for_more(as_it_is.ends_at, length, now):
        return as_it_is
    # The claims may end at different times; afterwards they end together.
    _set(session, [need.id for need in needs], lease_ends_at=ends)
    session.execute(
        update(HelpLease)
        .where(HelpLease.need_id.in_([need.id for need in needs]), HelpLease.ended_at.is_(None))
        .values(ends_at=ends, renewals=HelpLease.renewals + 1)
        .execution_options(synchronize_session=False)
    )
    _tell(session, actor, needs, "renewed", now)
    states.settle(session, found.requests, now)
    return Held(found.lead, tuple(need.id for need in needs), ends, is_new=True)


def release(
    session: Session, actor: Actor, request_id: int, *, reason: str, note: str | None = None, now: datetime
) -> Held:
    """Returns all claimed needs: they are open to others immediately.

    Args:
        reason: a word of ``schemas.RELEASE_REASONS``.
        note: free text; officers read it.

    Raises:
        NotFound, Taken, LeaseOver: the actor has no claim, and has not just returned it.
    """
    found = holding.group(session, request_id)
    mine = found.held(now, actor.person_id)
    if not mine:
        if _was(session, found, actor, "released"):
            return Held(found.lead, (), None, is_new=False)
        holding.refuse_holder(found, actor, now)
    holding.check("release", mine)
    _give_back(session, actor, found, mine, "released", now, reason=reason, note=note)
    place_quota.noticed(session, actor, found.lead, now)
    return Held(found.lead, tuple(need.id for need in mine), None, is_new=True)


def take_back(session: Session, actor: Actor, request_id: int, *, reason: str, now: datetime) -> Held:
    """An officer ends a claim: the request is open again.

    Raises:
        NotFound: there is no such request.
        Conflict: there is no claim.
    """
    found = holding.group(session, request_id)
    held = found.held(now)
    if not held:
        if found.free(now):
            return Held(found.lead, (), None, is_new=False)
        holding.refuse_holder(found, actor, now)
    _give_back(session, actor, found, held, "taken_back", now, reason="officer", note=reason)
    return Held(found.lead, tuple(need.id for need in held), None, is_new=True)


def progress(
    session: Session,
    actor: Actor,
    request_id: int,
    *,
    step: Literal["on_the_way", "there", "done"],
    needs: Sequence[int] | None = None,
    given: str | None = None,
    note: str | None = None,
    now: datetime,
    by: By = "holder",
) -> Held:
    """On the way, arrived or done: for the named needs, or all claimed ones.

    Args:
        given: with ``done``: what was given; the resident reads it.
        note: with ``done``: information for officers.
        by: an officer who finishes on the holder's behalf.

    Raises:
        NotFound, Taken, LeaseOver: the actor has no (current) claim.
        Conflict: this step is not possible.
        Invalid: a need of another request was named.
    """
    found = holding.group(session, request_id)
    held = holding.chosen(found.held(now) if by == "officer" else found.held(now, actor.person_id), needs, found)
    if not held:
        again = _done_by(found, actor, needs) if step == "done" else ()
        if again:
            return Held(found.lead, again, None, is_new=False)
        holding.refuse_holder(found, actor, now)
    changing = [need for need in held if need.state != step]
    holding.check(step, changing)
    left = [need for need in found.held(now, actor.person_id) if step != "done" or need not in held]
    same = Held(found.lead, tuple(need.id for need in held), _first_end(left), is_new=bool(changing))
    if not changing:
        return same
    ids = [need.id for need in changing]
    if step == "done":
        _set(session, ids, state="done", lease_ends_at=None, done_at=now, given=given)
        holding.end_leases(session, actor, changing, "done", now, note=note)
        if not left:
            withdraw(session, actor, found, now, kinds=("hand_over",))
    else:
        _set(session, ids, state=step)
    _tell(session, actor, changing, step, now)
    states.settle(session, found.requests, now)
    return same


def let_go(session: Session, person_id: uuid.UUID, why: Why, now: datetime) -> int:
    """Ends the claims of a person who has lost the right to them. For signals of other rooms, in their transaction;
    returns the number of requests.

    A claim in progress waits for this or is seen by it: both take the lock of the person first.

    Args:
        why: with ``appointment_ended``, claims covered by another appointment of the person continue.
    """
    holding.lock_person(session, person_id)
    is_wholly = why != "appointment_ended"
    if is_wholly or not queries.may_claim(session, person_id, None, now):
        _withdraw_all(session, person_id, now)
    wanted = _held_by(session, person_id, now)
    both = or_(HelpRequest.id.in_(wanted), HelpRequest.linked_to.in_(wanted))
    session.execute(select(HelpRequest.id).where(both).order_by(HelpRequest.id).with_for_update()).all()
    how: Literal["released", "taken_back"] = "taken_back" if why == "suspended" else "released"
    opened = 0
    for lead in wanted:
        found = holding.group(session, lead)
        mine = found.held(now, person_id)
        if mine and (is_wholly or not queries.may_claim(session, person_id, found.cell_tambon_code, now)):
            _give_back(session, system(), found, mine, how, now, reason=why, note=None)
            opened += 1
    return opened


def moved(session: Session, request_id: int, now: datetime) -> int:
    """After a request got another location or another lead: ends the claims of holders who have no right to it there.

    The tambon of the leading request decides from now on. Otherwise the request would be blocked for everyone, also for
    the holder, until the time limit. Returns how many were ended.
    """
    found = holding.group(session, request_id)
    held = found.held(now)
    gone = {
        need.holder_id
        for need in held
        if need.holder_id is not None and not queries.may_claim(session, need.holder_id, found.cell_tambon_code, now)
    }
    for person_id in sorted(gone):
        theirs = [need for need in held if need.holder_id == person_id]
        _give_back(session, system(), found, theirs, "taken_back", now, reason="moved", note=None)
    return len(gone)


def _held_by(session: Session, person_id: uuid.UUID, now: datetime) -> list[int]:
    """The leading requests that a person has claimed now, lowest id first."""
    lead = func.coalesce(HelpRequest.linked_to, HelpRequest.id)
    statement = (
        select(lead)
        .join(HelpNeed, HelpNeed.request_id == HelpRequest.id)
        .where(HelpNeed.holder_id == person_id, HelpNeed.lease_ends_at > now)
    )
    return sorted(set(session.scalars(statement)))


def report(session: Session, actor: Actor, request_id: int, *, reason: str, note: str | None, now: datetime) -> bool:
    """A volunteer reports a problem with a request to the officers of its tambon. False: they have already reported it.

    Raises:
        NotFound: there is no such request.
        Erased: its data was deleted; no officer could check it.
    """
    found = holding.group(session, request_id)
    written_texts.open_to_words(session, found.lead)
    mine = HelpReport.request_id == found.lead, HelpReport.by_person == actor.person_id
    known = select(HelpReport.id).where(*mine, HelpReport.about == "request", HelpReport.handled_at.is_(None))
    if session.execute(known.limit(1)).first() is not None:
        return False
    tambon = session.execute(select(HelpRequest.tambon_code).where(HelpRequest.id == found.lead)).scalar_one()
    session.add(
        HelpReport(
            request_id=found.lead, tambon_code=tambon, about="request", by_person=actor.person_id, reason=reason,
            note_text=written_texts.kept(session, actor, found.lead, note, now), at=now,
        )
    )  # fmt: skip
    session.flush()
    events.record(session, actor, found.lead, "reported", now=now, details={"reason": reason})
    return True


# Shared -----------------------------------------------------------------------------------------------------------


def _held(found: Group, actor: Actor, now: datetime, by: By) -> list[Need]:
    """The claimed needs: of the actor, or, for an officer, of anyone."""
    held = found.held(now) if by == "officer" else found.held(now, actor.person_id)
    if not held:
        holding.refuse_holder(found, actor, now)
    return held


def may_ask_for_more(ends_at: datetime | None, length: timedelta, now: datetime) -> bool:
    """Whether enough of a claim's duration has passed for an extension to add time."""
    return ends_at is not None and ends_at - now <= length / 2


def _last_end(needs: Sequence[Need], now: datetime) -> datetime:
    return max((need.lease_ends_at for need in needs if need.lease_ends_at is not None), default=now)


def _first_end(needs: Sequence[Need]) -> datetime | None:
    return min((need.lease_ends_at for need in needs if need.lease_ends_at is not None), default=None)


def _set(session: Session, ids: Sequence[int], **values: Any) -> None:
    session.execute(
        update(HelpNeed).where(HelpNeed.id.in_(ids)).values(**values).execution_options(synchronize_session=False)
    )


def _tell(session: Session, actor: Actor, needs: Sequence[Need], action: str, now: datetime, **details: Any) -> None:
    for need in needs:
        events.record(session, actor, need.request_id, action, now=now, need_id=need.id, details=details)


def _give_back(
    session: Session, actor: Actor, found: Group, needs: Sequence[Need], how: Literal["released", "taken_back"],
    now: datetime, *, reason: str, note: str | None,
) -> None:  # fmt: skip
    """Opens claimed needs again and withdraws open offers: there is nothing to hand over any longer."""
    ids = [need.id for need in needs]
    drop = 1 if how == "released" else 0
    _set(session, ids, state="open", holder_id=None, lease_ends_at=None, drops=HelpNeed.drops + drop)
    holding.end_leases(session, actor, needs, how, now, reason=reason, note=note)
    withdraw(session, actor, found, now, kinds=("hand_over",))
    _tell(session, actor, needs, how, now, reason=reason)
    states.settle(session, found.requests, now)


def _was(session: Session, found: Group, actor: Actor, how: str) -> bool:
    """Whether the person's last claim here ended this way, and no one has claimed it since."""
    last = (
        select(HelpLease.holder_id, HelpLease.how_ended)
        .where(HelpLease.request_id.in_(found.requests))
        .order_by(HelpLease.begun_at.desc(), HelpLease.id.desc())
        .limit(1)
    )
    row = session.execute(last).one_or_none()
    return row is not None and row.holder_id == actor.person_id and row.how_ended == how


def _done_by(found: Group, actor: Actor, needs: Sequence[int] | None) -> tuple[int, ...]:
    """The needs that this person has already marked as done: those that were named, or all of theirs."""
    return tuple(
        need.id
        for need in found.needs
        if need.state == "done" and need.holder_id == actor.person_id and (needs is None or need.id in needs)
    )


def _withdraw_all(session: Session, person_id: uuid.UUID, now: datetime) -> None:
    """Closes open offers from and to a person."""
    session.execute(
        update(HelpOffer)
        .where(or_(HelpOffer.to_person == person_id, HelpOffer.from_person == person_id))
        .where(HelpOffer.answered_at.is_(None))
        .values(answered_at=now, answer="withdrawn")
        .execution_options(synchronize_session=False)
    )
