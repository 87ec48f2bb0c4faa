"""Limits of requests per phone number and address, counted in the database for all processes; and blocked numbers.

A limit never prevents help. Life-threatening requests, and those that an officer takes by phone, are always accepted,
and marked for an officer. Other requests above a limit are accepted too, but volunteers see them only after an officer
has checked them. Only far above the limit the sender must wait, longer each time. Anyone can enter any phone number. So
the strict limit is for a number and an address together, and requests of strangers with the number do not count against
its owner.

Counted under an advisory lock of each key, so that 20 requests at the same time do not exceed a limit of five. The
database has only a keyed hash of phone number and address, for two days at most (``counters.sweep``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, literal, select, update
from sqlalchemy.orm import Session

from mapapp.areas.models import COUNTRY
from mapapp.core.addresses import network
from mapapp.core.clock import seconds_until
from mapapp.core.contact_fields import phone_index
from mapapp.core.errors import N_, NotAllowed, TooMany
from mapapp.core.problem_types import NUMBER_PAUSED
from mapapp.core.vault import Vault
from mapapp.database import counters
from mapapp.database.counters import Count, Growing, Used
from mapapp.help_requests.labels import URGENCY
from mapapp.help_requests.models import HelpBlock, HelpEvent, HelpRequest

A_DAY, AN_HOUR = 5, 20
"""Requests of one phone number from one address in a day, and of one address in an hour (safety rules)."""

LIVES_AN_HOUR: Final = 5
"""Life-threatening requests of one address in an hour. Above it all of them are marked, and officers see them below
single ones: many can be households behind one mobile network, or a person who invents them."""

A_DAY_ANYWHERE: Final = 20
"""Requests of one phone number in a day, from all addresses together."""

PAIR_WAITS_FROM, ADDRESS_WAITS_FROM = 4 * A_DAY, 10 * AN_HOUR
"""From these numbers on, within the same time, the sender must wait after each request."""

_PAIR_WAITS: Final = Growing(PAIR_WAITS_FROM, timedelta(minutes=1), 20, timedelta(hours=1))
_ADDRESS_WAITS: Final = Growing(ADDRESS_WAITS_FROM, timedelta(seconds=1), 20, timedelta(minutes=1))

MANY: Final = "network"
"""Reason of the mark on requests from an address with many others."""

AGAIN_AN_HOUR: Final = 40
"""How often the answer to one request may be sent again within an hour: a phone on a bad network repeats often, an
attacker more often."""

_WAIT: Final = N_(
    "Your request was not sent yet. Your answers are still here. Too many requests were sent from your "
    "phone or network. Send it again in %(wait)s. Is a life in danger? Choose that above: then we accept "
    "it immediately. In an emergency, call 1669."
)


class Blocked(NotAllowed):
    """An officer has blocked this number for some time, in their area."""

    kind = NUMBER_PAUSED


@dataclass(frozen=True)
class Mark:
    """The mark for an officer: the reason (a word of ``labels.LOOKS``), and whether volunteers see the request only
    after the check."""

    look: str | None = None
    held: bool = False


@dataclass(frozen=True)
class Share:
    """The limit of one key: this many within this time."""

    key: bytes
    count: int
    within: timedelta
    look: str = ""
    """Reason of the mark above the limit (a word of ``labels.LOOKS``)."""
    holds: bool = False
    """Whether volunteers see requests above the limit only after an officer's check."""
    waits: Growing | None = None
    """Far above the limit, the wait after each request; None: never."""


def of_pair(vault: Vault, phone: str, address: str) -> Share:
    """The limit of a phone number (E.164) from one address, or IPv6 network."""
    return Share(
        vault.index(f"{phone} {network(address)}", "help posts of a phone from an address"),
        A_DAY,
        timedelta(days=1),
        "number",
        True,
        _PAIR_WAITS,
    )


def of_phone(vault: Vault, phone: str) -> Share:
    """The limit of a phone number from any address. Above it an officer checks the request, and nothing else happens:
    strangers may have used the number."""
    return Share(vault.index(phone, "help posts of a phone"), A_DAY_ANYWHERE, timedelta(days=1), "number")


def of_address(vault: Vault, address: str) -> Share:
    """The limit of an address, or of an IPv6 network: that of a mobile network has thousands of users."""
    return Share(
        vault.index(network(address), "help posts of an address"),
        AN_HOUR,
        timedelta(hours=1),
        MANY,
        True,
        _ADDRESS_WAITS,
    )


