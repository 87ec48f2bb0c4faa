"""Fields of the forms for sign-in and for one's own account. No other fields are accepted."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from mapapp.accounts.schemas import Line
from mapapp.accounts.signing_in.passwords import Password
from mapapp.core.contact_fields import Email, Phone, UserName
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, FormModel, one_line, without_national_id
from mapapp.core.languages import DEFAULT, AnyCode


def _needed(value: object) -> object:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise refuse(N_("Fill in this field."))
    return value


Code = Annotated[str, Field(max_length=40), BeforeValidator(one_line), BeforeValidator(_needed)]


NeededPhone = Annotated[Phone, BeforeValidator(_needed)]


class SignIn(FormModel):
    """Name and password."""

    name: Annotated[str, Field(max_length=300), BeforeValidator(one_line), BeforeValidator(_needed)]
    password: Password
    next: str = ""


class OneCode(FormModel):
    """A code of two-step sign-in."""

    code: Code
    next: str = ""


class SetUpCode(OneCode):
    """The first code during the set-up of two-step sign-in."""

    sealed: Annotated[str, Field(max_length=4000)]


class Confirm(FormModel):
    """The password again."""

    password: Password
    next: str = ""


class Join(FormModel):
    """Using an invitation: a new password. ``phone`` is the number that the inviter entered."""

    phone: NeededPhone
    password: Password
    again: Password
    user_name: Annotated[UserName | None, BlankIsNone] = None
    language: AnyCode = DEFAULT.code
    it_is_me: Literal["1"]


class NewFactor(FormModel):
    """Using an invitation that removes the second factor."""

    phone: NeededPhone
    password: Password
    it_is_me: Literal["1"]


class Profile(FormModel):
    """What people enter about themselves."""

    name: Annotated[Line, AfterValidator(without_national_id), BeforeValidator(_needed)]
    organisation: Annotated[Annotated[Line, AfterValidator(without_national_id)] | None, BlankIsNone] = None
    language: AnyCode


class Contacts(FormModel):
    """The names for sign-in; the password proves that it is the owner."""

    phone: Annotated[Phone | None, BlankIsNone] = None
    email: Annotated[Email | None, BlankIsNone] = None
    user_name: Annotated[UserName | None, BlankIsNone] = None
    password: Password


class NewPassword(FormModel):
    """The old password and the new one."""

    old: Password
    password: Password
    again: Password


class Sealed(FormModel):
    """Hidden, encrypted state of the page in its form."""

    sealed: Annotated[str, Field(max_length=4000)]


class EndSession(FormModel):
    """One session of one's own, or all the others."""

    session: uuid.UUID | Literal["others"]


class Erase(FormModel):
    """Deleting one's own account."""

    password: Password
    sure: Literal["1"]
