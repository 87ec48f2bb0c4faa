"""What the statistics are asked, and what programs get."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from mapapp.core.errors import N_, refuse
from mapapp.core.fields import AreaOrCountry, BlankIsNone, QueryModel
from mapapp.statistics import measures
from mapapp.statistics.measures import Cells, Measure
from mapapp.statistics.states import State

FIRST = "completeness"
"""The measure that is shown first: whether there are figures at all."""


def _measure(value: str) -> str:
    if value not in measures.names():
        raise refuse(N_("Choose one from the list."))
    return value


MeasureKey = Annotated[str, AfterValidator(_measure), BeforeValidator(lambda value: value or FIRST)]
Word = Annotated[str | None, Field(max_length=40), BlankIsNone]


class FiguresQuery(QueryModel):
    """Which measure, which part of it, and what the map paints. A part or figure that this measure does not have is
    left out: the form sends those of the measure shown before."""

    measure: MeasureKey = FIRST
    group: Word = None
    figure: Word = None
    by: Annotated[Literal["province", "amphoe", "tambon"] | None, BlankIsNone] = None
    """The level that the map paints; None, or one above the areas of the page: that of the table."""

    @property
    def chosen(self) -> Measure:
        """The measure."""
        return measures.get(self.measure)

    @property
    def part(self) -> str:
        """The group that is shown; empty: the whole."""
        if self.group in self.chosen.groups:
            return self.group or ""
        return "" if self.chosen.of_group("") else self.chosen.figures[self.chosen.main].group

    @property
    def painted(self) -> str:
        """The figure that orders the rows and paints the map, by its key with the group."""
        known = {one.key for one in self.chosen.of_group(self.part)}
        for name in (self.figure or "", self.chosen.main):
            bare = name.rpartition(".")[2]
            key = f"{self.part}.{bare}" if self.part else bare
            if key in known:
                return key
        return next(one.key for one in self.chosen.of_group(self.part))


class ExportQuery(FiguresQuery):
    """A file of a measure."""

    level: Literal["province", "amphoe", "tambon"] | None = None
    format: Literal["csv", "xlsx"] = "csv"
    hxl: bool = False


class LiveQuery(QueryModel):
    """Live figures for programs."""

    area: AreaOrCountry = Field(description="a code of 2, 4 or 6 digits, or TH")
    measure: MeasureKey = FIRST
    level: Literal["province", "amphoe", "tambon"] | None = Field(
        None, description="the areas in it; without it only the area itself"
    )


class FigureOut(BaseModel):
    """One figure."""

    state: State = Field(description="a value, a true zero, not entered, or withheld")
    value: float | None = Field(description="empty if not entered or withheld; shares are 0–1")


class AreaOut(BaseModel):
    """The figures of an area, by key."""

    code: str
    pcode: str = Field(description="the code as in COD-AB: TH500101")
    name_th: str | None
    name_en: str | None
    figures: dict[str, FigureOut]


class FigureAbout(BaseModel):
    """What a figure is."""

    label: str
    unit: str
    group: str


class LiveOut(BaseModel):
    """Live figures of a measure."""

    measure: str
    label: str
    definition: str
    source: str
    as_of: datetime | None
    figures: dict[str, FigureAbout]
    areas: list[AreaOut]


@dataclass(frozen=True, slots=True)
class Line:
    """An area with its cells by measure."""

    code: str
    name_th: str | None
    name_en: str | None
    cells: dict[str, Cells] = field(default_factory=dict)

    def of(self, measure: str) -> Cells:
        """Its cells of a measure; nothing entered where it has none."""
        return self.cells.get(measure) or measures.get(measure).cells_of(None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Of when the figures are."""

    as_of: datetime | None
    """Everything that changed before is in them; None: they were never counted."""
    is_counting: bool
    """Whether changes are being counted now."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers for an area, with the sealed number."""

    area_code: str
    role: str
    person_id: uuid.UUID
    name: str
    organisation: str | None
    phone_sealed: bytes | None
