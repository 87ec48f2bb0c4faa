"""People who are appointed: brought in with a link, seen by those above them, helped in again when locked out."""

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
    """The account a phone number belongs to, as much of it as the asking actor may see."""

    person_id: uuid.UUID
    name: str
    """In full where they are in the actor's area, else the first letters of its words."""
    in_scope: bool
    added_at: datetime
    first_signed_in_at: datetime | None


class AlreadyKnown(Conflict):
    """This number belongs to an account; ``known`` says whose, and the same account can be appointed."""

    kind = PERSON_KNOWN

    def __init__(self, known: Known) -> None:
        self.known = known
        super().__init__(N_("This phone number already belongs to an account. Is it the person you mean?"))


@dataclass(frozen=True)
class BroughtIn:
    """What bringing somebody in made. ``link`` is told this once; None where they have come in before, or where
    somebody above you has to make it."""

    person: Person
    appointment_id: int
    link: Link | None
    existing: bool


# Bringing in ----------------------------------------------------------------------------------------------------


def bring_in(
    session: Session, vault: Vault, actor: Actor, who: PersonIn, terms: Terms, *, existing: bool, now: datetime
) -> BroughtIn:
    """Appoints somebody by name and phone number: a new account, or the one that has this number.

    Args:
        existing: the actor has been shown that the number is known, and means that account.

    Raises:
        AlreadyKnown: the number is known and ``existing`` was not said.
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
    """One more appointment for somebody who has an account.

    Who has not come in yet gets a fresh link; the older one, which whoever added them may still hold, stops working.
    """
    made = appointing.appoint_on(session, actor, person_id, terms, now)
    person = session.get_one(Person, person_id)
    link = link_if_above(session, vault, actor, person_id, now) if person.password_hash is None else None
    return BroughtIn(person, made, link, existing=True)


def link_if_above(session: Session, vault: Vault, actor: Actor, person_id: uuid.UUID, now: datetime) -> Link | None:
    """A link to join, or None where the person holds something above the actor as well: then it is for those above
    that to make. None too where there is no telephone number for the link to ask for: it is made on the person's own
    page, where the number is written down."""
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
    """A new account, which nobody can sign in to before its link has been taken up. The caller has asked the policy.

    An e-mail address that another account has is kept all the same; nobody is told that there is one.
    """
    person = Person(
        id=person_id or uuid.uuid4(),
        name=who.name,
        organisation=who.organisation,
        created_at=now,
        created_by=acting.person_id,
    )
    # The number was looked for before, under the lock; only somebody changing their own can be faster.
    contacts.give_phone(session, vault, person, who.phone)
    contacts.give_email(session, vault, person, who.email)
    session.add(person)
    session.flush()
    audit.record(session, acting, "person.add", "person", person.id, area_code=area_code, now=now)
    return person


def known(session: Session, actor: Actor, person: Person, now: datetime) -> Known:
    """As much of an account as this actor may see: whoever has no business with somebody sees first letters only."""
    try:
        see(session, actor, person.id, now)
        in_scope = True
    except NotFound:
        in_scope = False
    name = person.name if in_scope else first_letters(person.name)
    return Known(person.id, name, in_scope, person.created_at, person.first_signed_in_at)


def first_letters(name: str) -> str:
    """“ส… ใจ…”: enough to recognise whom one means. A vowel written first keeps its consonant."""
    return " ".join(f"{part[: 2 if part[0] in 'เแโใไ' else 1]}…" for part in name.split()[:3])


# Helping in again -----------------------------------------------------------------------------------------------


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
    """A link for who has never come in, forgot the password or lost the second factor; and which of these it is.

    Only from somebody who stands above every appointment of this person: the link is a way into the account.

    Args:
        phone: their number (E.164), which the link asks for; taken where none is on record.

    Raises:
        NotSignedIn, NotAllowed, StepNeeded: as ``appointing.service.above_all``.
        Invalid: no number is on record, and none was given.
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
    """Somebody else has got into this account: all of theirs ends at once, and who was meant gets a link of their own.

    Password, second factor and recovery codes, sessions, keys of programs, links to the account and links it has made
    for others are gone, and so are e-mail address and user name, which whoever was in it may have set. A suspension
    ends with it, and what the account holds (help requests) is let go. Appointments stay.

    Args:
        name, phone: of who is meant, as the actor knows them; the account may say something else by now.

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


# Seeing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A person as somebody above them sees them."""

    person: Person
    appointments: list[Appointment]
    """Those in the actor's areas that are in force or to come."""
    over: list[Appointment]
    """Those in the actor's areas that have ended, the newest first."""
    elsewhere: int
    """How many more are in force or to come, in areas that are none of the actor's."""
    acting: Actor
    area_code: str
    """The area by which they are seen, for the record."""


def see(session: Session, actor: Actor, person_id: uuid.UUID, now: datetime) -> Seen:
    """A person who has an appointment in the actor's areas. Who has moved away is not seen from there any more; who
    has no appointment left is seen from where they had one, so that they can be appointed again.

    Raises:
        NotFound: there is no such person, or they are none of the actor's business.
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
        NotFound: there is none there.
    """
    row = session.get(Appointment, appointment_id) if appointment_id < 2**63 else None
    if row is None or not policy.sees(actor, row.area_code):
        raise NotFound(N_("Role not found."))
    return row


def listed(
    session: Session, areas: tuple[str, ...], role: str | None, now: datetime, *, limit: int, after: int | None
) -> list[tuple[Appointment, Person]]:
    """Appointments in force or to come inside these areas, by id, from after an id on."""
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