def of_lives(vault: Vault, address: str) -> Share:
    """The limit of an address for life-threatening requests. It never refuses, holds back or delays anything."""
    return Share(vault.index(network(address), "help lives of an address"), LIVES_AN_HOUR, timedelta(hours=1), MANY)


def mark_earlier(session: Session, share: Share, now: datetime) -> None:
    """Marks the earlier requests within the limit, too, once it is exceeded: requests from one address belong together.
    Requests that an officer has checked are not changed.

    They are found by the moment at which they were counted, so that no request needs to store its address.
    """
    counted = select(Count.at).where(Count.key == share.key, Count.at > now - share.within)
    seen = exists().where(HelpEvent.request_id == HelpRequest.id, HelpEvent.action == "looked")
    found = (
        select(HelpRequest.id)
        .where(HelpRequest.closed_at.is_(None), HelpRequest.look.is_(None), HelpRequest.source != "hotline")
        .where(HelpRequest.urgency == URGENCY["life"], HelpRequest.posted_at.in_(counted), ~seen)
        .with_for_update(skip_locked=True)  # other requests neither wait for this need nor delay it
    )
    session.execute(
        update(HelpRequest)
        .where(HelpRequest.id.in_(found))
        .values(look=share.look)
        .execution_options(synchronize_session=False)
    )


def of_answer(vault: Vault, request_id: int) -> Share:
    """The limit of repeated answers to one request under the same key."""
    return Share(vault.index(str(request_id), "help answers"), AGAIN_AN_HOUR, timedelta(hours=1), "again")


def take(session: Session, shares: Sequence[Share], now: datetime, *, waits: bool = True) -> Mark:
    """Counts one use of each limit, in the transaction of the request.

    Args:
        session: the transaction.
        shares: the limits.
        now: the moment.
        waits: whether far above a limit the sender must wait.

    Returns:
        The marks of the limits that were already reached, in the order of ``shares``.

    Raises:
        TooMany: the sender must wait; nothing is counted then.
    """
    if not shares:
        return Mark()
    by_key = {share.key: share for share in shares}
    counters.hold(session, *by_key)
    used = _used(session, by_key, now)
    for share in by_key.values() if waits else ():
        done = used[share.key]
        until = now if share.waits is None else share.waits.until(done.count, done.newest, now)
        if until > now:
            seconds = seconds_until(until, now)
            raise TooMany(seconds, _WAIT, wait=timedelta(seconds=seconds))
    counters.add(session, list(by_key), now)
    beyond = [share for share in shares if used[share.key].count >= share.count]
    return Mark(beyond[0].look or None if beyond else None, any(share.holds for share in beyond))


def _used(session: Session, by_key: dict[bytes, Share], now: datetime) -> dict[bytes, Used]:
    """The number of uses of each limit within its time."""
    used: dict[bytes, Used] = {}
    for within in {share.within for share in by_key.values()}:
        keys = [key for key, share in by_key.items() if share.within == within]
        used |= counters.used(session, keys, within, now)
    return used


def answer_again(session: Session, vault: Vault, request_id: int, now: datetime) -> None:
    """Counts a repeated answer to a request.

    Raises:
        TooMany: it was repeated very often.
    """
    share = of_answer(vault, request_id)
    if take(session, [share], now).look is not None:
        wait = seconds_until(now + share.within, now)
        raise TooMany(wait, N_("This was sent too many times. Wait a few minutes, or open your page with your code."))


def is_blocked(session: Session, vault: Vault, phone: str, tambon: str, now: datetime) -> bool:
    """Whether an officer responsible for this tambon has blocked the number now."""
    blocked = select(HelpBlock.id).where(
        HelpBlock.phone_index == phone_index(vault, phone), HelpBlock.until > now, HelpBlock.lifted_at.is_(None),
        (HelpBlock.area_code == COUNTRY) | literal(tambon).startswith(HelpBlock.area_code),
    )  # fmt: skip
    return session.execute(blocked.limit(1)).first() is not None


def blocked() -> Blocked:
    """The message for a person whose number is blocked in this area; friendly, because the block can be a mistake."""
    return Blocked(
        N_(
            "We cannot accept requests from this number now, except when a life is in danger. Call your "
            "tambon or amphoe officers: they can take your request by phone and unblock the number. In an "
            "emergency, call 1669."
        )
    )
