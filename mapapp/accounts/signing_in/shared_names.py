"""Signing in by a name that others may have too: who it is, name and password say together.

A telephone number that nobody has checked, an e-mail address, a user name: whoever types one into their own account
must not learn whether somebody else has it, and must not take it from them either. So names need not be anybody's
alone. For each name of an account a *finder* is kept: Argon2id of the password, salted by the name. Signing in computes
one finder and looks it up, however many accounts share the name, so the time it takes tells nothing; and without both
name and password nothing is found. It is kept under a keyed hash: without the master keys nobody can try passwords out.

Its parameters are part of what is kept. With others, nobody would be found until the password is set anew.
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
"""Kind of a name (``contacts.typed_name``) → where its finder is kept."""

_COST: Final = (2, 19_456, 1)
"""Two passes, 19 MiB, one lane: as passwords are hashed when this is written."""


def renew(vault: Vault, person: Person, password: str) -> None:
    """Makes each name of a person, as it is now, one they sign in by with this password.

    Whose a name is by right makes no difference to the work: the time of an answer must not tell it.
    """
    names = {
        "phone": contacts.phone_of(vault, person),
        "email": contacts.email_of(vault, person),
        "user_name": person.sign_in_name,
    }
    for kind, name in names.items():
        setattr(person, _COLUMNS[kind].key, None if name is None else _finder(vault, kind, name, password))


def find(session: Session, vault: Vault, text: str, password: str) -> Person | None:
    """Whose name and password these are together, the earliest account where several have both; not an erased one."""
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
