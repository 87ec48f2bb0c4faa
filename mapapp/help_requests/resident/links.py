"""A resident's access to their page: a secret link, and a code of 12 digits that can be read out on the phone.

Only their hashes are stored, so a lost one cannot be looked up: an officer creates new ones after a call to the stored
number, and the old ones stop working.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.addresses import network
from mapapp.core.clock import seconds_until
from mapapp.core.errors import N_, NotFound, TooMany
from mapapp.core.fields import arabic_digits
from mapapp.core.vault import Vault, new_token, token_hash
from mapapp.database import counters
from mapapp.database.counters import Growing
from mapapp.help_requests import events
from mapapp.help_requests.models import HelpLink, HelpRequest

DIGITS: Final = 12
"""Length of a code: 10¹² possibilities, against the limited number of attempts per hour."""

WRONG_AN_HOUR: Final = 60
"""Wrong codes per hour from one network: a mobile network can have the phones of a whole province behind one address,
and people mistype. After that, each wrong code causes a wait, longer each time, up to four minutes; no one is locked
out permanently."""

WRONG_EVERYWHERE: Final = 600
"""More wrong codes than this per hour, from all networks together, are an attack."""

WRONG_THEN: Final = 10
"""During an attack: this many per hour from one network, and waits of up to 16 minutes."""

_MISTYPED: Final = Growing(WRONG_AN_HOUR, timedelta(seconds=15), 4)
_GUESSED: Final = Growing(WRONG_THEN, timedelta(seconds=15), 6)


class WrongCode(NotFound):
    """No page has this code. The attempt was counted, so the caller commits although it refuses."""


@dataclass(frozen=True)
class Link:
    """The link to a page, known only at this moment; it is in no log."""

    token: str = field(repr=False)
    code: str = field(repr=False)
    """12 digits; ``spoken`` formats them for reading out."""


def spoken(code: str) -> str:
    """The code in groups, as it is shown and read out: ``1234 5678 9012``."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(typed: str) -> str | None:
    """12 digits of any of the service's languages, with any characters between them: blanks, hyphens, copied words.
    None if they are not 12."""
    digits = re.sub(r"[^0-9]", "", arabic_digits(typed[:200]))
    return digits if len(digits) == DIGITS else None


def make(
    session: Session, vault: Vault, request_id: int, *, made_by: Literal["post", "officer"], now: datetime
) -> Link:
    """A new link with its code. Older ones stay valid; ``reissue`` ends them.

    Args:
        made_by: when the request was sent, or by an officer.
    """
    link = Link(new_token(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}")
    _keep(session, request_id, link.token, code=_code_index(vault, link.code), made_by=made_by, now=now)
    return link


def find(session: Session, token: str, now: datetime) -> int | None:
    """The request whose page this link opens; None if it is unknown or revoked."""
    statement = select(HelpLink.request_id).where(
        HelpLink.token_hash == token_hash(token), HelpLink.revoked_at.is_(None), HelpLink.at <= now
    )
    return session.execute(statement).scalar_one_or_none()


def by_code(session: Session, vault: Vault, code: str, *, address: str, now: datetime) -> tuple[int, str]:
    """The request, and the token of a new link, for a person who knows the code. Correct and wrong codes take the same
    time: one statement, one row.

    Args:
        code: 12 digits (``read_code``).
        address: of the client; an IPv6 network counts as one.

    Raises:
        WrongCode: no page has it; counted.
        TooMany: too many wrong codes came from this network; also raised for a correct code.
    """
    who = vault.index(network(address), "help code address")
    everybody = vault.index("everybody", "help code address")
    _within_limit(session, who, everybody, now)
    statement = select(HelpLink.request_id).where(
        HelpLink.code_index == _code_index(vault, code), HelpLink.revoked_at.is_(None)
    )
    request_id = session.execute(statement).scalar_one_or_none()
    token = new_token()
    if request_id is None:
        counters.add(session, [who, everybody], now)
        raise WrongCode(N_("No request found with this code. Check the digits, or call your tambon officers."))
    _keep(session, request_id, token, code=None, made_by="code", now=now)
    return request_id, token


def prove(session: Session, vault: Vault, actor: Actor, request_id: int, code: str, now: datetime) -> None:
    """Checks the code of this request, which a person reads to an officer to prove that they are its resident. Wrong
    codes are counted by officer, so that no code is found by trying.

    Args:
        code: 12 digits (``read_code``).

    Raises:
        WrongCode: it is not the code of this request. The attempt was counted, so the caller commits although it
            refuses.
        TooMany: too many wrong codes.
    """
    who = vault.index(f"officer {actor.person_id}", "help code address")
    everybody = vault.index("everybody", "help code address")
    _within_limit(session, who, everybody, now)
    statement = select(HelpLink.id).where(
        HelpLink.request_id == request_id,
        HelpLink.code_index == _code_index(vault, code),
        HelpLink.revoked_at.is_(None),
    )
    if session.execute(statement).first() is None:
        counters.add(session, [who, everybody], now)
        raise WrongCode(N_("This is not the code of this request. Ask them to read the 12 digits again."))


def revoke_all(session: Session, request_id: int, now: datetime) -> int:
    """Ends all links and codes of a request; returns how many."""
    statement = (
        update(HelpLink)
        .where(HelpLink.request_id == request_id, HelpLink.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(HelpLink.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())


def reissue(session: Session, vault: Vault, actor: Actor, request_id: int, now: datetime) -> Link:
    """A new link and code instead of the lost ones, which end. The caller has asked the policy (``requests.handle`` in
    the request's tambon), and has called the stored number.

    Raises:
        NotFound: there is no such request, or its data was deleted.
    """
    statement = select(HelpRequest.tambon_code).where(HelpRequest.id == request_id, HelpRequest.erased_at.is_(None))
    tambon = session.execute(statement.with_for_update()).scalar_one_or_none()
    if tambon is None:
        raise NotFound(N_("Request not found."))
    revoke_all(session, request_id, now)
    link = make(session, vault, request_id, made_by="officer", now=now)
    events.record(session, actor, request_id, "link_reissued", now=now)
    audit.record(session, actor, "request.link", "request", request_id, area_code=tambon, now=now)
    return link


def _keep(session: Session, request_id: int, token: str, *, code: bytes | None, made_by: str, now: datetime) -> None:
    row = HelpLink(request_id=request_id, token_hash=token_hash(token), code_index=code, made_by=made_by, at=now)
    session.add(row)
    session.flush()


def _code_index(vault: Vault, code: str) -> bytes:
    return vault.index(code, "help code")


def _within_limit(session: Session, who: bytes, everybody: bytes, now: datetime) -> None:
    """Counts the attempts of one network one after the other, so that parallel attempts cannot exceed the limit. Those
    of all networks together are counted without a lock: no one waits for a stranger."""
    counters.hold(session, who)
    wrong = counters.used(session, [who, everybody], counters.HOUR, now)
    grown = _GUESSED if wrong[everybody].count >= WRONG_EVERYWHERE else _MISTYPED
    until = grown.until(wrong[who].count, wrong[who].newest, now)
    if until > now:
        seconds = seconds_until(until, now)
        raise TooMany(
            seconds,
            N_("Too many wrong codes. Wait %(wait)s, or call the officers of your tambon."),
            wait=timedelta(seconds=seconds),
        )
