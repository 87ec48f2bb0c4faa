"""Input of the board: filters of its lists, and the forms of its actions."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from mapapp.core import phones
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import (
    BlankIsNone,
    FormModel,
    Id,
    QueryModel,
    arabic_digits,
    clean,
    one_line,
    whole_number,
    without_national_id,
)
from mapapp.help_requests.resident.links import read_code

Tab = Literal[
    "unclaimed", "look", "expiring", "dropped", "contested", "no_contact", "duplicates", "old", "nobodys", "border",
    "blocked", "reports", "open", "closed",
]  # fmt: skip
Sort = Literal["urgency", "oldest", "newest", "tambon"]

Value = TypeVar("Value")


def _or(default: Value) -> BeforeValidator:
    """An empty field of a form means its default."""
    return BeforeValidator(lambda value: value or default)


def _search(value: object) -> object:
    """The number of a request, or the code of an area; “#12” and Thai digits are accepted."""
    text = one_line(value)
    if not isinstance(text, str) or not text:
        return ""
    text = arabic_digits(text).lstrip("#").strip().upper().removeprefix("TH")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise refuse(N_("Enter the number of a request or the code of a tambon, for example 500101."))
    return text


class BoardQuery(QueryModel):
    """``/officer/requests``; everything is in the address, so that a view can be saved and shared."""

    area: Annotated[str, Field(max_length=6), BeforeValidator(clean)] = ""
    """Checked by the policy (``accounts.edge.my_area``); empty: the officer's own area."""
    tab: Annotated[Tab, _or("unclaimed")] = "unclaimed"
    sort: Annotated[Sort, _or("urgency")] = "urgency"
    kind: Annotated[
        Literal["medical", "transport", "food", "medicine", "equipment", "home_visit", "other"] | None, BlankIsNone
    ] = None
    urgency: Annotated[Literal["life", "urgent", "normal"] | None, BlankIsNone] = None
    q: Annotated[str, BeforeValidator(_search)] = ""
    """If it is given, all requests are searched, open and closed."""
    after: Annotated[Id | None, BlankIsNone] = None
    """The last request of the previous page."""

    @property
    def narrows(self) -> bool:
        """Whether any filter besides list and area is set."""
        return bool(self.kind or self.urgency or self.q)

    def params(self) -> dict[str, str]:
        """The filters for an address, without defaults."""
        given = self.model_dump(exclude={"after", "area"}, exclude_defaults=True)
        return {name: str(value) for name, value in given.items()}


class ExportQuery(BoardQuery):
    """``/officer/requests/export``."""

    format: Literal["xlsx", "csv"] = "xlsx"


# Actions ----------------------------------------------------------------------------------------------------------

MAX_REASON: Final = 300


def _without_numbers(value: str) -> str:
    """Reasons and notes are stored unencrypted, so they must not contain anyone's numbers."""
    if phones.stands_in(value):
        raise refuse(N_("Do not include phone numbers. 4-digit hotline numbers are allowed."))
    return without_national_id(value)


Words = Annotated[str, Field(max_length=MAX_REASON), BeforeValidator(clean)]


def _said(value: str) -> str:
    if not value:
        raise refuse(N_("Enter a short reason."))
    return _without_numbers(value)


class WithReason(FormModel):
    """A step with a reason."""

    reason: Words = ""

    @field_validator("reason")
    @classmethod
    def _why(cls, value: str) -> str:
        return _said(value)

    model_config = FormModel.model_config | {"validate_default": True}


class Step(FormModel):
    """A step without input."""

    do: Literal["renew", "done", "confirm", "helped_already", "still_needed", "looked", "reissue", "unblock"]


class UrgencyForm(WithReason):
    """A higher or lower urgency; ``was`` is the one that the officer saw."""

    do: Literal["urgency"]
    urgency: Literal["life", "urgent", "normal"]
    was: Literal["life", "urgent", "normal"]


class AssignForm(FormModel):
    """An offer to a volunteer, who accepts or declines."""

    do: Literal["assign"]
    person: uuid.UUID
    note: Words = ""

    @field_validator("note")
    @classmethod
    def _note(cls, value: str) -> str:
        return _without_numbers(value)


class TeamForm(FormModel):
    """A claim for the officer's own team."""

    do: Literal["team"]
    team: Annotated[str, Field(min_length=1, max_length=100), BeforeValidator(one_line)]

    @field_validator("team")
    @classmethod
    def _team(cls, value: str) -> str:
        return _without_numbers(value)


class TakeBackForm(WithReason):
    """Returns the request to the list."""

    do: Literal["take_back"]


