"""Reminders: whether help is still needed (after 14 days), and whether it was done. Unanswered requests are closed
(after 21 days, after 7 days), but never before the question was on the resident's page for its time.

Every run finds what is due by the clock and takes a batch of it; rows that someone else has locked are left for the
next run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.orm import Session, aliased

from mapapp.core.actors import system
from mapapp.help_requests import events, states
from mapapp.help_requests.labels import FINISHED, LEASED, URGENCY
from mapapp.help_requests.models import HelpLease, HelpNeed, HelpRequest
from mapapp.help_requests.resident import steps

BATCH: Final = 500
"""Maximum number of requests of one kind in a run: each is locked until the run ends."""


@dataclass(frozen=True)
class Terms:
    """Numbers of days (``Config.ask_after_days`` and the following settings)."""

    ask_after: timedelta
    close_after: timedelta
    confirm: timedelta

    @classmethod
    def of(cls, *, ask_after_days: int, close_after_days: int, confirm_days: int) -> Terms:
        """From the settings, in days."""
        return cls(timedelta(ask_after_days), timedelta(close_after_days), timedelta(confirm_days))


@dataclass(frozen=True)
class Found:
    """Number of requests that a run asked about or closed."""

    asked: int = 0
    confirmed: int = 0
    closed: int = 0


def chores(session: Session, terms: Terms, now: datetime) -> Found:
    """Runs all reminders, oldest first. Running it twice at the same time changes nothing."""
    confirmed = close_done(session, terms, now)
    closed = close_unanswered(session, terms, now)
    return Found(ask(session, terms, now), confirmed, closed)


def ask(session: Session, terms: Terms, now: datetime) -> int:
    """Records the questions that are due: the page shows them, and the officers' board lists the requests."""
    questions = {"done": _has_done(), "needed": _waits() & _last_said(now - terms.ask_after)}
    asked = 0
    for about, due in questions.items():
        ids = _batch(session, _open(HelpRequest.asked_at.is_(None), due))
        session.execute(
            update(HelpRequest)
            .where(HelpRequest.id.in_(ids))
            .values(asked_at=now)
            .execution_options(synchronize_session=False)
        )
        for one in ids:
            events.record(session, system(), one, "asked", now=now, details={"about": about})
        asked += len(ids)
    return asked


def close_done(session: Session, terms: Terms, now: datetime) -> int:
    """Needs marked as done that no one contested count as helped after the resident's time to answer."""
    need = aliased(HelpNeed)
    late = need.state == "done", need.done_at <= now - terms.confirm
    due = _open(_asked_before(now - min(terms.confirm, timedelta(days=1)))) & _of_it(need, *late)
    ids = _batch(session, due)
    for one in ids:
        wanted = select(HelpNeed.id).where(
            HelpNeed.request_id == one, HelpNeed.state == "done", HelpNeed.done_at <= now - terms.confirm
        )
        for need_id in session.scalars(wanted.order_by(HelpNeed.id)).all():
            steps.take(session, system(), one, "confirm", need_id=need_id, now=now)
    return len(ids)


def close_unanswered(session: Session, terms: Terms, now: datetime) -> int:
    """Closes requests that no one has confirmed. Never while there is a claim, or just after one: the volunteer knew
    about it. Never if a life is in danger: those stay on the officers' board until an officer has called."""
    silent = terms.close_after - terms.ask_after
    due = (
        _open(_asked_before(now - silent), HelpRequest.urgency != URGENCY["life"])
        & _last_said(now - terms.close_after)
        & ~_is_held(now)
        & ~_was_held_since(now - silent)
        & ~_has_done()
    )
    ids = _batch(session, due)
    for one in ids:
        _close(session, one, now)
    return len(ids)


def _close(session: Session, request_id: int, now: datetime) -> None:
    found = steps.lock(session, request_id, now)
    steps.lapse(session, request_id, [need for need in found.needs if need.has_lapsed], now)
    session.execute(
        update(HelpNeed)
        .where(HelpNeed.request_id == request_id, HelpNeed.state.not_in(FINISHED))
        .values(state=states.STEPS["cancel"].to, holder_id=None, lease_ends_at=None)
        .execution_options(synchronize_session=False)
    )
    steps.settled(session, found, now, outcome="no_answer", answered=False)
    events.record(session, system(), request_id, "closed", now=now, details={"outcome": "no_answer"})


def _batch(session: Session, due: ColumnElement[bool]) -> Sequence[int]:
    """The oldest ones that are due, locked; rows that someone else has locked are skipped."""
    wanted = select(HelpRequest.id).where(due).order_by(HelpRequest.id).limit(BATCH)
    return session.scalars(wanted.with_for_update(skip_locked=True)).all()


# SQL conditions ---------------------------------------------------------------------------------------------------


def _open(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(HelpRequest.closed_at.is_(None), *more)


def _last_said(before: datetime) -> ColumnElement[bool]:
    return HelpRequest.confirmed_at <= before


def _asked_before(moment: datetime) -> ColumnElement[bool]:
    return HelpRequest.asked_at <= moment


def _of_it(need: Any, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(need.request_id == HelpRequest.id, *which).correlate(HelpRequest)


def _has_done() -> ColumnElement[bool]:
    need = aliased(HelpNeed)
    return _of_it(need, need.state == "done")


def _waits() -> ColumnElement[bool]:
    need = aliased(HelpNeed)
    return _of_it(need, need.state.not_in((*FINISHED, "done")))


def _is_held(now: datetime) -> ColumnElement[bool]:
    need = aliased(HelpNeed)
    return _of_it(need, need.state.in_(LEASED), need.lease_ends_at > now)


def _was_held_since(moment: datetime) -> ColumnElement[bool]:
    lease = aliased(HelpLease)
    return exists().where(lease.request_id == HelpRequest.id, lease.ends_at > moment).correlate(HelpRequest)
