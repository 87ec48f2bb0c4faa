"""Adds entries to the audit log. The hash of each entry includes the hash of the entry before, so a change, removal or
swap is detected by all later hashes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session, SessionTransaction

from mapapp.audit.chain import FIRST, Entry, link, plain, storable
from mapapp.audit.models import WORDS, AuditEntry
from mapapp.core.actors import Actor
from mapapp.database import locks
from mapapp.database.free_texts import Kept, keep

READS = "reads"
"""Key in ``session.info`` of sessions that only read (GET, in autocommit)."""

WAITING = "audit"
"""Key in ``session.info`` under which a session keeps entries until its commit."""


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
    words: Mapping[str, str | Kept | None] | None = None,
) -> None:
    """Records an action. The entry is written with the transaction, or not at all.

    A rollback to a savepoint removes the entries made since. Savepoints made without the session
    (``connection.begin_nested()``) are not noticed.

    The chain is locked just before the commit, so that a long transaction does not block all others.

    Args:
        session: the transaction of the action.
        actor: who, by which appointment, from which address.
        action: ``facility.edit``, ``appointment.end``, ``person.view`` …
        subject_kind: ``facility``, ``person``, ``appointment`` …
        subject_id: which one.
        area_code: the area of the object; it decides who may read the entry.
        now: the moment.
        details: old and new values, as ids and values from fixed lists. No names, phone numbers or other personal
            values, and no free text: entries can never be changed.
        words: free text by the name of its field; empty ones are left out. Stored separately (``database.free_texts``)
            under this subject, so that it can be deleted; the entry has its number and hash.

    Raises:
        RuntimeError: the session only reads and never commits: the entry would be lost silently.
    """
    if session.info.get(READS):
        raise RuntimeError("a read's session never commits: record it in a session of its own")
    told = {
        name: (
            text
            if isinstance(text, Kept)
            else keep(session, subject_kind, subject_id, text, by=actor.person_id, now=now)
        ).told()
        for name, text in (words or {}).items()
        if text
    }
    entry = Entry(
        at=now.astimezone(UTC),
        actor_id=actor.person_id,
        actor_kind=actor.kind,
        appointment_id=actor.appointment_id,
        action=storable(action),
        subject_kind=storable(subject_kind),
        subject_id=storable(str(subject_id)),
        area_code=None if area_code is None else storable(area_code),
        details=plain({**(details or {}), **({WORDS: told} if told else {})}),
        address=None if actor.address is None else storable(actor.address),
    )
    session.info.setdefault(WAITING, []).append((entry, _transaction(session)))


def _transaction(session: Session) -> SessionTransaction:
    """The innermost transaction, begun if there is none: an entry belongs to one, and is discarded with it."""
    return session.get_nested_transaction() or session.get_transaction() or session.begin()


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.get(WAITING):
        return
    # All other statements first: the holder of the chain's lock must not wait for a transaction that may be waiting for
    # it.
    session.flush()
    waiting: list[tuple[Entry, object]] = session.info.pop(WAITING)
    if getattr(session.connection().connection.dbapi_connection, "autocommit", False):
        raise RuntimeError("this session has no transactions: record it in a session of its own")
    locks.take(session, locks.AUDIT_CHAIN)
    newest = select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
    last = session.execute(newest).one_or_none()
    seq, previous = (0, FIRST) if last is None else (last.seq, last.hash)
    rows = []
    for entry, _inside in waiting:
        seq += 1
        made = link(previous, seq, entry).hash
        rows.append({"seq": seq, **vars(entry), "previous": previous, "hash": made})
        previous = made
    session.execute(insert(AuditEntry), rows)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, undone: SessionTransaction) -> None:
    waiting: list[tuple[Entry, SessionTransaction]] = session.info.get(WAITING, [])
    session.info[WAITING] = [(entry, inside) for entry, inside in waiting if not _within(inside, undone)]


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:  # a session that was closed without a commit can be used again
        session.info.pop(WAITING, None)


def _within(inside: SessionTransaction, undone: SessionTransaction) -> bool:
    outer: SessionTransaction | None = inside
    while outer is not None and outer is not undone:
        outer = outer.parent
    return outer is undone
