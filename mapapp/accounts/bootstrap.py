"""The first administrators, whom nobody above them can appoint: from the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mapapp.accounts import appointing, contacts, invitations
from mapapp.accounts.invitations import Link
from mapapp.accounts.models import Person
from mapapp.actors import command
from mapapp.audit import service as audit
from mapapp.clock import today
from mapapp.errors import N_, invalid
from mapapp.vault import Vault

TRAINED_FOR = timedelta(days=365)


@dataclass(frozen=True)
class Admin:
    """Whom to call, as far as the operator says."""

    name: str
    phone: str | None = None
    """E.164."""
    email: str | None = None


@dataclass(frozen=True)
class Invited:
    """What came of it."""

    person: Person
    link: Link | None
    """None: this account has been joined long ago; signing in shows the new appointment."""
    training_expires_on: date


def invite_admin(
    session: Session, vault: Vault, who: Admin, role: str, area_code: str, *,
    confidentiality_on: date | None = None, training_expires_on: date | None = None, now: datetime,
) -> Invited:  # fmt: skip
    """Appoints somebody and makes their link. The operator vouches for agreement and training: without a date, the
    agreement counts as signed today and the training for a year (letters L3.8, L3.14).

    Raises:
        Invalid: the name is empty, there is no such area, or the address belongs to another account.
        Conflict: they hold it already, or the province has its two administrators (letter L2.1).
    """
    by, day = command(), today(now)
    person = contacts.find_person(session, vault, who.phone) if who.phone else None
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
    person = Person(name=who.name, created_at=now)
    try:
        with session.begin_nested():
            session.add(person)
            session.flush()  # its id is part of what its contacts are sealed for
            contacts.keep_phone(vault, person, who.phone)
            contacts.keep_email(vault, person, who.email)
            session.flush()
    except IntegrityError:
        raise invalid("email", N_("This belongs to another account already.")) from None
    return person
