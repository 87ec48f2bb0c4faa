"""What comes in and what goes out of the coverage room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from mapapp.areas.results import AreaName
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


Day = Annotated[date | None, BlankIsNone]


def _has_beds(metric: str, info: ValidationInfo) -> str:
    kinds = [info.data[name] for name in ("kind", "left", "right") if name in info.data]
    if metric == "beds_per_10000" and not BEDS_KINDS.issuperset(kinds):
        raise refuse(N_("This type of facility has no beds. Choose another figure or another type."))
    return metric


def _is_larger(within: str | None, info: ValidationInfo) -> str | None:
    if within is not None and len(within) >= DIGITS[info.data.get("level", "tambon")]:
        raise refuse(N_("Choose a smaller level: the area to look in must be larger than the areas to list."))
    return within


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

    day: Day = Field(
        None,
        description="The figures as they stood at the end of this day (Bangkok time); without it, as they are now. "
        "`days_from` of `/coverage/compare` says since when days are kept.",
    )

    # Checked field by field, not as a whole, so that the message stands beside a field.
    _beds = field_validator("metric")(_has_beds)
    _larger = field_validator("within")(_is_larger)


class ValuesQuery(FigureQuery):
    """Which figure, and beside which other one it is shown, in the same classes."""

    beside_kind: Annotated[KindName | None, BlankIsNone] = Field(
        None, description="The bounds of the classes fit this type of facility, too: for two maps side by side."
    )
    beside_day: Day = Field(None, description="The same for another day.")
    beside_stale: CountStale = False

    def beside(self) -> FigureQuery | None:
        """The query of the other map."""
        if self.beside_kind is None:
            return None
        other = {"kind": self.beside_kind, "day": self.beside_day, "stale": self.beside_stale}
        return FigureQuery.model_validate(self.model_dump(include=set(FigureQuery.model_fields)) | other)


class CoverageQuery(FigureQuery):
    """Which figure, and in which form."""

    format: Literal["json", "csv", "geojson", "gpkg"] = Field("json", description="Format of the answer.")


def _goes_down(sent: Any) -> Any:
    """If a person chooses an area while provinces are listed, show what is in it instead of an error."""
    within = str(sent.get("within") or "").strip().upper().removeprefix("TH") if isinstance(sent, dict) else ""
    level = sent.get("level", "province") if within else None
    if level in DIGITS and len(within) in (2, 4) and len(within) >= DIGITS[level]:
        return {**sent, "level": "amphoe" if len(within) == 2 else "tambon"}
    return sent


class PageQuery(FigureQuery):
    """The page's form."""

    show: Annotated[Literal["all"] | None, BlankIsNone] = None

    _down = model_validator(mode="before")(_goes_down)


class CompareQuery(QueryModel):
    """Two types of facility, or two days, side by side."""

    level: Level = Field("province", description="Level of the areas.")
    left: KindName = Field(USUAL, description="Type of facility on the left.")
    right: KindName = Field(USUAL, description="Type of facility on the right.")
    metric: MetricName = Field("within_share", description="The figure.")
    radius_km: RadiusKm = Field(10, description="Maximum distance to a facility, in km.")
    within: Annotated[AreaCode | None, BlankIsNone] = Field(None, description="Only inside this area, as `/coverage`.")
    left_day: Day = Field(None, description="The left figures as they stood on this day; without it, as they are now.")
    right_day: Day = Field(None, description="The same for the right.")
    stale: CountStale = False
    left_stale: Annotated[bool | None, BlankIsNone] = Field(None, description="As `stale`, for the left alone.")
    right_stale: Annotated[bool | None, BlankIsNone] = Field(None, description="As `stale`, for the right alone.")

    _beds = field_validator("metric")(_has_beds)
    _larger = field_validator("within")(_is_larger)

    def sides(self) -> tuple[FigureQuery, FigureQuery]:
        """The two queries."""
        same = {name: getattr(self, name) for name in ("level", "metric", "radius_km", "within")}
        asked = ((self.left, self.left_day, self.left_stale), (self.right, self.right_day, self.right_stale))
        left, right = (
            FigureQuery(kind=kind, day=day, stale=self.stale if stale is None else stale, **same)
            for kind, day, stale in asked
        )
        return left, right


class CompareFileQuery(CompareQuery):
    """The same, and in which form."""

    format: Literal["json", "csv"] = Field("json", description="Format of the answer.")


class ComparePageQuery(CompareQuery):
    """The page's form."""

    show: Annotated[Literal["all"] | None, BlankIsNone] = None

    _down = model_validator(mode="before")(_goes_down)


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


class Side(BaseModel):
    """One of two figures side by side."""

    kind: str
    day: date | None
    stale: bool
    computed_at: datetime | None


class Compared(BaseModel):
    """One area's two figures."""

    code: str
    level: str
    name_th: str
    name_en: str
    parent_th: str | None = None
    parent_en: str | None = None
    population: int | None
    left: float | None
    right: float | None
    difference: float | None = Field(description="right minus left")


class Comparison(BaseModel):
    """Two figures of the same areas, in one set of classes; areas where the right is worse than the left first."""

    level: str
    metric: str
    radius_km: int
    within: str | None
    unit: str
    direction: str
    breaks: list[float]
    left: Side
    right: Side
    days_from: date | None = Field(description="the first day whose figures are kept; null if there is none yet")
    days_to: date | None
    pending: int
    rows: list[Compared]


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

    @property
    def amphoe(self) -> AreaName:
        """The amphoe of the tambon, for pages."""
        return AreaName(self.code[:4], "amphoe", self.amphoe_th, self.amphoe_en)

    @property
    def province(self) -> AreaName:
        """The province of the tambon, for pages."""
        return AreaName(self.code[:2], "province", self.province_th, self.province_en)


class BestSites(BaseModel):
    """The best places for one more facility, best first."""

    kind: str
    radius_km: int
    within: str | None
    stale: bool
    places: list[Gain]
