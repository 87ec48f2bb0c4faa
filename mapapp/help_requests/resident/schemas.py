"""What the resident's page takes, and what programs are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, Field, field_validator

from mapapp.core import phones
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, FormModel, Id, clean, without_national_id
from mapapp.help_requests.asking.schemas import HelpRequestIn

MAX_NOTE: Final = 300

StepDo = Literal["confirm", "contest", "helped_already", "cancel", "reopen"]
PlainDo = Literal["stop_sharing", "resume_sharing", "extend"]
Do = Literal[StepDo, PlainDo, "change", "report", "erase"]

STEPS: Final[tuple[str, ...]] = get_args(StepDo)

ReportReason = Literal["not_coming", "rude", "money", "unsafe", "stranger", "other"]
REPORT_REASONS: Final[dict[str, str]] = {
    "not_coming": N_("They did not come"),
    "rude": N_("They were rude"),
    "money": N_("They asked for money or documents"),
    "unsafe": N_("I do not feel safe"),
    "stranger": N_("Someone contacted me who should not have my details"),
    "other": N_("Other"),
}


class DoIn(FormModel):
    """What the resident does on their page."""

    do: Do
    need: Annotated[Id | None, BlankIsNone, Field(description="Only this one; all of them.")] = None
    lease: Annotated[Id | None, BlankIsNone, Field(description="With report: whose time it was; somebody else.")] = None
    reason: Annotated[ReportReason | None, BlankIsNone, Field(description="With report: what was wrong.")] = None
    note: Annotated[
        Annotated[str, Field(max_length=MAX_NOTE), BeforeValidator(clean)] | None,
        BlankIsNone,
        Field(description="With report: in words, for the officers; no ID or telephone numbers."),
    ] = None
    request: HelpRequestIn | None = Field(default=None, description="With change: all of it, as it is to be.")
    sure: Annotated[Literal["yes"] | None, BlankIsNone, Field(description="With erase: it cannot be undone.")] = None

    @field_validator("note")
    @classmethod
    def _nobodys_number(cls, value: str | None) -> str | None:
        if value is not None and phones.stands_in(value):
            raise refuse(N_("Do not include phone numbers. 4-digit hotline numbers are allowed."))
        return None if value is None else without_national_id(value)


class CodeIn(FormModel):
    """The code that was read out or written down."""

    code: Annotated[str, Field(max_length=200), BeforeValidator(clean)] = ""


# What programs are answered -------------------------------------------------------------------------------------


class HelperOut(BaseModel):
    """Who has taken it on. First name and organisation, no more."""

    name: str | None
    organisation: str | None
    since: datetime
    until: datetime | None = Field(description="When their time ends; then it is open to others again.")


class NeedOut(BaseModel):
    """One need and how far it is."""

    id: int
    kind: str
    detail: str | None
    quantity: int | None
    status: str = Field(description="open, claimed, on_the_way, there, done, helped or cancelled, at this moment.")
    helper: HelperOut | None
    given: str | None = Field(description="What was given, in the helper's words.")
    may: list[str] = Field(description="What can be done about it now: values of “do”.")


class EventOut(BaseModel):
    """Something that happened."""

    at: datetime
    action: str
    by: Literal["resident", "helper", "officer", "service"]
    name: str | None
    organisation: str | None


class ResidentOut(BaseModel):
    """A request as its resident sees it."""

    id: int
    status: str = Field(description="open or closed.")
    outcome: str | None
    urgency: Literal["life", "urgent", "normal"]
    people: int
    description: str
    needs: list[NeedOut]
    phone_shared: bool
    questions: list[Literal["still_needed", "is_it_done"]] = Field(description="What waits for the resident's answer.")
    posted_at: datetime
    updated_at: datetime
    may: list[str] = Field(description="What can be done now: values of “do”.")
    events: list[EventOut] = Field(description="The newest first; who saw the place or the contact is among them.")


class DoneOut(BaseModel):
    """What became of it. ``changed`` is false where it was so before."""

    changed: bool
    request: ResidentOut | None = Field(description="As it is now; null once erased.")
