"""Reads of the record, newest first, a page at a time."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from mapapp.audit.models import AuditEntry


@dataclass(frozen=True)
class Wanted:
    """Which entries; what is None or empty does not narrow. ``since`` is included, ``until`` is not."""

    action: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    actors: Collection[uuid.UUID] | None = None


def entries(
    session: Session, scope: ColumnElement[bool], wanted: Wanted, *, limit: int, before: int | None = None
) -> list[AuditEntry]:
    """Entries from the newest down, or from below number ``before``.

    Args:
        session: any.
        scope: what the reader may see, as ``areas.queries.scope(AuditEntry.area_code, …)`` makes it. An entry
            without an area is for those who see the whole country.
        wanted: what they ask for.
        limit: at most so many.
        before: the number of the last entry of the page before.
    """
    statement = select(AuditEntry).where(scope, *_conditions(wanted)).order_by(AuditEntry.seq.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AuditEntry.seq < before)
    return list(session.scalars(statement))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    return [
        AuditEntry.action == wanted.action if wanted.action else true(),
        AuditEntry.subject_kind == wanted.subject_kind if wanted.subject_kind else true(),
        AuditEntry.subject_id == wanted.subject_id if wanted.subject_id else true(),
        AuditEntry.at >= wanted.since if wanted.since else true(),
        AuditEntry.at < wanted.until if wanted.until else true(),
        AuditEntry.actor_id.in_(wanted.actors) if wanted.actors is not None else true(),
    ]
