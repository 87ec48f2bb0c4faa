"""Asking again: whether help is still needed (after 14 days), and whether it was done. What stays unanswered closes
(after 21 days, after 7), and never before the question has stood on the resident's page for its time.

Every run finds what is due by the clock and takes a batch of it; rows that somebody works on are left to the next run.
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
"""Requests of one kind that one run takes: each holds its row until the run ends."""


@dataclass(frozen=True)
class Terms:
    """After how many days what happens (``Config.ask_after_days`` and its neighbours)."""

    ask_after: timedelta
    close_after: timedelta
    confirm: timedelta

    @classmethod
    def of(cls, *, ask_after_days: int, close_after_days: int, confirm_days: int) -> Terms:
        """From the settings, in days."""
        return cls(timedelta(ask_after_days), timedelta(close_after_days), timedelta(confirm_days))


@dataclass(frozen=True)
class Found:
    """How many requests a run asked about or closed."""

    asked: int = 0
    confirmed: int = 0
    closed: int = 0


def chores(session: Session, terms: Terms, now: datetime) -> Found:
    """All of it, oldest first. Repeating it at the same time changes nothing."""
    confirmed = close_done(session, terms, now)
    closed = close_unanswered(session, terms, now)
    return Found(ask(session, terms, now), confirmed, closed)


def ask(session: Session, terms: Terms, now: datetime) -> int:
    """Puts the questions that are due on record: the page shows them, the officers' board lists them."""
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
    """What a volunteer said was done and nobody has contested counts as helped, once the resident had their days."""
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
    """Closes what nobody has said is still needed. Never while somebody holds it or has just given it back: they knew
    of it. And where a life is in danger never at all: those stay on the officers' board until somebody has called."""
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
    """The oldest of what is due, locked; what somebody else works on is passed over."""
    wanted = select(HelpRequest.id).where(due).order_by(HelpRequest.id).limit(BATCH)
    return session.scalars(wanted.with_for_update(skip_locked=True)).all()


# What is due, in SQL --------------------------------------------------------------------------------------------


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
