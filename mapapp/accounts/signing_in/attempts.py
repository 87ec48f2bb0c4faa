"""Limits on guessing: for one account from one address, for one address whatever it tries, and for one account from
addresses its owner never came from.

Wrong tries elsewhere do not keep the owner of an account out: what they count against is not asked where the owner has
signed in before.
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
"""At one account from one address."""
PAIR_THEN: Final = Growing(6, timedelta(minutes=30), 3)
"""Who goes on waits up to four hours."""

ADDRESS: Final = Growing(60, timedelta(seconds=5), 4)
ADDRESS_WITHIN: Final = timedelta(minutes=15)
"""From one address at whatever accounts, in this time: an office or a mobile network has many people who mistype. It
never closes: from then on one has to wait up to 80 seconds after the other's wrong try."""

STRANGERS: Final = Growing(20, timedelta(seconds=15), 6)
"""At one account from addresses its owner never came from: up to 16 minutes, about a hundred tries a day from all of
them together."""


class Guess:
    """One try at a secret. While it is being decided nobody else tries at the same from the same address: twenty at
    once are five, and then none."""

    def __init__(
        self, session: Session, vault: Vault, *, what: str, account: str, address: str, now: datetime,
        is_known: bool = False,
    ) -> None:  # fmt: skip
        """Waits for its turn.

        Args:
            what: ``password`` or ``second factor``: a right password must not clear wrong codes.
            account: a person's id, or what was typed where nobody has that name.
            address: of the network, as the edge believes it.
            is_known: the account's owner has come from this address before. Then only the pair counts: neither
                strangers elsewhere nor others at the same address can keep them out.

        Raises:
            TooMany: a limit is reached, whether or not this try would be right.
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
        """Counts it; returns whether the account is closed for a while from now on, from here or for strangers."""
        keys = [self._pair, self._address] + ([] if self._is_known else [self._account])
        counters.add(self._session, keys, self._now)
        for key in keys:
            self._failures.setdefault(key, []).insert(0, self._now)
        return max(self._pair_closed(), self._strangers_closed()) > self._now

    def succeeded(self) -> None:
        """Forgets the account's failures from here. The address keeps its own: one good account must not buy more
        guesses; and strangers keep theirs: the owner's coming in must not either."""
        counters.forget(self._session, self._pair)

    def _read(self) -> dict[bytes, list[datetime]]:
        """When wrong tries were, the newest first."""
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
    """When the wait after the newest is over."""
    return wait.until(len(times), times[0] if times else None, now)


def forget(session: Session, vault: Vault, *, what: str, account: str, address: str) -> None:
    """Forgets the failures of an account from an address: its secret is a new one."""
    counters.forget(session, _pair(vault, what, account, address))


def _pair(vault: Vault, what: str, account: str, address: str) -> bytes:
    return vault.index(f"{account} from {network(address)}", f"attempt {what}")


def of_person(person_id: uuid.UUID) -> str:
    """A person as ``account``: by whichever of their names they were tried."""
    return f"person {person_id}"


def take_share(
    session: Session, vault: Vault, what: str, address: str, *, most: int, within: timedelta, now: datetime,
    said: str, then: Growing | None = None,
) -> None:  # fmt: skip
    """Counts one use of something by an address, in one place for all processes; rolled back, it was none.

    Args:
        what: a name for it.
        address: or somebody (``of_person``).
        most, within: so many in this time.
        then: beyond them each has to wait after the one before, instead of until the first of them is forgotten.
        said: to who has had their share, with ``wait``.

    Raises:
        TooMany: the address has had its share.
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
