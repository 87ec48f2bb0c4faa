"""How many records one data volunteer may send: far above honest work, so that a program with somebody's key cannot
fill a survey. Counted in the database, for all processes together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.core.actors import Actor
from mapapp.core.clock import seconds_until
from mapapp.core.errors import N_, TooMany
from mapapp.core.vault import Vault
from mapapp.database import counters
from mapapp.database.counters import DAY, HOUR, Limit
from mapapp.survey.assigning.rules import MANAGE

_WHAT: Final = "survey records of a person"


class Most(NamedTuple):
    """So many records of one person."""

    an_hour: int
    a_day: int


def count(session: Session, vault: Vault, actor: Actor, village: str, most: Most, now: datetime) -> None:
    """Counts a record that is sent, in its own transaction. Officers of the village are not counted: they type in what
    others wrote down.

    Raises:
        TooMany: too many were sent; nothing is counted.
    """
    beyond = count_each(session, vault, actor, [village], most, now)
    if beyond is not None:
        raise beyond[1]


def count_each(
    session: Session, vault: Vault, actor: Actor, villages: Sequence[str], most: Most, now: datetime
) -> tuple[int, TooMany] | None:
    """Counts records that are sent together, as ``count``, up to the limit.

    Returns:
        How many of them are within the limit, the first ones, and the error for the others; None: all of them are.
    """
    counted = [at for at, village in enumerate(villages) if policy.may(actor, MANAGE, village[:6]) is None]
    if actor.person_id is None or not counted:
        return None
    key = vault.index(str(actor.person_id), _WHAT)
    counters.hold(session, key)
    shares = (Limit(most.an_hour, HOUR), Limit(most.a_day, DAY))
    done = counters.counts(session, key, [one.within for one in shares], now)
    left = min(one.most - count for one, count in zip(shares, done, strict=True))
    counters.add(session, [key] * min(max(left, 0), len(counted)), now)
    if left >= len(counted):
        return None
    times = counters.times(session, {key: DAY}, now)[key]
    seconds = max(1, seconds_until(max(one.until(times, now) for one in shares), now))
    text = N_("You have sent very many records. Nothing is lost: send this one again in %(wait)s.")
    return counted[max(left, 0)], TooMany(seconds, text, wait=timedelta(seconds=seconds))
