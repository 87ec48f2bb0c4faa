"""Offering a request to one volunteer: a holder hands it over, an officer assigns it. The volunteer accepts or declines
within a day, and before the holder's claim ends.

Nothing changes until they accept: the holder keeps the claim, and an assigned request stays open to everyone.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotFound, invalid
from mapapp.help_requests import events, states, written_texts
from mapapp.help_requests.models import HelpLease, HelpNeed, HelpOffer
from mapapp.help_requests.working import claiming, holding, queries
from mapapp.help_requests.working.holding import Group, Held, LeaseOver, Need, Taken
from mapapp.help_requests.working.lease_terms import Terms

ANSWER_WITHIN: Final = timedelta(hours=24)

Kind = Literal["hand_over", "assign"]


@dataclass(frozen=True)
class Offered:
    """An offer without an answer. ``is_new`` is False if it was made before."""

    offer_id: int
    request_id: int
    expires_at: datetime
    is_new: bool


def offer(
    session: Session,
    actor: Actor,
    request_id: int,
    to_person: uuid.UUID,
    *,
    kind: Kind,
    note: str | None = None,
    now: datetime,
) -> Offered:
    """Offers a request to a volunteer of the area: by its holder, or by an officer (the web layer has asked the
    policy).

    A new offer of a hand-over withdraws an earlier one to another volunteer. An offer ends at the latest with the
    holder's claim: after that the request is open to everyone.

    Raises:
        NotFound: there is no such request.
        Taken, LeaseOver, Conflict: there is nothing to hand over or to assign.
        Invalid: this person cannot accept it.
    """
    found = holding.group(session, request_id)
    expires = now + ANSWER_WITHIN
    if kind == "hand_over":
        mine = found.held(now, actor.person_id)
        if not mine:
            holding.refuse_holder(found, actor, now)
        holding.check("hand_over", mine)
        expires = min(expires, *(need.lease_ends_at for need in mine if need.lease_ends_at is not None))
    elif not found.free(now):
        holding.refuse_holder(found, actor, now)
    if to_person == actor.person_id or not queries.can_take(session, to_person, found.cell_tambon_code, now):
        raise invalid("to_person", N_("Choose a volunteer who helps in this area and is not on a break."))
    _run_out(session, found, now)
    waiting = select(HelpOffer.id, HelpOffer.expires_at).where(
        HelpOffer.request_id == found.lead, HelpOffer.to_person == to_person, HelpOffer.answered_at.is_(None)
    )
    known = session.execute(waiting).one_or_none()
    if known is not None:
        return Offered(known.id, found.lead, known.expires_at, is_new=False)
    if kind == "hand_over":
        withdraw(session, actor, found, now, kinds=("hand_over",))
    row = {
        "request_id": found.lead, "kind": kind, "from_person": actor.person_id, "to_person": to_person,
        "note_text": written_texts.kept(session, actor, found.lead, note, now), "at": now, "expires_at": expires,
    }  # fmt: skip
    made = session.execute(insert(HelpOffer).values(row).returning(HelpOffer.id)).scalar_one()
    action = "offered" if kind == "hand_over" else "assigned"
    events.record(session, actor, found.lead, action, now=now, details={"offer": made})
    return Offered(made, found.lead, expires, is_new=True)


def answer_offer(session: Session, actor: Actor, offer_id: int, *, accept: bool, terms: Terms, now: datetime) -> Held:
    """The answer of the volunteer. The limit of claims applies.

    Raises:
        NotFound: there is no such offer to this person.
        Taken, Conflict: it has another answer, was withdrawn, or another volunteer has claimed it in the meantime.
        Full: the person has the maximum number of claims.
    """
    assert actor.person_id is not None
    holding.lock_person(session, actor.person_id)
    to_me = select(HelpOffer).where(HelpOffer.id == offer_id, HelpOffer.to_person == actor.person_id)
    row = session.execute(to_me).scalar_one_or_none()
    if row is None:
        raise NotFound(N_("Offer not found."))
    found = holding.group(session, row.request_id)
    row = session.execute(to_me.with_for_update().execution_options(populate_existing=True)).scalar_one()
    answer = "accepted" if accept else "declined"
    if row.answer == answer:
        mine = tuple(need.id for need in found.held(now, actor.person_id))
        return Held(found.lead, mine, None, is_new=False)
    if row.answer is not None or row.expires_at <= now:
        raise Conflict(N_("This offer is no longer valid: it was withdrawn, answered, or it expired."))
    if not accept:
        _answer(session, offer_id, answer, now)
        events.record(session, actor, found.lead, "declined", now=now, details={"offer": offer_id})
        return Held(found.lead, (), None, is_new=True)
    made = (
        claiming.claim(session, actor, found.lead, terms=terms, now=now)
        if row.kind == "assign"
        else _take_over(session, actor, found, row.from_person, terms, now)
    )
    _answer(session, offer_id, answer, now)
    return made


def _take_over(
    session: Session, actor: Actor, found: Group, giver: uuid.UUID | None, terms: Terms, now: datetime
) -> Held:
    needs = [] if giver is None else found.held(now, giver)
    if not needs:
        if found.held(now):
            raise Taken(N_("Another volunteer has accepted this now. Thank you. Look for other requests near you."))
        raise LeaseOver(
            N_("The volunteer who sent the offer no longer has this request. If it is open, you can accept it.")
        )
    claiming.within_limit(session, actor, terms, now, but=found.lead)
    ends = now + terms.length(found.urgency)
    ids = [need.id for need in needs]
    holding.end_leases(session, actor, needs, "handed_over", now)
    session.execute(
        update(HelpNeed)
        .where(HelpNeed.id.in_(ids))
        .values(state=states.STEPS["hand_over"].to, holder_id=actor.person_id, lease_ends_at=ends)
        .execution_options(synchronize_session=False)
    )
    session.execute(insert(HelpLease), [_lease(need, actor, now, ends) for need in needs])
    for need in needs:
        events.record(session, actor, need.request_id, "handed_over", now=now, need_id=need.id)
    for request in sorted({need.request_id for need in needs}):
        events.record(session, actor, request, "place_shown", now=now)
    states.settle(session, found.requests, now)
    return Held(found.lead, tuple(ids), ends, is_new=True)


def _lease(need: Need, actor: Actor, now: datetime, ends: datetime) -> dict[str, object]:
    return {
        "need_id": need.id, "request_id": need.request_id, "holder_id": actor.person_id, "begun_at": now,
        "ends_at": ends,
    }  # fmt: skip


def stop_asking(session: Session, actor: Actor, request_id: int, *, now: datetime) -> None:
    """Withdraws the holder's offer; the request stays theirs. Sent again, it changes nothing.

    Raises:
        NotFound: there is no such request.
        Taken, LeaseOver, Conflict: the actor has no claim.
    """
    found = holding.group(session, request_id)
    if not found.held(now, actor.person_id):
        holding.refuse_holder(found, actor, now)
    withdraw(session, actor, found, now, kinds=("hand_over",))


def withdraw(session: Session, actor: Actor, found: Group, now: datetime, *, kinds: Sequence[Kind]) -> None:
    """Withdraws open offers about a request whose rows the caller has locked."""
    gone = session.execute(
        update(HelpOffer)
        .where(HelpOffer.request_id.in_(found.requests), HelpOffer.kind.in_(kinds), HelpOffer.answered_at.is_(None))
        .values(answered_at=now, answer="withdrawn")
        .returning(HelpOffer.id, HelpOffer.request_id)
        .execution_options(synchronize_session=False)
    ).all()
    for row in gone:
        events.record(session, actor, row.request_id, "withdrawn", now=now, details={"offer": row.id})


def _run_out(session: Session, found: Group, now: datetime) -> None:
    """Ends an old offer without an answer, so that a new one is possible."""
    session.execute(
        update(HelpOffer)
        .where(HelpOffer.request_id == found.lead, HelpOffer.answered_at.is_(None), HelpOffer.expires_at <= now)
        .values(answered_at=HelpOffer.expires_at, answer="withdrawn")
        .execution_options(synchronize_session=False)
    )


def _answer(session: Session, offer_id: int, answer: str, now: datetime) -> None:
    session.execute(
        update(HelpOffer)
        .where(HelpOffer.id == offer_id)
        .values(answered_at=now, answer=answer)
        .execution_options(synchronize_session=False)
    )
