"""Counters that caches hang on: one for each kind of public data, moved by every transaction that changes it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, DateTime, event, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from mapapp.database.base import Base


class DataVersion(Base):
    """One row for each kind of public data, counted up by every transaction that changes it."""

    __tablename__ = "data_versions"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[Any] = mapped_column(DateTime(timezone=True))


def mark_changed(session: Session, *names: str) -> None:
    """Says that this transaction changes public data of these kinds (``areas``, ``facilities``, ``coverage``).

    The counters move just before the commit, so that their row locks are held for milliseconds even when the
    transaction is a long import.
    """
    session.info.setdefault("changed", set()).update(names)


@event.listens_for(Session, "before_commit")
def _count_up(session: Session) -> None:
    if session.in_nested_transaction():
        return
    if session.info.get("changed"):
        # Last of all: a transaction that has a counter must never wait for one that may wait for the counter.
        session.flush()
    changed = session.info.pop("changed", None)
    for name in sorted(changed or ()):  # sorted: two transactions take the locks in the same order
        row = insert(DataVersion).values(name=name, version=1, changed_at=func.now())
        session.execute(
            row.on_conflict_do_update(
                index_elements=[DataVersion.name],
                set_={"version": DataVersion.version + 1, "changed_at": func.now()},
            )
        )


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():  # a savepoint's rollback leaves what was said before it
        session.info.pop("changed", None)


def data_versions(session: Session) -> dict[str, int]:
    """The counters, by name; a name that never changed is absent."""
    return {row.name: row.version for row in session.execute(select(DataVersion.name, DataVersion.version))}
