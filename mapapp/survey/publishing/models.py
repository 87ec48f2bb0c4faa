"""The table of published figures."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base


class SurveyPublished(Base):
    """The figure of an amphoe as it was published on the last Friday."""

    __tablename__ = "survey_published"
    __table_args__ = (
        CheckConstraint("area_code ~ '^[0-9]{4}$'", name="area_code"),
        CheckConstraint("people >= 100 AND share BETWEEN 0 AND 100", name="figures"),
    )

    area_code: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_rounds.id", ondelete="CASCADE"), index=True)
    on_day: Mapped[date] = mapped_column(Date)
    people: Mapped[int]
    """Recorded until that day, rounded."""
    share: Mapped[int] = mapped_column(SmallInteger)
    """Percent with a dose at least, whole, and nearer to neither end than ``service.EDGE``."""


class SurveyTold(Base):
    """How many people were recorded when figures were published in steps, before there were Fridays. Not used any more;
    it goes once no process of that version is left."""

    __tablename__ = "survey_told"
    __table_args__ = (CheckConstraint("area_code ~ '^[0-9]{4}$'", name="area_code"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("survey_rounds.id", ondelete="CASCADE"), primary_key=True)
    area_code: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int] = mapped_column(primary_key=True)
