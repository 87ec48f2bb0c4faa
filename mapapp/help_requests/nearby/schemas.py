"""Parameters of the lists of open requests, and answers to programs. Everything is about the cell, not the exact
location."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from mapapp.core import geo
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import AreaCode, BlankIsNone, FormModel, MaybePointQuery, QueryModel
from mapapp.help_requests import cells

Kind = Literal["medical", "transport", "food", "medicine", "equipment", "home_visit", "other"]
Urgency = Literal["life", "urgent", "normal"]
Level = Literal["cell", "tambon", "amphoe", "province"]

MAX_KM: Final = 100
PAGE: Final = 20
MAX_SHOWN: Final = 200
MAX_CELLS: Final = 5_000

AGES: Final[dict[str, tuple[int, int | None]]] = {"today": (0, 0), "d1_3": (1, 3), "d4_7": (4, 7), "older": (8, None)}
"""Groups of ages: from and to, in whole days of Bangkok, both included."""

AGE_LABELS: Final[dict[str, str]] = {
    "today": N_("Today"),
    "d1_3": N_("1–3 days"),
    "d4_7": N_("4–7 days"),
    "older": N_("Older"),
}

FITS: Final[dict[str, frozenset[str]]] = {
    "motorcycle": frozenset({"food", "medicine", "other"}),
    "car": frozenset({"transport", "food", "medicine", "other"}),
    "pickup": frozenset({"transport", "food", "medicine", "equipment", "other"}),
    "van": frozenset({"transport", "food", "medicine", "equipment", "other"}),
    "boat": frozenset({"transport", "food", "medicine", "other"}),
    "ambulance": frozenset({"transport", "medical"}),
    "oxygen": frozenset({"equipment"}),
    "kitchen": frozenset({"food"}),
    "first_aid": frozenset({"medical"}),
    "nursing": frozenset({"medical", "medicine", "home_visit"}),
    "medicine": frozenset({"medical", "medicine", "home_visit"}),
    "care": frozenset({"home_visit"}),
    "counselling": frozenset({"home_visit"}),
    "cooking": frozenset({"food"}),
    "repair": frozenset({"other", "equipment"}),
}
"""A volunteer's skill or equipment → the needs it can serve."""


class After(NamedTuple):
    """The beginning of the next page: after this request, in the order of urgency, distance, number."""

    urgency: int
    distance_m: float
    id: int

    @property
    def text(self) -> str:
        return f"{self.urgency}_{self.distance_m!r}_{self.id}"


def _after(value: object) -> After:
    if isinstance(value, After):
        return value
    try:
        urgency, distance, number = str(value).split("_")
        made = After(int(urgency), float(distance), int(number))
    except ValueError:
        made = After(0, -1.0, 0)
    if not (1 <= made.urgency <= 3 and 0 <= made.distance_m < 1e8 and 0 < made.id < 2**63):
        raise refuse(N_("Use “after” from the previous answer."))
    return made


class FiltersIn(FormModel):
    """The filters of “near me” that are stored."""

    kind: list[Kind] = Field(default_factory=list, max_length=len(FITS))
    fits: bool = False
    km: Annotated[Annotated[int, Field(ge=1, le=MAX_KM)] | None, BlankIsNone] = None


class NearbyQuery(MaybePointQuery):
    """“Near me”: from where, how far, what. The location is used for this answer and not stored."""

    kind: list[Kind] = Field(default_factory=list, max_length=len(FITS))
    fits: bool = False
    km: Annotated[Annotated[int, Field(ge=1, le=MAX_KM)] | None, BlankIsNone] = None
    show: Annotated[int, Field(ge=1, le=MAX_SHOWN)] = PAGE
    after: Annotated[After | None, BeforeValidator(lambda value: _after(value) if value else None)] = None

    @property
    def filters(self) -> FiltersIn:
        return FiltersIn(kind=self.kind, fits=self.fits, km=self.km)

    @property
    def point(self) -> geo.Point | None:
        """The centre of the user's grid square: the page sends nothing more exact, because addresses are logged."""
        exact = super().point
        return None if exact is None else cells.coarse(exact)


class PublicQuery(QueryModel):
    """The area of the public page."""

    area: Annotated[AreaCode | None, BlankIsNone] = None


