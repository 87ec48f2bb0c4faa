"""Input and output models of people and appointments. All fields are checked here, and not again in the services.

Fields that the service sets itself (who appointed, when, the ids of a phone number) are in none of the input models.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from mapapp.accounts.policy import Role
from mapapp.core.clock import BANGKOK, midnight
from mapapp.core.contact_fields import Email, Phone
from mapapp.core.dates import Day
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, FormModel, Id, QueryModel, one_line, parse_area_code, without_national_id


def first_moment_after(day: date | None) -> datetime | None:
    """The end of something that is valid through this day: the next midnight in Bangkok."""
    return None if day is None else midnight(day, 1)


def last_day(ends_at: datetime | None) -> date | None:
    """The last day of something that ends at this moment."""
    return None if ends_at is None else (ends_at - timedelta(microseconds=1)).astimezone(BANGKOK).date()


def _area(value: object) -> str:
    text = str(value).strip() if isinstance(value, (str, int)) else ""
    return "TH" if text.upper() == "TH" else parse_area_code(text)


Line = Annotated[
    str, Field(min_length=1, max_length=120), AfterValidator(without_national_id), BeforeValidator(one_line)
]
Reason = Annotated[str, Field(max_length=300), AfterValidator(without_national_id), BeforeValidator(one_line)]
AnyArea = Annotated[str, BeforeValidator(_area)]
"""A DOPA code of 2, 4 or 6 digits, or ``TH``."""


AreaText = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(one_line)]
"""A code or a name, as typed; the service resolves it to an area."""


class PersonIn(FormModel):
    """A new person: name and phone number are required."""

    name: Line
    phone: Phone
    organisation: Annotated[Line | None, BlankIsNone] = None
    email: Annotated[Email | None, BlankIsNone] = None


class TermsForm(FormModel):
    """The end of an appointment and the recorded dates. ``until`` is the last day."""

    until: Annotated[Day | None, BlankIsNone] = None
    confidentiality_on: Annotated[Day | None, BlankIsNone] = None
    training_expires_on: Annotated[Day | None, BlankIsNone] = None


class NewForm(PersonIn, TermsForm):
    """The form of /officer/people/new. ``area`` is a code or a name. ``existing``: the account that already has this
    number is meant."""

    role: Role
    area: AreaText
    existing: Annotated[Literal["1"] | None, BlankIsNone] = None


class AgainForm(TermsForm):
    """One more appointment for a person who has an account."""

    do: Literal["again"]
    role: Role
    area: AreaText


class AmendForm(TermsForm):
    """New dates for an appointment."""

    do: Literal["amend"]
    appointment: Id


class EndForm(FormModel):
    """Ending an appointment. The reason is stored with it."""

    do: Literal["end"]
    appointment: Id
    reason: Annotated[Reason | None, BlankIsNone] = None


class MoveForm(FormModel):
    """Moving a role to another area."""

    do: Literal["move"]
    appointment: Id
    area: AreaText
    reason: Annotated[Reason | None, BlankIsNone] = None


class LinkForm(FormModel):
    """The type of link. A person who has never signed in gets one to join. ``phone`` is needed if none is stored."""

    do: Literal["link"]
    purpose: Literal["new_password", "new_second_factor"] = "new_password"
    phone: Annotated[Phone | None, BlankIsNone] = None


class WrongPersonForm(FormModel):
    """An account that another person got into, and the right person."""

    do: Literal["wrong_person"]
    name: Line
    phone: Phone


class SuspendForm(FormModel):
    """Suspending an account, or ending the suspension."""

    do: Literal["suspend", "unsuspend"]


class BulkForm(FormModel):
    """The second step of a list: its rows, packed by the first step, and which of them to appoint."""

    rows: Annotated[str, Field(max_length=400_000)]
    take: Literal["all", "good"]


Show = Literal["gaps", "ending", "never", "papers", "suspended", "blocked"]


class PeopleQuery(QueryModel):
    """The tree, or a list if there is a search. ``after`` is the end of the previous page."""

    area: Annotated[AnyArea | None, BlankIsNone] = None
    q: Annotated[str | None, Field(max_length=120), BeforeValidator(one_line), BlankIsNone] = None
    role: Annotated[Role | None, BlankIsNone] = None
    show: Annotated[Show | None, BlankIsNone] = None
    after: Annotated[int | None, Field(ge=0, le=1_000_000), BlankIsNone] = None


class NewQuery(QueryModel):
    """Initial values of the form."""

    area: Annotated[AnyArea | None, BlankIsNone] = None
    role: Annotated[Role | None, BlankIsNone] = None


# API ------------------------------------------------------------------------------------------------------------


class AppointmentsQuery(QueryModel):
    """Current and future appointments in one of your areas."""

    area: AnyArea | None = Field(default=None, description="Code of an area. Default: your own largest area.")
    role: Role | None = Field(default=None, description="Only this role.")
    limit: int = Field(default=100, ge=1, le=500, description="Maximum number of results.")
    cursor: int | None = Field(default=None, ge=0, le=2**62, description="`next_cursor` of the previous page.")


class AppointmentIn(FormModel):
    """An appointment of a person you can see (``person_id``), or of a person given by name and phone number."""

    person_id: uuid.UUID | None = Field(default=None, description="Id of a person whose appointments you can see.")
    person: PersonIn | None = Field(
        default=None, description="A new person, or one with an account for this phone number."
    )
    role: Role
    area_code: AnyArea = Field(description="2, 4 or 6 digits, or TH.")
    until: Day | None = Field(default=None, description="The last day; null: until someone ends it.")
    confidentiality_on: Day | None = Field(
        default=None, description="Day on which the confidentiality agreement was signed."
    )
    training_expires_on: Day | None = Field(default=None, description="Last day on which the training is valid.")

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        if (self.person_id is None) == (self.person is None):
            raise refuse(N_("Give either person_id or person."))
        return self


class AppointmentOut(BaseModel):
    """An appointment, without the person's phone number."""

    id: int
    person_id: uuid.UUID
    name: str
    role: Role
    area_code: str
    starts_at: datetime
    ends_at: datetime | None
    confidentiality_on: date | None
    training_expires_on: date | None
    first_signed_in_at: datetime | None


class AppointmentMade(AppointmentOut):
    """A new appointment with its single-use invitation link. The link is returned only once."""

    join_link: str | None
    join_link_expires_at: datetime | None


class EndIn(FormModel):
    """The reason for ending an appointment; stored with it."""

    reason: Annotated[Reason | None, BlankIsNone] = None


class Appointments(BaseModel):
    """Appointments, ordered by id."""

    appointments: list[AppointmentOut]
    next_cursor: int | None


class Ended(BaseModel):
    """The appointments that were ended."""

    id: int
    ended_at: datetime
