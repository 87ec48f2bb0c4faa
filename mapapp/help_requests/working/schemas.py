"""Input from volunteers, and answers to programs."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from mapapp.core import phones
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, FormModel, Id, clean, without_national_id

MAX_NOTE = 300

Note = Annotated[Annotated[str, Field(max_length=MAX_NOTE), BeforeValidator(clean)] | None, BlankIsNone]
"""Text of a volunteer. Location and phone number have their own fields; in this text they would remain visible after
the claim."""

ReleaseReason = Literal["cannot_go", "cannot_reach", "cannot_find", "needs_more", "other"]
RELEASE_REASONS: Final[dict[str, str]] = {
    "cannot_go": N_("I can no longer go"),
    "cannot_reach": N_("I cannot contact the resident"),
    "cannot_find": N_("I cannot find the place"),
    "needs_more": N_("It needs more help than I can give"),
    "other": N_("Other"),
}

ContactReason = Literal["agree", "find", "follow_up"]
CONTACT_REASONS: Final[dict[str, str]] = {
    "agree": N_("To agree on when I come"),
    "find": N_("To find the place"),
    "follow_up": N_("To ask how it went"),
}

ReportReason = Literal["wrong_place", "not_needed", "not_genuine", "unsafe", "other"]
REPORT_REASONS: Final[dict[str, str]] = {
    "wrong_place": N_("The location is wrong"),
    "not_needed": N_("Help is no longer needed"),
    "not_genuine": N_("This does not seem genuine"),
    "unsafe": N_("It is not safe to go there"),
    "other": N_("Other"),
}

Step = Literal["on_the_way", "there", "done"]


def _harmless(value: str | None) -> str | None:
    if value is not None and phones.stands_in(value):
        raise refuse(N_("Do not include phone numbers. 4-digit hotline numbers are allowed."))
    return None if value is None else without_national_id(value)


class ClaimIn(FormModel):
    """Claims a request: all open needs, or only some."""

    needs: list[Id] | None = Field(default=None, max_length=50, description="Only these needs. Default: all open ones.")


class _Chosen(FormModel):
    """Check boxes of a page: ``choose`` shows that there were some, because unchecked boxes send nothing."""

    needs: list[Id] = Field(default_factory=list, max_length=50)
    choose: bool = False

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.choose and not self.needs:
            raise refuse(N_("Choose at least one."))
        return self

    @property
    def chosen(self) -> list[int] | None:
        """The needs that were checked; None if the page had no boxes: all."""
        return self.needs or None


class ClaimForm(_Chosen):
    """The page's button “I can help”."""


class NothingIn(FormModel):
    """A step without parameters."""


class ReleaseIn(FormModel):
    """Returns the request."""

    reason: ReleaseReason = Field(description="The reason.")
    note: Note = None

    _note = field_validator("note")(_harmless)


class HandOverIn(FormModel):
    """Offers the request to another volunteer."""

    to_person: uuid.UUID = Field(description="Id of a volunteer of this area.")
    note: Note = None

    _note = field_validator("note")(_harmless)


class StopAskingForm(FormModel):
    """Withdraws an offer of the holder."""

    stop_asking: Literal["1"]


class ProgressIn(FormModel):
    """Progress of the claimed needs."""

    step: Step
    needs: list[Id] | None = Field(
        default=None, max_length=50, description=("Only these needs. Default: all that you claimed.")
    )
    given: Note = Field(default=None, description="With “done”: what was given; the resident reads it.")
    note: Note = Field(default=None, description="With “done”: a note for the officers.")

    _words = field_validator("given", "note")(_harmless)


class ProgressForm(_Chosen):
    """The progress buttons of the page."""

    step: Step
    given: Note = None
    note: Note = None

    _words = field_validator("given", "note")(_harmless)


class ContactIn(FormModel):
    """Shows the contact details of the resident."""

    reason: ContactReason = Field(description="The reason; the resident sees that someone viewed the details.")


class ReportIn(FormModel):
    """A problem with this request."""

    reason: ReportReason
    note: Note = None

    _note = field_validator("note")(_harmless)


class AnswerIn(FormModel):
    """The answer to an offer."""

    answer: Literal["accept", "decline"]


class HeldOut(BaseModel):
    """The claim after a step."""

    id: int = Field(description="The request that leads the group: linked requests are claimed together.")
    needs: list[int] = Field(description="The needs of this step.")
    lease_ends_at: datetime | None = Field(
        description="When the claim expires, unless it is renewed; null: there is no claim."
    )
    is_new: bool = Field(description="False if the same step had been done before.")


class OfferOut(BaseModel):
    """An offer that waits for an answer."""

    id: int
    request_id: int
    expires_at: datetime
    is_new: bool


class ContactOut(BaseModel):
    """Location and contact details of one request."""

    request_id: int
    lat: float | None = Field(description="The exact location, if a point was given.")
    lon: float | None
    tambon_code: str
    village_code: str | None
    landmark: str | None = Field(description="How to find the location, in words.")
    name: str | None
    phone: str | None = Field(description="E.164.")
    other: str | None
    is_shared: bool = Field(description="False: not shared with volunteers; officers can call.")


class ContactsOut(BaseModel):
    """Contact details of a request and of requests linked with it."""

    contacts: list[ContactOut]
