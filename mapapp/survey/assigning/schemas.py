"""What officers send about assignments, and what comes out of the reads."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, FormModel, Id, arabic_digits, clean, parse_area_code

_RANGE = re.compile(r"(\d{1,2})(?:\s*[-–]\s*(\d{1,2}))?")


def parse_numbers(value: object) -> list[int]:
    """Numbers of villages, from “1, 2, 5-8” in any digits.

    Raises:
        PydanticCustomError: something else stands there.
    """
    written = ",".join(map(str, value)) if isinstance(value, list) else value  # a form sends a list of one text
    text = arabic_digits(str(clean(written))) if isinstance(written, str) else ""
    found: set[int] = set()
    for part in filter(None, re.split(r"[,;\s]+", re.sub(r"\s*[-–]\s*", "-", text.strip()))):
        match = _RANGE.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last:
            raise refuse(N_("Enter numbers of villages, for example 1, 2, 5-8."))
        found |= set(range(first, last + 1))
    if not found:
        raise refuse(N_("Enter numbers of villages, for example 1, 2, 5-8."))
    return sorted(found)


def _tambon(value: object) -> str:
    code = parse_area_code(value)
    if len(code) != 6:
        raise refuse(N_("Give the tambon: a code of 6 digits."))
    return code


Tambon = Annotated[str, BeforeValidator(_tambon)]


class AssignIn(FormModel):
    """Villages of a tambon for one person."""

    do: Literal["assign"]
    tambon: Tambon
    numbers: Annotated[list[int], BeforeValidator(parse_numbers)]
    person: uuid.UUID


class EvenlyIn(FormModel):
    """All villages of an area that nobody has, shared out among its data volunteers."""

    do: Literal["evenly"]
    area: Annotated[str, BeforeValidator(parse_area_code)]


class ListIn(FormModel):
    """A list: one line for each village, its code or number and a name."""

    do: Literal["list"]
    tambon: Annotated[Tambon | None, BlankIsNone] = None
    lines: Annotated[str, Field(min_length=1, max_length=20_000), BeforeValidator(clean)]


class WithdrawIn(FormModel):
    """Takes an assignment back."""

    do: Literal["withdraw"]
    assignment: Id


@dataclass(frozen=True, slots=True)
class VillageName:
    """A village as far as it is known: from the list of villages, or by its number alone."""

    code: str
    name_th: str | None = None
    name_en: str | None = None

    @property
    def tambon_code(self) -> str:
        """The tambon it lies in."""
        return self.code[:6]

    @property
    def number(self) -> int:
        """Its number in the tambon."""
        return int(self.code[6:])


@dataclass(frozen=True, slots=True)
class Assigned:
    """Somebody's village."""

    id: int
    village_code: str
    person_id: uuid.UUID
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Recorder:
    """A data volunteer of an area."""

    person_id: uuid.UUID
    name: str
    organisation: str | None
    areas: tuple[str, ...]

    def covers(self, village_code: str) -> bool:
        """Whether one of their appointments has this village in its area."""
        return any(area == "TH" or village_code.startswith(area) for area in self.areas)


@dataclass(frozen=True, slots=True)
class Sender:
    """What somebody has sent in a round: how many villages are theirs, and when the last entry came."""

    person_id: uuid.UUID
    name: str
    villages: int
    last_at: datetime | None
