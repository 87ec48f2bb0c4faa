"""What the forms of sign-in and of one's own account take in. Nothing else can be set through them."""

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
    """Who, and the password."""

    name: Annotated[str, Field(max_length=300), BeforeValidator(one_line), BeforeValidator(_needed)]
    password: Password
    next: str = ""


class OneCode(FormModel):
    """A code of the second factor."""

    code: Code
    next: str = ""


class SetUpCode(OneCode):
    """The first code of a second factor that is being set up."""

    sealed: Annotated[str, Field(max_length=4000)]


class Confirm(FormModel):
    """The password once more."""

    password: Password
    next: str = ""


class Join(FormModel):
    """An invitation being taken up with a new password. ``phone`` is the number the inviter wrote down."""

    phone: NeededPhone
    password: Password
    again: Password
    user_name: Annotated[UserName | None, BlankIsNone] = None
    language: AnyCode = DEFAULT.code
    it_is_me: Literal["1"]


class NewFactor(FormModel):
    """An invitation being taken up that takes the second factor away."""

    phone: NeededPhone
    password: Password
    it_is_me: Literal["1"]


class Profile(FormModel):
    """What a person says about themselves."""

    name: Annotated[Line, AfterValidator(without_national_id), BeforeValidator(_needed)]
    organisation: Annotated[Annotated[Line, AfterValidator(without_national_id)] | None, BlankIsNone] = None
    language: AnyCode


class Contacts(FormModel):
    """By what a person signs in; the password says that it is them."""

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
    """What the page showed, sealed into its form."""

    sealed: Annotated[str, Field(max_length=4000)]


class EndSession(FormModel):
    """One session of one's own, or all the others."""

    session: uuid.UUID | Literal["others"]


class Erase(FormModel):
    """Deleting one's own account."""

    password: Password
    sure: Literal["1"]
