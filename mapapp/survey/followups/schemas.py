"""What is sent about follow-ups, and what comes out of the reads."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from mapapp.core.contact_fields import Phone
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, FormModel, Id, QueryModel, one_line, without_national_id
from mapapp.survey.followups.consent import CONSENT_VERSION
from mapapp.survey.followups.reasons import NEEDS, Reason, Spoken, State, ViewReason

MAX_NAME: Final = 100
MAX_OTHER: Final = 200

NO_CONTACT = N_("Enter a phone number, or another way to reach the person.")


class FollowUpIn(FormModel):
    """A person who agreed that someone comes back to them."""

    reason: Annotated[Reason, Field(description="Why someone should come back to them.")]
    name: Annotated[
        str, Field(min_length=1, max_length=MAX_NAME, description="Name of the person."), BeforeValidator(one_line)
    ]
    phone: Annotated[Phone | None, BlankIsNone, Field(description="Phone number of the person.")] = None
    other: Annotated[
        Annotated[str, Field(max_length=MAX_OTHER), BeforeValidator(one_line)] | None,
        BlankIsNone,
        Field(description="Another way to reach the person, in words: a neighbour."),
    ] = None
    language: Annotated[Spoken, Field(description="What the person speaks.")] = "th"
    consent: Annotated[str, Field(description="The version of the consent text that the person heard and agreed to.")]

    @field_validator("name", "other")
    @classmethod
    def _no_id(cls, value: str | None) -> str | None:
        return None if value is None else without_national_id(value)

    @field_validator("consent")
    @classmethod
    def _agreed(cls, value: str) -> str:
        if not value:
            raise refuse(N_("Read the text out first. Tick the box when the person agrees."))
        if value != CONSENT_VERSION:
            raise refuse(N_("This text has changed. Read it out again and tick the box."))
        return value

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.phone is None and self.other is None:
            raise refuse(NO_CONTACT)
        return self


class FollowUpForm(FollowUpIn):
    """The same, from the page: without a tick there is no such field."""

    consent: str = Field(default="", validate_default=True)


class FollowUpPost(FollowUpIn):
    """The same, from a program."""

    entry: Annotated[Id, Field(description="The record of the household.")]


class ViewIn(FormModel):
    """Shows name and phone number, for a reason."""

    do: Literal["view"] = "view"
    reason: ViewReason


class FollowUpStepIn(FormModel):
    """Asks for help for the person, or ends the follow-up."""

    do: Literal["request", "done", "unwanted"]


class OwnQuery(QueryModel):
    """Which of the follow-ups that someone wrote down."""

    reason: Annotated[Reason | None, BlankIsNone] = None
    state: Annotated[State | None, BlankIsNone] = None
    """None: those that are not finished."""
    after: Annotated[Id | None, BlankIsNone] = None


class FollowUpsQuery(OwnQuery):
    """Which follow-ups of an area."""

    area: str = ""
    """Checked by the policy (``accounts.edge.my_area``)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A follow-up without the person: for lists, and for all who may not see more."""

    id: int
    round_id: int
    entry_id: int | None
    village_code: str
    household: str | None
    """House number; None for a whole village, or when it has ended."""
    reason: Reason
    language: str | None
    state: State
    made_at: datetime
    by_person: uuid.UUID | None
    by: str | None
    """The writer's name."""
    changed_at: datetime
    request_id: int | None
    request_outcome: str | None
    ended_at: datetime | None
    ended_by: str | None
    forgotten_at: datetime | None
    kept_days: int
    is_example: bool

    @property
    def need(self) -> str | None:
        """The need of the help request that it can become."""
        return NEEDS.get(self.reason)

    @property
    def is_open(self) -> bool:
        """Whether help can be asked for."""
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Seen:
    """Someone looked at name and phone number."""

    at: datetime
    by: str | None
    reason: str


class FollowUpOut(BaseModel):
    """A follow-up, without name and phone number."""

    id: int
    round: int
    entry: int | None = Field(description="The record of the household; null when the follow-up has ended")
    village: str
    reason: str
    language: str | None
    state: str = Field(description="open; requested: help was requested; done; unwanted")
    made_at: datetime
    mine: bool = Field(description="Written down by the owner of the API key")
    request: int | None = Field(description="The help request that it became")
    request_outcome: str | None = Field(description="How that request ended without help")
    ended_at: datetime | None


class FollowUpsOut(BaseModel):
    """Follow-ups, the oldest first."""

    follow_ups: list[FollowUpOut]
    next: int | None = Field(description="send it as `after` to read on; null: that was all")


class FollowUpStepOut(FollowUpOut):
    """The follow-up after the step."""

    code: str | None = Field(
        default=None, description="After `request`, once: 12 digits that open the person's own page of the request"
    )


class FollowUpContactOut(BaseModel):
    """Name and phone number of the person."""

    name: str | None
    phone: str | None
    other: str | None
