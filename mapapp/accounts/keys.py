"""Changing over to a new master key: what is sealed is opened and sealed again, person by person."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.accounts.contacts import place
from mapapp.accounts.models import Person
from mapapp.vault import Vault

COLUMNS = ("phone_sealed", "email_sealed", "totp_sealed")
"""Every sealed column of ``people``; a test finds one that is missing here."""


def to_do(session: Session) -> int:
    """How many people there are to look at."""
    return session.execute(select(func.count()).select_from(Person)).scalar_one()


def reseal(session: Session, vault: Vault, progress: Callable[[int], None] = lambda done: None) -> int:
    """Seals with the newest key what is sealed with an older one.

    Returns:
        how many values.

    Raises:
        CannotOpen: the key of one of them is not here; nothing is changed then.
    """
    changed = 0
    # Locked, so that nobody's new number is overwritten by their old one.
    people = session.execute(select(Person).order_by(Person.id).with_for_update()).scalars()
    for done, person in enumerate(people, start=1):
        for column in COLUMNS:
            sealed = getattr(person, column)
            if sealed is not None and not vault.is_current(sealed):
                where = place(column, person.id)
                setattr(person, column, vault.seal(vault.open(sealed, **where), **where))
                changed += 1
        progress(done)
    session.flush()
    return changed
