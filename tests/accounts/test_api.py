"""Appointments over the API: what is told to whom, and that a program's key appoints nobody."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Appointment
from tests.conftest import NOON
from tests.data import small_country
from tests.people import Browser, appoint, browser, person, token_for
from tests.problems import slug_of

URL = "/api/v1/appointments"
NEW = {"person": {"name": "สมหญิง มั่นคง", "phone": "0812345678"}, "role": "volunteer", "area_code": "900101"}


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)


@pytest.fixture
def coordinator(app: Flask, session: Session) -> Browser:
    return browser(app, session, appoint(session, "amphoe_coordinator", "9001"))


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Appointment)) or 0


def test_appointing_answers_with_the_link_and_without_the_number(session: Session, coordinator: Browser) -> None:
    answer = coordinator.open(URL, "POST", json=NEW)
    assert answer.status_code == 201, answer.text
    made = answer.get_json()
    assert made["join_link"].startswith("http://localhost/join/")
    assert (made["role"], made["area_code"], made["name"]) == ("volunteer", "900101", "สมหญิง มั่นคง")
    assert "12345678" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert slug_of(coordinator.open(URL, "POST", json=NEW)) == "person-known", "the number is known now"
    more = {"person_id": made["person_id"], "role": "tambon_officer", "area_code": "900102"}
    assert coordinator.open(URL, "POST", json=more).status_code == 201


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"role": "amphoe_coordinator", "area_code": "9001"}, 403),
        ({"area_code": "900201"}, 403),
        ({"area_code": "900199"}, 400),
        ({"area_code": "9"}, 400),
        ({"role": "king"}, 400),
        ({"person": None}, 400),
        ({"person": {"name": "x"}}, 400),
        ({"person_id": str(uuid.uuid4())}, 400),
        ({"person": None, "person_id": str(uuid.uuid4())}, 404),
        ({"appointed_by": str(uuid.uuid4())}, 400),
        ({"until": "yesterday"}, 400),
        ({"until": "2020-01-01"}, 400),
    ],
)
def test_what_is_refused(session: Session, coordinator: Browser, change: dict[str, Any], status: int) -> None:
    before = count(session)
    answer = coordinator.open(URL, "POST", json={**NEW, **change})
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert count(session) == before


def test_a_persons_id_from_elsewhere_is_no_way_in(session: Session, coordinator: Browser) -> None:
    far = appoint(session, "volunteer", "9002")
    session.commit()
    sent = {"person_id": str(far.id), "role": "volunteer", "area_code": "900101"}
    assert coordinator.open(URL, "POST", json=sent).status_code == 404


def test_without_its_csrf_token_a_session_appoints_nobody(session: Session, coordinator: Browser) -> None:
    assert slug_of(coordinator.client.post(URL, json=NEW)) == "csrf"


def test_a_key_appoints_and_reads_nobody(app: Flask, session: Session) -> None:
    who = appoint(session, "amphoe_coordinator", "9001")
    row = session.scalars(select(Appointment.id).where(Appointment.person_id == who.id)).one()
    headers = token_for(session, who, ["facilities.edit", "people.appoint", "people.view"])
    client = app.test_client()
    assert slug_of(client.post(URL, json=NEW, headers=headers)) == "wrong-token"
    assert client.delete(f"{URL}/{row}", json={}, headers=headers).status_code == 403
    plain = token_for(session, who, ["facilities.edit"])
    assert client.get(URL, headers=plain).status_code == 403
    assert client.get(URL).status_code == 401


def test_reading_stays_in_scope_and_pages(app: Flask, session: Session, coordinator: Browser) -> None:
    for number in range(5):
        appoint(session, "volunteer", "900101", to=person(session, f"อาสา {number}"))
    appoint(session, "volunteer", "900201", to=person(session, "อีกอำเภอ"))
    session.commit()
    found, cursor = [], ""
    for _ in range(4):
        page = coordinator.get(f"{URL}?limit=2{cursor}").get_json()
        found += [one["name"] for one in page["appointments"]]
        cursor = f"&cursor={page['next_cursor']}"
        if page["next_cursor"] is None:
            break
    assert len(found) == 6
    assert "อีกอำเภอ" not in found
    assert slug_of(coordinator.get(f"{URL}?area=9002")) == "not-your-area"
    assert coordinator.get(f"{URL}?area=900101&role=volunteer").get_json()["appointments"][0]["role"] == "volunteer"
    assert coordinator.get(f"{URL}?limit=x").status_code == 400


def test_ending(app: Flask, session: Session, coordinator: Browser) -> None:
    here, far = appoint(session, "tambon_officer", "900101"), appoint(session, "tambon_officer", "900201")
    session.commit()
    rows = {who.id: session.scalars(select(Appointment.id).where(Appointment.person_id == who.id)).one()
            for who in (here, far)}  # fmt: skip
    assert coordinator.open(f"{URL}/{rows[far.id]}", "DELETE", json={}).status_code == 404
    assert coordinator.open(f"{URL}/{10**30}", "DELETE", json={}).status_code == 404
    assert coordinator.open(f"{URL}/{rows[here.id]}", "DELETE", json={"ended_by": "x"}).status_code == 400
    answer = coordinator.open(f"{URL}/{rows[here.id]}", "DELETE", json={"reason": "ย้าย"})
    assert (answer.status_code, answer.get_json()["id"]) == (200, rows[here.id])
    assert slug_of(coordinator.open(f"{URL}/{rows[here.id]}", "DELETE", json={})) == "already-so"


def test_the_last_administrator_seat(app: Flask, session: Session) -> None:
    ministry = browser(app, session, appoint(session, "ministry", "TH"))
    appoint(session, "province_admin", "90")
    appoint(session, "province_admin", "90")
    session.commit()
    answer = ministry.open(URL, "POST", json={**NEW, "role": "province_admin", "area_code": "90"})
    assert slug_of(answer) == "full"
    assert (
        "two administrators"
        in ministry.open(f"{URL}?lang=en", "POST", json={**NEW, "role": "province_admin", "area_code": "90"}).text
    )


def test_a_program_is_told_apart_why_somebody_is_not_appointed(app: Flask, session: Session) -> None:
    who = appoint(session, "ministry", "TH")
    ministry = browser(app, session, who)
    row = session.scalars(select(Appointment.id).where(Appointment.person_id == who.id)).one()
    suspended = person(session, suspended_at=NOON)
    here = appoint(session, "volunteer", "900101")
    session.commit()
    again = {"role": "volunteer", "area_code": "900101"}
    assert slug_of(ministry.open(f"{URL}/{row}", "DELETE", json={})) == "last-one"
    assert slug_of(ministry.open(URL, "POST", json={"person_id": str(here.id), **again})) == "already-so"
    below = appoint(session, "volunteer", "900101", to=suspended)
    session.commit()
    assert slug_of(ministry.open(URL, "POST", json={"person_id": str(below.id), **again})) == "person-suspended"


def test_a_suspended_account_is_told_so(app: Flask, session: Session) -> None:
    who = appoint(session, "amphoe_coordinator", "9001")
    mine = browser(app, session, who)
    who.suspended_at = NOON
    session.commit()
    assert slug_of(mine.get(URL)) == "suspended"
