"""Tables of the coverage room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geography
from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from mapapp.database import Base
from mapapp.facilities.kinds import KINDS

RADII_KM = (5, 10, 20)
"""The radii that are kept; a figure for another one would be a full computation."""


class Reach:
    """What reaches one area, for one kind of facility, now or on a day. Units: kilometres, shares of 0–1, people.

    The statements that write figures have these columns in this order (``sql.WORDS``).
    """

    nearest_km: Mapped[float | None]
    """From the representative point to the nearest facility; above the tambon the mean over people."""
    nearest_facility_id: Mapped[int | None] = mapped_column(BigInteger)
    """For tambons only."""
    within_share_5: Mapped[float]
    within_share_10: Mapped[float]
    within_share_20: Mapped[float]
    beyond_people_5: Mapped[float | None]
    beyond_people_10: Mapped[float | None]
    beyond_people_20: Mapped[float | None]
    facilities: Mapped[int]
    beds: Mapped[int | None]
    per_10000: Mapped[float | None]
    beds_per_10000: Mapped[float | None]
    population: Mapped[int | None]
    """The figure that was counted with; where the area now has another, current figures are stale."""
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Figures(Reach):
    """The same as it stands now."""

    kind: Mapped[str] = mapped_column(primary_key=True)
    boundary_digest: Mapped[str | None]
    """MD5 of the tambon's boundary and point as counted; where the area now has others, the row is stale."""


class Coverage(Figures, Base):
    """The figures without stale facilities."""

    __tablename__ = "coverage"
    __table_args__ = (
        Index("ix_coverage_kind_area_code", "kind", "area_code"),
        Index("ix_coverage_nearest_facility_id", "nearest_facility_id"),
    )

    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code", ondelete="CASCADE"), primary_key=True)


class CoverageWithStale(Figures, Base):
    """The figures with stale facilities counted too, only where they are others than those without."""

    __tablename__ = "coverage_with_stale"
    __table_args__ = (Index("ix_coverage_with_stale_nearest_facility_id", "nearest_facility_id"),)

    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code", ondelete="CASCADE"), primary_key=True)


class _Views(DeclarativeBase):
    """Views are no tables: migrations make them, and nothing compares them."""


class CoverageCountingStale(Figures, _Views):
    """Every figure with stale facilities counted too: those of ``coverage_with_stale``, else those of ``coverage``."""

    __tablename__ = "coverage_counting_stale"

    area_code: Mapped[str] = mapped_column(primary_key=True)


class CoverageDay(Base):
    """A day of Bangkok of which the figures are kept."""

    __tablename__ = "coverage_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """When that day's figures were last looked at."""


class CoverageHistory(Reach, Base):
    """Figures as they stood at the end of a day, only where they changed since the day kept before: what held on a day
    is the newest row up to it."""

    __tablename__ = "coverage_history"
    __table_args__ = (Index("ix_coverage_history_area_code", "area_code"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    stale: Mapped[bool] = mapped_column(primary_key=True)
    """Whether stale facilities are counted."""
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class CoverageSite(Base):
    """A facility as it was counted: the difference to the facilities as they are now is what has to be recomputed."""

    __tablename__ = "coverage_sites"
    __table_args__ = (
        # One index for each kind: the nearest of 1,384 hospitals is not looked for among 100,000 other pins.
        *(
            Index(f"ix_coverage_sites_point_{kind}", "point", postgresql_using="gist", postgresql_where=text(where))
            for kind, where in ((kind, f"kind = '{kind}'") for kind in KINDS)
        ),
        # The same without stale ones: where most of a kind are, the nearest that counts is not looked for among them.
        *(
            Index(
                f"ix_coverage_sites_fresh_point_{kind}", "point", postgresql_using="gist", postgresql_where=text(where)
            )
            for kind, where in ((kind, f"kind = '{kind}' AND NOT stale") for kind in KINDS)
        ),
        Index("ix_coverage_sites_kind_tambon_code", "kind", "tambon_code"),
        Index("ix_coverage_sites_stale", "kind", postgresql_where=text("stale")),
    )

    facility_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    point: Mapped[Any] = mapped_column(Geography("POINT", 4326, spatial_index=False))
    tambon_code: Mapped[str | None]
    beds: Mapped[int | None]
    stale: Mapped[bool] = mapped_column(server_default=text("false"))
    """It was stale when it was counted, so it counts only if stale facilities are requested."""


class CoveragePending(Base):
    """A tambon whose figures for a kind must be computed again. Until then the last figures stay, with their time.

    The row is added in the transaction that copies a change into the snapshot, and deleted in the one that stores the
    figures. So a crash in between loses nothing and leaves nothing half done.
    """

    __tablename__ = "coverage_pending"

    kind: Mapped[str] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code", ondelete="CASCADE"), primary_key=True)
    metres: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    """Radii whose shares are computed, besides distance and count."""
    forget_stale: Mapped[bool]
    """What is kept with stale facilities counted goes first."""
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
