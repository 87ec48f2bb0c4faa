"""Signing in: a name and a password, the second factor, the password once more, and links taken up.

What is wrong is counted and on record even where the answer is a refusal: the caller commits either way.
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
    """Where a request comes from and when."""

    address: str
    device: str
    """In words (``devices.words``)."""
    now: datetime
    demo_allowed: bool = False
    """Demo accounts get in: development mode on loopback."""
    old_token: str = ""
    """The cookie the browser had; its session ends, so that nothing of before sign-in lives on."""


@dataclass(frozen=True)
class SignedIn:
    """Somebody came in."""

    token: str
    """For the cookie."""
    person: Person


def needs_second_factor(actor: Actor) -> bool:
    """Whether any of the actor's appointments asks for a second factor: every role above volunteer does."""
    return any(one.role != "volunteer" for one in actor.standings)


def sign_in(session: Session, vault: Vault, *, typed: str, password: str, visit: Visit) -> SignedIn:
    """By phone number, e-mail address or user name, and the password.

    Raises:
        Invalid: they do not fit together. Who has no account here hears the same, after the same work.
        NotAllowed: the password is right and the account is suspended.
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
        # Others may claim the same name: with a password of one's own as the guess, coming in here would say whether
        # it is theirs. So it counts as a try at theirs, however often and under however many accounts it is done.
        guess.failed()
    else:
        # Whoever has the name by right: this was a try at their password, and a wrong one.
        _failed(session, guess, person, "sign_in", visit)
    if entering.suspended_at is not None:
        raise NotAllowed(N_("This account is suspended. Ask the person who appointed you."), kind=SUSPENDED)
    return enter(session, entering, visit, password=password)


def _fitting(
    session: Session, vault: Vault, person: Person | None, typed: str, password: str, visit: Visit
) -> Person | None:
    """Who comes in: the account that has this name by right, else one of those that claim it. The same work for every
    name, whoever has it: the time it takes tells nothing."""
    usable = person is not None and (not person.is_demo or visit.demo_allowed)
    is_right = passwords.fits(person.password_hash if person is not None and usable else None, password)
    claiming = shared_names.find(session, vault, typed, password)
    if is_right:
        return person
    return None if claiming is None or (claiming.is_demo and not visit.demo_allowed) else claiming


def enter(session: Session, person: Person, visit: Visit, *, password: str, how: str = "password") -> SignedIn:
    """A new session for somebody who has just shown or set their password; the browser's old one ends."""
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
    """Checks the password of somebody who is signed in, limited like signing in.

    Raises:
        Invalid: it is not theirs.
        TooMany: the limit is reached.
    """
    guess = _guess(session, vault, "password", person, visit)
    if not passwords.fits(person.password_hash, password):
        _failed(session, guess, person, "sign_in.confirm", visit)
        raise invalid("password", N_("This is not your password."))
    guess.succeeded()


def confirmed(session: Session, actor: Actor, now: datetime) -> None:
    """Notes that the password has just been typed in this session."""
    _mark(session, actor.session_id, confirmed_at=now)
    on_record(session, actor, "sign_in.confirm", now)


def show_second_factor(session: Session, vault: Vault, actor: Actor, person: Person, code: str, visit: Visit) -> str:
    """Takes a code of the app or a recovery code for this session; ``app``, ``recovery`` or ``before``.

    Raises:
        Invalid: it does not fit, or was used.
        TooMany: the limit is reached.
    """
    guess = _guess(session, vault, "second factor", person, visit)
    if _has_second_factor(session, actor.session_id):
        return "before"  # the same form, tapped twice
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
    """Makes what the set-up page showed the person's second factor; this session has then shown it.

    Raises:
        Invalid: the code does not fit.
        TooMany: the limit is reached.
    """
    guess = _guess(session, vault, "second factor", person, visit)
    session.refresh(person)  # as it is under the lock: the same form may have come twice
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
    # Who knew the old secret must not stay in.
    sessions.end_all(session, person.id, visit.now, but=actor.session_id)
    on_record(session, actor, "second_factor.set", visit.now)


def set_password(vault: Vault, person: Person, password: str, now: datetime, *, also: Any = ()) -> None:
    """Sets a new password, if it is a good one.

    Args:
        also: more that is known of the person: what they type as their user name, names of their areas.

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
    """Uses an invitation: sets the password (or takes the second factor away), ends what else is signed in, signs in.

    Args:
        phone: the number its finder says is theirs, in E.164. A link is forwarded and photographed; only who knows the
            number that the inviter wrote down is taken for who was meant.

    Raises:
        WrongNumber: it is not the number on record; counted, so the caller commits.
        Conflict: somebody else was first.
        Invalid: the password, beside its field.
        TooMany: too many wrong passwords (``new_second_factor``).
    """
    invitations.show_number(session, vault, offer, phone, address=visit.address, now=visit.now)
    person = offer.person
    if offer.purpose == "new_second_factor":
        # The link alone must not be enough: who finds it does not know the password.
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
    )  # who was sent here after too many wrong tries must be able to use what they have now
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
    """A person who is just coming in, for the record."""
    return Actor(
        "person", address=visit.address, person_id=person.id, name=person.name,
        standings=sessions.standings(session, person.id, visit.now),
    )  # fmt: skip


def on_record(session: Session, actor: Actor, action: str, now: datetime, **details: Any) -> None:
    """One entry about the actor's own account (letter L3.6), readable where they are appointed."""
    audit.record(
        session, actor, action, "person", actor.person_id, area_code=_area(actor.standings), now=now, details=details
    )


def _guess(session: Session, vault: Vault, what: str, person: Person, visit: Visit) -> attempts.Guess:
    """A try at a secret of somebody we know."""
    account = attempts.of_person(person.id)
    known = _is_known(session, person, what, visit)
    return attempts.Guess(
        session, vault, what=what, account=account, address=visit.address, now=visit.now, is_known=known
    )


def _is_known(session: Session, person: Person | None, what: str, visit: Visit) -> bool:
    """Whether the person has come in from this address before, by what is being tried; for a name that nobody has the
    same is asked. The session at hand does not count: whoever took it over brings an address of their own."""
    person_id = uuid.uuid4() if person is None else person.id
    places = sessions.addresses_of(
        session, person_id, but=visit.old_token, second_factor=what == "second factor"
    )  # fmt: skip
    return network(visit.address) in {network(place) for place in places}


def _failed(session: Session, guess: attempts.Guess, person: Person | None, what: str, visit: Visit) -> None:
    closed = guess.failed()
    # Nobody is signed in: the actor is whoever sits at this address. What was typed stays out of the record. For a
    # name that nobody has the same is asked and written: the time an answer takes tells nothing either.
    standings = sessions.standings(session, uuid.uuid4() if person is None else person.id, visit.now)
    who = Actor("public", address=visit.address)
    subject = "unknown" if person is None else person.id
    for action in (f"{what}.fail", "account.lock") if closed else (f"{what}.fail",):
        audit.record(session, who, action, "person", subject, area_code=_area(standings), now=visit.now)


def _area(standings: tuple[Standing, ...]) -> str | None:
    """The widest area somebody is appointed for: there the record of their account is read."""
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
