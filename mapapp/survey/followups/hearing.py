"""What becomes of a follow-up when something becomes of its help request: done there is done here, and what ends there
without help is open here again. Called inside the transaction of the request, which is locked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.help_requests.models import HelpRequest
from mapapp.survey.followups import service
from mapapp.survey.followups.models import FollowUp

HELPED: Final = ("helped", "helped_already")


def moved(_sender: Any, session: Session, request_ids: Sequence[int], now: datetime, **_: Any) -> None:
    """Needs of these requests changed."""
    rows = _of(session, request_ids)
    if not rows:
        return
    facts = select(
        HelpRequest.id, HelpRequest.closed_at, HelpRequest.done_at, HelpRequest.outcome, HelpRequest.linked_to
    )
    known = {row.id: row for row in session.execute(facts.where(HelpRequest.id.in_({row.request_id for row in rows})))}
    for row in rows:
        _follow(row, known[row.request_id], now)
    session.flush()


def _follow(row: FollowUp, request: Any, now: datetime) -> None:
    """One follow-up after its request. What was deleted does not come back: whatever the request becomes later is its
    own."""
    row.changed_at = now
    if request.closed_at is not None and request.outcome in HELPED:
        service.finish(row, "done", now, by=None)
    elif request.closed_at is not None and request.outcome == "duplicate" and request.linked_to is not None:
        row.request_id = request.linked_to  # the same need: what is done there is done here
    elif request.closed_at is not None:
        row.state, row.request_outcome, row.ended_at = "open", request.outcome, None
    elif request.done_at is not None:
        row.state, row.ended_at = "done", now
    else:
        row.state, row.request_outcome, row.ended_at = "requested", None, None


def erased(_sender: Any, session: Session, request_id: int, asked: bool, now: datetime, **_: Any) -> None:
    """The request's data was deleted. If the person wanted that, they go from here, too; otherwise only time was over
    there."""
    for row in _of(session, [request_id]) if asked else ():
        service.finish(row, "unwanted", now, by=None)
    session.flush()


def _of(session: Session, request_ids: Sequence[int]) -> list[FollowUp]:
    wanted = select(FollowUp).where(FollowUp.request_id.in_(request_ids), FollowUp.forgotten_at.is_(None))
    ordered = wanted.order_by(FollowUp.id).with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(ordered))
