"""The table of announcements that end reporting."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base

_TIME = DateTime(timezone=True)


class StatisticsEnding(Base):
    """An announcement that an area no longer reports its Fridays, until it is lifted. Figures of the area stay."""

    __tablename__ = "statistics_endings"
    __table_args__ = (
        CheckConstraint("area_code ~ '^(TH|[0-9]{2}([0-9]{2}([0-9]{2})?)?)$'", name="area_code"),
        Index("uq_statistics_endings_live", "area_code", unique=True, postgresql_where=text("lifted_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    area_code: Mapped[str]
    reason: Mapped[str]
    """The announcement, for everybody to read."""
    at: Mapped[datetime] = mapped_column(_TIME)
    by_person: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    lifted_at: Mapped[datetime | None] = mapped_column(_TIME)
