"""The table of official figures."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, DateTime
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base


class SurveyReference(Base):
    """One figure that another authority has published: of a province, of a day. As the file has it, right or wrong."""

    __tablename__ = "survey_reference"
    __table_args__ = (
        CheckConstraint("province_code ~ '^[0-9]{2}$'", name="province_code"),
        CheckConstraint("value >= 0 AND value < 1e12", name="value"),
    )

    province_code: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    """What is counted, in the words of the file: “Vac Given 1 Cum”."""
    on_day: Mapped[date] = mapped_column(Date, primary_key=True)
    value: Mapped[float]
    source: Mapped[str]
    """Whose figure it is (letter L3.9)."""
    loaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
