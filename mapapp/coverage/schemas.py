"""What comes in and what goes out of the coverage room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from mapapp.core.errors import N_, refuse
from mapapp.core.fields import AreaCode, BlankIsNone, QueryModel
from mapapp.coverage.metrics import BEDS_KINDS
from mapapp.facilities.kinds import USUAL, KindName
from mapapp.lists.credits import Credit

Level = Literal["province", "amphoe", "tambon"]
MetricName = Literal["within_share", "beyond_people", "nearest_km", "per_10000", "beds_per_10000"]

DIGITS = {"province": 2, "amphoe": 4, "tambon": 6}
"""Length of an area's code."""


def _whole(value: object) -> object:
    """A query string's digits as a number, so that they can be one of a few."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4:
        return int(value)
    return value


RadiusKm = Annotated[Literal[5, 10, 20], BeforeValidator(_whole)]


# A checkbox that is not ticked sends nothing, an empty one in a link sends nothing said.
CountStale = Annotated[
    bool,
    BeforeValidator(lambda value: False if value == "" else value),
    Field(
        description="Also count facilities that were not confirmed recently. The web pages do this automatically if "
        "it concerns nearly all facilities of a type; the API does it only on request."
    ),
]


class BestSiteQuery(QueryModel):
    """Where one more facility would help most."""

    kind: KindName = Field(USUAL, description="Type of facility.")
    radius_km: RadiusKm = Field(10, description="Maximum distance to a facility, in km.")
    within: Annotated[AreaCode | None, BlankIsNone] = Field(None, description="Only inside this area.")
    limit: int = Field(5, ge=1, le=20, description="Number of results.")
    stale: CountStale = False


class FigureQuery(QueryModel):
    """Which figure of which areas."""

    level: Level = Field("province", description="Level of the areas.")
    kind: KindName = Field(USUAL, description="Type of facility.")
    metric: MetricName = Field("within_share", description="The figure.")
    radius_km: RadiusKm = Field(10, description="Maximum distance to a facility, in km.")
    within: Annotated[AreaCode | None, BlankIsNone] = Field(
        None, description="Only inside this area: a code of 2 or 4 digits, shorter than the codes of the level."
    )
    stale: CountStale = False

    # Checked field by field, not as a whole, so that the message stands beside a field.
    @field_validator("metric")
    @classmethod
    def _has_beds(cls, metric: str, info: ValidationInfo) -> str:
        if metric == "beds_per_10000" and info.data.get("kind", USUAL) not in BEDS_KINDS:
            raise refuse(N_("This type of facility has no beds. Choose another figure or another type."))
        return metric

    @field_validator("within")
    @classmethod
    def _is_larger(cls, within: str | None, info: ValidationInfo) -> str | None:
        if within is not None and len(within) >= DIGITS[info.data.get("level", "tambon")]:
            raise refuse(N_("Choose a smaller level: the area to look in must be larger than the areas to list."))
        return within


class CoverageQuery(FigureQuery):
    """Which figure, and in which form."""

    format: Literal["json", "csv", "geojson", "gpkg"] = Field("json", description="Format of the answer.")


class PageQuery(FigureQuery):
    """The page's form."""

    show: Annotated[Literal["all"] | None, BlankIsNone] = None

    @model_validator(mode="before")
    @classmethod
    def _goes_down(cls, sent: Any) -> Any:
        """If a person chooses an area while provinces are listed, show what is in it instead of an error."""
        within = str(sent.get("within") or "").strip().upper().removeprefix("TH") if isinstance(sent, dict) else ""
        level = sent.get("level", "province") if within else None
        if level in DIGITS and len(within) in (2, 4) and len(within) >= DIGITS[level]:
            return {**sent, "level": "amphoe" if len(within) == 2 else "tambon"}
        return sent


class AreaQuery(QueryModel):
    """What the page of an area can be asked for."""

    stale: CountStale = False


