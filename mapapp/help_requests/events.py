"""The record of a request. Every change of state adds a row here, in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from mapapp.actors import Actor
from mapapp.help_requests.models import HelpEvent, HelpRequest
from mapapp.help_requests.words import EVENTS


def record(
    session: Session,
    actor: Actor | None,
    request_id: int,
    action: str,
    *,
    now: datetime,
    need_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Says what happened, and moves the request's ``changed_at``.

    Args:
        session: the transaction in which it happens.
        actor: who; None: the resident, by the secret link.
        request_id: of an existing request.
        action: a word of ``words.EVENTS``.
        now: the moment.
        need_id: of which need, where it is about one.
        details: facts without names, phone numbers or places: they are kept when the request is erased.
    """
    if action not in EVENTS:
        raise KeyError(action)
    row = select(
        HelpRequest.id,
        literal(need_id, HelpEvent.need_id.type),
        HelpRequest.cell_tambon_code,
        HelpRequest.tambon_code,
        literal(now, HelpEvent.at.type),
        literal(action),
        literal("resident" if actor is None else actor.kind),
        literal(None if actor is None else actor.person_id, HelpEvent.person_id.type),
        literal(None if actor is None else actor.appointment_id, HelpEvent.appointment_id.type),
        literal(dict(details or {}), HelpEvent.details.type),
    ).where(HelpRequest.id == request_id)
    columns = [
        HelpEvent.request_id, HelpEvent.need_id, HelpEvent.cell_tambon_code, HelpEvent.tambon_code, HelpEvent.at,
        HelpEvent.action, HelpEvent.actor_kind, HelpEvent.person_id, HelpEvent.appointment_id, HelpEvent.details,
    ]  # fmt: skip
    session.execute(insert(HelpEvent).from_select(columns, row))
    session.execute(
        update(HelpRequest)
        .where(HelpRequest.id == request_id)
        .values(changed_at=now)
        .execution_options(synchronize_session=False)
    )
