"""The resident's steps – done, not done, already helped, cancelled, needed again – and their consequences.

Officers take the same steps on behalf of the resident (``actor``), and the service does when time has passed. If a step
was already taken, that is no error; a step that is not possible is refused with the current state.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import case, or_, select, update
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor, system
from mapapp.core.errors import N_, Conflict, NotFound, invalid
from mapapp.core.problem_types import CLOSED
from mapapp.database.free_texts import Kept
from mapapp.help_requests import events, states
from mapapp.help_requests.labels import FINISHED, LEASED
from mapapp.help_requests.models import HelpLease, HelpNeed, HelpOffer, HelpRequest
from mapapp.help_requests.resident.queries import AGAIN_WITHIN, BY_OFFICERS, can_reopen
from mapapp.help_requests.states import STEPS, now_in

Step = Literal["confirm", "contest", "helped_already", "cancel", "reopen"]

_EVENT: Final[dict[str, str]] = {
    "confirm": "confirmed",
    "contest": "contested",
    "helped_already": "helped_already",
    "cancel": "cancelled",
    "reopen": "reopened",
}


@dataclass(frozen=True)
class Need:
    """A need at the moment it was locked; ``state`` is the current one."""

    id: int
    state: str
    has_lapsed: bool
    """It was claimed, and the time limit expired without any step."""
    done_at: datetime | None
    contested: int
    holder_id: uuid.UUID | None


@dataclass(frozen=True)
class Locked:
    """A request and its needs, locked until the transaction ends."""

    id: int
    closed_at: datetime | None
    outcome: str | None
    needs: tuple[Need, ...]

    @property
    def unfinished(self) -> list[Need]:
        """Needs that are neither helped nor cancelled."""
        return [need for need in self.needs if need.state not in FINISHED]


def lock(session: Session, request_id: int, now: datetime, *, opens: bool = False) -> Locked:
    """Locks the request and those linked with it, lowest id first, then its needs.

    Args:
        opens: the step may reopen it, which can change the lead of its group: then all requests of the group are
            locked, in the same order as in a claim, to avoid deadlocks.

    Raises:
        NotFound: there is no such request, or its data was deleted.
    """
    columns = (HelpRequest.id, HelpRequest.closed_at, HelpRequest.outcome, HelpRequest.erased_at)
    both = or_(HelpRequest.id == request_id, HelpRequest.linked_to == request_id)
    if opens:
        lead = select(HelpRequest.linked_to).where(HelpRequest.id == request_id).scalar_subquery()
        both = or_(both, HelpRequest.id == lead, HelpRequest.linked_to == lead)
    rows = session.execute(select(*columns).where(both).order_by(HelpRequest.id).with_for_update()).all()
    row = next((one for one in rows if one.id == request_id), None)
    if row is None or row.erased_at is not None:
        raise NotFound(N_("Request not found."))
    facts = (HelpNeed.id, HelpNeed.state, HelpNeed.lease_ends_at, HelpNeed.done_at, HelpNeed.contested,
             HelpNeed.holder_id)  # fmt: skip
    wanted = select(*facts).where(HelpNeed.request_id == request_id).order_by(HelpNeed.id).with_for_update()
    needs = []
    for need in session.execute(wanted):
        state = now_in(need.state, need.lease_ends_at, now)
        needs.append(Need(need.id, state, state != need.state, need.done_at, need.contested, need.holder_id))
    return Locked(row.id, row.closed_at, row.outcome, tuple(needs))


def take(
    session: Session, actor: Actor | None, request_id: int, step: Step, *, need_id: int | None = None, now: datetime,
    text: Kept | None = None,
) -> bool:  # fmt: skip
    """Takes a step of one need, or of all needs for which it is possible. False: it was already taken; nothing changed.

    Args:
        actor: an officer on behalf of the resident, or the service; None: the resident, by the secret link.
        need_id: of this request; None: all of them.
        text: for the history: why an officer took it.

    Raises:
        NotFound: there is no such request.
        Invalid: the need belongs to another request.
        Conflict: the step is not possible from the current state, or it is too late for it.
    """
    found = lock(session, request_id, now, opens=step in ("contest", "reopen"))
    wanted = [need for need in found.needs if need_id in (None, need.id)]
    if not wanted:
        raise invalid("need", N_("Choose from what this request needs."))
    changing = [need for need in wanted if _leads(step, need)]
    if not changing:
        if any(_is_so(step, need) for need in wanted):
            return False
        raise states.refuse(wanted[0].state)
    if step in ("contest", "reopen"):
        _still_open_to_it(found, actor, now)
    lapse(session, request_id, [need for need in wanted if need.has_lapsed], now)
    _change(session, changing, step)
    end_leases(session, [need.id for need in changing], step, now)
    for need in changing:
        events.record(session, actor, request_id, _EVENT[step], now=now, need_id=need.id, text=text)
    settled(
        session, found, now, outcome=_outcome(step, found, changing), answered=actor is None or actor.kind != "system"
    )
    return True


def _leads(step: Step, need: Need) -> bool:
    # “Not done” is also possible for what was closed as helped: by the resident's mistake, or without an answer.
    return need.state in STEPS[step].from_ or (step == "contest" and need.state == "helped")


def _is_so(step: Step, need: Need) -> bool:
    if step == "contest":
        return need.state == "open" and need.contested > 0
    return need.state == STEPS[step].to


def _still_open_to_it(found: Locked, actor: Actor | None, now: datetime) -> None:
    """Raises ``Conflict`` if the resident cannot reopen the closed request."""
    if actor is not None or can_reopen(found.closed_at, found.outcome, now):
        return
    if found.outcome in BY_OFFICERS:
        raise Conflict(
            N_("An officer closed this request. Call your tambon officers, or send a new request."), kind=CLOSED
        )
    raise Conflict(
        N_("This was closed more than %(days)s days ago. Send a new request. It takes one minute."),
        days=AGAIN_WITHIN.days,
        kind=CLOSED,
    )


def _change(session: Session, needs: Sequence[Need], step: Step) -> None:
    to = STEPS[step].to
    values: dict[str, Any] = {"state": to, "lease_ends_at": None}
    if to == "open":
        said_done = case((HelpNeed.done_at.is_not(None), 1), else_=0) if step == "contest" else 0
        values |= {"holder_id": None, "done_at": None, "given": None, "contested": HelpNeed.contested + said_done}
    elif step != "confirm":
        # The volunteer who has done it stays named; one who was on the way does not.
        values["holder_id"] = case((HelpNeed.state == "done", HelpNeed.holder_id))
    session.execute(
        update(HelpNeed)
        .where(HelpNeed.id.in_([need.id for need in needs]))
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _outcome(step: Step, found: Locked, changing: Sequence[Need]) -> str | None:
    """The outcome with which a request closes by this step, if it is not the one that follows from its needs."""
    done_by_somebody = any(need.done_at is not None or need.state == "helped" for need in found.needs)
    return "helped_already" if step == "helped_already" and not done_by_somebody else None


# Consequences of every change of needs ----------------------------------------------------------------------------


def lapse(session: Session, request_id: int, needs: Sequence[Need], now: datetime) -> None:
    """Records for needs whose claim has expired: open again, one more return, and the claim ended when its time was
    up."""
    if not needs:
        return
    ids = [need.id for need in needs]
    session.execute(
        update(HelpNeed)
        .where(HelpNeed.id.in_(ids), HelpNeed.state.in_(LEASED))
        .values(state="open", holder_id=None, lease_ends_at=None, drops=HelpNeed.drops + 1)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(HelpLease)
        .where(HelpLease.need_id.in_(ids), HelpLease.ended_at.is_(None))
        .values(ended_at=HelpLease.ends_at, how_ended="expired")
        .execution_options(synchronize_session=False)
    )
    for one in ids:
        events.record(session, system(), request_id, "expired", now=now, need_id=one)


def end_leases(session: Session, need_ids: Sequence[int], reason: str, now: datetime) -> None:
    """Ends the claims of these needs. ``reason`` is a word that the holder's page knows: a step, or ``erase``."""
    session.execute(
        update(HelpLease)
        .where(HelpLease.need_id.in_(need_ids), HelpLease.ended_at.is_(None))
        .values(ended_at=now, how_ended="closed", reason=reason)
        .execution_options(synchronize_session=False)
    )


