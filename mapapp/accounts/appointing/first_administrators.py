"""The first administrators, appointed from the command line: no one above them exists who could do it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import invitations
from mapapp.accounts.signing_in.invitations import Link
from mapapp.audit import service as audit
from mapapp.core.actors import command
from mapapp.core.clock import today
from mapapp.core.vault import Vault

TRAINED_FOR = timedelta(days=365)


@dataclass(frozen=True)
class Admin:
    """The person to appoint, with the details that the system operator gave."""

    name: str
    phone: str
    """E.164; the link asks for it."""
    email: str | None = None


@dataclass(frozen=True)
class Invited:
    """The result of an invitation."""

    person: Person
    link: Link | None
    """None: the person has used an invitation before; the next sign-in shows the new appointment."""
    training_expires_on: date


def invite_admin(
    session: Session, vault: Vault, who: Admin, role: str, area_code: str, *,
    confidentiality_on: date | None = None, training_expires_on: date | None = None, now: datetime,
) -> Invited:  # fmt: skip
    """Appoints a person and creates their link. The operator confirms agreement and training: without a date, the
    agreement counts as signed today, and the training is valid for one year (letters L3.8, L3.14).

    Raises:
        Invalid: there is no such area.
        Conflict: they hold it already, or the province has its two administrators (letter L2.1).
    """
    by, day = command(), today(now)
    person = contacts.find_person(session, vault, who.phone)
    if person is None:
        person = _added(session, vault, who, now)
        audit.record(session, by, "person.add", "person", person.id, area_code=area_code, now=now)
    trained = training_expires_on or day + TRAINED_FOR
    appointing.appoint(
        session, by, person.id, role, area_code, confidentiality_on=confidentiality_on or day,
        training_expires_on=trained, now=now,
    )  # fmt: skip
    link = None
    if person.password_hash is None:
        link = invitations.invite(session, vault, person_id=person.id, purpose="join", by=by, now=now)
    return Invited(person, link, trained)


def _added(session: Session, vault: Vault, who: Admin, now: datetime) -> Person:
    person = Person(id=uuid.uuid4(), name=who.name, created_at=now)  # contacts are encrypted with the id
    contacts.give_phone(session, vault, person, who.phone)
    contacts.give_email(session, vault, person, who.email)
    session.add(person)
    session.flush()
    return person
