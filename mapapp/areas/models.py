"""Tables of the areas room."""

from __future__ import annotations

from datetime import date
from typing import Any

from geoalchemy2 import Geography, Geometry
from sqlalchemy import CheckConstraint, Computed, Date, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from mapapp.database import Base, gist

LEVELS = ("province", "amphoe", "tambon")
"""จังหวัด, อำเภอ (เขต in Bangkok), ตำบล (แขวง in Bangkok); their codes have 2, 4 and 6 digits."""

BANDS = (4, 6, 8, 10, 14)
"""The highest tile zoom of each simplified set of boundaries; the last is not simplified. Tiles end at its zoom."""


COUNTRY = "TH"
"""Stands for the whole country where an area's code is asked for."""


class Area(Base):
    """A province, amphoe or tambon. The code is DOPA's; its prefix is the parent."""

    __tablename__ = "areas"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{2}([0-9]{2}([0-9]{2})?)?$'", name="code"),
        CheckConstraint("households >= 0 AND population >= 0", name="population"),
        gist("areas", "boundary"),
        gist("areas", "point"),
        Index("ix_areas_code_prefix", "code", postgresql_ops={"code": "text_pattern_ops"}),
        Index("ix_areas_level_code", "level", "code"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(
        Computed("CASE length(code) WHEN 2 THEN 'province' WHEN 4 THEN 'amphoe' ELSE 'tambon' END", persisted=True)
    )
    parent_code: Mapped[str | None] = mapped_column(
        Computed("CASE WHEN length(code) > 2 THEN left(code, length(code) - 2) END", persisted=True),
        ForeignKey("areas.code", deferrable=True, initially="DEFERRED"),
    )
    name_th: Mapped[str]
    name_en: Mapped[str]
    boundary: Mapped[Any] = mapped_column(Geometry("MULTIPOLYGON", 4326, spatial_index=False))
    point: Mapped[Any] = mapped_column(Geography("POINT", 4326, spatial_index=False))
    """A point inside the boundary that stands for the area; where a figure needs one place, it is this."""
    area_km2: Mapped[float]
    approximate: Mapped[bool]
    """The boundary is computed around reference points, not surveyed; pages say so."""
    source: Mapped[str]
    source_as_of: Mapped[date | None] = mapped_column(Date)
    population: Mapped[int | None]
    households: Mapped[int | None]
    population_source: Mapped[str | None]
    population_as_of: Mapped[date | None] = mapped_column(Date)


class AreaShape(Base):
    """A boundary simplified for a band of zooms, in Web Mercator, without gaps between neighbours."""

    __tablename__ = "area_shapes"
    __table_args__ = (gist("area_shapes", "shape"), Index("ix_area_shapes_band_level", "band", "level"))

    code: Mapped[str] = mapped_column(ForeignKey("areas.code", ondelete="CASCADE"), primary_key=True)
    band: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    """One of ``BANDS``: the highest tile zoom this shape is drawn at."""
    level: Mapped[str]
    shape: Mapped[Any] = mapped_column(Geometry("GEOMETRY", 3857, spatial_index=False))


class Village(Base):
    """A village name as people use it to say where they are; most have no point of their own."""

    __tablename__ = "villages"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{8}$'", name="code"),
        Index("ix_villages_tambon_code", "tambon_code"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    tambon_code: Mapped[str] = mapped_column(ForeignKey("areas.code", deferrable=True, initially="DEFERRED"))
    name_th: Mapped[str]
    name_en: Mapped[str | None]
    point: Mapped[Any | None] = mapped_column(Geography("POINT", 4326, spatial_index=False))
    source: Mapped[str]


class PlaceName(Base):
    """What name search runs over: every spelling of every area and village, as ``names.normalise`` writes it, and the
    postcodes of each tambon.

    Areas are few and villages many, so each have their own trigram index: the areas that the other words of a
    search name are found without wading through the villages.
    """

    __tablename__ = "place_names"
    __table_args__ = (
        Index(
            "ix_place_names_area_trgm",
            "name",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"},
            postgresql_where=text("village_code IS NULL"),
        ),
        Index(
            "ix_place_names_village_trgm",
            "name",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"},
            postgresql_where=text("village_code IS NOT NULL"),
        ),
        Index(
            "ix_place_names_sound",
            "sound",
            postgresql_ops={"sound": "text_pattern_ops"},
            postgresql_where=text("village_code IS NULL"),
        ),
        Index("ix_place_names_area_code", "area_code"),
        Index("ix_place_names_village_code", "village_code", postgresql_where=text("village_code IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code", ondelete="CASCADE"))
    """The area itself; for a village its tambon."""
    village_code: Mapped[str | None] = mapped_column(ForeignKey("villages.code", ondelete="CASCADE"))
    sound: Mapped[str | None]
    """Of an area's name, what it sounds like (``phonetics.sound``)."""
