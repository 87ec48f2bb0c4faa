"""What the officers' overview is asked, and its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator

from mapapp.core.fields import BlankIsNone, Id, QueryModel
from mapapp.survey.groups import CODES

Figure = Literal["unreached", "share", "complete"]


class OverviewQuery(QueryModel):
    """Which survey, which group, and what the map paints."""

    round: Annotated[Id | None, BlankIsNone] = None
    group: Annotated[Literal["bedridden", "migrant", "elderly", "adult", "student", "child"] | None, BlankIsNone] = None
    figure: Annotated[Figure, BeforeValidator(lambda value: value or "unreached")] = "unreached"
    after: Annotated[Id | None, BlankIsNone] = None


class ExportQuery(OverviewQuery):
    """What of the figures goes into a file."""

    area: str = ""
    format: Literal["csv", "xlsx", "geojson"] = "csv"
    by: Literal["village", "tambon"] = "village"


assert set(CODES) == {"bedridden", "migrant", "elderly", "adult", "student", "child"}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Sums of a group, or of several."""

    entries: int = 0
    here: int = 0
    none: int = 0
    one: int = 0
    two: int = 0
    more: int = 0
    unasked: int = 0
    refusing: int = 0

    def __add__(self, other: Numbers) -> Numbers:
        # Written out: a page adds thousands of them.
        return Numbers(
            self.entries + other.entries, self.here + other.here, self.none + other.none, self.one + other.one,
            self.two + other.two, self.more + other.more, self.unasked + other.unasked, self.refusing + other.refusing,
        )  # fmt: skip

    @property
    def unreached(self) -> int:
        """People without a dose, and people who could not be asked."""
        return self.none + self.unasked

    @property
    def vaccinated(self) -> int:
        """People with a dose at least."""
        return self.one + self.two + self.more

    @property
    def share(self) -> float | None:
        """Of those who live here, how many have a dose; None where nobody was recorded."""
        return self.vaccinated / self.here if self.here else None


@dataclass(frozen=True, slots=True)
class Line:
    """A village, or an area right below the chosen one."""

    code: str
    records: int
    """Entries that count."""
    households: int
    """Those of them that are households."""
    waiting: int
    """Entries that wait for a decision."""
    last_at: datetime | None
    villages: int
    """How many of its villages have records."""
    known: int
    """How many villages are known there, with or without a record."""
    total: Numbers
    groups: Mapping[str, Numbers]
    """Group → its sums; a group that nobody was asked about is not there."""

    @property
    def complete(self) -> float | None:
        """Of the villages that are known, how many have records; None where none is known."""
        return self.villages / self.known if self.known else None

    def of(self, group: str | None) -> Numbers:
        """The sums of a group, or of all groups."""
        return self.total if group is None else self.groups.get(group, Numbers())


def together(code: str, parts: Iterable[Line]) -> Line:
    """An area from its parts."""
    records = households = waiting = villages = known = 0
    last: list[datetime] = []
    groups: dict[str, Numbers] = {}
    for one in parts:
        records, households, waiting = records + one.records, households + one.households, waiting + one.waiting
        villages, known = villages + one.villages, known + one.known
        last += [one.last_at] if one.last_at else []
        for group, numbers in one.groups.items():
            groups[group] = groups.get(group, Numbers()) + numbers
    total = sum(groups.values(), Numbers())
    return Line(code, records, households, waiting, max(last, default=None), villages, known, total, groups)


def by_area(lines: Iterable[Line], digits: int) -> dict[str, Line]:
    """Lines summed by the areas that lie above them, by codes of so many digits."""
    parts: dict[str, list[Line]] = {}
    for one in lines:
        parts.setdefault(one.code[:digits], []).append(one)
    return {code: together(code, some) for code, some in parts.items()}
