"""What the forms of sign-in and of one's own account take in. Nothing else can be set through them."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from mapapp.accounts.contacts import Email, Phone, UserName
from mapapp.accounts.passwords import Password
from mapapp.errors import N_, refuse
from mapapp.fields import BlankIsNone, clean, no_national_id

Language = Literal["th", "en"]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_line(value: object) -> object:
    text = clean(value)
    if isinstance(text, str) and any(character in text for character in "\r\n\t"):
        raise refuse(N_("Write this on one line."))
    return text


def _needed(value: object) -> object:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise refuse(N_("This is needed."))
    return value


Line = Annotated[str, Field(max_length=200), BeforeValidator(_one_line)]
Code = Annotated[str, Field(max_length=40), BeforeValidator(_one_line), BeforeValidator(_needed)]


class SignIn(_Form):
    """Who, and the password."""

    name: Annotated[Line, BeforeValidator(_needed)]
    password: Password
    next: str = ""


class OneCode(_Form):
    """A code of the second factor."""

    code: Code
    next: str = ""


class SetUpCode(OneCode):
    """The first code of a second factor that is being set up."""

    sealed: Annotated[str, Field(max_length=4000)]


class Confirm(_Form):
    """The password once more."""

    password: Password
    next: str = ""


class Join(_Form):
    """An invitation being taken up with a new password."""

    password: Password
    again: Password
    user_name: Annotated[UserName | None, BlankIsNone] = None
    language: Language = "th"
    it_is_me: Literal["1"]


class NewFactor(_Form):
    """An invitation being taken up that takes the second factor away."""

    password: Password
    it_is_me: Literal["1"]


class Profile(_Form):
    """What a person says about themselves."""

    name: Annotated[Line, AfterValidator(no_national_id), BeforeValidator(_needed)]
    organisation: Annotated[Annotated[Line, AfterValidator(no_national_id)] | None, BlankIsNone] = None
    language: Language


class Contacts(_Form):
    """By what a person signs in; the password says that it is them."""

    phone: Annotated[Phone | None, BlankIsNone] = None
    email: Annotated[Email | None, BlankIsNone] = None
    user_name: Annotated[UserName | None, BlankIsNone] = None
    password: Password


class NewPassword(_Form):
    """The old password and the new one."""

    old: Password
    password: Password
    again: Password


class Sealed(_Form):
    """What the page showed, sealed into its form."""

    sealed: Annotated[str, Field(max_length=4000)]


class EndSession(_Form):
    """One session of one's own, or all the others."""

    session: uuid.UUID | Literal["others"]


class Erase(_Form):
    """Deleting one's own account."""

    password: Password
    sure: Literal["1"]
