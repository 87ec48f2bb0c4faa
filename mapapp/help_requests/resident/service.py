"""The resident's actions on their page. Residents are identified only by the secret link; nothing here commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, FieldProblem, Invalid, Message, invalid
from mapapp.core.problem_types import CLOSED
from mapapp.core.vault import Vault
from mapapp.help_requests import events, written_texts
from mapapp.help_requests.models import HelpEvent, HelpLease, HelpReport, HelpRequest
from mapapp.help_requests.resident import steps
from mapapp.help_requests.resident.changes import change
from mapapp.help_requests.resident.data_export import everything
from mapapp.help_requests.resident.erasure import erase
from mapapp.help_requests.resident.schemas import STEPS, DoIn
from mapapp.help_requests.resident.steps import take

__all__ = ["change", "do", "downloaded", "erase", "everything", "extend", "report", "share", "take"]

A_TAP: Final = timedelta(minutes=1)
"""A second tap this soon after the first counts as the same."""


def do(session: Session, vault: Vault, request_id: int, wanted: DoIn, now: datetime) -> bool:
    """Runs the action chosen on the page. False: it was already done.

    Raises:
        NotFound: there is no such request, or its data was deleted.
        Conflict: this is not possible in the current state.
        Invalid: a required input is missing.
        Blocked: as ``change``.
    """
    if wanted.do in STEPS:
        step: Any = wanted.do
        return take(session, None, request_id, step, need_id=wanted.need, now=now)
    if wanted.do == "change":
        if wanted.request is None:
            raise invalid("request", N_("Fill in this field."))
        return change(session, vault, None, request_id, wanted.request, now)
    if wanted.do == "extend":
        return extend(session, None, request_id, now)
    if wanted.do == "report":
        return report(session, request_id, wanted, now)
    if wanted.do == "erase":
        if wanted.sure != "yes":
            raise invalid("sure", N_("Tick this box to delete everything. You cannot undo this."))
        return erase(session, None, request_id, now)
    return share(session, request_id, shared=wanted.do == "resume_sharing", now=now)


def share(session: Session, request_id: int, *, shared: bool, now: datetime) -> bool:
    """Stops or resumes sharing the contact details with volunteers. Officers can call in any case.

    Raises:
        NotFound: there is no such request.
    """
    steps.lock(session, request_id, now)
    changed = session.execute(
        update(HelpRequest)
        .where(HelpRequest.id == request_id, HelpRequest.phone_shared.is_(not shared))
        .values(phone_shared=shared)
        .returning(HelpRequest.id)
        .execution_options(synchronize_session=False)
    ).all()
    if changed:
        events.record(session, None, request_id, "sharing_resumed" if shared else "sharing_stopped", now=now)
    return bool(changed)


def extend(session: Session, actor: Actor | None, request_id: int, now: datetime) -> bool:
    """“It is still needed”: the days start again, and there is no open question.

    Args:
        actor: an officer who has asked by phone; None: the resident.

    Raises:
        NotFound: there is no such request.
        Conflict: it is closed.
    """
    found = steps.lock(session, request_id, now)
    if found.closed_at is not None:
        raise Conflict(N_("This request is closed. If help is needed again, reopen it below."), kind=CLOSED)
    said = (
        update(HelpRequest)
        .where(HelpRequest.id == request_id)
        .where(HelpRequest.confirmed_at <= now - A_TAP)
        .values(confirmed_at=now, asked_at=None)
        .returning(HelpRequest.id)
        .execution_options(synchronize_session=False)
    )
    changed = session.execute(said).all()
    if changed:
        events.record(session, actor, request_id, "extended", now=now)
    return bool(changed)


def report(session: Session, request_id: int, wanted: DoIn, now: datetime) -> bool:
    """Reports a volunteer to the officers. False: there is already an unresolved report about this volunteer.

    Raises:
        NotFound: there is no such request.
        Invalid: there is no reason, or the volunteer never claimed this.
    """
    steps.lock(session, request_id, now)
    if wanted.reason is None:
        raise Invalid([FieldProblem("reason", Message(N_("Choose the problem.")))])
    about = None
    if wanted.lease is not None:
        held = select(HelpLease.holder_id).where(HelpLease.id == wanted.lease, HelpLease.request_id == request_id)
        about = session.execute(held).scalar_one_or_none()
        if about is None:
            raise invalid("lease", N_("Choose a volunteer who accepted this, or someone else."))
    of_it = HelpReport.request_id == request_id, HelpReport.by_person.is_(None), HelpReport.handled_at.is_(None)
    same = HelpReport.volunteer_id.is_(None) if about is None else HelpReport.volunteer_id == about
    if session.execute(select(HelpReport.id).where(*of_it, same).limit(1)).first() is not None:
        return False
    tambon = session.execute(select(HelpRequest.tambon_code).where(HelpRequest.id == request_id)).scalar_one()
    row = {
        "request_id": request_id, "tambon_code": tambon, "about": "volunteer", "volunteer_id": about,
        "reason": wanted.reason, "note_text": written_texts.kept(session, None, request_id, wanted.note, now),
        "at": now,
    }  # fmt: skip
    session.execute(insert(HelpReport).values(row))
    events.record(session, None, request_id, "reported", now=now, details={"reason": wanted.reason})
    return True


def downloaded(session: Session, request_id: int, now: datetime) -> None:
    """Records that a copy of all data was given out; once for two taps."""
    again = select(HelpEvent.id).where(
        HelpEvent.request_id == request_id, HelpEvent.action == "downloaded", HelpEvent.at > now - A_TAP
    )
    if session.execute(again.limit(1)).first() is None:
        events.record(session, None, request_id, "downloaded", now=now)