def settled(session: Session, found: Locked, now: datetime, *, outcome: str | None = None, answered: bool) -> None:
    """Updates the request's row after a change of its needs, and everything that depends on it.

    Args:
        found: the state before.
        outcome: the outcome, if it closes now; None: the one that follows from the needs.
        answered: the resident, or an officer who has asked them, has answered: there is no open question, and as long
            as something is open it is still needed.
    """
    states.settle(session, [found.id], now)
    values: dict[str, Any] = {"asked_at": None}
    if answered:
        values["confirmed_at"] = case((HelpRequest.closed_at.is_(None), now), else_=HelpRequest.confirmed_at)
    if outcome is not None and found.closed_at is None:
        # A met need counts as helped, whatever else was unfinished.
        plain = HelpRequest.outcome.in_(("helped", "cancelled") if outcome == "helped_already" else ("cancelled",))
        values["outcome"] = case((plain, outcome), else_=HelpRequest.outcome)
    session.execute(
        update(HelpRequest)
        .where(HelpRequest.id == found.id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    pass_on(session, found.id, now)


def pass_on(session: Session, request_id: int, now: datetime) -> int | None:
    """If a closed request led a group with open ones, the oldest of these becomes the lead: lists show only leading
    requests, so that none is forgotten. Open offers about a closed request are withdrawn.

    The caller has locked all of them (``lock``). Returns the new lead, if one was needed.
    """
    closed = select(HelpRequest.id).where(HelpRequest.id == request_id, HelpRequest.closed_at.is_not(None))
    if session.execute(closed).first() is None:
        return None
    session.execute(
        update(HelpOffer)
        .where(HelpOffer.request_id == request_id, HelpOffer.answered_at.is_(None))
        .values(answered_at=now, answer="withdrawn")
        .execution_options(synchronize_session=False)
    )
    of_it = HelpRequest.linked_to == request_id
    oldest = select(HelpRequest.id).where(of_it, HelpRequest.closed_at.is_(None)).order_by(HelpRequest.id).limit(1)
    first = session.scalars(oldest).one_or_none()
    if first is None:
        return None
    session.execute(
        update(HelpRequest)
        .where(of_it)
        .values(linked_to=case((HelpRequest.id == first, None), else_=first))
        .execution_options(synchronize_session=False)
    )
    events.record(session, system(), first, "unlinked", now=now)
    return first
