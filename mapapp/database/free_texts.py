"""Free text – reasons, notes, names of teams – stored apart from append-only records.

An append-only record has the number of a text, never its words. So the text can be deleted when the person it is about
has a right to that, and the record stays complete: it still says who did what and when. The role of the service can add
and delete texts, but not change them (``roles.py``).

The hash chain of the audit log covers the digest of a text (``Kept.told``). The digest is salted by the row: after the
row is deleted it reveals nothing, and until then it shows whether the words were changed.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Identity,
    Index,
    ScalarSelect,
    SQLColumnExpression,
    delete,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from mapapp.database import Base


class WrittenText(Base):
    """One text, and whom or what it speaks of: all of a subject's texts go together."""

    __tablename__ = "written_texts"
    __table_args__ = (Index("ix_written_texts_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    subject_kind: Mapped[str]
    """``request``, ``person`` …, as in the audit log."""
    subject_id: Mapped[str]
    words: Mapped[str]
    salt: Mapped[uuid.UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    by_person: Mapped[uuid.UUID | None]
    """Who wrote it; None: someone without an account."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True)
class Kept:
    """A text that is kept: its number, and the digest that a chain of hashes may cover."""

    id: int
    digest: str

    def told(self) -> list[Any]:
        """What stands for the text in the audit log: ``[number, SHA-256 of salt and words]``."""
        return [self.id, self.digest]


def keep(
    session: Session, subject_kind: str, subject_id: object, words: str, *, by: uuid.UUID | None, now: datetime
) -> Kept:
    """Keeps a text, in the transaction of what it belongs to.

    Args:
        subject_kind, subject_id: whom or what it speaks of; with them it is taken out (``forget``).
        by: the person who wrote it.
    """
    values = {"subject_kind": subject_kind, "subject_id": str(subject_id), "words": words, "by_person": by, "at": now}
    made = session.execute(insert(WrittenText).values(values).returning(WrittenText.id, WrittenText.salt)).one()
    return Kept(made.id, digest(made.salt, words))


def digest(salt: uuid.UUID, words: str) -> str:
    """The digest of a text, in hexadecimal."""
    return hashlib.sha256(salt.bytes + words.encode("utf-8", "surrogatepass")).hexdigest()


def of(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The words of these texts, as far as they are still there."""
    if not ids:
        return {}
    rows = session.execute(select(WrittenText.id, WrittenText.words).where(WrittenText.id.in_(ids)))
    return {row.id: row.words for row in rows}


def unchanged(session: Session, told: Iterable[list[Any]]) -> dict[int, str | None]:
    """The words of texts that the audit log tells of (``Kept.told``), by number; None: they are there, but not as they
    were written. What was taken out is not in the answer."""
    digests = {int(number): str(made) for number, made in told}
    if not digests:
        return {}
    rows = session.execute(
        select(WrittenText.id, WrittenText.salt, WrittenText.words).where(WrittenText.id.in_(digests))
    )
    return {row.id: row.words if digest(row.salt, row.words) == digests[row.id] else None for row in rows}


def behind(reference: SQLColumnExpression[Any]) -> ScalarSelect[str]:
    """The words behind a column that refers to a text, as a column of a statement."""
    return select(WrittenText.words).where(WrittenText.id == reference).scalar_subquery()


def forget(session: Session, subject_kind: str, subject_ids: Collection[object]) -> int:
    """Takes out all texts that speak of these; what refers to them stays. Returns how many there were."""
    gone = (
        delete(WrittenText)
        .where(WrittenText.subject_kind == subject_kind, WrittenText.subject_id.in_([str(one) for one in subject_ids]))
        .returning(WrittenText.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(gone).all())
