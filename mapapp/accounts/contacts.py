"""Phone numbers, e-mail addresses and user names: read in any spelling, sealed, found again by their blind index."""

from __future__ import annotations

import re
import unicodedata
import uuid
from typing import Annotated, Final

from pydantic import BeforeValidator
from sqlalchemy import ColumnElement, select, update
from sqlalchemy import text as sql_text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mapapp import phones
from mapapp.accounts.models import Person
from mapapp.errors import N_, Conflict, refuse
from mapapp.fields import clean
from mapapp.vault import Vault

_EMAIL: Final = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}")
_USER_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{2,31}")


def parse_phone(value: object) -> str:
    """A telephone number as E.164, from “081 234 5678”, “๐๘๑-๒๓๔-๕๖๗๘” or “+66 81 234 5678”.

    Raises:
        PydanticCustomError: it is none.
    """
    number = phones.parse(value)
    if number is None:
        raise refuse(N_("Write a telephone number, for example 081 234 5678."))
    return number


def parse_email(value: object) -> str:
    """An e-mail address in small letters: how people type it differs, the mailbox does not.

    Raises:
        PydanticCustomError: it is none, or not one that fits into a header.
    """
    text = str(clean(value)).casefold() if isinstance(value, str) else ""
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise refuse(N_("Write an e-mail address, for example somchai@example.go.th."))
    return text


def parse_user_name(value: object) -> str:
    """A user name: a small letter first, so that it is never taken for a telephone number.

    Raises:
        PydanticCustomError: it is none.
    """
    text = str(clean(value)).lower() if isinstance(value, str) else ""
    if not _USER_NAME.fullmatch(text):
        raise refuse(N_("A user name has 3 to 32 letters a–z, digits, dots or hyphens, a letter first."))
    return text


Phone = Annotated[str, BeforeValidator(parse_phone)]
Email = Annotated[str, BeforeValidator(parse_email)]
UserName = Annotated[str, BeforeValidator(parse_user_name)]


def phone_index(vault: Vault, phone: str) -> bytes:
    """What a number in E.164 is found by."""
    return vault.index(phone, "phone")


def email_index(vault: Vault, email: str) -> bytes:
    """What an address, as ``parse_email`` gives it, is found by."""
    return vault.index(email, "email")


def keep_phone(vault: Vault, person: Person, phone: str | None) -> None:
    """Puts a number (E.164) on a person whose id is known; ``None`` takes it away."""
    person.phone_sealed = None if phone is None else vault.seal(phone, **place("phone_sealed", person.id))
    person.phone_index = None if phone is None else phone_index(vault, phone)


def keep_unproven_phone(session: Session, vault: Vault, person: Person, phone: str) -> None:
    """Puts a number on a person that nobody has checked: whoever signs up may type anybody's.

    It lets this person sign in and nothing else. ``find_person`` does not find them by it, so that nobody is appointed
    into a stranger's account, and it takes nothing from the account that has the number by right: a stranger cannot
    learn from it that there is one. Of several who claim one number unproven, the last can sign in by it.
    """
    index = vault.index(phone, "unproven phone")
    # One after the other: of two at once, the second must find the first.
    lock = int.from_bytes(index[:8], signed=True)
    session.execute(sql_text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})
    session.execute(
        update(Person)
        .where(Person.phone_index == index, Person.id != person.id)
        .values(phone_index=None)
        .execution_options(synchronize_session=False)
    )
    person.phone_sealed = vault.seal(phone, **place("phone_sealed", person.id))
    person.phone_index = index


def is_proven(vault: Vault, person: Person) -> bool:
    """Whether somebody stands for it that the number on this account is this person's; so too where there is none."""
    phone = phone_of(vault, person)
    return phone is None or person.phone_index == phone_index(vault, phone)


def prove_phone(session: Session, vault: Vault, person: Person) -> None:
    """From now on the number is this person's: an officer has called it.

    Raises:
        Conflict: it belongs to another account.
    """
    phone = phone_of(vault, person)
    if phone is None or is_proven(vault, person):
        return
    try:
        with session.begin_nested():
            person.phone_index = phone_index(vault, phone)
            session.flush()
    except IntegrityError:
        raise Conflict(
            N_(
                "This phone number belongs to another account already. If it is the same person, refuse this sign-up "
                "and appoint the other account under “Officers”."
            )
        ) from None


def keep_email(vault: Vault, person: Person, email: str | None) -> None:
    """Puts an address on a person whose id is known; ``None`` takes it away."""
    person.email_sealed = None if email is None else vault.seal(email, **place("email_sealed", person.id))
    person.email_index = None if email is None else email_index(vault, email)


def phone_of(vault: Vault, person: Person) -> str | None:
    """A person's number in E.164. Showing it to somebody else is on record (``edge.on_record``)."""
    sealed = person.phone_sealed
    return None if sealed is None else vault.open(sealed, **place("phone_sealed", person.id))


def email_of(vault: Vault, person: Person) -> str | None:
    """A person's e-mail address. Showing it to somebody else is on record (``edge.on_record``)."""
    sealed = person.email_sealed
    return None if sealed is None else vault.open(sealed, **place("email_sealed", person.id))


def place(column: str, person_id: uuid.UUID) -> dict[str, str]:
    """Where a sealed value of a person lies; it opens nowhere else."""
    return {"table": "people", "column": column, "record": str(person_id)}


def typed_name(text: str) -> tuple[str, str]:
    """What somebody typed as their name to sign in: ``phone``, ``email`` or ``user_name``, and its one spelling."""
    text = unicodedata.normalize("NFKC", text).strip()
    if "@" in text:
        return "email", text.casefold()
    try:
        return "phone", parse_phone(text)
    except ValueError:  # pydantic's custom errors are ValueErrors
        return "user_name", text.lower()


def find_person(session: Session, vault: Vault, text: str) -> Person | None:
    """The person with this phone number, e-mail address or user name, in any spelling; not an erased one.

    One statement, whatever was typed and whether or not there is somebody.
    """
    kind, spelling = typed_name(text)
    which: ColumnElement[bool] = Person.user_name == spelling
    if kind == "phone":
        which = Person.phone_index == phone_index(vault, spelling)
    elif kind == "email":
        which = Person.email_index == email_index(vault, spelling)
    return session.execute(select(Person).where(which, Person.erased_at.is_(None))).scalar_one_or_none()


def who_sign_in_as(session: Session, vault: Vault, text: str) -> tuple[Person | None, ...]:
    """Who this name can stand for when somebody signs in, for the password to decide: the account ``find_person``
    finds, and for a phone number the one that claims it unproven. One statement, and always as many as the kind of
    name allows, so that the work of comparing tells nothing."""
    kind, spelling = typed_name(text)
    if kind != "phone":
        return (find_person(session, vault, text),)
    order = (phone_index(vault, spelling), vault.index(spelling, "unproven phone"))
    rows = session.scalars(select(Person).where(Person.phone_index.in_(order), Person.erased_at.is_(None)))
    found = {row.phone_index: row for row in rows}
    return tuple(found.get(index) for index in order)
