"""What is asked of published figures, and what programs get."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from mapapp.areas.models import COUNTRY
from mapapp.core.fields import AreaOrCountry, BlankIsNone, QueryModel
from mapapp.statistics.schemas import FigureAbout, FiguresQuery, MeasureKey
from mapapp.statistics.states import State

Level = Literal["province", "amphoe", "tambon"]


class PublicPageQuery(FiguresQuery):
    """Which figures of which Friday a page shows."""

    friday: Annotated[date | None, BlankIsNone] = None
    level: Annotated[Level | None, BlankIsNone] = None


class PublishedQuery(QueryModel):
    """Published figures."""

    area: AreaOrCountry = Field(COUNTRY, description="a code of 2, 4 or 6 digits, or TH")
    measure: MeasureKey = "vaccination"
    level: Level | None = Field(None, description="the areas in it; without it only the area itself")
    friday: date | None = Field(None, description="without it the last one")
    format: Literal["json", "csv", "xlsx"] = "json"
    hxl: bool = Field(False, description="a second row with HXL tags, in files")


class PaintQuery(QueryModel):
    """One figure by area code."""

    area: AreaOrCountry = COUNTRY
    measure: MeasureKey = "vaccination"
    figure: str = Field("here", max_length=40)
    level: Level = "province"
    friday: date | None = None


class PublishedFigure(BaseModel):
    """One figure."""

    state: State = Field(description="a value, a true zero, not entered, or withheld")
    value: float | None = Field(description="empty if not entered or withheld; shares are 0–1")
    bound: Literal["below", "above"] | None = Field(None, description="the figure is below or above the value")


class PublishedArea(BaseModel):
    """The figures of an area, by key."""

    code: str
    pcode: str = Field(description="the code as in COD-AB: TH500101")
    name_th: str | None
    name_en: str | None
    figures: dict[str, PublishedFigure]


class PublishedTable(BaseModel):
    """Published figures of a measure."""

    measure: str
    label: str
    definition: str
    source: str
    friday: date | None = Field(description="empty: no Friday was published yet")
    frozen_at: datetime | None
    is_example: bool
    figures: dict[str, FigureAbout]
    areas: list[PublishedArea]


class PublishedValues(BaseModel):
    """One figure, to colour a map."""

    level: Level
    unit: str
    direction: Literal["low", "high"]
    breaks: list[float]
    values: dict[str, float]


class FridayOut(BaseModel):
    """A Friday."""

    friday: date
    frozen_at: datetime
    is_example: bool
    digest: str = Field(description="a keyed hash of everything that was saved and the Friday before, in hexadecimal")
    previous: str


class FridaysOut(BaseModel):
    """All Fridays, the newest first."""

    fridays: list[FridayOut]
