"""Officers' actions on a request of their area. The web layer has asked the policy; nothing here commits.

Each step is possible only from its states, under the lock of the request: of two officers at the same time, the second
is told that it has changed. Each step adds an event to the history and an entry to the audit log.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotFound, invalid
from mapapp.database.free_texts import Kept
from mapapp.help_requests import events, linking, states, written_texts
from mapapp.help_requests.board.schemas import (
    AssignForm,
    CloseForm,
    ContestForm,
    LinkForm,
    ReopenForm,
    TakeBackForm,
    TeamForm,
    UrgencyForm,
)
from mapapp.help_requests.labels import FINISHED, URGENCY
from mapapp.help_requests.models import HelpEvent, HelpNeed, HelpRequest
from mapapp.help_requests.resident import erasure, steps
from mapapp.help_requests.working import holding, offers
from mapapp.help_requests.working import service as working
from mapapp.help_requests.working.holding import Group
from mapapp.help_requests.working.lease_terms import Terms

SAME_LOOK: Final = timedelta(hours=1)
"""Repeated views of a request within this time count as one, also for the resident."""

_CHANGED: Final = N_(
    "Someone else just changed this. Check the current status, then repeat your change if you still need it."
)


def looked(session: Session, actor: Actor, row: HelpRequest, now: datetime) -> None:
    """Records that an officer viewed the exact location of a request (letter L3.13); the resident sees it too."""
    mine = HelpEvent.action == "place_shown", HelpEvent.person_id == actor.person_id
    again = select(HelpEvent.id).where(HelpEvent.request_id == row.id, *mine, HelpEvent.at > now - SAME_LOOK)
    if row.point is not None and session.execute(again.limit(1)).first() is None:
        events.record(session, actor, row.id, "place_shown", now=now)
    _audit(session, actor, row, "request.view", now)


# Assigning --------------------------------------------------------------------------------------------------------


def assign(session: Session, actor: Actor, row: HelpRequest, data: AssignForm, now: datetime) -> None:
    """Offers the request to a volunteer, who accepts or declines; until then it stays open to everyone.

    Raises:
        Conflict: no need of it is open.
        Invalid: this person cannot accept it now.
    """
    found = holding.group(session, row.id)
    _free(found, now)
    _seen(session, found.requests)
    made = offers.offer(session, actor, row.id, data.person, kind="assign", note=data.note or None, now=now)
    if made.is_new:
        _audit(session, actor, row, "request.assign", now)


def send_team(session: Session, actor: Actor, row: HelpRequest, data: TeamForm, *, terms: Terms, now: datetime) -> None:
    """Claims the free needs for the officer's own team.

    Raises:
        Conflict: no need is free.
    """
    found = holding.group(session, row.id)
    _free(found, now)
    _seen(session, found.requests)
    if working.claim(session, actor, row.id, team=data.team, terms=terms, now=now).is_new:
        _audit(session, actor, row, "request.team", now)


def _free(found: Group, now: datetime) -> None:
    if found.free(now):
        return
    if found.held(now):
        raise Conflict(N_("A volunteer has accepted this (see below). If they cannot go, return it to the list first."))
    raise Conflict(N_("All needs of this request are closed now."))


def take_back(session: Session, actor: Actor, row: HelpRequest, data: TakeBackForm, now: datetime) -> None:
    """Ends the claim and returns the request to the list.

    Raises:
        Conflict: there is no claim.
    """
    _held(holding.group(session, row.id), now)
    working.take_back(session, actor, row.id, reason=data.reason, now=now)
    _audit(
        session, actor, row, "request.take_back", now, why=written_texts.keep(session, actor, row.id, data.reason, now)
    )


def renew(session: Session, actor: Actor, row: HelpRequest, *, terms: Terms, now: datetime) -> None:
    """Gives the holder more time, as often as the officer wants.

    Raises:
        Conflict: there is no claim.
    """
    _held(holding.group(session, row.id), now)
    if working.renew(session, actor, row.id, terms=terms, now=now, by="officer").is_new:
        _audit(session, actor, row, "request.renew", now)


def _held(found: Group, now: datetime) -> None:
    if not found.held(now):
        raise Conflict(N_("No volunteer has this request now: the time limit expired, or it was returned."))


# Checking ---------------------------------------------------------------------------------------------------------


def has_looked(session: Session, actor: Actor, row: HelpRequest, now: datetime) -> None:
    """The officer has checked a marked request: volunteers see it now, if they did not before.

    Raises:
        Conflict: another officer has checked it, or it is closed.
    """
    holding.group(session, row.id)
    _change(session, row, HelpRequest.closed_at.is_(None), HelpRequest.look.is_not(None), look=None, held=False)
    events.record(session, actor, row.id, "looked", now=now)
    _audit(session, actor, row, "request.looked", now)


def _seen(session: Session, request_ids: Sequence[int]) -> None:
    """An officer who assigns a request, or links two, has checked it."""
    marked = HelpRequest.id.in_(request_ids), HelpRequest.look.is_not(None)
    session.execute(
        update(HelpRequest).where(*marked).values(look=None, held=False).execution_options(synchronize_session=False)
    )


# Urgency and closing ----------------------------------------------------------------------------------------------


def set_urgency(session: Session, actor: Actor, row: HelpRequest, data: UrgencyForm, now: datetime) -> None:
    """Raises or lowers the urgency. Time limits of current claims stay.

    Raises:
        Conflict: it is closed, or its urgency has changed since the officer saw it.
    """
    if data.urgency == data.was:
        raise invalid("urgency", N_("It already has this urgency."))
    holding.group(session, row.id)
    was = HelpRequest.closed_at.is_(None), HelpRequest.urgency == URGENCY[data.was]
    held = {"held": False} if data.urgency == "life" else {}
    _change(session, row, *was, urgency=URGENCY[data.urgency], **held)
    details = {"from": data.was, "to": data.urgency}
    why = written_texts.keep(session, actor, row.id, data.reason, now)
    events.record(session, actor, row.id, "urgency", now=now, details=details, text=why)
    _audit(session, actor, row, "request.urgency", now, why=why, **details)


def close(session: Session, actor: Actor, row: HelpRequest, data: CloseForm, now: datetime) -> None:
    """Closes a request with a reason: unfinished needs are cancelled, and all claims end.

    Raises:
        Conflict: it is closed already.
    """
    why = _close(session, actor, row, data.outcome, now, reason=data.reason)
    _audit(session, actor, row, "request.close", now, why=why, outcome=data.outcome)


def _close(
    session: Session, actor: Actor, row: HelpRequest, outcome: str, now: datetime, *, reason: str = "",
    of: int | None = None,
) -> Kept | None:  # fmt: skip
    """Closes it; returns the stored reason. ``of``: the request that it is a duplicate of."""
    found = steps.lock(session, row.id, now)
    why = written_texts.keep(session, actor, row.id, reason, now) if reason else None
    number = None if why is None else why.id
    _change(session, row, HelpRequest.closed_at.is_(None), closed_at=now, outcome=outcome, outcome_text=number)
    steps.lapse(session, row.id, [need for need in found.needs if need.has_lapsed], now)
    ids = [need.id for need in found.unfinished]
    _set(session, ids, state=states.STEPS["cancel"].to, lease_ends_at=None, holder_id=None)
    steps.end_leases(session, ids, "cancel", now)
    details = {"outcome": outcome} | ({} if of is None else {"with": of})
    events.record(session, actor, row.id, "closed", now=now, details=details, text=why)
    states.settle(session, [row.id], now)
    steps.pass_on(session, row.id, now)
    return why


def reopen(session: Session, actor: Actor, row: HelpRequest, data: ReopenForm, now: datetime) -> None:
    """Reopens a closed request: its cancelled needs, or all of them if it was closed as helped.

    Raises:
        Conflict: it is open, or its data was deleted.
    """
    found = steps.lock(session, row.id, now, opens=True)
    outcome = session.execute(select(HelpRequest.outcome).where(HelpRequest.id == row.id)).scalar_one()
    _change(
        session, row, HelpRequest.closed_at.is_not(None), closed_at=None, outcome=None, outcome_text=None,
        confirmed_at=now, asked_at=None,
    )  # fmt: skip
    again = FINISHED if outcome in ("helped", "helped_already") else ("cancelled",)
    ids = [need.id for need in found.needs if need.state in again]
    if not ids:
        raise Conflict(N_("This request cannot be reopened."))
    _set(session, ids, state=states.STEPS["reopen"].to, holder_id=None, done_at=None, given=None)
    why = written_texts.keep(session, actor, row.id, data.reason, now)
    events.record(session, actor, row.id, "reopened", now=now, text=why)
    states.settle(session, [row.id], now)
    _audit(session, actor, row, "request.reopen", now, why=why)


# On behalf of the resident, after a call --------------------------------------------------------------------------


def done(session: Session, actor: Actor, row: HelpRequest, now: datetime) -> None:
    """Marks claimed needs as done, after a call.

    Raises:
        Conflict: there is no claim.
    """
    _held(holding.group(session, row.id), now)
    if working.progress(session, actor, row.id, step="done", now=now, by="officer").is_new:
        _audit(session, actor, row, "request.done", now)


def confirm(session: Session, actor: Actor, row: HelpRequest, now: datetime) -> None:
    """Confirms for the resident that it is done.

    Raises:
        Conflict: nothing waits for a confirmation.
    """
    _take(session, actor, row, "confirm", now)
    _audit(session, actor, row, "request.confirm", now)


def contest(session: Session, actor: Actor, row: HelpRequest, data: ContestForm, now: datetime) -> None:
    """Records for the resident that it was not done: it is open again.

    Raises:
        Conflict: nothing waits for a confirmation.
    """
    steps.lock(session, row.id, now, opens=True)  # all linked requests, in order, before the row of the text
    why = written_texts.keep(session, actor, row.id, data.reason, now)
    _take(session, actor, row, "contest", now, why=why)
    _audit(session, actor, row, "request.contest", now, why=why)


def helped_already(session: Session, actor: Actor, row: HelpRequest, now: datetime) -> None:
    """Records that the resident got help in another way: all needs are finished.

    Raises:
        Conflict: it is closed already.
    """
    _take(session, actor, row, "helped_already", now)
    _audit(session, actor, row, "request.helped_already", now)


def _take(
    session: Session, actor: Actor, row: HelpRequest, step: steps.Step, now: datetime, *, why: Kept | None = None
) -> None:
    """A step of the resident, taken by an officer. If it was already taken, the officer is told; a resident would just
    see it done."""
    if not steps.take(session, actor, row.id, step, now=now, text=why):
        raise Conflict(_CHANGED)


def still_needed(session: Session, actor: Actor, row: HelpRequest, now: datetime) -> None:
    """Records that it is still needed.

    Raises:
        Conflict: it is closed.
    """
    holding.group(session, row.id)
    _change(session, row, HelpRequest.closed_at.is_(None), confirmed_at=now, asked_at=None)
    events.record(session, actor, row.id, "extended", now=now)
    _audit(session, actor, row, "request.still_needed", now)


def erase(session: Session, actor: Actor, row: HelpRequest, now: datetime) -> None:
    """Deletes all data about the resident, who has asked an officer for it.

    Raises:
        Erased: it was deleted before.
    """
    if not erasure.erase(session, actor, row.id, now):
        raise written_texts.Erased
    _audit(session, actor, row, "request.erase", now)


# Linking ----------------------------------------------------------------------------------------------------------


def link(session: Session, actor: Actor, row: HelpRequest, other: HelpRequest, data: LinkForm, now: datetime) -> None:
    """Links two requests and everything linked with either; the oldest open one leads. ``merge`` also closes the newer
    of the two as a duplicate.

    Raises:
        Invalid: it is the request itself.
        Conflict: one is closed or deleted, or a volunteer has claimed the one that would be closed.
    """
    if row.id == other.id:
        raise invalid("other", N_("This is the number of this request. Enter the number of the other one."))
    group = linking.members(session, [row.id, other.id])
    both = [one for one in group if one.id in (row.id, other.id)]
    if not all(one.is_open for one in both):
        raise Conflict(N_("Both requests must be open. Reopen the closed one first."))
    linking.join(session, group)
    _seen(session, [one.id for one in both])
    for one, its in ((row, other), (other, row)):
        events.record(session, actor, one.id, "linked", now=now, details={"with": its.id})
    if data.do == "merge":
        newer = row if both[-1].id == row.id else other
        found = holding.group(session, newer.id)
        if any(need.request_id == newer.id for need in found.held(now)):
            raise Conflict(
                N_(
                    "A volunteer has accepted the newer request. Link the two, or return the newer one to the "
                    "list first."
                )
            )
        _close(session, actor, newer, "duplicate", now, of=both[0].id)
    working.moved(session, row.id, now)
    _audit(session, actor, row, "request.merge" if data.do == "merge" else "request.linked", now, other=other.id)


def unlink(session: Session, actor: Actor, row: HelpRequest, member: int, now: datetime) -> None:
    """Removes one request from the group.

    Raises:
        Conflict: it is no longer linked with this one.
    """
    group = linking.members(session, [row.id])
    if len(group) < 2 or member not in {one.id for one in group}:
        raise Conflict(_CHANGED)
    linking.leave(session, group, member)
    for one in (row.id, member):
        working.moved(session, one, now)
    events.record(session, actor, member, "unlinked", now=now)
    if member != row.id:
        events.record(session, actor, row.id, "unlinked", now=now, details={"with": member})
    _audit(session, actor, row, "request.unlink", now, other=member)


# Shared -----------------------------------------------------------------------------------------------------------


def _change(session: Session, row: HelpRequest, *conditions: Any, **values: Any) -> None:
    """Changes the row of the request, if it is as the officer saw it.

    Raises:
        Conflict: it is not.
    """
    done = session.execute(
        update(HelpRequest)
        .where(HelpRequest.id == row.id, *conditions)
        .values(**values)
        .returning(HelpRequest.id)
        .execution_options(synchronize_session=False)
    ).first()
    if done is None:
        raise Conflict(_CHANGED)


def _set(session: Session, need_ids: Sequence[int], **values: Any) -> None:
    session.execute(
        update(HelpNeed).where(HelpNeed.id.in_(need_ids)).values(**values).execution_options(synchronize_session=False)
    )


def _audit(
    session: Session, actor: Actor, row: HelpRequest, action: str, now: datetime, *, why: Kept | None = None,
    **details: Any,
) -> None:  # fmt: skip
    audit.record(
        session, actor, action, "request", row.id, area_code=row.tambon_code, now=now, details=details or None,
        words={"reason": why},
    )  # fmt: skip


def not_here() -> NotFound:
    """The error for a request outside one's area: the same as for a request that does not exist."""
    return NotFound(N_("Request not found in your area."))
