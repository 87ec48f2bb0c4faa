"""A file of official figures, read; and what its figures look like on pages and in answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Final

import geothai
from pydantic import BaseModel, Field

from mapapp.core.errors import N_, FieldProblem, Invalid, Message
from mapapp.core.fields import AreaCode, QueryModel
from mapapp.survey.reference.contradictions import Contradiction

COLUMNS: Final = ("date", "province_en", "measure", "value")
MOST_PROBLEMS: Final = 20
MOST_LETTERS: Final = 100
DOSES: Final = (1, 2, 3, 4)

Key = tuple[str, str, date]
"""Province, measure, day."""


def _letters(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalpha())


@lru_cache(maxsize=1)
def _provinces() -> Mapping[str, str]:
    """Names of provinces as files write them, in letters alone (“Buri Ram”, “Buriram”) → code."""
    made: dict[str, str] = {}
    for one in geothai.provinces():
        made |= {_letters(one.name_en): one.code, _letters(one.name_th): one.code}
    return made


def read(text: str) -> dict[Key, float]:
    """The figures of a CSV with the columns of ``COLUMNS``; a percentage stands beside its count as another measure.

    Raises:
        Invalid: rows that cannot be read, or that say two things of one figure, each with its row and column.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise Invalid([FieldProblem(name, Message(N_("This column is missing."))) for name in missing])
    made: dict[Key, float] = {}
    problems: list[FieldProblem] = []
    for number, row in enumerate(rows, start=2):
        try:
            key, value = _row({name: (row[name] or "").strip() for name in COLUMNS})
            if made.setdefault(key, value) != value:
                raise _Wrong("value", N_("The file has another value for the same day, province and measure."))
        except _Wrong as wrong:
            problems.append(FieldProblem(wrong.column, Message(wrong.text), row=number))
    if problems:
        raise Invalid(problems[:MOST_PROBLEMS])
    return made


class _Wrong(Exception):
    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column, self.text = column, text


def _row(row: Mapping[str, str]) -> tuple[Key, float]:
    try:
        day = date.fromisoformat(row["date"])
    except ValueError:
        raise _Wrong("date", N_("Write the day as 2022-07-17.")) from None
    province = _provinces().get(_letters(row["province_en"]))
    if province is None:
        raise _Wrong("province_en", N_("No province of Thailand has this name."))
    if not row["measure"] or len(row["measure"]) > MOST_LETTERS:
        raise _Wrong("measure", N_("Say in a few words what is counted."))
    try:
        value = float(row["value"])
    except ValueError:
        raise _Wrong("value", N_("This is not a number.")) from None
    if not 0 <= value < 1e12:
        raise _Wrong("value", N_("This number cannot be right: it must be 0 or more."))
    return (province, row["measure"], day), value


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a file."""

    new: int
    changed: int
    unchanged: int
    contradictions: Mapping[str, list[Contradiction]]
    """Province → what its figures, those from earlier files included, say against each other."""


@dataclass(frozen=True, slots=True)
class Official:
    """The newest official figures of a province."""

    province_code: str
    on_day: date
    source: str
    loaded_at: datetime
    population: int | None
    given: Mapping[int, int]
    """Dose → people who had it, as the figures say."""
    contradictions: list[Contradiction] = field(default_factory=list)
    """Among its figures for people, doses and percentages, of all days."""


class ReferenceQuery(QueryModel):
    """Which province, and from which day on."""

    province: AreaCode
    since: date | None = None


class ReferenceFigure(BaseModel):
    """One official figure."""

    day: date
    measure: str = Field(description="what is counted, in the words of the source")
    value: float
    source: str


class ReferenceContradiction(BaseModel):
    """Two official figures that cannot both be right."""

    kind: str
    day: date
    measure: str
    value: float
    against: float = Field(description="the figure that says otherwise")
    since: date | None = Field(description="its day, where it is another")


class ReferenceOut(BaseModel):
    """The official figures of a province, and what they say against each other."""

    province: str
    figures: list[ReferenceFigure]
    contradictions: list[ReferenceContradiction]
