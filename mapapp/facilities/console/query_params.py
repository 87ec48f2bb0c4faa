"""What officers ask of the console: the filters in its address, and what to do with the rows they chose."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, FormModel, QueryModel, clean
from mapapp.facilities.kinds import KindName
from mapapp.facilities.query_params import Digits, Text
from mapapp.facilities.schemas import Moment, Status, public_text

Freshness = Literal["fresh", "stale", "doubtful", "planned"]
Format = Literal["xlsx", "csv", "geojson"]
Sort = Literal[
    "name", "-name", "kind", "-kind", "tambon", "-tambon", "status", "-status", "free", "-free",
    "confirmed", "-confirmed", "reports", "-reports",
]  # fmt: skip
Do = Literal["confirm", "open", "full", "temporarily_closed", "closed"]

NEEDS_REASON = frozenset({"temporarily_closed", "closed"})
"""What the public is told a reason for."""

OLDEST_FIRST = "confirmed"


class Filters(QueryModel):
    """Which pins are meant; every part of it stands in the address, so that a view can be kept and sent on."""

    area: Annotated[str, Field(max_length=6), BeforeValidator(clean)] = ""
    """Checked by the policy (``accounts.edge.my_area``); empty: the officer's own."""
    q: Text = ""
    kind: Annotated[KindName | None, BlankIsNone] = None
    status: Annotated[Status | None, BlankIsNone] = None
    """None: all that are not closed for good."""
    freshness: Annotated[Freshness | None, BlankIsNone] = None
    reports: Annotated[bool | None, BlankIsNone] = None
    """Only pins with reports that nobody has handled."""

    @property
    def narrows(self) -> bool:
        """Whether anything but the area is asked for."""
        return bool(self.q or self.kind or self.status or self.freshness or self.reports)

    def params(self) -> dict[str, str]:
        """The filters as the address says them, without what it need not say."""
        given = self.model_dump(include=set(Filters.model_fields), exclude_defaults=True)
        return {name: "1" if value is True else str(value) for name, value in given.items() if value is not False}


class ConsoleQuery(Filters):
    """``/officer/facilities``."""

    sort: Annotated[Sort, BeforeValidator(lambda value: value or OLDEST_FIRST)] = "confirmed"
    page: Annotated[int, Field(ge=1, le=100_000), Digits] = 1


class ExportQuery(Filters):
    """``/officer/facilities/export``."""

    format: Format = "xlsx"
    sort: Annotated[Sort, BeforeValidator(lambda value: value or OLDEST_FIRST)] = "confirmed"


class StaleQuery(QueryModel):
    """``/officer/facilities/stale``."""

    area: Annotated[str, Field(max_length=6), BeforeValidator(clean)] = ""
    page: Annotated[int, Field(ge=1, le=100_000), Digits] = 1


# What to do -----------------------------------------------------------------------------------------------------


class Picked(NamedTuple):
    """A row as the officer saw it."""

    facility_id: int
    version: int


def _picked(value: object) -> object:
    """“12.3”: facility 12 in its version 3."""
    found = re.fullmatch(r"(\d{1,18})\.(\d{1,9})", value) if isinstance(value, str) and value.isascii() else None
    if found is None:
        raise refuse(N_("This row cannot be read. Reload the page and choose it again."))
    return Picked(int(found[1]), int(found[2]))


Pick = Annotated[Picked, BeforeValidator(_picked)]


class BulkForm(FormModel):
    """What to do with the chosen rows. ``still`` is a row's own button: still right, whatever else is chosen."""

    still: Annotated[Pick | None, BlankIsNone] = None
    pick: Annotated[tuple[Pick, ...], Field(max_length=500)] = ()
    all: bool = False
    """Every pin that matches the filters, as far as it has not changed since ``seen``."""
    seen: Moment = None
    do: Annotated[Do | None, BlankIsNone, Field(validate_default=True)] = None
    reason: Annotated[str, Field(max_length=300, validate_default=True), BeforeValidator(clean)] = ""
    """For the public."""
    until: Annotated[Moment, Field(validate_default=True)] = None
    """With ``temporarily_closed``: when it opens again, where that is known."""

    @field_validator("do")
    @classmethod
    def _said(cls, value: Do | None, info: ValidationInfo) -> Do:
        if info.data.get("still") is not None:
            return "confirm"
        if value is None:
            raise refuse(N_("Choose what to do with the rows."))
        return value

    @field_validator("reason")
    @classmethod
    def _why(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("do") in NEEDS_REASON and not value:
            raise refuse(N_("Enter a reason for closing. People see it on the page."))
        return public_text(value)

    @field_validator("until")
    @classmethod
    def _end(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        if value is not None and info.data.get("do") not in (None, "temporarily_closed"):
            raise refuse(N_("A day of reopening goes with “close temporarily” only."))
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.still is None and not self.all and not self.pick:
            raise refuse(N_("Select at least one row first."))
        if self.all and self.seen is None:
            raise refuse(N_("This form is too old. Reload the page and send it again."))
        return self

    @property
    def rows(self) -> list[Picked]:
        """The rows that are named."""
        return [self.still] if self.still is not None else list(self.pick)


class UndoForm(FormModel):
    """The steps of one action, by the numbers of its first and last one in the history."""

    first: Annotated[int, Field(ge=1, le=2**63 - 1), Digits]
    last: Annotated[int, Field(ge=1, le=2**63 - 1), Digits]
