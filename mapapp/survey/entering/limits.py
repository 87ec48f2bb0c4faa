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
_WITHIN: Final = (HOUR, DAY)


class Most(NamedTuple):
    """So many records of one person."""

    an_hour: int
    a_day: int


class Share(NamedTuple):
    """What of one person is counted, and how much of it they may send."""

    key: bytes
    most: Most


def share(vault: Vault, actor: Actor, village: str, most: Most) -> Share | None:
    """What a record is counted of. None for officers of the village: they type in what others wrote down."""
    if actor.person_id is None or policy.may(actor, MANAGE, village[:6]) is not None:
        return None
    return Share(vault.index(str(actor.person_id), _WHAT), most)


def beyond(session: Session, share: Share, now: datetime) -> TooMany:
    """The error for one more than the limits allow, with how long to wait."""
    times = counters.times(session, {share.key: DAY}, now)[share.key]
    until = max(Limit(most, within).until(times, now) for most, within in zip(share.most, _WITHIN, strict=True))
    text = N_("You have sent very many records. Nothing is lost: send this one again in %(wait)s.")
    seconds = max(1, seconds_until(until, now))
    return TooMany(seconds, text, wait=timedelta(seconds=seconds))


def count_each(
    session: Session, vault: Vault, actor: Actor, villages: Sequence[str], most: Most, now: datetime
) -> tuple[int, TooMany] | None:
    """Counts records that are sent together, in its own transaction, up to the limit.

    Returns:
        How many of them are within the limit, the first ones, and the error for the others; None: all of them are.
    """
    shares = [(at, one) for at, village in enumerate(villages) if (one := share(vault, actor, village, most))]
    if not shares:
        return None
    theirs = shares[0][1]
    counters.hold(session, theirs.key)
    done = counters.counts(session, theirs.key, _WITHIN, now)
    left = max(0, min(allowed - count for allowed, count in zip(most, done, strict=True)))
    counters.add(session, [theirs.key] * min(left, len(shares)), now)
    return None if left >= len(shares) else (shares[left][0], beyond(session, theirs, now))
