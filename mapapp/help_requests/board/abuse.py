"""Calls to residents, blocked numbers and problem reports. All steps can be undone; nothing here commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mapapp.areas.queries import scope
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict
from mapapp.database.free_texts import Kept
from mapapp.help_requests import events, written_texts
from mapapp.help_requests.board import detail
from mapapp.help_requests.board.schemas import BlockForm, CalledForm, ReportForm
from mapapp.help_requests.models import HelpBlock, HelpReport, HelpRequest

UNDO_FOR: Final = timedelta(hours=24)
"""For this long a report can be reopened."""


def called(session: Session, actor: Actor, row: HelpRequest, data: CalledForm, now: datetime) -> None:
    """Records the result of a call to the resident."""
    note = written_texts.keep(session, actor, row.id, data.note, now) if data.note else None
    events.record(session, actor, row.id, "called", now=now, details={"outcome": data.outcome}, text=note)
    _audit(session, actor, row, "request.call", now, outcome=data.outcome)


def block(session: Session, actor: Actor, row: HelpRequest, data: BlockForm, now: datetime) -> None:
    """Blocks this request's number for some days, in the area of the officer's current appointment.

    Raises:
        Conflict: it has no number, or the number is blocked there already.
    """
    if row.phone_index is None:
        raise Conflict(N_("This request has no phone number."))
    why = written_texts.keep(session, actor, row.id, data.reason, now)
    area = _area(actor, row)
    this = HelpBlock.phone_index == row.phone_index, HelpBlock.lifted_at.is_(None), HelpBlock.area_code == area
    session.execute(
        update(HelpBlock)
        .where(*this, HelpBlock.until <= now)
        .values(lifted_at=HelpBlock.until)
        .execution_options(synchronize_session=False)
    )
    values = {
        "phone_index": row.phone_index, "request_id": row.id, "area_code": area, "reason_text": why.id,
        "by_person": actor.person_id, "at": now, "until": now + timedelta(days=data.days),
    }  # fmt: skip
    made = insert(HelpBlock).values(values).on_conflict_do_nothing().returning(HelpBlock.id)
    if session.execute(made).first() is None:
        raise Conflict(N_("This number is already blocked."))
    events.record(session, actor, row.id, "blocked", now=now, details={"days": data.days})
    _audit(session, actor, row, "request.block", now, why=why, days=data.days)


def _area(actor: Actor, row: HelpRequest) -> str:
    """The officer's own area."""
    return row.tambon_code if actor.by is None else actor.by.area_code


def unblock(session: Session, actor: Actor, row: HelpRequest, now: datetime) -> None:
    """Lifts the blocks on this request's number that apply at its location, set by anyone within the officer's area.

    Raises:
        Conflict: there is none, or it was set for a larger area than theirs.
    """
    here = detail.holds_in(row.tambon_code)
    lifted = session.execute(
        update(HelpBlock)
        .where(HelpBlock.phone_index == row.phone_index, HelpBlock.lifted_at.is_(None), HelpBlock.until > now, here)
        .where(scope(HelpBlock.area_code, _area(actor, row)))
        .values(lifted_at=now)
        .returning(HelpBlock.id)
        .execution_options(synchronize_session=False)
    ).first()
    if lifted is None and detail.block_of(session, row, now) is not None:
        raise Conflict(
            N_("This number was blocked for a wider area than yours. Ask the officers of that area to unblock it.")
        )
    if lifted is None:
        raise Conflict(N_("This number is no longer blocked."))
    events.record(session, actor, row.id, "unblocked", now=now)
    _audit(session, actor, row, "request.unblock", now)


def report(session: Session, actor: Actor, row: HelpRequest, data: ReportForm, now: datetime) -> None:
    """Resolves a report, or reopens it within a day.

    Raises:
        Conflict: another officer was first, or it is too late.
    """
    undo = data.do == "report_undo"
    state = HelpReport.handled_at > now - UNDO_FOR if undo else HelpReport.handled_at.is_(None)
    values: dict[str, Any] = {"handled_at": now, "handled_by": actor.person_id, "outcome": data.outcome}
    done = session.execute(
        update(HelpReport)
        .where(HelpReport.id == data.report, HelpReport.request_id == row.id, state)
        .values(dict.fromkeys(values) if undo else values)
        .returning(HelpReport.id)
        .execution_options(synchronize_session=False)
    ).first()
    if done is None:
        raise Conflict(N_("Someone else already resolved this report, or it is too old."))
    if not undo:
        events.record(session, actor, row.id, "report_handled", now=now, details={"outcome": data.outcome})
    action = "request.report_undo" if undo else "request.report"
    told: dict[str, Any] = {} if undo else {"outcome": data.outcome}
    _audit(session, actor, row, action, now, **told)


def _audit(
    session: Session, actor: Actor, row: HelpRequest, action: str, now: datetime, *, why: Kept | None = None,
    **details: Any,
) -> None:  # fmt: skip
    audit.record(
        session, actor, action, "request", row.id, area_code=row.tambon_code, now=now, details=details or None,
        words={"reason": why},
    )  # fmt: skip
