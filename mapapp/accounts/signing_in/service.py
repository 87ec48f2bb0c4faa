"""Sign-in: name and password, second factor, the password again, and invitation links.

Wrong attempts are counted and recorded in the audit log even if the answer is a refusal: the caller commits in any
case.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.models import LoginSession, Person
from mapapp.accounts.signing_in import attempts, invitations, passwords, second_factor, sessions, shared_names
from mapapp.audit import service as audit
from mapapp.core.actors import Actor, Standing
from mapapp.core.addresses import network
from mapapp.core.errors import N_, Invalid, NotAllowed, invalid
from mapapp.core.problem_types import SUSPENDED
from mapapp.core.vault import Vault, token_hash


@dataclass(frozen=True)
class Visit:
    """The origin and time of a request."""

    address: str
    device: str
    """Browser and system in words (``devices.words``)."""
    now: datetime
    demo_allowed: bool = False
    """Whether demo accounts can sign in: development mode on loopback."""
    old_token: str = ""
    """The session token from the cookie. That session ends, so that nothing from before the sign-in stays valid."""


@dataclass(frozen=True)
class SignedIn:
    """The result of a sign-in."""

    token: str
    """For the cookie."""
    person: Person


def needs_second_factor(actor: Actor) -> bool:
    """Whether any of the actor's appointments needs a second factor: all roles above volunteer do."""
    return any(one.role != "volunteer" for one in actor.standings)


def sign_in(session: Session, vault: Vault, *, typed: str, password: str, visit: Visit) -> SignedIn:
    """Signs in with a phone number, email address or user name, and the password.

    Raises:
        Invalid: name or password is wrong. The answer for an unknown name is the same and takes the same time.
        NotAllowed: the password is correct and the account is suspended.
        TooMany: a limit of ``attempts`` is reached.
    """
    person = contacts.find_person(session, vault, typed)
    account = "typed " + contacts.typed_name(typed)[1] if person is None else attempts.of_person(person.id)
    known = _is_known(session, person, "password", visit)
    guess = attempts.Guess(
        session, vault, what="password", account=account, address=visit.address, now=visit.now, is_known=known
    )
    entering = _fitting(session, vault, person, typed, password, visit)
    if entering is None:
        _failed(session, guess, person, "sign_in", visit)
        raise invalid("", N_("The name or the password is wrong. Check both and try again."))
    if entering is person:
        guess.succeeded()
    elif person is None:
        # Other accounts may have the same name. With a guess at their password as one's own password, a sign-in here
        # would tell whether the guess is right. So it counts as an attempt at the other account, for any number of
        # accounts.
        guess.failed()
    else:
        # For the account that has the name as verified, this was a wrong password.
        _failed(session, guess, person, "sign_in", visit)
    if entering.suspended_at is not None:
        raise NotAllowed(N_("This account is suspended. Ask the person who appointed you."), kind=SUSPENDED)
    return enter(session, entering, visit, password=password)


def _fitting(
    session: Session, vault: Vault, person: Person | None, typed: str, password: str, visit: Visit
) -> Person | None:
    """The account that matches name and password: the one that has the name as verified, otherwise one with the same
    unverified name. The work is the same for every name, so the time reveals nothing."""
    usable = person is not None and (not person.is_demo or visit.demo_allowed)
    is_right = passwords.fits(person.password_hash if person is not None and usable else None, password)
    claiming = shared_names.find(session, vault, typed, password)
    if is_right:
        return person
    return None if claiming is None or (claiming.is_demo and not visit.demo_allowed) else claiming


def enter(session: Session, person: Person, visit: Visit, *, password: str, how: str = "password") -> SignedIn:
    """Starts a session for a person who has just entered or set their password. The browser's old session ends."""
    if person.password_hash is not None and passwords.is_outdated(person.password_hash):
        person.password_hash = passwords.hashed(password)
    if visit.old_token:
        session.execute(
            update(LoginSession)
            .where(LoginSession.token_hash == token_hash(visit.old_token), LoginSession.revoked_at.is_(None))
            .values(revoked_at=visit.now)
            .execution_options(synchronize_session=False)
        )
    token = sessions.start(session, person.id, now=visit.now, device=visit.device, address=visit.address)
    person.first_signed_in_at = person.first_signed_in_at or visit.now
    person.last_signed_in_at = visit.now
    session.flush()
    on_record(session, as_actor(session, person, visit), "sign_in", visit.now, how=how)
    return SignedIn(token, person)


