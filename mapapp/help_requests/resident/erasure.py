"""Deletes the personal data of a request. Its row is kept for the statistics."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, delete, func, or_, update
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.core.errors import NotFound
from mapapp.database import free_texts
from mapapp.help_requests import cells, events, signals, states, written_texts
from mapapp.help_requests.labels import FINISHED, LEASED
from mapapp.help_requests.models import HelpBlock, HelpLink, HelpNeed, HelpRequest
from mapapp.help_requests.resident import steps

_FORGOTTEN: Final[dict[str, Any]] = {
    "outcome_text": None,
    "contact_sealed": None,
    "phone_index": None,
    "landmark_sealed": None,
    "point": None,
    "village_code": None,
    "description": "",
    "on_behalf": False,
    "bedridden": False,
    "elderly": False,
    "small_children": False,
    "pregnant": False,
    "asked_at": None,
    "look": None,
    "held": False,
}


def erase(session: Session, actor: Actor | None, request_id: int, now: datetime) -> bool:
    """Deletes contact details, location, texts and links of a request, and ends its claims. False: they were deleted
    before.

    Needs marked as done count as helped, unfinished ones as cancelled. The location becomes the public tambon of the
    cell: the exact one must not become visible now.

    Args:
        actor: an officer whom the resident has asked, or the service when the time is over; None: the resident, by the
            secret link.

    Raises:
        NotFound: there is no such request.
    """
    try:
        found = steps.lock(session, request_id, now)
    except NotFound:
        row = session.get(HelpRequest, request_id, populate_existing=True)
        if row is None:
            raise
        return False
    steps.lapse(session, request_id, [need for need in found.needs if need.has_lapsed], now)
    steps.end_leases(session, [need.id for need in found.needs], "erase", now)
    _needs(session, request_id)
    states.settle(session, [request_id], now)
    _row(session, request_id, now, was_open=found.closed_at is None)
    _words(session, request_id)
    _blocks(session, request_id, now)
    session.execute(delete(HelpLink).where(HelpLink.request_id == request_id))
    events.record(session, actor, request_id, "erased", now=now)
    steps.pass_on(session, request_id, now)
    signals.tell_erased(session, actor, request_id, now)
    session.expire_all()
    return True


def _needs(session: Session, request_id: int) -> None:
    to = case(
        (HelpNeed.state.in_(FINISHED), HelpNeed.state),
        (HelpNeed.state == "done", "helped"),
        else_="cancelled",
    )
    holder = case((HelpNeed.state.not_in(("open", *LEASED)), HelpNeed.holder_id))
    session.execute(
        update(HelpNeed)
        .where(HelpNeed.request_id == request_id)
        .values(state=to, holder_id=holder, lease_ends_at=None, detail=None, given=None)
        .execution_options(synchronize_session=False)
    )


def _row(session: Session, request_id: int, now: datetime, *, was_open: bool) -> None:
    row = session.get_one(HelpRequest, request_id, populate_existing=True)
    cell = cells.cell_of_tambon(session, row.cell_tambon_code)
    session.execute(
        update(HelpRequest)
        .where(HelpRequest.id == request_id)
        .values(
            **_FORGOTTEN, outcome=_outcome(was_open), erased_at=now, cell=cell.middle.ewkt, cell_key=cell.key,
            cell_size=cell.size,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _outcome(was_open: bool) -> Any:
    """The outcome is kept for the statistics. Needs that no one had met end with the deletion."""
    return (
        case((HelpRequest.outcome == "cancelled", "erased"), else_=HelpRequest.outcome)
        if was_open
        else (HelpRequest.outcome)
    )


def _words(session: Session, request_id: int) -> None:
    """Texts of volunteers, officers and the resident about the request. That there was a report, and its reason, is
    kept."""
    free_texts.forget(session, written_texts.REQUEST, [request_id])


def _blocks(session: Session, request_id: int, now: datetime) -> None:
    """A block that was made because of the request continues until its last day. It no longer refers to the request:
    neither by its number, nor by its reason, nor by the officer and the moment, which the events have, too. A block
    that has ended is deleted immediately."""
    of_it = HelpBlock.request_id == request_id
    over = or_(HelpBlock.lifted_at.is_not(None), HelpBlock.until <= now)
    unseen = {"synchronize_session": False}
    session.execute(delete(HelpBlock).where(of_it, over), execution_options=unseen)
    first, last = (func.date_trunc("day", moment, "Asia/Bangkok") for moment in (HelpBlock.at, HelpBlock.until))
    session.execute(
        update(HelpBlock)
        .where(of_it)
        .values(request_id=None, reason_text=None, by_person=None, at=first, until=last + timedelta(days=1)),
        execution_options=unseen,
    )
