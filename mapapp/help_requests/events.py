"""The history of a request. Every change of state adds a row, in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.database.free_texts import Kept
from mapapp.help_requests import written_texts
from mapapp.help_requests.labels import EVENTS
from mapapp.help_requests.models import HelpEvent, HelpRequest

AFTER_ERASING: Final = frozenset({"erased", "report_handled"})
"""Events that are possible after the data was deleted: the deletion itself, and the result of a report about a
volunteer."""


def record(
    session: Session,
    actor: Actor | None,
    request_id: int,
    action: str,
    *,
    now: datetime,
    need_id: int | None = None,
    details: Mapping[str, Any] | None = None,
    text: Kept | None = None,
) -> None:
    """Adds an event, and updates ``changed_at`` of the request.

    Args:
        session: the transaction of the step.
        actor: who; None: the resident, by the secret link.
        request_id: of an existing request.
        action: a word of ``labels.EVENTS``.
        now: the moment.
        need_id: of the need, if the event is about one.
        details: ids and values from fixed lists, never personal data: they are kept when the request's data is deleted.
        text: free text of a person (``written_texts.keep``).

    Raises:
        Erased: the data of the request was deleted; its history has ended.
    """
    if action not in EVENTS:
        raise KeyError(action)
    moved = (
        update(HelpRequest)
        .where(HelpRequest.id == request_id)
        .values(changed_at=now)
        .returning(HelpRequest.cell_tambon_code, HelpRequest.tambon_code)
        .execution_options(synchronize_session=False)
    )
    if action not in AFTER_ERASING:
        moved = moved.where(HelpRequest.erased_at.is_(None))
    row = session.execute(moved).one_or_none()
    if row is None:
        raise written_texts.Erased
    values = {
        "request_id": request_id, "need_id": need_id, "cell_tambon_code": row.cell_tambon_code,
        "tambon_code": row.tambon_code, "at": now, "action": action,
        "actor_kind": "resident" if actor is None else actor.kind,
        "person_id": None if actor is None else actor.person_id,
        "appointment_id": None if actor is None else actor.appointment_id,
        "details": dict(details or {}) | ({"text": text.id} if text is not None else {}),
    }  # fmt: skip
    session.execute(insert(HelpEvent).values(values))