def confirm(session: Session, vault: Vault, person: Person, password: str, visit: Visit) -> None:
    """Checks the password of a signed-in person, with the same limits as sign-in.

    Raises:
        Invalid: the password is wrong.
        TooMany: the limit is reached.
    """
    guess = _guess(session, vault, "password", person, visit)
    if not passwords.fits(person.password_hash, password):
        _failed(session, guess, person, "sign_in.confirm", visit)
        raise invalid("password", N_("This is not your password."))
    guess.succeeded()


def confirmed(session: Session, actor: Actor, now: datetime) -> None:
    """Records that the password was just entered in this session."""
    _mark(session, actor.session_id, confirmed_at=now)
    on_record(session, actor, "sign_in.confirm", now)


def show_second_factor(session: Session, vault: Vault, actor: Actor, person: Person, code: str, visit: Visit) -> str:
    """Accepts a code of the app or a recovery code for this session; returns ``app``, ``recovery`` or ``before``.

    Raises:
        Invalid: the code is wrong or was used.
        TooMany: the limit is reached.
    """
    guess = _guess(session, vault, "second factor", person, visit)
    if _has_second_factor(session, actor.session_id):
        return "before"  # the same form, sent twice
    try:
        kind = second_factor.take(session, vault, person, code, visit.now)
    except Invalid:
        _failed(session, guess, person, "second_factor", visit)
        raise
    guess.succeeded()
    _mark(session, actor.session_id, second_factor_at=visit.now)
    on_record(session, actor, "second_factor.show", visit.now, kind=kind)
    return kind


def set_second_factor(
    session: Session, vault: Vault, actor: Actor, person: Person, made: second_factor.SetUp, code: str, visit: Visit
) -> None:
    """Stores the second factor that the set-up page showed. This session then counts as verified.

    Raises:
        Invalid: the code is wrong.
        TooMany: the limit is reached.
    """
    guess = _guess(session, vault, "second factor", person, visit)
    session.refresh(person)  # read again under the lock: the same form may have been sent twice
    if second_factor.is_set_up_with(vault, person, made):
        return
    if person.totp_sealed is not None and not _has_second_factor(session, actor.session_id):
        raise NotAllowed(N_("Your two-step sign-in is already set up. Reload the page."))
    try:
        second_factor.set_up(session, vault, person, made, code, visit.now)
    except Invalid:
        _failed(session, guess, person, "second_factor", visit)
        raise
    guess.succeeded()
    _mark(session, actor.session_id, second_factor_at=visit.now)
    # A person who knew the old secret must not stay signed in.
    sessions.end_all(session, person.id, visit.now, but=actor.session_id)
    on_record(session, actor, "second_factor.set", visit.now)


def set_password(vault: Vault, person: Person, password: str, now: datetime, *, also: Any = ()) -> None:
    """Sets a new password if it is strong enough.

    Args:
        also: more data of the person: the user name they entered, names of their areas.

    Raises:
        Invalid: it is too short or easy to guess.
    """
    about = (person.name, person.organisation, person.sign_in_name, contacts.phone_of(vault, person),
             contacts.email_of(vault, person), *also)  # fmt: skip
    passwords.demand_strong(password, about)
    person.password_hash = passwords.hashed(password)
    person.password_set_at = now
    shared_names.renew(vault, person, password)


