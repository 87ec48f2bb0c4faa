"""What comes in: a report of the public, and what an officer does about it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from mapapp.core import phones
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, FormModel, Id, clean, without_national_id
from mapapp.facilities.schemas import public_text

Reason = Literal["closed", "full", "out_of_stock", "wrong_place", "other"]

MAX_NOTE = 300

Note = Annotated[str, Field(max_length=MAX_NOTE), BeforeValidator(clean)]


class ReportIn(FormModel):
    """A problem report from someone without an account.

    Officers read the note. It is stored unencrypted, so national ID numbers and phone numbers in it are refused.
    """

    reason: Reason = Field(description="What the problem is.")
    note: Annotated[
        Note | None, BlankIsNone, Field(description="A description for the officers; no ID or phone numbers.")
    ] = None

    @field_validator("note")
    @classmethod
    def _nobodys_number(cls, value: str | None) -> str | None:
        if value is not None and phones.stands_in(value):
            raise refuse(N_("Do not include phone numbers. 4-digit hotline numbers are allowed."))
        return None if value is None else without_national_id(value)


Answer = Literal["still_right", "full", "close", "fixed", "dismiss", "undo"]


class AnswerIn(FormModel):
    """What an officer does about the reports of a pin. ``upto`` is the newest report they saw; to take a dismissal
    back (``undo``), any of the reports that were dismissed together."""

    facility: Id
    answer: Answer
    upto: Id
    closed_reason: Annotated[Annotated[str, Field(max_length=500), BeforeValidator(clean)] | None, BlankIsNone] = None

    @field_validator("closed_reason")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        return None if value is None else public_text(value)
