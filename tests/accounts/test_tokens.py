"""API keys: made, shown once, listed, taken back; and everything that ends one."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapapp.accounts.models import ApiToken, Appointment, Person
from mapapp.audit.models import AuditEntry
from mapapp.core.vault import token_hash
from mapapp.facilities.models import Facility
from tests.conftest import NOON
from tests.data import add_facility, small_country
from tests.people import Browser, appoint, browser

TOKENS = "/account/tokens"
CAPACITY = {"name": "HIS รพ.ทดสอบ", "scopes": "facilities.capacity", "until": "2027-11-20"}


@pytest.fixture
def hospital(session: Session) -> int:
    small_country(session)
    return session.scalars(select(Facility.id)).one()


@pytest.fixture
def who(session: Session, hospital: int) -> Person:
    return appoint(session, "tambon_officer", "900101")


@pytest.fixture
def mine(app: Flask, session: Session, who: Person) -> Browser:
    return browser(app, session, who)


def form(session: Session, who: Person, **values: Any) -> dict[str, Any]:
    appointment = session.scalars(
        select(Appointment.id).where(Appointment.person_id == who.id).order_by(Appointment.id)
    ).first()
    return {**CAPACITY, "appointment": str(appointment), "once": str(uuid.uuid4()), **values}


def make(mine: Browser, session: Session, who: Person, **values: Any) -> dict[str, str]:
    """Makes a key and returns the headers of a program that has it."""
    shown = mine.post(TOKENS, form(session, who, **values))
    assert shown.status_code == 200, shown.text
    found = re.search(r'<code id="token">([\w-]{43})</code>', shown.text)
    assert found, shown.text
    return {"Authorization": f"Bearer {found[1]}"}


def works(client: FlaskClient, hospital: int, headers: dict[str, str]) -> int:
    address = f"/api/v1/facilities/{hospital}/capacity"
    return client.patch(address, json={"beds_free": 1}, headers=headers).status_code


def test_a_key_is_shown_once_and_kept_as_a_hash(
    app: Flask, session: Session, mine: Browser, who: Person, hospital: int
) -> None:
    sent = form(session, who)
    shown = mine.post(TOKENS, sent)
    assert shown.headers["Cache-Control"] == "no-store"
    found = re.search(r'<code id="token">([\w-]{43})</code>', shown.text)
    assert found
    row = session.scalars(select(ApiToken)).one()
    assert row.token_hash == token_hash(found[1])
    assert row.expires_at == datetime.fromisoformat("2027-11-21T00:00:00+07:00")
    listed = mine.get(TOKENS)
    assert CAPACITY["name"] in listed.text
    assert found[1] not in listed.text
    again = mine.post(TOKENS, sent)
    assert (again.status_code, again.location) == (303, TOKENS)
    assert len(session.scalars(select(ApiToken)).all()) == 1
    assert works(app.test_client(), hospital, {"Authorization": f"Bearer {found[1]}"}) == 200
    assert "Last used" in mine.get(TOKENS + "?lang=en").text or "last used" in mine.get(TOKENS + "?lang=en").text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "token.make")).one()
    assert (entry.actor_id, entry.area_code, entry.details["scopes"]) == (who.id, "900101", ["facilities.capacity"])
    assert found[1] not in str(entry.details)


def test_the_password_is_asked_again(app: Flask, session: Session, mine: Browser, who: Person) -> None:
    app.extensions["mapapp_clock"] = lambda: NOON + timedelta(minutes=16)
    for answer in (mine.get(TOKENS), mine.post(TOKENS, form(session, who))):
        assert (answer.status_code, answer.location) == (303, "/sign-in/confirm?next=%2Faccount%2Ftokens")
    assert session.scalars(select(ApiToken)).all() == []


@pytest.mark.parametrize(
    ("values", "beside"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"scopes": "people.appoint"}, "scopes"),
        ({"scopes": ["facilities.edit", "audit.read"]}, "scopes"),
        ({"appointment": "999999"}, "appointment"),
        ({"appointment": "x"}, "appointment"),
        ({"facility": "999999"}, "facility"),
        ({"facility": "x"}, "facility"),
        ({"facility": "99999999999999999999"}, "facility"),
        ({"until": "2027-11-21"}, "until"),
        ({"until": "2026-11-19"}, "until"),
        ({"until": "9999-12-31"}, "until"),
        ({"until": "soon"}, "until"),
    ],
)
def test_what_cannot_be_stands_beside_its_field(
    session: Session, mine: Browser, who: Person, values: dict[str, Any], beside: str
) -> None:
    answer = mine.post(TOKENS, form(session, who, **values))
    assert answer.status_code == 400
    assert re.search(rf'id="{beside}-problem', answer.text), answer.text
    if beside != "name":
        assert CAPACITY["name"] in answer.text, "what was typed is kept"
    assert session.scalars(select(ApiToken)).all() == []


@pytest.mark.parametrize("field", ["person_id", "token_hash", "expires_at", "last_used_at", "role", "area_code"])
def test_fields_of_the_server_cannot_be_sent(session: Session, mine: Browser, who: Person, field: str) -> None:
    assert mine.post(TOKENS, form(session, who, **{field: "1"})).status_code == 400
    assert session.scalars(select(ApiToken)).all() == []


def test_no_key_for_somebody_elses_appointment_or_area(
    app: Flask, session: Session, mine: Browser, who: Person, hospital: int
) -> None:
    higher = appoint(session, "province_admin", "90")
    theirs = form(session, higher)
    assert mine.post(TOKENS, theirs).status_code == 400
    elsewhere = add_facility(session, "test_site", lat=14.15, lon=100.15, tambon_code="900202").id
    nowhere = add_facility(session, "test_site", lat=13, lon=100.15).id
    for facility in (elsewhere, nowhere):
        assert mine.post(TOKENS, form(session, who, facility=str(facility))).status_code == 400
    ended = appoint(session, "amphoe_coordinator", "9001", to=who, ended_at=NOON - timedelta(days=1))
    old = session.scalars(select(Appointment.id).where(Appointment.role == "amphoe_coordinator")).one()
    assert mine.post(TOKENS, form(session, ended, appointment=str(old))).status_code == 400
    assert session.scalars(select(ApiToken)).all() == []
    bound = make(mine, session, who, facility=str(hospital))
    assert works(app.test_client(), hospital, bound) == 200


@pytest.mark.parametrize(("role", "area"), [("auditor", "TH"), ("volunteer", "900101"), ("data_volunteer", "900101")])
def test_who_may_not_write_has_no_keys(app: Flask, session: Session, hospital: int, role: str, area: str) -> None:
    who = appoint(session, role, area)
    other = browser(app, session, who)
    assert other.get(TOKENS).status_code == other.post(TOKENS, form(session, who)).status_code == 403


def test_a_key_makes_no_keys(app: Flask, session: Session, mine: Browser, who: Person) -> None:
    key = make(mine, session, who, scopes=["facilities.edit", "facilities.capacity", "facilities.reports"])
    client = app.test_client()
    assert client.get(TOKENS, headers=key).status_code == 403
    assert client.post(TOKENS, data=form(session, who), headers=key).status_code == 403


@pytest.mark.parametrize("how", ["revoked", "expired", "role ended", "appointment passed", "suspended", "erased"])
def test_what_ends_a_key_ends_it_at_the_next_request(
    app: Flask, session: Session, clock: dict[str, datetime], mine: Browser, who: Person, hospital: int, how: str
) -> None:
    key = make(mine, session, who)
    client = app.test_client()
    assert works(client, hospital, key) == 200
    row = session.scalars(select(ApiToken)).one()
    if how == "revoked":
        done = mine.post(TOKENS, {"revoke": str(row.id)})
        assert (done.status_code, done.location) == (303, f"{TOKENS}?notice=token_revoked")
    elif how == "expired":
        clock["now"] = row.expires_at
    elif how == "role ended":
        session.execute(update(Appointment).values(ended_at=NOON))
    elif how == "appointment passed":
        session.execute(update(Appointment).values(ends_at=NOON))
    elif how == "suspended":
        session.execute(update(Person).where(Person.id == who.id).values(suspended_at=NOON))
    else:
        session.execute(update(Person).where(Person.id == who.id).values(erased_at=NOON))
    session.commit()
    assert works(client, hospital, key) == 401
    assert client.get("/api/v1/facilities", headers=key).status_code == 401


def test_another_appointment_does_not_save_a_key(
    app: Flask, session: Session, mine: Browser, who: Person, hospital: int
) -> None:
    """It ends with its own appointment, though its owner has others."""
    key = make(mine, session, who)
    mine_still = appoint(session, "amphoe_coordinator", "9001", to=who)
    session.execute(update(Appointment).where(Appointment.role == "tambon_officer").values(ended_at=NOON))
    session.commit()
    assert mine_still is who
    assert works(app.test_client(), hospital, key) == 401
    assert "role ended" in mine.get(TOKENS + "?lang=en").text


def test_only_ones_own_keys_are_taken_back(app: Flask, session: Session, mine: Browser, who: Person) -> None:
    make(mine, session, who)
    row = session.scalars(select(ApiToken.id)).one()
    other = browser(app, session, appoint(session, "tambon_officer", "900101"))
    assert CAPACITY["name"] not in other.get(TOKENS).text
    assert other.post(TOKENS, {"revoke": str(row)}).status_code == 404
    for bad in ("", "x", str(uuid.uuid4())):
        assert mine.post(TOKENS, {"revoke": bad}).status_code in {400, 404}
    assert session.scalars(select(ApiToken.revoked_at)).one() is None
    for _ in range(2):
        assert mine.post(TOKENS, {"revoke": str(row)}).status_code == 303
    assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "token.revoke")).all()) == 1


def test_twenty_keys_are_enough(session: Session, mine: Browser, who: Person) -> None:
    for _ in range(20):
        make(mine, session, who)
    refused = mine.post(TOKENS + "?lang=en", form(session, who))
    assert refused.status_code == 409
    assert "Revoke one" in refused.text
    oldest = session.scalars(select(ApiToken.id)).first()
    mine.post(TOKENS, {"revoke": str(oldest)})
    make(mine, session, who)
