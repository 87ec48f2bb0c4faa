"""Tables of the statistics: what is to be counted, the figures, and what they were made of."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Index, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base

AREA: Final = "area_code ~ '^(TH|[0-9]{2}([0-9]{2}([0-9]{2})?)?)$'"


class StatisticsPending(Base):
    """A note that something changed in a tambon. Triggers write it in the transaction of the change, whoever makes it.
    Notes are only added and taken out, so that no two writers ever wait for each other here."""

    __tablename__ = "statistics_pending"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    source: Mapped[str]
    """A word of ``measures.SOURCES``."""
    tambon_code: Mapped[str | None]
    """None: everything made from that source is counted again."""


class StatisticsFigure(Base):
    """The cells of a measure in an area, exact and live: for officers only."""

    __tablename__ = "statistics_figures"
    __table_args__ = (
        CheckConstraint(AREA, name="area_code"),
        Index("ix_statistics_figures_area_code", "area_code"),
    )

    measure: Mapped[str] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(primary_key=True)
    """2, 4 or 6 digits, or ``TH``. A tambon that is not in the list of areas any more stays while it has figures."""
    values: Mapped[list[int | None]] = mapped_column(ARRAY(BigInteger))
    """In the order of ``Measure.cells``; None: nothing was entered."""
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """When a cell last became another."""


class StatisticsMeasure(Base):
    """How a measure was counted: when it has other cells by now, everything is counted again."""

    __tablename__ = "statistics_measures"

    key: Mapped[str] = mapped_column(primary_key=True)
    cells: Mapped[list[str]] = mapped_column(ARRAY(String))
    as_of: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """Everything that changed before this moment is in the figures."""
    counted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """When all areas were last counted."""
