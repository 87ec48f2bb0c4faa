"""Tables of the coverage room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geoalchemy2 import Geography, Geometry
from sqlalchemy import BigInteger, DateTime, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.db import Base, gist

RADII_KM = (5, 10, 20)
"""The radii that are kept; a figure for another one would be a full computation."""


class Coverage(Base):
    """What reaches one area, for one kind of facility. Units: kilometres, shares of 0–1, people."""

    __tablename__ = "coverage"
    __table_args__ = (Index("ix_coverage_kind_area_code", "kind", "area_code"),)

    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    nearest_km: Mapped[float | None]
    nearest_facility_id: Mapped[int | None] = mapped_column(BigInteger)
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
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CoverageSite(Base):
    """A facility as it was counted: the difference to the facilities as they are now is what has to be recomputed."""

    __tablename__ = "coverage_sites"
    __table_args__ = (
        gist("coverage_sites", "point"),
        gist("coverage_sites", "reach_5"),
        gist("coverage_sites", "reach_10"),
        gist("coverage_sites", "reach_20"),
    )

    facility_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    point: Mapped[Any] = mapped_column(Geography("POINT", 4326, spatial_index=False))
    tambon_code: Mapped[str | None]
    beds: Mapped[int | None]
    reach_5: Mapped[Any] = mapped_column(Geometry("POLYGON", 4326, spatial_index=False))
    """All places within 5 km of the point, on the ellipsoid."""
    reach_10: Mapped[Any] = mapped_column(Geometry("POLYGON", 4326, spatial_index=False))
    reach_20: Mapped[Any] = mapped_column(Geometry("POLYGON", 4326, spatial_index=False))
