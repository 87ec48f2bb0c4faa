"""Tables of the Fridays. The service's database role can only add to them and read them, as with the audit log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base
from mapapp.statistics.models import AREA

_FRIDAY: Final = "statistics_snapshots.friday"


class StatisticsSnapshot(Base):
    """A Friday. ``digest`` is SHA-256 over the digest before it and everything that was kept of this one
    (``chain.digest``). It is not told as it is (``service.check_code``)."""

    __tablename__ = "statistics_snapshots"
    __table_args__ = (
        CheckConstraint("extract(isodow FROM friday) = 5", name="friday"),
        CheckConstraint("octet_length(digest) = 32 AND octet_length(previous) = 32", name="digest"),
    )

    friday: Mapped[date] = mapped_column(Date, primary_key=True)
    frozen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """The moment of the figures: that of the Friday, or later if the service did not run then."""
    is_example: Mapped[bool] = mapped_column(server_default=text("false"))
    """Made up to show the service; pages say so."""
    measures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What the numbers are, as it was then: key → ``cells``, ``figures`` (of what was published), ``definition``."""
    previous: Mapped[bytes]
    digest: Mapped[bytes]


class StatisticsFrozen(Base):
    """The cells of a measure in an area on a Friday, exact: for officers, and for everyone where it counts
    no people."""

    __tablename__ = "statistics_frozen"
    __table_args__ = (
        CheckConstraint(AREA, name="area_code"),
        Index("ix_statistics_frozen_area_code", "area_code", "measure"),
    )

    friday: Mapped[date] = mapped_column(ForeignKey(_FRIDAY), primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(primary_key=True)
    values: Mapped[list[int | None]] = mapped_column(ARRAY(BigInteger))


class StatisticsPublished(Base):
    """What everyone may read of a measure that counts people, after disclosure control."""

    __tablename__ = "statistics_published"
    __table_args__ = (
        CheckConstraint(AREA, name="area_code"),
        CheckConstraint("length(states) = cardinality(numbers)", name="figures"),
        Index("ix_statistics_published_area_code", "area_code", "measure"),
    )

    friday: Mapped[date] = mapped_column(ForeignKey(_FRIDAY), primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(primary_key=True)
    states: Mapped[str]
    """A letter for each figure (``published.LETTERS``), in the order of ``StatisticsSnapshot.measures``."""
    numbers: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    """Their numbers, shares in percent; 0 where there is none to tell."""
