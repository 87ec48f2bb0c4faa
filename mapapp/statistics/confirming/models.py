"""The table of confirmed Fridays."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base


class StatisticsConfirmation(Base):
    """That a province has looked at its figures of a Friday."""

    __tablename__ = "statistics_confirmations"
    __table_args__ = (CheckConstraint("province_code ~ '^[0-9]{2}$'", name="province_code"),)

    friday: Mapped[date] = mapped_column(Date, ForeignKey("statistics_snapshots.friday"), primary_key=True)
    province_code: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    by_person: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    note: Mapped[str]
    """What the province says about its figures, for officers above it; can be empty."""
