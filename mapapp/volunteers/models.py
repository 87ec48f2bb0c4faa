"""Tables of the volunteers room. Name, organisation and phone belong to the account (``accounts.models.Person``)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base

_TIME = DateTime(timezone=True)

STATES: Final = ("waiting", "approved", "refused", "suspended", "left")

KINDS: Final = (
    "village_head", "health_volunteer", "local_staff", "student", "community_leader", "womens_fund", "environment",
    "foundation", "other",
)  # fmt: skip
"""Kinds of volunteers (letter L4.3): กำนัน/ผู้ใหญ่บ้าน, อสม., local-authority staff, students, community-development
leaders, women's-fund members, local environmental volunteers, rescue foundations, others."""

LANGUAGES: Final = ("th", "en", "my", "km", "lo", "shn", "ms", "zh", "sign")


class Volunteer(Base):
    """The offer of a volunteer, and the state of the approval. The right itself is the appointment as ``volunteer``
    that the approval creates. It ends with a suspension and when the volunteer leaves."""

    __tablename__ = "volunteers"
    __table_args__ = (
        CheckConstraint(f"state IN ({','.join(map(repr, STATES))})", name="state"),
        CheckConstraint(f"kind IN ({','.join(map(repr, KINDS))})", name="kind"),
        CheckConstraint("home_tambon ~ '^[0-9]{6}$'", name="home_tambon"),
        CheckConstraint("reach_km BETWEEN 1 AND 100", name="reach_km"),
        Index("ix_volunteers_home_tambon", "home_tambon", postgresql_ops={"home_tambon": "text_pattern_ops"}),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str]
    skills: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))
    means: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))
    languages: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{th}'"))
    home_tambon: Mapped[str]
    reach_km: Mapped[int] = mapped_column(SmallInteger, server_default=text("10"))
    """Maximum distance from home, in kilometres."""
    times: Mapped[str | None]
    """The times at which the volunteer can help, in words."""
    state: Mapped[str] = mapped_column(server_default="waiting")
    state_at: Mapped[datetime] = mapped_column(_TIME)
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    reason: Mapped[str | None]
    """Why the volunteer was refused or suspended; the volunteer can read it."""
    appointment_id: Mapped[int | None] = mapped_column(BigInteger)
    """The appointment that the approval created."""
    paused_at: Mapped[datetime | None] = mapped_column(_TIME)
    """Set during a break: the volunteer cannot claim requests and gets no offers."""
    consent_version: Mapped[str]
    joined_at: Mapped[datetime] = mapped_column(_TIME)
    nearby: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """The last filters of the list of nearby requests, and when the list was last opened."""
