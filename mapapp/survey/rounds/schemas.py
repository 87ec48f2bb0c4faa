"""What officers send about rounds, and what comes out of the reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from mapapp.core.dates import Day
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import AreaOrCountry, FormModel, Id, clean, one_line, without_national_id

MAX_NAME, MAX_REASON = 120, 500


class RoundIn(FormModel):
    """A new round."""

    do: Literal["make"]
    name: Annotated[
        str,
        Field(min_length=1, max_length=MAX_NAME),
        AfterValidator(without_national_id),
        BeforeValidator(one_line),
    ]
    area: AreaOrCountry
    starts_on: Day
    ends_on: Day

    @model_validator(mode="after")
    def _period(self) -> Self:
        if self.ends_on < self.starts_on:
            raise refuse(N_("The last day is before the first day. Check both."))
        return self


class StepIn(FormModel):
    """Opens, closes or reopens a round."""

    do: Literal["open", "close", "reopen"]


class EndIn(FormModel):
    """Ends a round for an area, by an announcement (letter L1.8)."""

    do: Literal["end"]
    area: AreaOrCountry
    reason: Annotated[
        str,
        Field(min_length=1, max_length=MAX_REASON),
        AfterValidator(without_national_id),
        BeforeValidator(clean),
    ]


class LiftIn(FormModel):
    """Takes an announcement back."""

    do: Literal["lift"]
    ending: Id


@dataclass(frozen=True, slots=True)
class Round:
    """A round, as pages and services know it."""

    id: int
    name: str
    area_code: str
    starts_on: date
    ends_on: date
    version: int
    opened_at: datetime | None
    closed_at: datetime | None
    is_example: bool

    @property
    def state(self) -> str:
        """A key of ``labels.ROUND_STATES``."""
        return "draft" if self.opened_at is None else "open" if self.closed_at is None else "closed"

    def covers(self, code: str) -> bool:
        """Whether an area or a village lies in the round's."""
        return self.area_code == "TH" or code.startswith(self.area_code)


@dataclass(frozen=True, slots=True)
class Ending:
    """An announcement that is in force."""

    id: int
    area_code: str
    reason: str
    at: datetime
    by: str | None
    """The name of who announced it."""

    def covers(self, code: str) -> bool:
        """Whether an area or a village lies in it."""
        return self.area_code == "TH" or code.startswith(self.area_code)
