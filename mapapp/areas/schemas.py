"""What comes in and what goes out of the areas room."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from mapapp.areas.names import MAX_TEXT
from mapapp.areas.results import AreaName, AreaRow
from mapapp.areas.search import Place
from mapapp.core import geo
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import AreaCode, BlankIsNone, PlainText, QueryModel

Level = Literal["province", "amphoe", "tambon"]
Geometry = Literal["none", "point", "simple", "full"]
SearchText = Annotated[PlainText, Field(max_length=MAX_TEXT)]


def _degrees(value: object) -> float | None:
    return None if value is None else geo.degrees(value)


Degrees = Annotated[float | None, BeforeValidator(_degrees)]


class AreasQuery(QueryModel):
    """One of three questions: where a point lies (``lat``, ``lon``), a name (``q``), or a list."""

    lat: Degrees = Field(default=None, description="Latitude of a point in Thailand; together with lon.")
    lon: Degrees = Field(default=None, description="Longitude of a point in Thailand; together with lat.")
    q: SearchText | None = Field(
        default=None,
        min_length=1,
        description="A name in Thai or English, an address, a postcode, a code, or coordinates.",
    )
    level: Level | None = Field(default=None, description="Only this level (list).")
    within: AreaCode | None = Field(default=None, description="Only inside the area with this code (list).")
    limit: int = Field(default=100, ge=1, le=1000, description="Maximum number of results; at most 50 for a search.")
    cursor: AreaCode | None = Field(default=None, description="`next_cursor` of the previous page (list).")

    @field_validator("lon", mode="after")
    @classmethod
    def _in_thailand(cls, lon: float | None, info: Any) -> float | None:
        lat = info.data.get("lat")
        return lon if lat is None or lon is None else geo.point(lat=lat, lon=lon).lon

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise refuse(N_("Give both lat and lon."))
        asked = [self.lat is not None, self.q is not None, bool(self.level or self.within or self.cursor)]
        if sum(asked) > 1:
            raise refuse(N_("Use only one: lat and lon, or q, or level and within."))
        return self


class AreaQuery(QueryModel):
    """How much of the boundary to send."""

    geometry: Geometry = Field(
        default="simple", description="none, point (reference point), simple (simplified to about 40 m) or full."
    )


class PlacesQuery(QueryModel):
    """The place search page. ``next`` says what the person is on the way to."""

    q: Annotated[SearchText | None, BlankIsNone] = None
    next: Annotated[Literal["nearest", "area"] | None, BlankIsNone] = None


class AreaRef(BaseModel):
    """The names of an area."""

    code: str
    level: str
    name_th: str
    name_en: str


class AreaProperties(BaseModel):
    """The properties of an area; null if unknown."""

    code: str
    pcode: str
    level: str
    name_th: str
    name_en: str | None
    path: list[AreaRef] = Field(description="The areas that contain it, the province first.")
    lat: float = Field(description="Of the reference point.")
    lon: float
    parent_code: str | None = None
    area_km2: float | None = None
    approximate: bool | None = Field(default=None, description="The boundary was computed, not surveyed.")
    population: int | None = None
    households: int | None = None
    population_source: str | None = None
    population_as_of: date | None = None
    source: str | None = None
    source_as_of: date | None = None
    exact: bool | None = Field(
        default=None,
        description="False: no boundary contains the point; this is the nearest tambon within the "
        "limit of the service.",
    )
    score: float | None = Field(default=None, description="How well the name matches the search, 0–1.")
    village_code: str | None = None


class AreaFeature(BaseModel):
    """A GeoJSON feature."""

    type: Literal["Feature"] = "Feature"
    id: str
    # GeoJSON knows no null here: a feature has a bbox or has none.
    bbox: list[float] | None = Field(default=None, exclude_if=lambda bbox: bbox is None)
    geometry: dict[str, Any] | None
    properties: AreaProperties


class AreaCollection(BaseModel):
    """A GeoJSON feature collection; ``next_cursor`` is null on the last page."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[AreaFeature]
    next_cursor: str | None = None


def point_geometry(point: geo.Point) -> dict[str, Any]:
    """A GeoJSON point, 6 decimals (0.1 m)."""
    return {"type": "Point", "coordinates": [round(point.lon, 6), round(point.lat, 6)]}


def refs(names: tuple[AreaName, ...] | list[AreaName]) -> list[AreaRef]:
    """Names for going out."""
    return [AreaRef(code=a.code, level=a.level, name_th=a.name_th, name_en=a.name_en) for a in names]


def area_feature(
    area: AreaRow,
    above: list[AreaName],
    geometry: dict[str, Any] | None,
    *,
    bounds: geo.Bbox | None = None,
    exact: bool | None = None,
) -> AreaFeature:
    """One area for going out."""
    properties = AreaProperties(
        code=area.code,
        pcode=f"TH{area.code}",
        level=area.level,
        name_th=area.name_th,
        name_en=area.name_en,
        path=refs(above),
        lat=round(area.point.lat, 6),
        lon=round(area.point.lon, 6),
        parent_code=area.parent_code,
        area_km2=round(area.area_km2, 3),
        approximate=area.approximate,
        population=area.population,
        households=area.households,
        population_source=area.population_source,
        population_as_of=area.population_as_of,
        source=area.source,
        source_as_of=area.source_as_of,
        exact=exact,
    )
    return AreaFeature(id=area.code, geometry=geometry, properties=properties, bbox=bounds.edges if bounds else None)


def place_feature(place: Place) -> AreaFeature:
    """A search result for going out; a village without a point of its own stands at its tambon's."""
    properties = AreaProperties(
        code=place.code,
        pcode=f"TH{place.code}",
        level=place.level,
        name_th=place.name_th,
        name_en=place.name_en,
        path=refs(place.path),
        lat=round(place.lat, 6),
        lon=round(place.lon, 6),
        score=place.score,
        village_code=place.village_code,
    )
    return AreaFeature(id=place.village_code or place.code, geometry=point_geometry(place.point), properties=properties)
