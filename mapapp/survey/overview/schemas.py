"""What the officers' overview is asked, and its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from mapapp.core.fields import BlankIsNone, Id, QueryModel
from mapapp.survey.groups import CODES


class OverviewQuery(QueryModel):
    """Which survey, and which group."""

    round: Annotated[Id | None, BlankIsNone] = None
    group: Annotated[Literal["bedridden", "migrant", "elderly", "adult", "student", "child"] | None, BlankIsNone] = None
    after: Annotated[Id | None, BlankIsNone] = None


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
        return Numbers(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

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
    total: Numbers
    groups: Mapping[str, Numbers]
    """Group → its sums; a group that nobody was asked about is not there."""
