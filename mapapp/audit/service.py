"""Adds to the record. Each entry's hash is over the entry before it, so that nothing can be changed, taken out or
swapped without every later hash telling."""

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
"""Set in ``session.info`` of sessions that only read (GET, in autocommit)."""

WAITING = "audit"
"""Where a session keeps entries until its commit (``session.info``)."""


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
    """Says what is being done; it is written with the transaction, or not at all.

    What is undone by rolling back to a savepoint takes its entries with it. Savepoints made past the session
    (``connection.begin_nested()``) are not seen.

    Args:
        session: the transaction that does it.
        actor: who, by which appointment, from which address.
        action: ``facility.edit``, ``appointment.end``, ``person.view`` …
        subject_kind: ``facility``, ``person``, ``appointment`` …
        subject_id: which one.
        area_code: the area concerned; it decides who may read the entry.
        now: the moment.
        details: what changed from what to what, in ids and chosen words. No names, phone numbers or other personal
            values, and nothing that somebody wrote freely: this can never be taken out.
        words: what somebody wrote, by the field's name; empty ones are left out. Kept beside the record
        (``database.free_texts``)
            under this subject, with which it can be taken out; the record has its number and digest.

    The chain is locked just before the commit, so that a long transaction does not hold up everybody else's.

    Raises:
        RuntimeError: the session is a read's, which never commits: the entry would be lost without a word.
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
    """The innermost one, begun where there is none yet: an entry belongs to one, and goes when it goes."""
    return session.get_nested_transaction() or session.get_transaction() or session.begin()


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.get(WAITING):
        return
    # Everything else first: whoever holds the chain's lock must wait for nobody who may be waiting for it.
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
    if ended.parent is None:  # a session that is closed without a commit may be used again
        session.info.pop(WAITING, None)


def _within(inside: SessionTransaction, undone: SessionTransaction) -> bool:
    outer: SessionTransaction | None = inside
    while outer is not None and outer is not undone:
        outer = outer.parent
    return outer is undone
