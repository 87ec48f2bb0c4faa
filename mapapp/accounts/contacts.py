"""Phone numbers, email addresses and user names of people: stored encrypted, found by a blind index."""

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
    """The index under which an unverified phone number is found."""
    return vault.index(phone, "unproven phone")


def email_index(vault: Vault, email: str) -> bytes:
    """The index under which an email address is found. The address is as ``parse_email`` returns it."""
    return vault.index(email, "email")


def keep_phone(vault: Vault, person: Person, phone: str | None) -> None:
    """Stores a verified phone number (E.164) of a person whose id is known; None removes it. The caller has checked
    that no other account has it as verified."""
    person.phone_sealed = None if phone is None else vault.seal(phone, **place("phone_sealed", person.id))
    person.phone_index = None if phone is None else phone_index(vault, phone)
    person.phone_claim = None


def keep_unproven_phone(vault: Vault, person: Person, phone: str) -> None:
    """Stores a number that no one has verified: a person who signs up can enter any number.

    It lets this person sign in (``shared_names``) and nothing else. ``find_person`` does not find them by it, so no one
    is appointed to the account of a stranger. It changes nothing for other accounts with the number, so entering a
    number does not reveal whether another account has it.
    """
    person.phone_sealed = vault.seal(phone, **place("phone_sealed", person.id))
    person.phone_index = None
    person.phone_claim = phone_claim(vault, phone)


def give_phone(session: Session, vault: Vault, person: Person, phone: str | None) -> None:
    """Stores a number as verified if no other account has it as verified, otherwise as unverified. The answer does not
    reveal which."""
    keep_phone(vault, person, phone)
    if phone is not None and not _is_free(session, Person.phone_index, person.phone_index, person.id):
        keep_unproven_phone(vault, person, phone)


def give_email(session: Session, vault: Vault, person: Person, email: str | None) -> None:
    """Stores an email address. If another account already has it, this person can still sign in with it
    (``shared_names``), but a search finds the other account. None removes it."""
    keep_email(vault, person, email)
    if email is not None and not _is_free(session, Person.email_index, person.email_index, person.id):
        person.email_index = None


def give_user_name(session: Session, person: Person, user_name: str | None) -> None:
    """Stores a user name. If another account has it, this person can still sign in with it (``shared_names``)."""
    is_free = user_name is None or _is_free(session, Person.user_name, user_name, person.id)
    person.user_name = user_name if is_free else None
    person.claimed_user_name = None if is_free else user_name


def _is_free(session: Session, column: Any, value: Any, person_id: uuid.UUID) -> bool:
    """Whether no other account has this value. Of two transactions at the same time, the second waits for the first."""
    with session.no_autoflush:  # the flush must not run before the query
        locks.take(session, locks.NAMES, value if isinstance(value, bytes) else str(value))
        return session.execute(select(Person.id).where(column == value, Person.id != person_id)).first() is None


def is_proven(vault: Vault, person: Person) -> bool:
    """Whether the person's number is verified; also true if the account has no number."""
    phone = phone_of(vault, person)
    return phone is None or person.phone_index == phone_index(vault, phone)


def prove_phone(session: Session, vault: Vault, person: Person) -> None:
    """Marks the number as verified: an officer has called it.

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
    """All other accounts with this number as unverified, the oldest first. Only for officers."""
    which = (Person.phone_claim == phone_claim(vault, phone), Person.id != but, Person.erased_at.is_(None))
    return list(session.scalars(select(Person).where(*which).order_by(Person.created_at, Person.id).limit(20)))


def is_number_of(vault: Vault, person: Person, phone: str) -> bool:
    """Whether this number (E.164) is the person's. The comparison takes the same time for every number."""
    kept = phone_of(vault, person)
    return kept is not None and hmac.compare_digest(kept.encode(), phone.encode())


def keep_email(vault: Vault, person: Person, email: str | None) -> None:
    """Stores an email address of a person whose id is known, as theirs alone; None removes it."""
    person.email_sealed = None if email is None else vault.seal(email, **place("email_sealed", person.id))
    person.email_index = None if email is None else email_index(vault, email)


def phone_of(vault: Vault, person: Person) -> str | None:
    """A person's number in E.164. Showing it to another person is recorded in the audit log (``edge.on_record``)."""
    sealed = person.phone_sealed
    return None if sealed is None else vault.open(sealed, **place("phone_sealed", person.id))


def email_of(vault: Vault, person: Person) -> str | None:
    """A person's email address. Showing it to another person is recorded in the audit log (``edge.on_record``)."""
    sealed = person.email_sealed
    return None if sealed is None else vault.open(sealed, **place("email_sealed", person.id))


def place(column: str, person_id: uuid.UUID) -> dict[str, str]:
    """The associated data of an encrypted value of a person: it can be decrypted only for this column of this row."""
    return {"table": "people", "column": column, "record": str(person_id)}


def typed_name(text: str) -> tuple[str, str]:
    """A name as typed at sign-in: which kind it is (``phone``, ``email`` or ``user_name``), and its normal form."""
    text = unicodedata.normalize("NFKC", text).strip()
    if "@" in text:
        return "email", text.casefold()
    try:
        return "phone", parse_phone(text)
    except ValueError:  # pydantic's custom errors are ValueErrors
        return "user_name", text.lower()


def find_person(session: Session, vault: Vault, text: str) -> Person | None:
    """The person with this phone number, email address or user name, in any spelling. Deleted accounts are not found.

    Always one statement, so that the time does not reveal whether an account exists.
    """
    kind, spelling = typed_name(text)
    which: ColumnElement[bool] = Person.user_name == spelling
    if kind == "phone":
        which = Person.phone_index == phone_index(vault, spelling)
    elif kind == "email":
        which = Person.email_index == email_index(vault, spelling)
    return session.execute(select(Person).where(which, Person.erased_at.is_(None))).scalar_one_or_none()
