"""People for tests: appointed, signed in, with or without what the policy asks for."""

from __future__ import annotations

import secrets
import uuid
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import ApiToken, Appointment, Person
from mapapp.accounts.signing_in import sessions
from mapapp.core.vault import Vault, token_hash
from tests.conftest import NOON

PASSWORD = "ม้าลายปลูกผักบนหลังคา"
"""One that is taken as it is: long, and no words that others use."""


def person(session: Session, name: str = "สมชาย ใจดี", **values: Any) -> Person:
    """Somebody with an account and no appointment; flushed."""
    made = Person(**{"name": name, "organisation": "หน่วยทดสอบ", "first_signed_in_at": NOON, **values})
    session.add(made)
    session.flush()
    return made


def appoint(session: Session, role: str, area: str, *, to: Person | None = None, **values: Any) -> Person:
    """Somebody (new, unless ``to`` names them) in this role for this area, with confidentiality and training in order
    unless ``values`` says otherwise."""
    who = to or person(session, f"{role} {area}")
    session.add(
        Appointment(
            **{
                "person_id": who.id, "role": role, "area_code": area, "starts_at": NOON - timedelta(days=30),
                "confidentiality_on": date(2026, 1, 15), "training_expires_on": date(2027, 1, 15), **values,
            }
        )
    )  # fmt: skip
    session.flush()
    return who


class Browser:
    """A signed-in browser without a browser. Unsafe requests carry the session's CSRF token, as our pages' forms do."""

    def __init__(self, app: Flask, token: str, session_id: uuid.UUID) -> None:
        self._app, self._token, self._session_id = app, token, session_id
        self.client: FlaskClient = app.test_client()
        self.client.set_cookie(PLAIN_COOKIE, token, domain="localhost")
        vault: Vault = app.extensions["mapapp_vault"]
        self.csrf = vault.mac(str(session_id), "csrf")

    def as_it_was(self) -> Browser:
        """Another with the same session, and nothing of what answers have left in this one."""
        return Browser(self._app, self._token, self._session_id)

    def get(self, address: str, **options: Any) -> TestResponse:
        return self.client.get(address, **options)

    def post(self, address: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        return self.client.post(address, data={"csrf_token": self.csrf, **(data or {})}, **options)

    def open(self, address: str, method: str = "GET", **options: Any) -> TestResponse:
        headers = {**options.pop("headers", {}), "X-CSRF-Token": self.csrf}
        return self.client.open(address, method=method, headers=headers, **options)


def browser(app: Flask, session: Session, who: Person, *, second_factor: bool = True, at: datetime = NOON) -> Browser:
    """A browser in which this person has signed in a moment ago."""
    token = sessions.start(session, who.id, now=at, device="test", address="127.0.0.1", second_factor=second_factor)
    session.commit()
    found = sessions.find(session, token, now=at, address="127.0.0.1")
    assert found.session_id is not None
    return Browser(app, token, found.session_id)


def token_for(
    session: Session, who: Person, scopes: list[str], *, facility_id: int | None = None, at: datetime = NOON
) -> dict[str, str]:
    """The headers of a program with an API token of this person's first appointment."""
    token = secrets.token_urlsafe(32)
    standing = sessions.standings(session, who.id, at)[0]
    session.add(
        ApiToken(
            person_id=who.id, appointment_id=standing.appointment_id, name="test", token_hash=token_hash(token),
            scopes=scopes, facility_id=facility_id, created_at=at, expires_at=at + timedelta(days=30),
        )
    )  # fmt: skip
    session.commit()
    return {"Authorization": f"Bearer {token}"}
