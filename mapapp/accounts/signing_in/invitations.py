"""Single-use links to join, or to restore access after a lost password or second factor.

Only the link has the token; the database has its hash. The caller checks who may create one for whom.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session, aliased

from mapapp.accounts import contacts
from mapapp.accounts.models import Appointment, Invitation, Person
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, FieldProblem, Gone, Invalid, Message, NotFound, invalid
from mapapp.core.vault import Vault, new_token, token_hash

Purpose = Literal["join", "new_password", "new_second_factor"]

LASTS: Final = timedelta(days=7)
"""Long enough for a printed sheet to reach a village, short enough if the sheet is lost."""

TRIES: Final = 5
"""Maximum number of wrong phone numbers for a link: enough for typing errors, too few for guessing."""

_SETS_PASSWORD: Final = ("join", "new_password")


_USED: Final = N_("This link was just used. If that was not you, tell the person who invited you immediately.")


@dataclass(frozen=True)
class Link:
    """The token of a new link, which is stored nowhere else, and when the link expires."""

    token: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """The path of its page."""
        return f"/join/{self.token}"


@dataclass(frozen=True)
class Offer:
    """An invitation that is still valid, as its page shows it."""

    invitation_id: uuid.UUID
    purpose: str
    person: Person
    inviter: str | None
    """Name of the person who created the link; None: a system operator on the command line."""
    expires_at: datetime


class LinkGone(Gone):
    """The link existed, but was used, has expired or was revoked. ``inviter`` can create a new one."""

    def __init__(
        self, text: str, inviter: str | None, person_id: uuid.UUID, used_at: datetime | None, *, days: int
    ) -> None:
        self.inviter = inviter
        self.person_id = person_id
        self.used_at = used_at
        super().__init__(text, days=days)


class WrongNumber(Invalid):
    """The phone number is not the one that the inviter entered. The attempt was counted."""

    def __init__(self, left: int) -> None:
        text = N_("This is not the number your inviter entered for you. Attempts left: %(left)s.")
        super().__init__([FieldProblem("phone", Message(text, {"left": left}))])


def invite(session: Session, vault: Vault, *, person_id: uuid.UUID, purpose: Purpose, by: Actor, now: datetime) -> Link:
    """Creates a link. An older one of the same purpose stops working.

    Args:
        person_id: for whom.
        purpose: ``join``, ``new_password`` (ends all sessions) or ``new_second_factor`` (asks for the password).
        by: the creator; the caller has checked the policy.

    Raises:
        NotFound: there is no such person.
        Invalid: no phone number is stored, so the person could not prove that the link is for them.
    """
    # The row of the person is locked, so that of two links created at the same time only one is valid.
    found = session.execute(
        select(Person.id, Person.phone_sealed)
        .where(Person.id == person_id, Person.erased_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound(N_("Person not found."))
    if found.phone_sealed is None:
        raise invalid("phone", N_("Enter their phone number: the link asks for it."))
    revoke(session, is_open(person_id, (purpose,)), "newer", now)
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
    """What a link offers. Does not use it.

    Raises:
        NotFound: no link has this token.
        LinkGone: it was used, has expired or was revoked.
    """
    found = session.execute(
        select(Invitation, Person)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.token_hash == token_hash(token))
    ).one_or_none()
    if found is None:
        raise NotFound(N_("This link is not valid. Ask the person who gave it to you for a new one."))
    made, person = found
    inviter = _name(session, made.created_by)
    why = None
    if made.used_at is not None:
        why = N_("This link was already used. If that was not you, tell the person who invited you immediately.")
    elif made.revoked_why == "guessed":
        why = N_("Too many wrong phone numbers were entered here, so this link no longer works. Ask for a new one.")
    elif made.revoked_at is not None or person.erased_at is not None or person.suspended_at is not None:
        why = N_("This link was revoked. You may have a newer one.")
    elif made.expires_at <= now:
        why = N_("This link has expired. Links work for %(days)s days.")
    elif person.phone_sealed is None:
        why = N_("There is no phone number to check here. Ask for a new link.")
    if why is not None:
        raise LinkGone(why, inviter, person.id, made.used_at, days=LASTS.days)
    return Offer(made.id, made.purpose, person, inviter, made.expires_at)


def show_number(session: Session, vault: Vault, offer: Offer, phone: str, *, address: str, now: datetime) -> None:
    """Checks the phone number that the holder of a link entered. Attempts wait for each other: of 20 at the same time,
    5 are checked and the rest refused.

    Args:
        phone: in E.164.

    Raises:
        WrongNumber: it is not the stored one; the last attempt ends the link.
        Conflict: the link was used or ended in the meantime.
    """
    person_id = offer.person.id
    # The row of the person first, as in ``invite``: the locks are always taken in the same order.
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    made = session.scalars(
        select(Invitation)
        .where(Invitation.id == offer.invitation_id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if made is None:
        raise Conflict(_USED)
    if contacts.is_number_of(vault, offer.person, phone):
        return
    made.wrong_numbers += 1
    left = TRIES - made.wrong_numbers
    if left <= 0:
        made.revoked_at, made.revoked_why = now, "guessed"
    session.flush()
    who, area = Actor("public", address=address), widest_area(session, person_id)
    for action in ("invitation.wrong_number", *(() if left > 0 else ("invitation.block",))):
        audit.record(session, who, action, "person", person_id, area_code=area, now=now)
    raise WrongNumber(max(left, 0))


def widest_area(session: Session, person_id: uuid.UUID) -> str | None:
    """The widest area a person was ever appointed for. Its officers can read the attempts of strangers at the person's
    links."""
    digits = func.length(func.replace(Appointment.area_code, "TH", ""))
    found = select(Appointment.area_code).where(Appointment.person_id == person_id)
    return session.execute(found.order_by(digits, Appointment.id.desc()).limit(1)).scalar_one_or_none()


def is_blocked(person_id: Any) -> ColumnElement[bool]:
    """SQL condition: “the newest link of this person was locked after wrong numbers, and there is no newer one”."""
    newer = aliased(Invitation)
    later = select(newer.id).where(
        newer.person_id == Invitation.person_id, newer.id != Invitation.id, newer.created_at >= Invitation.revoked_at
    )
    return (
        select(Invitation.id)
        .where(Invitation.person_id == person_id, Invitation.revoked_why == "guessed", ~later.exists())
        .exists()
    )


def blocked_at(session: Session, person_id: uuid.UUID) -> datetime | None:
    """When it was locked, for ``is_blocked``."""
    when = select(func.max(Invitation.revoked_at)).where(
        Invitation.person_id == person_id, Invitation.revoked_why == "guessed", is_blocked(person_id)
    )
    return session.execute(when).scalar_one()


def use(session: Session, offer: Offer, now: datetime) -> None:
    """Marks a link as used, in one statement: of two requests at the same time, one succeeds.

    Raises:
        Conflict: another request was first.
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
        raise Conflict(_USED)
    # Older open links would be further ways into the same account.
    same = _SETS_PASSWORD if offer.purpose in _SETS_PASSWORD else (offer.purpose,)
    revoke(session, is_open(offer.person.id, same), "newer", now)


def is_open(person_id: uuid.UUID, purposes: tuple[str, ...] | None = None) -> ColumnElement[bool]:
    """SQL condition: “a link to this person that was neither used nor revoked”, of these purposes or of any."""
    which = and_(Invitation.person_id == person_id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
    return which if purposes is None else and_(which, Invitation.purpose.in_(purposes))


def revoke(session: Session, which: ColumnElement[bool], why: str, now: datetime) -> None:
    """Revokes links permanently."""
    session.execute(
        update(Invitation)
        .where(which)
        .values(revoked_at=now, revoked_why=why)
        .execution_options(synchronize_session=False)
    )


def _name(session: Session, person_id: uuid.UUID | None) -> str | None:
    if person_id is None:
        return None
    return session.execute(select(Person.name).where(Person.id == person_id)).scalar_one_or_none()
