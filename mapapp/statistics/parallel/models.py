"""Tables of the exports of old forms: the file until its columns are named, then only the figures that were read."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base

_TIME = DateTime(timezone=True)


class StatisticsOldForm(Base):
    """An export that was uploaded."""

    __tablename__ = "statistics_old_forms"
    __table_args__ = (
        CheckConstraint("area_code ~ '^(TH|[0-9]{2}([0-9]{2}([0-9]{2})?)?)$'", name="area_code"),
        CheckConstraint("same_area IN ('last','sum')", name="same_area"),
        Index("ix_statistics_old_forms_area_code", "area_code", "created_at"),
        Index("ix_statistics_old_forms_headings", "headings", "created_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    area_code: Mapped[str]
    """Rows of areas outside it are not read."""
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    file_name: Mapped[str]
    file: Mapped[bytes | None] = mapped_column(LargeBinary)
    """An export may name the people who filled the form in: it goes once its figures are read, or after a day."""
    headings: Mapped[str]
    """A digest of its headings: the next export with the same ones is read in the same way."""
    columns: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """What is said → the column that says it; None until somebody has looked at it."""
    same_area: Mapped[str] = mapped_column(server_default=text("'last'"))
    """Of several rows of an area the ``last`` one counts, or their ``sum``."""
    remarks: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    """Rows that were not read: number, and why."""
    created_at: Mapped[datetime] = mapped_column(_TIME)
    read_at: Mapped[datetime | None] = mapped_column(_TIME)


class StatisticsOldFigure(Base):
    """A figure that an export tells of an area."""

    __tablename__ = "statistics_old_figures"

    form_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("statistics_old_forms.id", ondelete="CASCADE"), primary_key=True
    )
    area_code: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    figure: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
