"""What comes in and what goes out where one more facility is tried."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from mapapp.core.fields import AreaCode, BlankIsNone, MaybePointQuery, PointQuery, clean
from mapapp.coverage.schemas import CountStale, RadiusKm
from mapapp.facilities.kinds import USUAL, KindName


class OneMoreQuery(PointQuery):
    """One more facility at a place."""

    kind: KindName = Field(USUAL, description="Type of facility.")
    radius_km: RadiusKm = Field(10, description="Maximum distance to a facility, in km.")
    stale: CountStale = False


class OneMoreForm(MaybePointQuery):
    """The form of the same; ``at`` says which place name the point was found for: another name, another search."""

    place: Annotated[str, Field(max_length=200), BeforeValidator(clean)] = ""
    at: Annotated[str, Field(max_length=200), BeforeValidator(clean)] = ""
    kind: KindName = USUAL
    radius_km: RadiusKm = 10
    stale: CountStale = False
    within: Annotated[AreaCode | None, BlankIsNone] = None


class TambonChange(BaseModel):
    """What one more facility would change in a tambon. Distances in km, shares 0–1."""

    code: str
    name_th: str
    name_en: str
    amphoe_th: str
    amphoe_en: str
    province_th: str
    province_en: str
    population: int | None
    people_within: float | None = Field(description="people who would newly have a facility within the distance")
    share_before: float
    share_after: float
    is_nearest: bool = Field(description="it would be the nearest to this tambon's reference point")
    nearest_before: float | None
    nearest_after: float


class AreaChange(BaseModel):
    """The figures of an amphoe or province, as they are and as they would be."""

    code: str
    level: str
    name_th: str
    name_en: str
    population: int | None
    share_before: float
    share_after: float
    beyond_before: float | None
    beyond_after: float | None
    nearest_before: float | None
    nearest_after: float
    facilities_before: int
    facilities_after: int


class OneMore(BaseModel):
    """The effect of one more facility at a place."""

    kind: str
    radius_km: int
    stale: bool
    lat: float
    lon: float
    tambon: str = Field(description="code of the tambon the place is in")
    people_within: float = Field(description="people who would newly have a facility within the distance")
    people_nearest: int = Field(description="people of the tambons whose nearest facility it would be")
    tambons_nearest: int
    unpeopled: int = Field(description="changed tambons without a population figure: their people are not counted")
    areas: list[AreaChange] = Field(description="the amphoe and the province of the place")
    tambons_changed: int
    tambons: list[TambonChange] = Field(description="those with the most people newly within the distance, up to 200")
