"""Input of the resident's page, and answers to programs."""

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
    """A step of the resident on their page."""

    do: Do
    need: Annotated[Id | None, BlankIsNone, Field(description="Only this need. Default: all.")] = None
    lease: Annotated[
        Id | None, BlankIsNone, Field(description="With report: the claim it is about; null: someone else.")
    ] = None
    reason: Annotated[ReportReason | None, BlankIsNone, Field(description="With report: the problem.")] = None
    note: Annotated[
        Annotated[str, Field(max_length=MAX_NOTE), BeforeValidator(clean)] | None,
        BlankIsNone,
        Field(description="With report: a description for the officers; no ID or phone numbers."),
    ] = None
    request: HelpRequestIn | None = Field(default=None, description="With change: the complete new request.")
    sure: Annotated[
        Literal["yes"] | None,
        BlankIsNone,
        Field(description=("With erase: confirms the deletion, which cannot be undone.")),
    ] = None

    @field_validator("note")
    @classmethod
    def _nobodys_number(cls, value: str | None) -> str | None:
        if value is not None and phones.stands_in(value):
            raise refuse(N_("Do not include phone numbers. 4-digit hotline numbers are allowed."))
        return None if value is None else without_national_id(value)


class CodeIn(FormModel):
    """The code that was read out or written down."""

    code: Annotated[str, Field(max_length=200), BeforeValidator(clean)] = ""


# Answers to programs ----------------------------------------------------------------------------------------------


class HelperOut(BaseModel):
    """The volunteer who accepted the request: first name and organisation only."""

    name: str | None
    organisation: str | None
    since: datetime
    until: datetime | None = Field(description="End of the time limit; then other volunteers can accept the request.")


class NeedOut(BaseModel):
    """One need and its progress."""

    id: int
    kind: str
    detail: str | None
    quantity: int | None
    status: str = Field(description="open, claimed, on_the_way, there, done, helped or cancelled, at this moment.")
    helper: HelperOut | None
    given: str | None = Field(description="What was given, in the volunteer's words.")
    may: list[str] = Field(description="Steps that are possible now: values of “do”.")


class EventOut(BaseModel):
    """An event in the history of the request."""

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
    questions: list[Literal["still_needed", "is_it_done"]] = Field(
        description=("Questions that wait for the resident's answer.")
    )
    posted_at: datetime
    updated_at: datetime
    may: list[str] = Field(description="Steps that are possible now: values of “do”.")
    events: list[EventOut] = Field(description="Newest first; includes who viewed the location or the contact details.")


class DoneOut(BaseModel):
    """The result. ``changed`` is false if it was already so."""

    changed: bool
    request: ResidentOut | None = Field(description="The request in its current state; null after deletion.")
