"""Tables of the audit room. The application's own database role can insert into them and read them, nothing else."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base

WORDS = "words"
"""In the details of an entry: field → ``free_texts.Kept.told`` of a person's text."""


class AuditEntry(Base):
    """One privileged change or one view of personal data. ``hash`` is SHA-256 over the entry before and this one.

    ``details`` says what changed from what to what, without values that are personal. What people wrote lies beside
    it (``database.free_texts``), so that it can be taken out; ``words`` in it has the texts' numbers and digests.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        CheckConstraint("octet_length(hash) = 32 AND octet_length(previous) = 32", name="hash"),
        Index("ix_audit_log_at", "at"),
        Index("ix_audit_log_area_code", "area_code", postgresql_ops={"area_code": "text_pattern_ops"}),
        Index("ix_audit_log_subject_kind_subject_id", "subject_kind", "subject_id"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """1, 2, 3 … without a gap."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor_id: Mapped[uuid.UUID | None]
    """Who; None for the system itself, the command line and people without an account."""
    actor_kind: Mapped[str]
    """``person``, ``token``, ``system``, ``command`` or ``public``."""
    appointment_id: Mapped[int | None] = mapped_column(BigInteger)
    """By which appointment the actor was allowed to."""
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    area_code: Mapped[str | None]
    """The area concerned: who may read the entry hangs on it."""
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    address: Mapped[str | None]
    previous: Mapped[bytes]
    hash: Mapped[bytes]


class AuditHead(Base):
    """The newest entry at the end of a day, signed; the same goes to a file outside the database."""

    __tablename__ = "audit_heads"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
    signed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    signature: Mapped[bytes]