def take_up(
    session: Session, vault: Vault, offer: invitations.Offer, password: str, visit: Visit, *,
    phone: str, user_name: str | None = None, language: str | None = None, areas: tuple[str, ...] = (),
) -> SignedIn:  # fmt: skip
    """Uses an invitation: sets the password (or removes the second factor), ends other sessions, signs in.

    Args:
        phone: the number that the holder of the link entered, in E.164. Links are forwarded and photographed: only a
            person who knows the number that the inviter entered is accepted.

    Raises:
        WrongNumber: it is not the stored number; counted, so the caller commits.
        Conflict: another request was first.
        Invalid: the password, beside its field.
        TooMany: too many wrong passwords (``new_second_factor``).
    """
    invitations.show_number(session, vault, offer, phone, address=visit.address, now=visit.now)
    person = offer.person
    if offer.purpose == "new_second_factor":
        # The link alone must not be enough: a person who finds it does not know the password.
        confirm(session, vault, person, password, visit)
        invitations.use(session, offer, visit.now)
        second_factor.drop(session, person)
        renewed = "second factor"
    else:
        invitations.use(session, offer, visit.now)
        renewed = "password"
        if user_name is not None:
            contacts.give_user_name(session, person, user_name)
        set_password(vault, person, password, visit.now, also=areas)
        if language is not None:
            person.language = language
    attempts.forget(
        session, vault, what=renewed, account=attempts.of_person(person.id), address=visit.address
    )  # a person who was sent here after too many attempts must be able to use the new password
    session.flush()
    sessions.end_all(session, person.id, visit.now)
    on_record(session, as_actor(session, person, visit), "invitation.use", visit.now, purpose=offer.purpose)
    return enter(session, person, visit, password=password, how=offer.purpose)


def sign_out(session: Session, actor: Actor, now: datetime) -> None:
    """Ends the session the request came with."""
    if actor.session_id is not None:
        sessions.end(session, actor.session_id, now)
        on_record(session, actor, "sign_out", now)


def as_actor(session: Session, person: Person, visit: Visit) -> Actor:
    """A person during sign-in, as actor for the audit log."""
    return Actor(
        "person", address=visit.address, person_id=person.id, name=person.name,
        standings=sessions.standings(session, person.id, visit.now),
    )  # fmt: skip


def on_record(session: Session, actor: Actor, action: str, now: datetime, **details: Any) -> None:
    """An entry in the audit log about the actor's own account (letter L3.6), readable in the areas where they are
    appointed."""
    audit.record(
        session, actor, action, "person", actor.person_id, area_code=_area(actor.standings), now=now, details=details
    )


def _guess(session: Session, vault: Vault, what: str, person: Person, visit: Visit) -> attempts.Guess:
    """An attempt at a secret of a known person."""
    account = attempts.of_person(person.id)
    known = _is_known(session, person, what, visit)
    return attempts.Guess(
        session, vault, what=what, account=account, address=visit.address, now=visit.now, is_known=known
    )


def _is_known(session: Session, person: Person | None, what: str, visit: Visit) -> bool:
    """Whether the person has used this address before. The same query runs for an unknown name. The current session
    does not count: a person who took it over has an address of their own."""
    person_id = uuid.uuid4() if person is None else person.id
    places = sessions.addresses_of(
        session, person_id, but=visit.old_token, second_factor=what == "second factor"
    )  # fmt: skip
    return network(visit.address) in {network(place) for place in places}


def _failed(session: Session, guess: attempts.Guess, person: Person | None, what: str, visit: Visit) -> None:
    closed = guess.failed()
    # No one is signed in, so the actor is the address. The audit log does not store what was typed. For an unknown name
    # the same is read and written, so the time reveals nothing.
    standings = sessions.standings(session, uuid.uuid4() if person is None else person.id, visit.now)
    who = Actor("public", address=visit.address)
    subject = "unknown" if person is None else person.id
    for action in (f"{what}.fail", "account.lock") if closed else (f"{what}.fail",):
        audit.record(session, who, action, "person", subject, area_code=_area(standings), now=visit.now)


def _area(standings: tuple[Standing, ...]) -> str | None:
    """The widest area a person is appointed for. The audit entries of the account can be read there."""
    return min((one.area_code for one in standings), key=lambda code: (code != "TH", len(code)), default=None)


def _has_second_factor(session: Session, session_id: uuid.UUID | None) -> bool:
    found = select(LoginSession.second_factor_at).where(LoginSession.id == session_id)
    return session.execute(found).scalar_one_or_none() is not None


def _mark(session: Session, session_id: uuid.UUID | None, **values: datetime) -> None:
    session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
