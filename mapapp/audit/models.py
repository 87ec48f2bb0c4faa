"""Tables of the audit log. The service's database role can only insert and read."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base

WORDS = "words"
"""In the details of an entry: field → ``free_texts.Kept.told`` of a text that a person wrote."""


class AuditEntry(Base):
    """A privileged change or a view of personal data. ``hash`` is SHA-256 over the previous entry and this one.

    ``details`` has the old and new values, but no personal values. Texts that people wrote are stored separately
    (``database.free_texts``), so that they can be deleted; ``words`` in the details has their numbers and hashes.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        CheckConstraint("octet_length(hash) = 32 AND octet_length(previous) = 32", name="hash"),
        Index("ix_audit_log_at", "at"),
        Index("ix_audit_log_area_code", "area_code", postgresql_ops={"area_code": "text_pattern_ops"}),
        Index("ix_audit_log_subject_kind_subject_id", "subject_kind", "subject_id"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """1, 2, 3 … without gaps."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor_id: Mapped[uuid.UUID | None]
    """The person; None for the service itself, the command line and people without an account."""
    actor_kind: Mapped[str]
    """``person``, ``token``, ``system``, ``command`` or ``public``."""
    appointment_id: Mapped[int | None] = mapped_column(BigInteger)
    """The appointment that allowed the action."""
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    area_code: Mapped[str | None]
    """The area of the object; it decides who may read the entry."""
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    address: Mapped[str | None]
    previous: Mapped[bytes]
    hash: Mapped[bytes]


class AuditHead(Base):
    """The newest entry at the end of a day, signed; also written to a file outside the database."""

    __tablename__ = "audit_heads"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
    signed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    signature: Mapped[bytes]
