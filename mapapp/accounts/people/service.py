"""Appointed people: adding them with a link, viewing them, and restoring their access."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mapapp.accounts import contacts, policy, signals
from mapapp.accounts.appointing import rules
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.appointing.rules import Terms
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.schemas import PersonIn
from mapapp.accounts.signing_in import invitations, second_factor
from mapapp.accounts.signing_in.invitations import Link
from mapapp.areas.queries import scope
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotAllowed, NotFound
from mapapp.core.problem_types import PERSON_KNOWN, PERSON_SUSPENDED
from mapapp.core.vault import Vault


@dataclass(frozen=True)
class Known:
    """The account that has a phone number, with as much data as the actor may see."""

    person_id: uuid.UUID
    name: str
    """The full name if the person is in the actor's area, otherwise the first letters of its words."""
    in_scope: bool
    added_at: datetime
    first_signed_in_at: datetime | None


class AlreadyKnown(Conflict):
    """The phone number belongs to an account. ``known`` identifies it; the same account can be appointed."""

    kind = PERSON_KNOWN

    def __init__(self, known: Known) -> None:
        self.known = known
        super().__init__(N_("This phone number already belongs to an account. Is it the person you mean?"))


@dataclass(frozen=True)
class BroughtIn:
    """The result of adding a person. ``link`` is returned only once. None: the person has signed in before, or only
    someone above the actor may create the link."""

    person: Person
    appointment_id: int
    link: Link | None
    existing: bool


# Adding -----------------------------------------------------------------------------------------------------------


def bring_in(
    session: Session, vault: Vault, actor: Actor, who: PersonIn, terms: Terms, *, existing: bool, now: datetime
) -> BroughtIn:
    """Appoints a person by name and phone number: a new account, or the one that has this number.

    Args:
        existing: the actor knows that the number has an account, and means that account.

    Raises:
        AlreadyKnown: the number has an account and ``existing`` is false.
        NotSignedIn, NotAllowed, StepNeeded, Invalid, NotFound, Conflict: as ``appointing.service.appoint``.
    """
    acting = rules.permit(actor, terms.role, terms.area_code, now)
    rules.check_terms(terms, now)
    appointing.hold(session)
    found = contacts.find_person(session, vault, who.phone)
    if found is not None:
        if not existing:
            raise AlreadyKnown(known(session, actor, found, now))
        return again(session, vault, actor, found.id, terms, now)
    person = add_person(session, vault, acting, who, now, area_code=terms.area_code)
    made = appointing.appoint_on(session, actor, person.id, terms, now)
    return BroughtIn(person, made, _join_link(session, vault, acting, person.id, now), existing=False)


def again(session: Session, vault: Vault, actor: Actor, person_id: uuid.UUID, terms: Terms, now: datetime) -> BroughtIn:
    """One more appointment for a person who has an account.

    A person who has not signed in yet gets a new link. The older one, which another officer may still have, stops
    working.
    """
    made = appointing.appoint_on(session, actor, person_id, terms, now)
    person = session.get_one(Person, person_id)
    link = link_if_above(session, vault, actor, person_id, now) if person.password_hash is None else None
    return BroughtIn(person, made, link, existing=True)


def link_if_above(session: Session, vault: Vault, actor: Actor, person_id: uuid.UUID, now: datetime) -> Link | None:
    """A link to join. None if the person has an appointment that is not below the actor: only someone above can create
    it. Also None if there is no phone number that the link could ask for: then it is created on the person's page,
    where the number is entered."""
    try:
        acting = appointing.above_all(session, actor, person_id, now)
    except NotAllowed:
        return None
    if session.get_one(Person, person_id).phone_sealed is None:
        return None
    return _join_link(session, vault, acting, person_id, now)


def _join_link(session: Session, vault: Vault, acting: Actor, person_id: uuid.UUID, now: datetime) -> Link:
    return invitations.invite(session, vault, person_id=person_id, purpose="join", by=acting, now=now)


def add_person(
    session: Session,
    vault: Vault,
    acting: Actor,
    who: PersonIn,
    now: datetime,
    *,
    area_code: str,
    person_id: uuid.UUID | None = None,
) -> Person:
    """A new account. No one can sign in to it before its link was used. The caller has checked the policy.

    An email address that another account has is stored too; this is not revealed.
    """
    person = Person(
        id=person_id or uuid.uuid4(),
        name=who.name,
        organisation=who.organisation,
        created_at=now,
        created_by=acting.person_id,
    )
    # The number was checked before, under the lock. Only a person who changes their own number can be faster.
    contacts.give_phone(session, vault, person, who.phone)
    contacts.give_email(session, vault, person, who.email)
    session.add(person)
    session.flush()
    audit.record(session, acting, "person.add", "person", person.id, area_code=area_code, now=now)
    return person


def known(session: Session, actor: Actor, person: Person, now: datetime) -> Known:
    """An account, as far as this actor may see it: only the first letters of the name if the person is not in their
    area."""
    try:
        see(session, actor, person.id, now)
        in_scope = True
    except NotFound:
        in_scope = False
    name = person.name if in_scope else first_letters(person.name)
    return Known(person.id, name, in_scope, person.created_at, person.first_signed_in_at)


def first_letters(name: str) -> str:
    """The first letters of a name (“ส… ใจ…”): enough to recognise a person one knows. A leading vowel is kept with its
    consonant."""
    return " ".join(f"{part[: 2 if part[0] in 'เแโใไ' else 1]}…" for part in name.split()[:3])


# Restoring access -------------------------------------------------------------------------------------------------


