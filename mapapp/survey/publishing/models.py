"""The table of published figures."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base


class SurveyPublished(Base):
    """The figure of an amphoe as it was last published. It stays as it is until enough people were recorded besides."""

    __tablename__ = "survey_published"
    __table_args__ = (
        CheckConstraint("area_code ~ '^[0-9]{4}$'", name="area_code"),
        CheckConstraint("people >= 100 AND share BETWEEN 0 AND 100", name="figures"),
    )

    area_code: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_rounds.id", ondelete="CASCADE"), index=True)
    on_day: Mapped[date] = mapped_column(Date)
    people: Mapped[int]
    """Recorded, on that day; only a rounded number is told."""
    share: Mapped[int] = mapped_column(SmallInteger)
    """Percent with a dose at least, whole, and nearer to neither end than ``service.EDGE``."""


class SurveyTold(Base):
    """How many people were recorded each time a figure of an amphoe was published in a survey. A later figure stays
    away from all of them: one that came back to an old number with one household more would tell of that household."""

    __tablename__ = "survey_told"
    __table_args__ = (CheckConstraint("area_code ~ '^[0-9]{4}$'", name="area_code"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("survey_rounds.id", ondelete="CASCADE"), primary_key=True)
    area_code: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int] = mapped_column(primary_key=True)
