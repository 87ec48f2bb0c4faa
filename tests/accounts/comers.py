"""People who come in, and what they type: for the tests of signing in."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts import contacts
from mapapp.accounts.models import Invitation, Person
from mapapp.accounts.signing_in import passwords, second_factor
from mapapp.audit.models import AuditEntry
from mapapp.core.vault import Vault, token_hash
from tests.conftest import NOON
from tests.people import appoint

PASSWORD = "ควาย lantern มะม่วง 71"
PHONE = "+66812345678"


def vault_of(app: Flask) -> Vault:
    made: Vault = app.extensions["mapapp_vault"]
    return made


def officer(app: Flask, session: Session, role: str = "tambon_officer", area: str = "900101", **values: Any) -> Person:
    """Somebody appointed, with a password, a phone number and a user name."""
    who = appoint(session, role, area)
    who.password_hash = passwords.hashed(passwords.parse_password(PASSWORD))
    who.user_name = "somchai"
    contacts.keep_phone(vault_of(app), who, PHONE)
    contacts.keep_email(vault_of(app), who, "somchai@example.go.th")
    for name, value in values.items():
        setattr(who, name, value)
    session.commit()
    return who


def with_factor(app: Flask, session: Session, who: Person, *, at: datetime = NOON) -> second_factor.SetUp:
    """Gives somebody a second factor, set up a while ago; returns its secret and codes."""
    made = second_factor.new_set_up()
    second_factor.set_up(session, vault_of(app), who, made, code_of(made, at, -20), at - timedelta(minutes=10))
    session.commit()
    return made


def code_of(made: second_factor.SetUp, at: datetime = NOON, offset: int = 0) -> str:
    """What the app shows."""
    return pyotp.TOTP(made.secret).at(at + timedelta(seconds=30 * offset))


def hidden(answer: TestResponse, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found, f"no field {name} in the page"
    return found[1]


def sign_in(client: FlaskClient, name: str = "somchai", password: str = PASSWORD, **more: Any) -> TestResponse:
    """Fills in the form; with the CSRF token where the browser is signed in already."""
    options = {key: more.pop(key) for key in ("headers", "environ_base", "base_url") if key in more}
    return client.post("/sign-in", data={"name": name, "password": password, **more}, **options)


def recorded(session: Session, action: str) -> list[AuditEntry]:
    """The entries of the record with this action."""
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)))


def opened(session: Session, client: FlaskClient, path: str) -> str:
    """The address of an invitation's page, in a browser in which its link has been opened, may it work or not."""
    token = path.removeprefix("/join/")
    made = session.scalars(select(Invitation.id).where(Invitation.token_hash == token_hash(token))).one()
    address = f"/join/for/{made}"
    client.set_cookie("invited", token, domain="localhost", path=address)
    return address
