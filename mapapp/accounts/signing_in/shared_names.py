"""Sign-in with names that several accounts can have: name and password together identify the account.

Anyone can enter an unverified phone number, an email address or a user name into their own account. They must not learn
whether another account has it, and must not take it away from that account. So names need not be unique. For each name
of an account a *finder* is stored: Argon2id of the password, salted with the name. Sign-in computes one finder and
looks it up, however many accounts have the name, so the time reveals nothing, and without both name and password
nothing is found. The database stores a keyed hash of the finder: without the encryption keys no one can test passwords.

The Argon2id parameters are part of the stored value. With other parameters no one would be found until the password is
set again.
"""

from __future__ import annotations

from typing import Final

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.models import Person
from mapapp.core.vault import Vault

_COLUMNS: Final = {
    "phone": Person.phone_finder,
    "email": Person.email_finder,
    "user_name": Person.user_name_finder,
}
"""Kind of a name (``contacts.typed_name``) → the column of its finder."""

_COST: Final = (2, 19_456, 1)
"""Two passes, 19 MiB, one lane: the same cost as for password hashes."""


def renew(vault: Vault, person: Person, password: str) -> None:
    """Computes the finders of a person's names for this password.

    The work is the same for verified and unverified names: the time of an answer must not reveal the difference.
    """
    names = {
        "phone": contacts.phone_of(vault, person),
        "email": contacts.email_of(vault, person),
        "user_name": person.sign_in_name,
    }
    for kind, name in names.items():
        setattr(person, _COLUMNS[kind].key, None if name is None else _finder(vault, kind, name, password))


def find(session: Session, vault: Vault, text: str, password: str) -> Person | None:
    """The account with this name and password, the oldest one if several match. Deleted accounts are not found."""
    kind, name = contacts.typed_name(text)
    column = _COLUMNS[kind]
    return session.scalars(
        select(Person)
        .where(column == _finder(vault, kind, name, password), Person.erased_at.is_(None))
        .order_by(Person.created_at, Person.id)
        .limit(1)
    ).one_or_none()


def _finder(vault: Vault, kind: str, name: str, password: str) -> bytes:
    salt = vault.index(name, f"finder {kind}")[:16]
    raw = hash_secret_raw(password.encode(), salt, *_COST, 32, Type.ID)
    return vault.index(raw.hex(), "finder")
