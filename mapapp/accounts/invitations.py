"""Single-use links by which people come in, or come back after a lost password or second factor.

The token is in the link alone; the database has its hash. Who may make one for whom is asked by the caller.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import segno
from markupsafe import Markup
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapapp.accounts.models import Invitation, Person
from mapapp.actors import Actor
from mapapp.audit import service as audit
from mapapp.errors import N_, Conflict, Gone, NotFound
from mapapp.vault import Vault, new_token, token_hash

Purpose = Literal["join", "new_password", "new_second_factor"]

LASTS: Final = timedelta(days=7)
"""Long enough for a printed sheet to reach a village, short enough for a lost one."""

_SETS_PASSWORD: Final = ("join", "new_password")


@dataclass(frozen=True)
class Link:
    """A fresh link's token, which is nowhere else, and when it stops working."""

    token: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Its address on this service."""
        return f"/join/{self.token}"


@dataclass(frozen=True)
class Offer:
    """An invitation that can still be taken up, as its page shows it."""

    invitation_id: uuid.UUID
    purpose: str
    person: Person
    inviter: str | None
    """Name of who made the link; None: an operator at the command line."""
    expires_at: datetime


class LinkGone(Gone):
    """The link is real and has been used, has run out or was taken back; ``inviter`` can make a new one."""

    def __init__(self, text: str, inviter: str | None, person_id: uuid.UUID, used_at: datetime | None) -> None:
        self.inviter = inviter
        self.person_id = person_id
        self.used_at = used_at
        super().__init__(text)


def invite(session: Session, vault: Vault, *, person_id: uuid.UUID, purpose: Purpose, by: Actor, now: datetime) -> Link:
    """A new link; an older one of the same purpose stops working.

    Args:
        person_id: for whom.
        purpose: ``join``, ``new_password`` (ends all sessions) or ``new_second_factor`` (asks for the password).
        by: who may do this; the caller has asked the policy.

    Raises:
        NotFound: there is no such person any more.
    """
    # The person's row is locked, so that two at once leave one link that works.
    found = session.execute(
        select(Person.id).where(Person.id == person_id, Person.erased_at.is_(None)).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is no such person."))
    _revoke(session, person_id, (purpose,), now)
    token = new_token()
    made = Invitation(
        person_id=person_id, purpose=purpose, token_hash=token_hash(token), created_at=now,
        created_by=by.person_id, expires_at=now + LASTS,
    )  # fmt: skip
    session.add(made)
    session.flush()
    area = by.by.area_code if by.by else None
    audit.record(
        session, by, "invitation.create", "person", person_id, area_code=area, now=now, details={"purpose": purpose}
    )
    return Link(token, made.expires_at)


def look(session: Session, token: str, now: datetime) -> Offer:
    """What a link offers, without using it up.

    Raises:
        NotFound: no link has this token.
        LinkGone: it was used, has run out or was taken back.
    """
    found = session.execute(
        select(Invitation, Person)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.token_hash == token_hash(token))
    ).one_or_none()
    if found is None:
        raise NotFound(N_("This link is not one of ours. Ask the person who gave it to you for a new one."))
    made, person = found
    inviter = _name(session, made.created_by)
    why = None
    if made.used_at is not None:
        why = N_("This link has been used already. If that was not you, tell whoever invited you at once.")
    elif made.revoked_at is not None or person.erased_at is not None or person.suspended_at is not None:
        why = N_("This link was taken back; perhaps you have a newer one.")
    elif made.expires_at <= now:
        why = N_("This link has run out. Links work for 7 days.")
    if why is not None:
        raise LinkGone(why, inviter, person.id, made.used_at)
    return Offer(made.id, made.purpose, person, inviter, made.expires_at)


def use(session: Session, offer: Offer, now: datetime) -> None:
    """Marks a link as used, by one statement: of two at once one wins.

    Raises:
        Conflict: somebody else was first.
    """
    won = session.execute(
        update(Invitation)
        .where(
            Invitation.id == offer.invitation_id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(used_at=now)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if won is None:
        raise Conflict(
            N_("This link has just been used. If that was not you, tell the person who invited you at once.")
        )
    # A forgotten older link would be a second way in to the same account.
    _revoke(session, offer.person.id, _SETS_PASSWORD if offer.purpose in _SETS_PASSWORD else (offer.purpose,), now)


def qr_svg(url: str) -> Markup:
    """The address as a QR code: inline SVG without style attributes, sized by the class ``qr``."""
    code = segno.make(url, error="m", micro=False)
    drawn = code.svg_inline(border=4, svgclass="qr", lineclass=None, omitsize=True, light="#fff")
    return Markup(drawn)  # noqa: S704 - drawn by segno from the modules of the code, no text of anybody's in it


def _revoke(session: Session, person_id: uuid.UUID, purposes: tuple[str, ...], now: datetime) -> None:
    session.execute(
        update(Invitation)
        .where(
            Invitation.person_id == person_id,
            Invitation.purpose.in_(purposes),
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


def _name(session: Session, person_id: uuid.UUID | None) -> str | None:
    if person_id is None:
        return None
    return session.execute(select(Person.name).where(Person.id == person_id)).scalar_one_or_none()
