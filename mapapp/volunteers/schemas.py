"""Input models of volunteers. State, approval and appointment are set by the service and are in no model."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from mapapp.accounts.schemas import AnyArea, AreaText, Line, TermsForm
from mapapp.accounts.signing_in.passwords import Password
from mapapp.core import phones
from mapapp.core.contact_fields import Phone
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import (
    BlankIsNone,
    FormModel,
    QueryModel,
    arabic_digits,
    one_line,
    parse_area_code,
    without_national_id,
)

Kind = Literal[
    "village_head", "health_volunteer", "local_staff", "student", "community_leader", "womens_fund", "environment",
    "foundation", "other",
]  # fmt: skip
Skill = Literal["first_aid", "nursing", "medicine", "care", "counselling", "cooking", "repair"]
Means = Literal["motorcycle", "car", "pickup", "van", "boat", "ambulance", "oxygen", "kitchen"]
Language = Literal["th", "en", "my", "km", "lo", "shn", "ms", "zh", "sign"]

Item = TypeVar("Item")


def _each_once(values: list[Item]) -> list[Item]:
    return list(dict.fromkeys(values))


def _numbers_of_nobody(value: str) -> str:
    if phones.stands_in(value):
        raise refuse(N_("Do not include phone numbers: officers can see yours, and others do not need it."))
    return without_national_id(value)


def _tambon(value: object) -> str:
    code = parse_area_code(value)
    if len(code) != 6:
        raise refuse(N_("Choose your tambon from the list."))
    return code


def _code(value: object) -> object:
    digits = re.sub(r"[\s-]", "", arabic_digits(value)) if isinstance(value, str) else ""
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise refuse(N_("The code has 6 digits."))
    return digits


Times = Annotated[str, Field(max_length=200), AfterValidator(_numbers_of_nobody), BeforeValidator(one_line)]
Why = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_numbers_of_nobody), BeforeValidator(one_line)]
"""A reason that the volunteer can read."""


class Profile(FormModel):
    """What a person offers. ``home`` is a tambon as typed; ``home_code`` the chosen one if several have this name."""

    kind: Kind
    skills: Annotated[list[Skill], AfterValidator(_each_once), Field(default_factory=list)]
    means: Annotated[list[Means], AfterValidator(_each_once), Field(default_factory=list)]
    languages: Annotated[list[Language], AfterValidator(_each_once), Field(default_factory=list)]
    home: AreaText
    home_code: Annotated[Annotated[str, BeforeValidator(_tambon)] | None, BlankIsNone] = None
    reach_km: Annotated[int, Field(ge=1, le=100)] = 10
    times: Annotated[Times | None, BlankIsNone] = None

    @field_validator("reach_km", mode="before")
    @classmethod
    def _ten(cls, value: object) -> object:
        return 10 if isinstance(value, str) and not value.strip() else value


class FillIn(Profile):
    """The profile of a person who has an account."""

    consent: Literal["1"]


class JoinIn(FillIn):
    """Sign-up: account and profile together."""

    name: Line
    phone: Phone
    organisation: Annotated[Line | None, BlankIsNone] = None
    password: Password
    again: Password


class ChangeIn(Profile):
    """A changed profile."""

    do: Literal["change"]


class StepIn(FormModel):
    """Break, end of the break, leaving."""

    do: Literal["pause", "resume", "leave"]


class ApproveIn(TermsForm):
    """Approval of a volunteer by an officer, also after a suspension.

    ``called``: the officer has called the number and heard ``code``. ``seen`` is the state that the page showed.
    """

    do: Literal["approve"]
    seen: Literal["waiting", "refused", "suspended", "ended"]
    area: AnyArea
    called: Annotated[Literal["1"] | None, BlankIsNone] = None
    code: Annotated[Annotated[str, BeforeValidator(_code)] | None, BlankIsNone] = None
    reason: Annotated[Why | None, BlankIsNone] = None


class RefuseIn(FormModel):
    """Refusal by an officer; the volunteer can read the reason."""

    do: Literal["refuse"]
    reason: Why


class SuspendIn(FormModel):
    """Suspension by an officer; the volunteer can read the reason."""

    do: Literal["suspend"]
    reason: Why


class ListQuery(QueryModel):
    """Filters of the officers' list. ``after`` is the number of volunteers on previous pages."""

    area: Annotated[AnyArea | None, BlankIsNone] = None
    show: Annotated[
        Literal["waiting", "approved", "paused", "refused", "suspended", "left", "ended"] | None, BlankIsNone
    ] = None
    kind: Annotated[Kind | None, BlankIsNone] = None
    means: Annotated[Means | None, BlankIsNone] = None
    skill: Annotated[Skill | None, BlankIsNone] = None
    q: Annotated[str | None, Field(max_length=120), BeforeValidator(one_line), BlankIsNone] = None
    after: Annotated[int | None, Field(ge=0, le=1_000_000), BlankIsNone] = None


def columns(profile: Profile, home: str) -> dict[str, Any]:
    """A profile as columns of ``models.Volunteer``; ``home`` is the code of the home tambon."""
    return {
        "kind": profile.kind, "skills": profile.skills, "means": profile.means,
        "languages": profile.languages or ["th"], "home_tambon": home, "reach_km": profile.reach_km,
        "times": profile.times,
    }  # fmt: skip
