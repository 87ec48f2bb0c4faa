"""Phone numbers, e-mail addresses and user names of people: sealed, found again by their blind index."""

from __future__ import annotations

import hmac
import unicodedata
import uuid
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.core.contact_fields import parse_phone, phone_index
from mapapp.core.errors import N_, Conflict
from mapapp.core.vault import Vault
from mapapp.database import locks


def phone_claim(vault: Vault, phone: str) -> bytes:
    """What an unproven number is found by."""
    return vault.index(phone, "unproven phone")


def email_index(vault: Vault, email: str) -> bytes:
    """What an address, as ``parse_email`` gives it, is found by."""
    return vault.index(email, "email")


def keep_phone(vault: Vault, person: Person, phone: str | None) -> None:
    """Puts a number (E.164) on a person whose id is known, as theirs by right; ``None`` takes it away. That nobody
    else has it by right the caller has seen to."""
    person.phone_sealed = None if phone is None else vault.seal(phone, **place("phone_sealed", person.id))
    person.phone_index = None if phone is None else phone_index(vault, phone)
    person.phone_claim = None


def keep_unproven_phone(vault: Vault, person: Person, phone: str) -> None:
    """Puts a number on a person that nobody has checked: whoever signs up may type anybody's.

    It lets this person sign in (``shared_names``) and nothing else. ``find_person`` does not find them by it, so that
    nobody is appointed into a stranger's account, and it takes nothing from anybody: neither from the account that has
    the number by right nor from others who claim it. So a stranger cannot learn from it whether there are any."""
    person.phone_sealed = vault.seal(phone, **place("phone_sealed", person.id))
    person.phone_index = None
    person.phone_claim = phone_claim(vault, phone)


def give_phone(session: Session, vault: Vault, person: Person, phone: str | None) -> None:
    """Puts a number on a person as theirs by right, where nobody else has it so; else as one they claim. Nobody is
    told which of the two it was."""
    keep_phone(vault, person, phone)
    if phone is not None and not _is_free(session, Person.phone_index, person.phone_index, person.id):
        keep_unproven_phone(vault, person, phone)


def give_email(session: Session, vault: Vault, person: Person, email: str | None) -> None:
    """Puts an address on a person; where another account has it already, it signs them in all the same
    (``shared_names``) and finds the other one. ``None`` takes it away."""
    keep_email(vault, person, email)
    if email is not None and not _is_free(session, Person.email_index, person.email_index, person.id):
        person.email_index = None


def give_user_name(session: Session, person: Person, user_name: str | None) -> None:
    """Gives a person a user name; where another account has it already, it signs them in all the same
    (``shared_names``)."""
    is_free = user_name is None or _is_free(session, Person.user_name, user_name, person.id)
    person.user_name = user_name if is_free else None
    person.claimed_user_name = None if is_free else user_name


def _is_free(session: Session, column: Any, value: Any, person_id: uuid.UUID) -> bool:
    """Whether no other account has this. Of two who ask at once, the second waits for what became of the first."""
    with session.no_autoflush:  # what is to be written is written after the answer
        locks.take(session, locks.NAMES, value if isinstance(value, bytes) else str(value))
        return session.execute(select(Person.id).where(column == value, Person.id != person_id)).first() is None


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
    if not _is_free(session, Person.phone_index, phone_index(vault, phone), person.id):
        raise Conflict(
            N_(
                "This phone number already belongs to another account. If it is the same person, refuse "
                "this sign-up and appoint the other account under “Officers”."
            )
        )
    person.phone_index, person.phone_claim = phone_index(vault, phone), None
    session.flush()


def claimants(session: Session, vault: Vault, phone: str, *, but: uuid.UUID) -> list[Person]:
    """Everybody else who claims this number unproven, the earliest first. For officers only."""
    which = (Person.phone_claim == phone_claim(vault, phone), Person.id != but, Person.erased_at.is_(None))
    return list(session.scalars(select(Person).where(*which).order_by(Person.created_at, Person.id).limit(20)))


def is_number_of(vault: Vault, person: Person, phone: str) -> bool:
    """Whether this (E.164) is the number on record for a person; compared in the same time whatever it is."""
    kept = phone_of(vault, person)
    return kept is not None and hmac.compare_digest(kept.encode(), phone.encode())


def keep_email(vault: Vault, person: Person, email: str | None) -> None:
    """Puts an address on a person whose id is known, as theirs alone; ``None`` takes it away."""
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
