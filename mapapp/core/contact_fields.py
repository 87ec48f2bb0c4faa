"""Phone numbers, email addresses and user names as fields: read in any common spelling."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BeforeValidator

from mapapp.core import phones
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import clean
from mapapp.core.vault import Vault

_EMAIL: Final = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}")
_USER_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{2,31}")


def parse_phone(value: object) -> str:
    """A phone number as E.164, from “081 234 5678”, “๐๘๑-๒๓๔-๕๖๗๘” or “+66 81 234 5678”.

    Raises:
        PydanticCustomError: it is not a phone number.
    """
    number = phones.parse(value)
    if number is None:
        raise refuse(N_("Enter a phone number, for example 081 234 5678."))
    return number


def parse_email(value: object) -> str:
    """An email address in lower case: people type it differently, the mailbox is the same.

    Raises:
        PydanticCustomError: it is not an email address, or not one that fits into a header.
    """
    text = str(clean(value)).casefold() if isinstance(value, str) else ""
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise refuse(N_("Enter an email address, for example somchai@example.go.th."))
    return text


def parse_user_name(value: object) -> str:
    """A user name: it starts with a lower-case letter, so that it is never confused with a phone number.

    Raises:
        PydanticCustomError: it is not a user name.
    """
    text = str(clean(value)).lower() if isinstance(value, str) else ""
    if not _USER_NAME.fullmatch(text):
        raise refuse(N_("A user name has 3 to 32 letters a–z, digits, dots or hyphens, a letter first."))
    return text


Phone = Annotated[str, BeforeValidator(parse_phone)]
Email = Annotated[str, BeforeValidator(parse_email)]
UserName = Annotated[str, BeforeValidator(parse_user_name)]


def phone_index(vault: Vault, phone: str) -> bytes:
    """The blind index of a number in E.164."""
    return vault.index(phone, "phone")
