"""Reads of the audit log, newest first, one page at a time."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from mapapp.audit.models import WORDS, AuditEntry
from mapapp.database import free_texts


@dataclass(frozen=True)
class Wanted:
    """Filters; None or empty means no filter. ``since`` is included, ``until`` is not."""

    action: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    actors: Collection[uuid.UUID] | None = None


def entries(
    session: Session, scope: ColumnElement[bool], wanted: Wanted, *, limit: int, before: int | None = None
) -> list[AuditEntry]:
    """Entries, newest first, or those below number ``before``.

    Args:
        session: any.
        scope: what the reader may see, as ``areas.queries.scope(AuditEntry.area_code, …)`` returns it. Entries without
            an area can be read only by people responsible for the whole country.
        wanted: the filters.
        limit: maximum number.
        before: the number of the last entry of the previous page.
    """
    statement = select(AuditEntry).where(scope, *_conditions(wanted)).order_by(AuditEntry.seq.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AuditEntry.seq < before)
    return list(session.scalars(statement))


def words(session: Session, found: Iterable[AuditEntry]) -> dict[int, str | None]:
    """The texts that people wrote with these entries, by number; None: the text was changed later. Deleted texts are
    missing."""
    return free_texts.unchanged(session, [told for entry in found for told in entry.details.get(WORDS, {}).values()])


def readable(
    details: dict[str, Any], words: dict[int, str | None], gone: str | None = None, changed: str | None = None
) -> dict[str, Any]:
    """The details of an entry, with texts instead of their numbers.

    Args:
        words: as ``words`` returns them.
        gone: replaces a deleted text.
        changed: replaces a text that was changed later.
    """
    told = {
        field: changed if words.get(number, "") is None else words.get(number, gone)
        for field, (number, _digest) in details.get(WORDS, {}).items()
    }
    return {**{name: value for name, value in details.items() if name != WORDS}, **told}


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    return [
        AuditEntry.action == wanted.action if wanted.action else true(),
        AuditEntry.subject_kind == wanted.subject_kind if wanted.subject_kind else true(),
        AuditEntry.subject_id == wanted.subject_id if wanted.subject_id else true(),
        AuditEntry.at >= wanted.since if wanted.since else true(),
        AuditEntry.at < wanted.until if wanted.until else true(),
        AuditEntry.actor_id.in_(wanted.actors) if wanted.actors is not None else true(),
    ]