class CoverageRow(BaseModel):
    """The figures of one area for one type of facility and one distance. Distances in km, shares 0–1."""

    code: str
    level: str
    name_th: str
    name_en: str
    parent_th: str | None = None
    parent_en: str | None = None
    population: int | None
    population_as_of: date | None = None
    approximate: bool
    value: float | None
    nearest_km: float | None
    nearest_facility_id: int | None = Field(
        None,
        description="the facility that `nearest_km` leads to, for tambons; above them the distance is an average "
        "that comes from no single facility",
    )
    nearest_facility_th: str | None = None
    nearest_facility_en: str | None = None
    within_share: float | None
    beyond_people: float | None
    facilities: int | None
    per_10000: float | None
    beds: int | None
    beds_per_10000: float | None
    computed_at: datetime | None


class CoverageTable(BaseModel):
    """The figures, largest gaps first; areas without a figure last."""

    level: str
    metric: str
    kind: str
    radius_km: int
    within: str | None
    stale: bool = Field(description="whether facilities that were not confirmed recently are counted")
    unit: str
    direction: str
    breaks: list[float]
    computed_at: datetime | None = Field(description="time of the oldest figure in this answer")
    pending: int = Field(
        description="number of tambons whose figures are being computed; the answer has their last figures"
    )
    rows: list[CoverageRow]


class CoverageProperties(CoverageRow):
    """A row of the table, with the parameters of the request."""

    kind: str
    radius_km: int
    stale: bool


class CoverageFeature(BaseModel):
    """An area with its simplified boundary and its figures, as GeoJSON."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None
    properties: CoverageProperties


class CoverageCollection(BaseModel):
    """The table as GeoJSON."""

    type: Literal["FeatureCollection"]
    credit: Credit
    features: list[CoverageFeature]


class CoverageValues(BaseModel):
    """The figure of each area by code, three significant digits, to colour a map. Areas without a figure are not
    listed."""

    level: str
    metric: str
    kind: str
    radius_km: int
    stale: bool
    unit: str
    direction: str
    breaks: list[float]
    pending: int = Field(
        description="number of tambons whose figures are being computed; the answer has their last figures"
    )
    values: dict[str, float]


class AreaFiguresQuery(QueryModel):
    """The figures of one area."""

    kind: KindName = Field(USUAL, description="Type of facility.")
    stale: CountStale = False


class NearestFacility(BaseModel):
    """The facility that a tambon's distance leads to, where it stood when it was counted."""

    id: int
    name_th: str
    name_en: str | None
    lat: float
    lon: float


class AreaFigures(BaseModel):
    """One area's figures for one type of facility. Distances in km, shares 0–1."""

    code: str
    level: str
    name_th: str
    name_en: str
    population: int | None
    kind: str
    stale: bool
    lat: float | None = Field(description="the reference point, from which the distance is measured")
    lon: float | None
    nearest_km: float | None
    nearest_facility: NearestFacility | None = Field(
        description="for tambons; for larger areas the distance is an average that comes from no single facility"
    )
    within_share: dict[int, float] = Field(description="share of people by distance in km")
    beyond_people: dict[int, float | None] = Field(description="people farther than each distance in km")
    facilities: int | None
    per_10000: float | None
    beds: int | None
    beds_per_10000: float | None
    computed_at: datetime | None


class Gain(BaseModel):
    """The effect of one more facility at the reference point of a tambon."""

    code: str
    name_th: str
    name_en: str
    amphoe_th: str
    amphoe_en: str
    province_th: str
    province_en: str
    lat: float
    lon: float
    people: float
    """People who would come within reach, in all tambons the site reaches."""
    own_people: float
    """Those of them who live in the tambon itself."""


class BestSites(BaseModel):
    """The best places for one more facility, best first."""

    kind: str
    radius_km: int
    within: str | None
    stale: bool
    places: list[Gain]