def _box(value: object) -> geo.Bbox | None:
    return geo.bbox(value) if value else None


class CellsQuery(QueryModel):
    """Numbers by cell or by area."""

    level: Level = Field(default="cell", description="By cell, or added up by tambon, amphoe or province.")
    area: Annotated[AreaCode | None, BlankIsNone] = Field(default=None, description="Only inside this area.")
    bbox: Annotated[str | None, BeforeValidator(lambda value: value or None)] = Field(
        default=None, description="west,south,east,north: cells whose centre lies inside."
    )

    @model_validator(mode="after")
    def _is_box(self) -> Self:
        _box(self.bbox)
        return self

    @property
    def box(self) -> geo.Bbox | None:
        return _box(self.bbox)


class RequestsQuery(MaybePointQuery):
    """Open requests, for programs."""

    area: Annotated[AreaCode | None, BlankIsNone] = Field(default=None, description="Only inside this area.")
    kind: list[Kind] = Field(default_factory=list, max_length=len(FITS), description="Only these needs.")
    km: Annotated[int, Field(ge=1, le=MAX_KM)] = Field(
        default=MAX_KM, description="Maximum distance to the centre of the cell, in km; with lat and lon."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_SHOWN)] = Field(default=PAGE, description="Maximum number of results.")
    after: str | None = Field(default=None, max_length=80, description="“next” of the previous answer.")

    @property
    def beginning(self) -> After | None:
        return _after(self.after) if self.after else None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise refuse(N_("Give both lat and lon, or neither."))
        _ = self.beginning
        return self


# Answers ----------------------------------------------------------------------------------------------------------


class CellProperties(BaseModel):
    """The number of open requests in a cell or an area at the start of the day in Thailand. The public sees
    nothing more exact."""

    precision: Level = Field(description="What the feature represents.")
    key: str = Field(
        description="Number of grid squares along the side of the cell: 1, 2 or 4; 0: the whole tambon or area."
    )
    size: int = Field(description="Side of the cell in hundredths of a degree; 0: the whole tambon or area.")
    area_code: str = Field(description="The tambon of the cell's centre, or the area.")
    requests: int = Field(description="Open requests.")
    waiting: int | None = Field(
        description="Those that no one has claimed. Null, like all fields below, if there are too few requests."
    )
    needs: dict[str, int] | None = Field(description="Open requests by what is needed.")
    urgencies: dict[str, int] | None = Field(description="Open requests by urgency.")
    ages: dict[str, int] | None = Field(description="Open requests by age in whole days: today, 1–3, 4–7, older.")


class NeedProperties(BaseModel):
    """One need of a request."""

    kind: Kind = Field(description="What is needed: the service code.")
    detail: str | None
    quantity: int | None
    status: str = Field(description="open, claimed, on_the_way, there, done, helped or cancelled.")


class RequestProperties(BaseModel):
    """An open request as volunteers see it before a claim: located by its cell, dated by whole days."""

    precision: Literal["cell"] = "cell"
    service_codes: list[str] = Field(description="What is needed.")
    status: Literal["open", "closed"]
    is_free: bool = Field(description="Whether it can be claimed now.")
    urgency: Urgency
    needs: list[NeedProperties]
    description: str
    people: int
    bedridden: bool
    elderly: bool
    small_children: bool
    pregnant: bool
    cell: str = Field(description="Number of grid squares along the side of the cell: 1, 2 or 4; 0: the whole tambon.")
    cell_size: int = Field(description="Side of the cell in hundredths of a degree; 0: the whole tambon.")
    tambon_code: str = Field(description="The tambon of the cell's centre.")
    requested_on: date
    distance_m: float | None = Field(default=None, description="To the centre of the cell, if lat and lon were sent.")
    is_example: bool


class Feature(BaseModel):
    """A GeoJSON feature at the centre of a cell or an area."""

    type: Literal["Feature"] = "Feature"
    id: int | str
    geometry: dict[str, Any] | None
    properties: CellProperties | RequestProperties


class Collection(BaseModel):
    """A GeoJSON feature collection."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature]
    next: str | None = Field(default=None, description="Value for “after”; null on the last page.")
    truncated: bool = Field(default=False, description="Whether there are more results than this answer has.")
