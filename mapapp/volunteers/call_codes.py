"""The code that a waiting volunteer reads out to the officer who calls: it shows which account the officer is
approving.

Anyone can sign up with any phone number. If the owner of the number answers and wants to help, that does not show which
of two sign-ups with this number is theirs. A code on their own page does. It is computed, not stored, from the account,
its number, the last decision about it and the current half hour.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import attempts
from mapapp.core.errors import N_, FieldProblem, Invalid, Message
from mapapp.core.vault import Vault
from mapapp.volunteers import queries
from mapapp.volunteers.models import Volunteer

STEP: Final = timedelta(minutes=30)
"""A new code is shown this often. The previous one is accepted too, so that no code expires during a call."""

TRIES: Final = 5
WITHIN: Final = timedelta(hours=1)
"""Number of codes that an officer can try for one account: the chance of a lucky guess is one in 200,000 per hour."""


@dataclass(frozen=True)
class Code:
    """The code on the volunteer's page."""

    digits: str
    until: datetime

    @property
    def spoken(self) -> str:
        """“123 456”: in the groups in which it is read out."""
        return f"{self.digits[:3]} {self.digits[3:]}"


class WrongCode(Invalid):
    """The code is not that of this account. The attempt was counted, so the caller commits."""

    def __init__(self, text: str) -> None:
        super().__init__([FieldProblem("code", Message(text))])


def now_of(vault: Vault, row: Volunteer, person: Person, now: datetime) -> Code | None:
    """The current code of an account; None if its number needs no check (``contacts.is_proven``)."""
    if contacts.is_proven(vault, person):
        return None
    step = _step(now)
    return Code(_digits(vault, row, person, step), datetime.fromtimestamp((step + 2) * STEP.total_seconds(), UTC))


def check(session: Session, vault: Vault, row: Volunteer, person: Person, typed: str, now: datetime) -> None:
    """Checks the code that was read out on the phone.

    Args:
        typed: its six digits.

    Raises:
        WrongCode: it is not the code of this account; the message says if it is the code of another sign-up with the
            number.
        TooMany: the limit per hour is reached.
    """
    attempts.take_share(
        session, vault, "volunteer code", attempts.of_person(person.id), most=TRIES, within=WITHIN, now=now,
        said=N_("Too many wrong codes for this sign-up. Try again in %(wait)s."),
    )  # fmt: skip
    if typed in _good(vault, row, person, now):
        return
    if typed in {digits for other, theirs in _twins(session, vault, person) for digits in _good(
        vault, other, theirs, now
    )}:  # fmt: skip
        raise WrongCode(N_("This is the code of another sign-up with the same number: open that one and approve it."))
    raise WrongCode(
        N_("This is not the code on this person's page. Ask them to open their page and read it out again.")
    )


def _good(vault: Vault, row: Volunteer, person: Person, now: datetime) -> set[str]:
    return {_digits(vault, row, person, step) for step in (_step(now), _step(now) - 1)}


def _twins(session: Session, vault: Vault, person: Person) -> Iterable[tuple[Volunteer, Person]]:
    phone = contacts.phone_of(vault, person)
    for other in contacts.claimants(session, vault, phone, but=person.id) if phone is not None else ():
        row = queries.get(session, other.id)
        if row is not None:
            yield row, other


def _step(now: datetime) -> int:
    return int(now.timestamp() // STEP.total_seconds())


def _digits(vault: Vault, row: Volunteer, person: Person, step: int) -> str:
    claim = (person.phone_claim or b"").hex()
    text = f"{person.id} {claim} {row.state} {row.state_at.astimezone(UTC).isoformat()} {step}"
    return f"{int.from_bytes(vault.index(text, 'volunteer code')[:8]) % 1_000_000:06d}"
