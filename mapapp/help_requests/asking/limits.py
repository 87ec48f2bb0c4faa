"""How much one phone and one address may post, counted in the database for all processes; and blocked phones.

Counted under an advisory lock of the key, so that twenty posts at once do not pass a limit of five. What is stored of
phone and address is a keyed hash, and only for two days (``sweeping.forget_counts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from mapapp.accounts.contacts import phone_index
from mapapp.addresses import network
from mapapp.clock import seconds_until
from mapapp.errors import N_, NotAllowed, TooMany
from mapapp.help_requests.models import HelpBlock, HelpCount
from mapapp.vault import Vault

_LOCK: Final = 0x4D41_0008
"""First key of the advisory locks under which posts are counted."""

_LOCKS = text("SELECT pg_advisory_xact_lock(:space, key) FROM unnest(cast(:keys AS integer[])) AS key")

A_DAY, AN_HOUR = 5, 20
"""Posts of one phone in a day, of one address in an hour (safety rules)."""

AGAIN_AN_HOUR: Final = 40
"""How often the answer to one post may be fetched again: a phone in a bad network tries often, a thief more."""


class Blocked(NotAllowed):
    """An officer has blocked this number for a while."""


@dataclass(frozen=True)
class Share:
    """What one key may do: so often within so long."""

    key: bytes
    count: int
    within: timedelta
    text: str


def of_phone(vault: Vault, phone: str) -> Share:
    """The share of a phone (E.164)."""
    return Share(
        vault.index(phone, "help posts of a phone"),
        A_DAY,
        timedelta(days=1),
        N_(
            "That is as many requests as we take from one number in a day. Change a request on its own page, or call "
            "the officers of your tambon. In an emergency call 1669."
        ),
    )


def of_address(vault: Vault, address: str) -> Share:
    """The share of an address, or of an IPv6 network."""
    return Share(
        vault.index(network(address), "help posts of an address"),
        AN_HOUR,
        timedelta(hours=1),
        N_(
            "Many requests have come from your network within an hour. Wait a little and send it again: what you wrote "
            "stays here. In an emergency call 1669."
        ),
    )


def of_answer(vault: Vault, request_id: int) -> Share:
    """The share of one post's answer, fetched again under the same key."""
    return Share(
        vault.index(str(request_id), "help answers"),
        AGAIN_AN_HOUR,
        timedelta(hours=1),
        N_("This was sent too often. Wait a little, or open your page with its code."),
    )


def take(session: Session, shares: Sequence[Share], now: datetime) -> None:
    """Counts one use of each share, in the transaction of what it is for.

    Raises:
        TooMany: one of them is used up; nothing is counted then.
    """
    by_key = {share.key: share for share in shares}
    # One order for everybody, against deadlocks.
    locks = sorted(int.from_bytes(key[:4], "big", signed=True) for key in by_key)
    session.execute(_LOCKS, {"space": _LOCK, "keys": locks})
    longest = max(share.within for share in shares)
    counted: Any = (
        select(HelpCount.key, HelpCount.at)
        .where(HelpCount.key.in_(list(by_key)), HelpCount.at > now - longest)
        .order_by(HelpCount.at)
    )
    used: dict[bytes, list[datetime]] = {key: [] for key in by_key}
    for key, at in session.execute(counted):
        if at > now - by_key[bytes(key)].within:
            used[bytes(key)].append(at)
    for key, share in by_key.items():
        if len(used[key]) >= share.count:
            raise TooMany(seconds_until(used[key][-share.count] + share.within, now), share.text)
    session.execute(insert(HelpCount), [{"key": key, "at": now} for key in by_key])


def not_blocked(session: Session, vault: Vault, phone: str, now: datetime) -> None:
    """Refuses a phone that an officer has blocked.

    Raises:
        Blocked: calmly; it may be a mistake, and somebody may need help all the same.
    """
    blocked = select(HelpBlock.id).where(
        HelpBlock.phone_index == phone_index(vault, phone), HelpBlock.until > now, HelpBlock.lifted_at.is_(None)
    )
    if session.execute(blocked.limit(1)).first() is not None:
        raise Blocked(
            N_(
                "Requests from this number are paused at the moment. If you need help, call the officers of your "
                "tambon or amphoe: they can take it by phone and lift the pause. In an emergency call 1669."
            )
        )
