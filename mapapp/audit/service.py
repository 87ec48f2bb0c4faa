"""Adds to the record. Each entry's hash is over the entry before it, so that nothing can be changed, taken out or
swapped without every later hash telling."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import event, insert, select, text
from sqlalchemy.orm import Session

from mapapp.actors import Actor
from mapapp.audit.models import AuditEntry

FIRST = bytes(32)
"""What stands before the first entry."""

_LOCK = 0x4D41_0005
"""Key of the advisory lock under which the chain grows: one transaction at a time, from here to its commit."""

_WAITING = "audit"


@dataclass(frozen=True)
class Entry:
    """One entry before it has its place in the chain."""

    at: datetime
    actor_id: uuid.UUID | None
    actor_kind: str
    appointment_id: int | None
    action: str
    subject_kind: str
    subject_id: str
    area_code: str | None
    details: dict[str, Any]
    address: str | None


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject_kind: str,
    subject_id: object,
    *,
    area_code: str | None,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Says what is being done; it is written with the transaction, or not at all.

    Args:
        session: the transaction that does it.
        actor: who, by which appointment, from which address.
        action: ``facility.edit``, ``appointment.end``, ``person.view`` …
        subject_kind: ``facility``, ``person``, ``appointment`` …
        subject_id: which one.
        area_code: the area concerned; it decides who may read the entry.
        now: the moment.
        details: what changed from what to what. No names, phone numbers or other personal values.

    The chain is locked just before the commit, so that a long transaction does not hold up everybody else's.
    """
    entry = Entry(
        at=now.astimezone(UTC),
        actor_id=actor.person_id,
        actor_kind=actor.kind,
        appointment_id=actor.appointment_id,
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        area_code=area_code,
        details=plain(details or {}),
        address=actor.address,
    )
    session.info.setdefault(_WAITING, []).append(entry)


def plain(value: Any) -> Any:
    """A value as JSON keeps it exactly: numbers with fractions as text, moments and ids as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def canonical(seq: int, entry: Entry | AuditEntry) -> bytes:
    """The entry as one text that has one spelling: sorted keys, no blanks, ASCII, UTC to the microsecond."""
    return json.dumps(
        {
            "seq": seq,
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor_id": None if entry.actor_id is None else str(entry.actor_id),
            "actor_kind": entry.actor_kind,
            "appointment_id": entry.appointment_id,
            "action": entry.action,
            "subject_kind": entry.subject_kind,
            "subject_id": entry.subject_id,
            "area_code": entry.area_code,
            "details": entry.details,
            "address": entry.address,
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode("ascii")


def chained(previous: bytes, seq: int, entry: Entry | AuditEntry) -> bytes:
    """``H(previous ‖ canonical entry)``, SHA-256."""
    return hashlib.sha256(previous + canonical(seq, entry)).digest()


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    waiting: list[Entry] = session.info.pop(_WAITING, [])
    if not waiting:
        return
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    newest = select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
    last = session.execute(newest).one_or_none()
    seq, previous = (0, FIRST) if last is None else (last.seq, last.hash)
    rows = []
    for entry in waiting:
        seq += 1
        made = chained(previous, seq, entry)
        rows.append({"seq": seq, **vars(entry), "previous": previous, "hash": made})
        previous = made
    session.execute(insert(AuditEntry), rows)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _previous: object) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_WAITING, None)