def new_link(
    session: Session,
    vault: Vault,
    actor: Actor,
    person_id: uuid.UUID,
    purpose: Literal["new_password", "new_second_factor"],
    now: datetime,
    *,
    phone: str | None = None,
) -> tuple[Link, str]:
    """A link for a person who has never signed in, forgot the password or lost the second factor; and which of these it
    is.

    Only for officers above every appointment of the person, because the link gives access to the account.

    Args:
        phone: the person's number (E.164), which the link asks for; used if none is stored.

    Raises:
        NotSignedIn, NotAllowed, StepNeeded: as ``appointing.service.above_all``.
        Invalid: no number is stored, and none was given.
        Conflict: the account is suspended.
    """
    acting = appointing.above_all(session, actor, person_id, now)
    person = session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise NotFound(N_("Person not found."))
    if person.suspended_at is not None:
        raise Conflict(N_("This account is suspended. End the suspension first."), kind=PERSON_SUSPENDED)
    if phone is not None and person.phone_sealed is None:
        contacts.give_phone(session, vault, person, phone)
        session.flush()
    wanted: invitations.Purpose = "join" if person.password_hash is None else purpose
    return invitations.invite(session, vault, person_id=person_id, purpose=wanted, by=acting, now=now), wanted


def taken_by_wrong_person(
    session: Session, vault: Vault, actor: Actor, person_id: uuid.UUID, *, name: str, phone: str, now: datetime
) -> Link:
    """Another person got into this account: ends all access to it, and creates a link for the right person.

    Password, second factor, recovery codes, sessions, API keys, links to the account and links it has made for others
    are removed. So are email address and user name, which the wrong person may have set. A suspension ends, and
    accepted help requests are returned. Appointments are kept.

    Args:
        name, phone: of the right person, as the actor knows them; those in the account may be wrong.

    Raises:
        NotSignedIn, NotAllowed, StepNeeded: as ``appointing.service.above_all``.
        NotFound: there is no such person.
    """
    appointing.hold(session)
    acting = appointing.above_all(session, actor, person_id, now)
    person = session.get(Person, person_id, populate_existing=True)
    if person is None or person.erased_at is not None:
        raise NotFound(N_("Person not found."))
    second_factor.drop(session, person)
    person.name, person.suspended_at = name, None
    person.password_hash = person.password_set_at = person.first_signed_in_at = person.last_signed_in_at = None
    person.phone_finder = person.email_finder = person.user_name_finder = None
    contacts.give_phone(session, vault, person, phone)
    contacts.give_email(session, vault, person, None)
    contacts.give_user_name(session, person, None)
    session.flush()
    appointing.end_ways_in(session, person_id, "wrong_person", now)
    area = appointing.area_of(session, person_id, now)
    audit.record(session, acting, "person.wrong_person", "person", person_id, area_code=area, now=now)
    signals.tell_ended(session, person_id, "suspended", now)
    return _join_link(session, vault, acting, person_id, now)


# Viewing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A person, as an officer above them sees them."""

    person: Person
    appointments: list[Appointment]
    """Current and future appointments in the actor's areas."""
    over: list[Appointment]
    """Ended appointments in the actor's areas, the newest first."""
    elsewhere: int
    """Number of current and future appointments outside the actor's areas."""
    acting: Actor
    area_code: str
    """The area by which the actor sees the person, for the audit log."""


def see(session: Session, actor: Actor, person_id: uuid.UUID, now: datetime) -> Seen:
    """A person who has an appointment in the actor's areas. A person who was moved to another area is no longer visible
    from the old one. A person without a current appointment is visible where they had one, so that they can be
    appointed again.

    Raises:
        NotFound: there is no such person, or they are not in the actor's areas.
    """
    person = session.execute(
        select(Person).where(Person.id == person_id, Person.erased_at.is_(None))
    ).scalar_one_or_none()
    rows = list(
        session.scalars(select(Appointment).where(Appointment.person_id == person_id).order_by(Appointment.id.desc()))
    )
    live = [row for row in rows if not row.is_over(now)]
    inside = [row for row in rows if policy.sees(actor, row.area_code)]
    here = [row for row in live if row in inside]
    by = here or ([] if live else inside)
    if person is None or not by:
        raise NotFound(N_("Person not found."))
    area_code = by[0].area_code
    acting = actor.acting(policy.may(actor, "people.view", area_code)) if actor.kind == "person" else actor
    over = [row for row in inside if row not in live]
    return Seen(person, here, over, len(live) - len(here), acting, area_code)


def appointment(session: Session, actor: Actor, appointment_id: int) -> Appointment:
    """An appointment in one of the actor's areas.

    Raises:
        NotFound: there is none.
    """
    row = session.get(Appointment, appointment_id) if appointment_id < 2**63 else None
    if row is None or not policy.sees(actor, row.area_code):
        raise NotFound(N_("Role not found."))
    return row


def listed(
    session: Session, areas: tuple[str, ...], role: str | None, now: datetime, *, limit: int, after: int | None
) -> list[tuple[Appointment, Person]]:
    """Current and future appointments inside these areas, ordered by id, after a given id."""
    statement = (
        select(Appointment, Person)
        .join(Person, Person.id == Appointment.person_id)
        .where(
            or_(*(scope(Appointment.area_code, code) for code in areas)),
            appointing.not_over(now),
            Person.erased_at.is_(None),
        )
        .order_by(Appointment.id)
        .limit(limit)
    )
    if role is not None:
        statement = statement.where(Appointment.role == role)
    if after is not None:
        statement = statement.where(Appointment.id > after)
    return [(row[0], row[1]) for row in session.execute(statement)]
