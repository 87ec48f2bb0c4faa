"""Limits on guessing: after five failures within 15 minutes, for an account or from an address, no more is tried."""

from __future__ import annotations

import math
import uuid
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from mapapp.accounts.models import SignInAttempt
from mapapp.addresses import network
from mapapp.clock import seconds_until
from mapapp.errors import N_, TooMany
from mapapp.vault import Vault

MOST: Final = 5
WITHIN: Final = timedelta(minutes=15)


class Guess:
    """One try at a secret. While it is being decided nobody else tries at the same account or from the same address:
    twenty at once are five, and then none."""

    def __init__(self, session: Session, vault: Vault, *, what: str, account: str, address: str, now: datetime) -> None:
        """Waits for its turn.

        Args:
            what: ``password`` or ``second factor``: a right password must not clear wrong codes.
            account: a person's id, or what was typed where nobody has that name.
            address: of the network, as the edge believes it.

        Raises:
            TooMany: the limit is reached, whether or not this try would be right.
        """
        self._session, self._now = session, now
        self._account = vault.index(account, f"attempt {what}")
        self._address = vault.index(network(address), "attempt address")
        for key in sorted((self._account, self._address)):  # sorted: two tries take their locks in the same order
            lock = int.from_bytes(key[:8], signed=True)
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})
        found = session.execute(
            select(SignInAttempt.key, func.count(), func.min(SignInAttempt.at))
            .where(SignInAttempt.key.in_((self._account, self._address)), SignInAttempt.at > now - WITHIN)
            .group_by(SignInAttempt.key)
        ).all()
        self._failures = {key: count for key, count, _first in found}
        over = [first for _key, count, first in found if count >= MOST]
        if over:
            seconds = seconds_until(max(over) + WITHIN, now)
            raise TooMany(
                seconds,
                N_("Too many wrong tries. Wait %(minutes)s minutes, or ask whoever appointed you for a new link."),
                minutes=math.ceil(seconds / 60),
            )

    def failed(self) -> bool:
        """Counts it; returns whether the account is closed for a while from now on."""
        rows = [{"key": key, "at": self._now} for key in (self._account, self._address)]
        self._session.execute(insert(SignInAttempt), rows)
        return self._failures.get(self._account, 0) + 1 >= MOST

    def succeeded(self) -> None:
        """Forgets the account's failures. The address keeps its own: one good account must not buy more guesses."""
        self._session.execute(delete(SignInAttempt).where(SignInAttempt.key == self._account))


def of_person(person_id: uuid.UUID) -> str:
    """A person as ``account``: by whichever of their names they were tried."""
    return f"person {person_id}"


def take_share(
    session: Session, vault: Vault, what: str, address: str, *, most: int, within: timedelta, now: datetime,
    said: str = N_("From this connection nobody more can sign up just now. Try again in %(minutes)s minutes."),
) -> None:  # fmt: skip
    """Counts one use of something by an address, in one place for all processes; rolled back, it was none.

    Args:
        what: a name for it.
        address: or somebody (``of_person``).
        most, within: so many in this time.
        said: to who has had their share, with ``minutes``.

    Raises:
        TooMany: the address has had its share.
    """
    key = vault.index(network(address), f"share {what}")
    session.execute(
        text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(key[:8], signed=True)}
    )  # so that twenty at once are counted one after the other
    count, first = session.execute(
        select(func.count(), func.min(SignInAttempt.at)).where(
            SignInAttempt.key == key, SignInAttempt.at > now - within
        )
    ).one()
    if count >= most:
        seconds = seconds_until(first + within, now)
        raise TooMany(seconds, said, minutes=math.ceil(seconds / 60))
    session.execute(insert(SignInAttempt).values(key=key, at=now))
