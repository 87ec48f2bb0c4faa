"""Free text of officers, volunteers and residents about a request: stored beside its history, deleted with its data."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, cast, select
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict
from mapapp.database import free_texts
from mapapp.database.free_texts import Kept, WrittenText
from mapapp.help_requests.models import HelpEvent, HelpRequest

REQUEST: Final = "request"
"""The kind of the subject, as in the audit log."""


class Erased(Conflict):
    """The data of the request was deleted, and nothing can be added."""

    def __init__(self) -> None:
        super().__init__(N_("All data about this request was deleted. You can no longer add anything."))


def keep(session: Session, actor: Actor | None, request_id: int, words: str, now: datetime) -> Kept:
    """Stores a free text about a request. The request is locked from now on, so that its data cannot be deleted in the
    meantime with this text left over.

    Args:
        actor: who wrote it; None: the resident.

    Raises:
        Erased: the data of the request was deleted.
    """
    open_to_words(session, request_id)
    by: uuid.UUID | None = None if actor is None else actor.person_id
    return free_texts.keep(session, REQUEST, request_id, words, by=by, now=now)


def kept(session: Session, actor: Actor | None, request_id: int, words: str | None, now: datetime) -> int | None:
    """The number of the text, for a column that refers to it; None if there was no text."""
    return keep(session, actor, request_id, words, now).id if words else None


def open_to_words(session: Session, request_id: int) -> None:
    """Locks the request, unless its data was deleted.

    Raises:
        Erased: its data was deleted.
    """
    there = select(HelpRequest.id).where(HelpRequest.id == request_id, HelpRequest.erased_at.is_(None))
    if session.execute(there.with_for_update()).first() is None:
        raise Erased


def of_event() -> Any:
    """The text of an event, as a column of a statement over ``HelpEvent``."""
    number = cast(HelpEvent.details["text"].astext, BigInteger)
    return select(WrittenText.words).where(WrittenText.id == number).scalar_subquery()