class CloseForm(WithReason):
    """Closes a request that cannot or need not be helped."""

    do: Literal["close"]
    outcome: Literal["duplicate", "out_of_area", "not_genuine", "no_answer"]


class ReopenForm(WithReason):
    """Reopens a closed request."""

    do: Literal["reopen"]


class ContestForm(WithReason):
    """The resident said on the phone that it was not done."""

    do: Literal["contest"]


class RevealForm(FormModel):
    """Viewing the contact details, with a reason from a list."""

    do: Literal["reveal"]
    reason: Literal["still_needed", "find_place", "follow_up", "new_link", "check"]


class CalledForm(FormModel):
    """The result of a call."""

    do: Literal["called"]
    outcome: Literal["answered", "no_answer", "wrong_number"]
    note: Words = ""

    @field_validator("note")
    @classmethod
    def _note(cls, value: str) -> str:
        return _without_numbers(value)


class LinkForm(FormModel):
    """The same need as another request; ``merge`` also closes the newer one as a duplicate."""

    do: Literal["link", "merge"]
    other: Annotated[Id, BeforeValidator(lambda value: _search(value) or value)]


def _digits(value: str) -> str:
    if not value.strip():
        return ""
    code = read_code(value)
    if code is None:
        raise refuse(N_("The code has 12 digits."))
    return code


class EraseForm(FormModel):
    """Delete all data about the resident, who has asked for it by phone, or with the code of their page.

    ``code``: if no one was called, for example because no number is stored.
    """

    do: Literal["erase"]
    code: Annotated[str, Field(max_length=200), AfterValidator(_digits)] = ""
    sure: Annotated[Literal["yes"] | None, BlankIsNone] = None

    @field_validator("sure")
    @classmethod
    def _sure(cls, value: str | None) -> str | None:
        if value is None:
            raise refuse(N_("Tick this box to delete everything. You cannot undo this."))
        return value

    model_config = FormModel.model_config | {"validate_default": True}


class UnlinkForm(FormModel):
    """Removes a link. ``member``: which of the linked requests leaves the group."""

    do: Literal["unlink"]
    member: Id


class BlockForm(WithReason):
    """Blocks this number for some time, in the officer's own area."""

    do: Literal["block"]
    days: Annotated[int, Field(ge=1, le=365), BeforeValidator(whole_number)] = 30


class ReportForm(FormModel):
    """Resolves or reopens a report."""

    do: Literal["report", "report_undo"]
    report: Id
    outcome: Literal["acted", "unfounded"] = "acted"


FORMS: Final[dict[str, type[FormModel]]] = {
    **dict.fromkeys(
        ("renew", "done", "confirm", "helped_already", "still_needed", "looked", "reissue", "unblock"), Step
    ),
    "urgency": UrgencyForm,
    "assign": AssignForm,
    "team": TeamForm,
    "take_back": TakeBackForm,
    "close": CloseForm,
    "reopen": ReopenForm,
    "contest": ContestForm,
    "reveal": RevealForm,
    "called": CalledForm,
    **dict.fromkeys(("link", "merge"), LinkForm),
    "unlink": UnlinkForm,
    "block": BlockForm,
    "erase": EraseForm,
    **dict.fromkeys(("report", "report_undo"), ReportForm),
}
"""Button of a form → the model of the form."""


# Figures ----------------------------------------------------------------------------------------------------------


class MeasuresQuery(QueryModel):
    """``/officer/requests/measures`` and its files."""

    area: Annotated[str, Field(max_length=6), BeforeValidator(clean)] = ""
    """Checked by the policy; empty: the officer's own area."""
    weeks: Annotated[int, Field(ge=1, le=53, description="Number of weeks, this week included."), _or(8)] = 8


class Measure(FormModel):
    """One area in one week. Hours are null if it has not happened yet."""

    area: str = Field(description="Code of the area: the area of the request itself, or one directly below it.")
    week: str = Field(description="ISO 8601 week in which the requests were sent, in Bangkok: 2026-W47.")
    posted: int
    claimed: int = Field(description="Accepted at least once by a volunteer or a team.")
    helped: int = Field(description="Closed as helped; needs that are done but not confirmed do not count.")
    unserved_24h: int = Field(description="Not accepted within 24 hours after it was sent.")
    claim_p50_h: float | None = Field(description="Median hours until the first claim.")
    claim_p90_h: float | None
    done_p50_h: float | None = Field(description="Median hours until all needs were marked as done, confirmed or not.")
    done_p90_h: float | None


class Measures(FormModel):
    """The figures by area and week, the newest week first."""

    area: str
    weeks: int
    made_at: datetime
    measures: list[Measure]
