"""What the reads of the areas room return: plain values, no live database rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mapapp.core import geo


@dataclass(frozen=True, slots=True)
class AreaName:
    """Enough of an area to name and link it."""

    code: str
    level: str
    name_th: str
    name_en: str


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area without its boundary. ``point`` lies inside it and stands for it; ``area_km2`` is on the ellipsoid."""

    code: str
    level: str
    parent_code: str | None
    name_th: str
    name_en: str
    point: geo.Point
    area_km2: float
    approximate: bool
    source: str
    source_as_of: date | None
    population: int | None
    households: int | None
    population_source: str | None
    population_as_of: date | None


@dataclass(frozen=True, slots=True)
class AreaPath:
    """Where a point lies. ``exact`` is False where no boundary holds it and the nearest tambon was taken."""

    tambon: AreaName
    amphoe: AreaName
    province: AreaName
    exact: bool
