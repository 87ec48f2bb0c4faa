"""Published figures as pages and programs have them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from mapapp.core.fields import AreaCode, QueryModel


class VaccinatedQuery(QueryModel):
    """Which amphoe, and in what form."""

    within: AreaCode | None = Field(None, description="only amphoe inside this area")
    format: Literal["json", "csv"] = "json"


class Vaccinated(BaseModel):
    """An amphoe."""

    code: str
    name_th: str
    name_en: str
    province_th: str
    province_en: str
    share_percent: int = Field(description="people with a dose at least, of those who live there and were recorded")
    bound: Literal["exactly", "at_least", "at_most"] = Field(
        description="near 0 and 100 percent only a bound is told: it would tell of single people"
    )
    people_at_least: int = Field(description="recorded people, rounded")
    day: date = Field(description="of when the figure is")
    survey: str
    is_example: bool


class VaccinatedTable(BaseModel):
    """All amphoe that have a figure."""

    within: str | None
    amphoe: list[Vaccinated]


class VaccinatedValues(BaseModel):
    """The same to colour a map."""

    level: Literal["amphoe"] = "amphoe"
    unit: Literal["share"] = "share"
    direction: Literal["low"] = "low"
    breaks: list[float]
    values: dict[str, float] = Field(description="share 0–1 by code of the amphoe")
