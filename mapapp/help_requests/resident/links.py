"""The resident's way to their page: a secret link, and a code of twelve digits that can be read over the telephone.

Only hashes of them are stored, so a lost one cannot be looked up: an officer makes new ones after a call to the number
on file, and the old ones stop working.
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
"""Of a code: 10¹², against so many wrong ones an hour."""

WRONG_AN_HOUR: Final = 60
"""From one network: behind a mobile network's address are a whole province's telephones, and people mistype. Then one
waits after the other's wrong one, longer each time, up to four minutes; nobody is kept out for good."""

WRONG_EVERYWHERE: Final = 600
"""Beyond this many in an hour from all networks together somebody is guessing."""

WRONG_THEN: Final = 10
"""Then so many an hour from one network, and the waits go up to 16 minutes."""

_MISTYPED: Final = Growing(WRONG_AN_HOUR, timedelta(seconds=15), 4)
_GUESSED: Final = Growing(WRONG_THEN, timedelta(seconds=15), 6)


class WrongCode(NotFound):
    """No page has this code. The try has been counted, so the caller commits although it refuses."""


@dataclass(frozen=True)
class Link:
    """A way to the page, known only at this moment; neither shows in a log."""

    token: str = field(repr=False)
    code: str = field(repr=False)
    """Twelve digits; ``spoken`` writes them to be read out."""


def spoken(code: str) -> str:
    """The code in groups, as it is shown and read out: ``1234 5678 9012``."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(typed: str) -> str | None:
    """Twelve digits of any of our languages, whatever stands between them: blanks, hyphens, the words copied along.
    None: these are not twelve."""
    digits = re.sub(r"[^0-9]", "", arabic_digits(typed[:200]))
    return digits if len(digits) == DIGITS else None


def make(
    session: Session, vault: Vault, request_id: int, *, made_by: Literal["post", "officer"], now: datetime
) -> Link:
    """A new link with its code. Older ones go on working; ``reissue`` ends them.

    Args:
        made_by: with the post itself, or by an officer.
    """
    link = Link(new_token(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}")
    _keep(session, request_id, link.token, code=_code_index(vault, link.code), made_by=made_by, now=now)
    return link


def find(session: Session, token: str, now: datetime) -> int | None:
    """The request whose page this link opens; None for one that is unknown or was taken back."""
    statement = select(HelpLink.request_id).where(
        HelpLink.token_hash == token_hash(token), HelpLink.revoked_at.is_(None), HelpLink.at <= now
    )
    return session.execute(statement).scalar_one_or_none()


def by_code(session: Session, vault: Vault, code: str, *, address: str, now: datetime) -> tuple[int, str]:
    """The request, and a fresh link's token, for who knows the code. A right and a wrong one cost the same: one
    question, one row.

    Args:
        code: twelve digits (``read_code``).
        address: who asks; an IPv6 network counts as one.

    Raises:
        WrongCode: no page has it; counted.
        TooMany: so many wrong ones came from one network that this has to wait, right or not this time.
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
    """Who reads an officer the code of this request is its resident. Wrong ones are counted by officer, as they are by
    network where they are typed in, so that none is found by trying.

    Args:
        code: twelve digits (``read_code``).

    Raises:
        WrongCode: it is not this request's. The try has been counted, so the caller commits although it refuses.
        TooMany: they have tried so many wrong ones that this has to wait.
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
    """A new link and code in place of the lost ones, which end. The caller has asked the policy (``requests.handle``
    in the request's tambon), and has called the number on file.

    Raises:
        NotFound: there is no such request, or all about it was erased.
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
    """One network's tries one after the other, so that a hundred at once are as many as it may have. All networks
    together are counted without a lock: nobody waits for a stranger."""
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
