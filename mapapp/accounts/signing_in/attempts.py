"""Limits on guessing: for one account from one address, for one address whatever account it tries, and for one account
from addresses that its owner never used.

Wrong attempts of others do not lock out the owner: from an address where the owner has signed in before, their limit is
not checked.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from mapapp.core.addresses import network
from mapapp.core.clock import seconds_until
from mapapp.core.errors import N_, TooMany
from mapapp.core.vault import Vault
from mapapp.database import counters
from mapapp.database.counters import Growing, Limit

PAIR: Final = Limit(5, timedelta(minutes=15))
"""For one account from one address."""
PAIR_THEN: Final = Growing(6, timedelta(minutes=30), 3)
"""After that, the wait grows to at most four hours."""

ADDRESS: Final = Growing(60, timedelta(seconds=5), 4)
ADDRESS_WITHIN: Final = timedelta(minutes=15)
"""For one address and any accounts, in this time: an office or a mobile network has many people who mistype. It never
blocks completely: after the limit, each wrong attempt causes a wait of up to 80 seconds."""

STRANGERS: Final = Growing(20, timedelta(seconds=15), 6)
"""For one account from addresses that its owner never used: a wait of up to 16 minutes, so about 100 attempts a day
from all of them together."""


class Guess:
    """One attempt at a secret. Attempts for the same account and address wait for each other: of 20 at the same time, 5
    are checked and the rest refused."""

    def __init__(
        self, session: Session, vault: Vault, *, what: str, account: str, address: str, now: datetime,
        is_known: bool = False,
    ) -> None:  # fmt: skip
        """Waits until no other attempt is being checked.

        Args:
            what: ``password`` or ``second factor``: a correct password must not reset the count of wrong codes.
            account: a person's id, or the name as typed if no account has it.
            address: of the network, as the edge determines it.
            is_known: the owner has used this address before. Then only the limit of account and address counts: neither
                strangers elsewhere nor others at the same address can lock the owner out.

        Raises:
            TooMany: a limit is reached, whether or not the secret is correct.
        """
        self._session, self._now, self._is_known = session, now, is_known
        place = network(address)
        self._pair = _pair(vault, what, account, address)
        self._account = vault.index(account, f"attempt {what}")
        self._address = vault.index(place, "attempt address")
        keys = {self._pair, self._address} | (set() if is_known else {self._account})
        counters.hold(session, *keys)
        self._failures = self._read()
        until = max(self._pair_closed(), self._strangers_closed(), self._address_closed())
        if until > now:
            seconds = seconds_until(until, now)
            raise TooMany(
                seconds,
                N_("Too many wrong attempts. Wait %(wait)s, or ask the person who appointed you for a new link."),
                wait=timedelta(seconds=seconds),
            )

    def failed(self) -> bool:
        """Counts a wrong attempt; returns whether the account is now locked for a while, from this address or for
        strangers."""
        keys = [self._pair, self._address] + ([] if self._is_known else [self._account])
        counters.add(self._session, keys, self._now)
        for key in keys:
            self._failures.setdefault(key, []).insert(0, self._now)
        return max(self._pair_closed(), self._strangers_closed()) > self._now

    def succeeded(self) -> None:
        """Resets the count of the account and address. The count of the address stays: one's own account must not allow
        more guesses at others. The count of strangers stays, too: the owner's sign-in must not allow them more guesses.
        """
        counters.forget(self._session, self._pair)

    def _read(self) -> dict[bytes, list[datetime]]:
        """Times of the wrong attempts, the newest first."""
        a_day = dict.fromkeys((self._pair, self._account), counters.DAY)
        return counters.times(self._session, {**a_day, self._address: ADDRESS_WITHIN}, self._now)

    def _pair_closed(self) -> datetime:
        times = self._failures.get(self._pair, ())
        return max(PAIR.until(times, self._now), _grown(times, PAIR_THEN, self._now))

    def _address_closed(self) -> datetime:
        return self._now if self._is_known else _grown(self._failures.get(self._address, ()), ADDRESS, self._now)

    def _strangers_closed(self) -> datetime:
        return self._now if self._is_known else _grown(self._failures.get(self._account, ()), STRANGERS, self._now)


def _grown(times: Sequence[datetime], wait: Growing, now: datetime) -> datetime:
    """The end of the wait after the newest attempt."""
    return wait.until(len(times), times[0] if times else None, now)


def forget(session: Session, vault: Vault, *, what: str, account: str, address: str) -> None:
    """Resets the count of an account and address, because the secret was replaced."""
    counters.forget(session, _pair(vault, what, account, address))


def _pair(vault: Vault, what: str, account: str, address: str) -> bytes:
    return vault.index(f"{account} from {network(address)}", f"attempt {what}")


def of_person(person_id: uuid.UUID) -> str:
    """The ``account`` value of a person: the same for all names by which they sign in."""
    return f"person {person_id}"


def take_share(
    session: Session, vault: Vault, what: str, address: str, *, most: int, within: timedelta, now: datetime,
    said: str, then: Growing | None = None,
) -> None:  # fmt: skip
    """Counts one use of something by an address, for all processes together. A rollback undoes the count.

    Args:
        what: a name for it.
        address: of the network, or a person (``of_person``).
        most, within: allowed number in this time.
        then: after the limit, each use waits this long after the one before, instead of until the oldest one no longer
            counts.
        said: the message at the limit, with ``wait``.

    Raises:
        TooMany: the limit is reached.
    """
    key = vault.index(network(address), f"share {what}")
    counters.hold(session, key)
    done = counters.used(session, [key], within, now)[key]
    if then is None:
        until = done.oldest + within if done.oldest is not None and done.count >= most else now
    else:
        until = then.until(done.count, done.newest, now) if done.count >= most else now
    if until > now:
        seconds = seconds_until(until, now)
        raise TooMany(seconds, said, wait=timedelta(seconds=seconds))
    counters.add(session, [key], now)
