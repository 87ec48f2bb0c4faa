"""Sign-up without an invitation: an account without rights until an officer appoints the person."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import attempts
from mapapp.accounts.signing_in import service as signing_in
from mapapp.audit import service as audit
from mapapp.core.actors import Actor
from mapapp.core.addresses import network
from mapapp.core.errors import N_
from mapapp.core.vault import Vault
from mapapp.database.counters import Growing

MOST: Final = 5
WITHIN: Final = timedelta(hours=1)
"""Number of accounts that can be created with one number from one address."""

ADDRESS: Final = Growing(20, timedelta(seconds=15), 4)
"""Of one address in the same time, whatever the number: a mobile network has thousands of users. It never blocks
completely: after the limit, each sign-up waits up to four minutes after the one before."""


def sign_up(
    session: Session,
    vault: Vault,
    *,
    name: str,
    phone: str,
    organisation: str | None,
    password: str,
    language: str,
    area_code: str,
    visit: signing_in.Visit,
) -> signing_in.SignedIn:
    """Creates an account and a session in it.

    No one has verified the phone number, so it is used only for sign-in (``contacts.keep_unproven_phone``). The answer
    is the same whether or not another account has it.

    Args:
        phone: in E.164.
        area_code: the area of the audit entry.

    Raises:
        Invalid: the password is short or easy to guess.
        TooMany: too many sign-ups with this number from here within the hour, or from this address.
    """
    _take_shares(session, vault, phone, visit)
    person = Person(id=uuid.uuid4(), name=name, organisation=organisation, language=language, created_at=visit.now)
    contacts.keep_unproven_phone(vault, person, phone)
    signing_in.set_password(vault, person, password, visit.now)
    session.add(person)
    session.flush()
    who = Actor("person", address=visit.address, person_id=person.id, name=name)
    audit.record(session, who, "person.join", "person", person.id, area_code=area_code, now=visit.now)
    return signing_in.enter(session, person, visit, password=password, how="sign_up")


def _take_shares(session: Session, vault: Vault, phone: str, visit: signing_in.Visit) -> None:
    """Counts a sign-up. The strict limit is for number and address together, so that strangers at the same address
    cannot lock a number out."""
    attempts.take_share(
        session, vault, "sign up with a number", f"{phone} {network(visit.address)}", most=MOST, within=WITHIN,
        now=visit.now, said=N_("This number was used to sign up from here several times. Try again in %(wait)s."),
    )  # fmt: skip
    attempts.take_share(
        session, vault, "sign up", visit.address, most=ADDRESS.most, within=WITHIN, now=visit.now, then=ADDRESS,
        said=N_("Too many sign-ups from your network. Send it again in %(wait)s."),
    )  # fmt: skip
