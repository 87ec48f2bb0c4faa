"""Programs that add, change and close pins, and say what is free."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts import edge
from mapapp.accounts.models import Appointment
from mapapp.audit.models import AuditEntry
from mapapp.facilities.models import Facility, FacilityChange, FacilityReport
from mapapp.facilities.reports.service import AN_HOUR
from tests.conftest import NOON
from tests.data import add_facility, small_country
from tests.facilities.build import PAYLOADS
from tests.payloads import EVALUATED
from tests.people import appoint, browser, token_for
from tests.problems import slug_of

API = "/api/v1/facilities"
NEW = {"kind": "test_site", "name_th": "จุดตรวจวัดใหม่", "lat": 14.05, "lon": 100.02}
Headers = dict[str, str]


@pytest.fixture
def hospital(session: Session) -> int:
    """In tambon 900101, with ten beds."""
    small_country(session)
    made = session.scalars(select(Facility)).one()
    made.beds = 10
    session.commit()
    return made.id


@pytest.fixture
def officer(session: Session, hospital: int) -> Headers:
    """A program of tambon 900101's officer, for everything."""
    who = appoint(session, "tambon_officer", "900101")
    return token_for(session, who, ["facilities.edit", "facilities.capacity"])


def add(client: FlaskClient, headers: Headers | None = None, **values: Any) -> TestResponse:
    return client.post(API, json={**NEW, **values}, headers={"Accept-Language": "en", **(headers or {})})


def patch(client: FlaskClient, headers: Headers, pin: int, rest: str = "", **values: Any) -> TestResponse:
    return client.patch(f"{API}/{pin}{rest}", json=values, headers={"Accept-Language": "en", **headers})


def count(session: Session) -> int:
    return session.execute(select(func.count()).select_from(Facility)).scalar_one()


def stored(session: Session, pin: int) -> Facility:
    session.expire_all()
    return session.scalars(select(Facility).where(Facility.id == pin)).one()


# Adding -----------------------------------------------------------------------------------------------------------


def test_a_program_that_runs_wild_is_told_to_wait(
    client: FlaskClient, officer: Headers, session: Session, hospital: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "PROGRAM_WRITES", "2 per hour")
    same: dict[str, Any] = {"version": 1, "name_th": "โรงพยาบาลทดสอบ"}
    assert [patch(client, officer, hospital, **same).status_code for _ in range(3)] == [200, 409, 429]
    answer = patch(client, officer, hospital, **same)
    assert answer.json is not None
    assert "Try again later" in answer.json["detail"]
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert client.get(f"{API}/{hospital}", headers=officer).status_code == 200, "reading is not counted"
    free = patch(client, officer, hospital, "/capacity", beds_free=3)
    assert free.status_code == 200, "free beds have a limit of their own"
    other = token_for(session, appoint(session, "tambon_officer", "900101"), ["facilities.edit"])
    assert add(client, other).status_code == 201, "nobody else waits"


def test_a_pin_is_added_in_ones_area(client: FlaskClient, session: Session, officer: Headers) -> None:
    made = add(client, officer, tests_per_day="๓๐", phone="053 920 300", opening_hours="Mo-Fr 08:30-16:30")
    assert made.status_code == 201, made.text
    assert made.mimetype == "application/geo+json"
    assert made.headers["Cache-Control"] == "no-store"
    feature = made.get_json()
    assert made.headers["Location"] == f"{API}/{feature['id']}"
    told = feature["properties"]
    assert (told["tambon_code"], told["source"], told["tests_per_day"], told["version"]) == ("900101", "api", 30, 1)
    assert told["phone"] == "+6653920300"
    read = client.get(made.headers["Location"])
    assert read.get_json() == feature
    row = stored(session, feature["id"])
    assert (row.verified_by, row.confirmed_at) == ("หน่วยทดสอบ", NOON)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "facility.add")).one()
    assert (entry.actor_kind, entry.area_code) == ("token", "900101")


def test_ones_own_key_is_one_pin(client: FlaskClient, session: Session, officer: Headers) -> None:
    first = add(client, officer, ref="A-1")
    again = add(client, officer, ref="A-1", name_th="ชื่ออื่น")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json()["id"] == first.get_json()["id"]
    assert again.get_json()["properties"]["name_th"] == NEW["name_th"]
    other = token_for(session, appoint(session, "tambon_officer", "900101"), ["facilities.edit"])
    assert add(client, other, ref="A-1").status_code == 201, "another owner's keys are others"
    assert count(session) == 3


def test_a_renewed_token_finds_the_same_pin(client: FlaskClient, session: Session, hospital: int) -> None:
    who = appoint(session, "tambon_officer", "900101")
    old, new = token_for(session, who, ["facilities.edit"]), token_for(session, who, ["facilities.edit"])
    assert add(client, old, ref="A-1").get_json()["id"] == add(client, new, ref="A-1").get_json()["id"]


def test_an_idempotency_key_adds_once(client: FlaskClient, session: Session, officer: Headers) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    refused = add(client, {**officer, **key}, lat=15.9)
    assert slug_of(refused) == "outside-area"
    first, again = add(client, {**officer, **key}), add(client, {**officer, **key})
    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()
    assert first.headers["Location"] == again.headers["Location"]
    assert count(session) == 2
    stranger = token_for(session, appoint(session, "tambon_officer", "900101"), ["facilities.edit"])
    assert slug_of(add(client, {**stranger, **key})) == "key-reused"
    assert add(client, {**officer, "Idempotency-Key": "x"}).get_json()["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "shop"}, "kind"),
        ({"name_th": ""}, "name_th"),
        ({"name_th": "x" * 201}, "name_th"),
        ({"name_th": None}, "name_th"),
        ({"name_th": 5}, "name_th"),
        ({"name_th": "a\x00b"}, "name_th"),
        ({"lat": 100.02, "lon": 14.05}, "lon"),
        ({"lat": "14,05"}, "lat"),
        ({"lat": 1e400}, None),
        ({"lat": 10**30}, "lat"),
        ({"lat": 15.9}, "lat"),
        ({"lat": 48.1, "lon": 11.5}, "lon"),
        ({"beds": -1}, "beds"),
        ({"beds": 1.5}, "beds"),
        ({"beds": True}, "beds"),
        ({"beds": 10**12}, "beds"),
        ({"beds": 5, "beds_free": 6}, ""),
        ({"status": "closed"}, "closed_reason"),
        ({"status": "temporarily_closed"}, "closed_reason"),
        ({"closed_until": "2026-12-01"}, ""),
        ({"phone": "12"}, "phone"),
        ({"opening_hours": "whenever"}, "opening_hours"),
        ({"serves": "1101700203450"}, "serves"),
        ({"address": {"a": 1}}, "address"),
        ({"ref": "x" * 101}, "ref"),
    ],
)
def test_what_cannot_be_is_told_by_its_field(
    client: FlaskClient, session: Session, officer: Headers, values: dict[str, Any], field: str | None
) -> None:
    answer = add(client, officer, **values)
    assert answer.status_code == 400, answer.text
    if field is not None:
        assert field in {one["field"] for one in answer.get_json()["errors"]}, answer.text
    assert count(session) == 1


@pytest.mark.parametrize(
    "field",
    ["id", "source", "source_ref", "verified_by", "verified_at", "tambon_code", "is_example", "version", "confirmed_at",
     "doubtful_at", "merged_into", "hcode", "point"],
)  # fmt: skip
def test_fields_of_the_server_cannot_be_sent(client: FlaskClient, officer: Headers, hospital: int, field: str) -> None:
    for answer in (
        add(client, officer, **{field: "1"}),
        client.patch(f"{API}/{hospital}", json={"version": 1, field: "1"}, headers=officer),
    ):
        if field == "version" and answer.request.method == "PATCH":
            continue
        assert answer.status_code == 400
        assert {one["field"] for one in answer.get_json()["errors"]} == {field}


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'{"lat": NaN}', b'{"lat": Infinity}', b"\xff", b"{", b'{"a":' * 50 + b"1" + b"}" * 50,
     b'{"a":' * 100_000, b'{"lat": 1' + b"0" * 5000 + b"}", b'{"name_th": "\\ud800"}'],
)  # fmt: skip
def test_no_json_is_no_crash(client: FlaskClient, officer: Headers, hospital: int, body: bytes) -> None:
    for method, address in [(method, address) for method, address, _ in WRITES] + [("POST", API + "/{pin}/reports")]:
        where = address.format(pin=hospital)
        answer = client.open(where, method=method, data=body, content_type="application/json", headers=officer)
        assert answer.status_code in {400, 413}, (method, where, answer.text)


def test_payloads_are_text(client: FlaskClient, officer: Headers) -> None:
    for payload in PAYLOADS:
        made = add(client, officer, name_th=payload, serves=payload, address=payload)
        assert made.get_json()["properties"]["name_th"] == payload
        page = client.get(f"/facilities/{made.get_json()['id']}")
        assert page.status_code == 200
        assert EVALUATED not in page.text
        assert "<img src=x" not in page.text


# Who may ------------------------------------------------------------------------------------------------------------

WRITES = [
    ("POST", API, NEW),
    ("PATCH", API + "/{pin}", {"version": 1, "serves": "ทุกคน"}),
    ("DELETE", API + "/{pin}", {"reason": "ย้าย"}),
    ("PATCH", API + "/{pin}/capacity", {"beds_free": 1}),
]


@pytest.mark.parametrize(("method", "address", "body"), WRITES)
def test_who_may(
    client: FlaskClient, session: Session, hospital: int, method: str, address: str, body: dict[str, Any]
) -> None:
    address = address.format(pin=hospital)

    def ask(headers: Headers, sent: Any = body) -> int:
        return client.open(address, method=method, json=sent, headers=headers).status_code

    both = ["facilities.edit", "facilities.capacity"]
    assert ask({}) == 401
    assert ask({}, {"nonsense": 1}) == 401, "before the body is looked at"
    for bad in ("Bearer x", "Bearer ", "bearer " + "\u0e01", "Basic eDp5"):
        assert ask({"Authorization": bad.encode("utf-8").decode("latin-1")}) == 401
    assert ask(token_for(session, appoint(session, "auditor", "TH"), both)) == 403
    assert ask(token_for(session, appoint(session, "volunteer", "900101"), both)) == 403
    assert ask(token_for(session, appoint(session, "tambon_officer", "900102"), both)) == 403
    assert ask(token_for(session, appoint(session, "tambon_officer", "900101"), ["facilities.reports"])) == 403
    assert session.scalars(select(FacilityChange)).all() == []
    assert ask(token_for(session, appoint(session, "amphoe_coordinator", "9001"), both)) in {200, 201}


@pytest.mark.parametrize(("method", "address", "body"), WRITES)
def test_a_browser_needs_its_forms_token_and_its_second_factor(
    app: Flask, session: Session, hospital: int, method: str, address: str, body: dict[str, Any]
) -> None:
    address = address.format(pin=hospital)
    who = appoint(session, "tambon_officer", "900101")
    mine = browser(app, session, who)
    assert slug_of(mine.client.open(address, method=method, json=body)) == "csrf", "a cookie alone"
    other = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert mine.open(address, method, json=body, headers=other).status_code == 403
    half = browser(app, session, who, second_factor=False)
    unproved = half.open(address, method, json=body)
    assert slug_of(unproved) == "step-needed"
    assert unproved.get_json()["step"] == "second_factor"
    assert session.scalars(select(FacilityChange)).all() == []
    assert mine.open(address, method, json=body).status_code in {200, 201}


def test_no_other_site_may_write_with_a_cookie(app: Flask, session: Session, hospital: int) -> None:
    client = app.test_client()
    for address in (API, f"{API}/{hospital}", f"{API}/{hospital}/capacity", f"{API}/{hospital}/reports"):
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "authorization,content-type"}  # fmt: skip
        preflight = client.options(address, headers=asked)
        for header in (
            "Access-Control-Allow-Credentials",
            "Access-Control-Allow-Methods",
            "Access-Control-Allow-Headers",
        ):
            assert header not in preflight.headers
    # What needs no preflight is no JSON.
    plain = client.post(f"{API}/{hospital}/reports", data='{"reason": "full"}', content_type="text/plain")
    assert plain.status_code == 400
    assert session.scalars(select(FacilityReport)).all() == []


def test_a_token_that_is_no_good_is_told_on_reads_too(client: FlaskClient, session: Session, hospital: int) -> None:
    for address in (API, f"{API}/{hospital}", f"{API}/nearest?lat=14&lon=100", "/api/v1/areas/90"):
        refused = client.get(address, headers={"Authorization": "Bearer gone", "Accept-Language": "en"})
        assert (refused.status_code, slug_of(refused)) == (401, "token-refused")
        assert "API key" in refused.get_json()["detail"]
        assert refused.headers["WWW-Authenticate"] == "Bearer"
        assert refused.headers["Cache-Control"] == "no-store"
        assert client.get(address, headers={"Authorization": "Basic eDp5"}).status_code == 200, "a proxy's, not ours"
    good = token_for(session, appoint(session, "tambon_officer", "900101"), ["facilities.edit"])
    assert client.get(f"{API}/{hospital}", headers=good).status_code == 200


def test_an_ended_appointment_ends_its_token(client: FlaskClient, session: Session, officer: Headers) -> None:
    assert add(client, officer).status_code == 201
    session.execute(update(Appointment).values(ended_at=NOON))
    session.commit()
    assert add(client, officer).status_code == 401
    assert client.get(API, headers=officer).status_code == 401


def test_a_token_for_one_facility_touches_no_other(app: Flask, session: Session, hospital: int) -> None:
    client = app.test_client()
    other = add_facility(session, "test_site", lat=14.06, lon=100.06, tambon_code="900101").id
    who = appoint(session, "tambon_officer", "900101")
    bound = token_for(session, who, ["facilities.edit", "facilities.capacity", "facilities.reports"], facility_id=other)
    assert slug_of(patch(client, bound, hospital, version=1, serves="x")) == "wrong-token"
    assert patch(client, bound, hospital, "/capacity", beds_free=1).status_code == 403
    assert client.delete(f"{API}/{hospital}", json={"reason": "x"}, headers=bound).status_code == 403
    assert add(client, bound).status_code == 403
    assert client.get("/officer/facilities/reports", headers=bound).status_code == 403
    assert patch(client, bound, other, version=1, serves="x").status_code == 200
    assert patch(client, bound, other, "/capacity", tests_per_day=1).status_code == 200


# Changing -----------------------------------------------------------------------------------------------------------


def test_what_is_named_is_changed(client: FlaskClient, session: Session, officer: Headers, hospital: int) -> None:
    session.execute(update(Facility).values(phone="+6653920300", serves="เดิม"))
    session.commit()
    done = patch(client, officer, hospital, version=1, phone=None, beds=20, opening_hours="24/7")
    assert done.status_code == 200, done.text
    told = done.get_json()["properties"]
    assert (told["phone"], told["beds"], told["serves"], told["version"]) == (None, 20, "เดิม", 2)
    step = session.scalars(select(FacilityChange)).one()
    assert step.action == "edit"
    assert set(step.changes) == {"phone", "beds", "opening_hours"}


def test_an_older_version_is_told_the_newer(client: FlaskClient, officer: Headers, hospital: int) -> None:
    assert patch(client, officer, hospital, version=1, beds=20).status_code == 200
    late = patch(client, officer, hospital, version=1, beds=30)
    assert (late.status_code, slug_of(late)) == (409, "version-conflict")
    assert late.get_json()["version"] == 2
    assert patch(client, officer, hospital, version=late.get_json()["version"], beds=30).status_code == 200
    closing = client.delete(f"{API}/{hospital}", json={"reason": "ย้าย", "version": 1}, headers=officer)
    assert (closing.status_code, closing.get_json()["version"]) == (409, 3)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "version"),
        ({"version": 1, "lat": 14.06}, ""),
        ({"version": 1, "lon": 100.06}, "lon"),
        ({"version": 1, "lat": None, "lon": None}, "lat"),
        ({"version": 1, "name_th": None}, "name_th"),
        ({"version": 1, "kind": None}, "kind"),
        ({"version": 1, "status": None}, "status"),
        ({"version": 1, "beds_free": 11}, ""),
        ({"version": 1, "status": "closed"}, "closed_reason"),
        ({"version": 1, "closed_until": "2026-12-01"}, ""),
        ({"version": 0}, "version"),
        ({"version": 10**30}, "version"),
        ({"version": "x"}, "version"),
    ],
)
def test_a_change_that_cannot_be(
    client: FlaskClient, session: Session, officer: Headers, hospital: int, values: dict[str, Any], field: str
) -> None:
    answer = patch(client, officer, hospital, **values)
    assert answer.status_code == 400, answer.text
    assert field in {one["field"] for one in answer.get_json()["errors"]}
    assert stored(session, hospital).version == 1


def test_moving_asks_about_both_tambons(client: FlaskClient, session: Session, officer: Headers, hospital: int) -> None:
    """The border of 900101 and 900201 is 100.1° E; one metre is about 0.0000093° there."""
    assert patch(client, officer, hospital, version=1, lat=14.05, lon=100.0999907).status_code == 200
    across = patch(client, officer, hospital, version=2, lat=14.05, lon=100.1000093)
    assert slug_of(across) == "not-your-area"
    assert stored(session, hospital).tambon_code == "900101"
    province = token_for(session, appoint(session, "province_admin", "90"), ["facilities.edit"])
    moved = patch(client, province, hospital, version=2, lat=14.05, lon=100.1000093)
    assert moved.get_json()["properties"]["tambon_code"] == "900201"
    assert patch(client, officer, hospital, version=3, lat=14.05, lon=100.05).status_code == 403, "no more theirs"


def test_closing_for_a_time_and_opening_again(
    client: FlaskClient, session: Session, officer: Headers, hospital: int
) -> None:
    closed = patch(client, officer, hospital, version=1, status="temporarily_closed", closed_reason="น้ำท่วม",
                   closed_until="2026-12-01T08:00:00+07:00")  # fmt: skip
    assert closed.status_code == 200, closed.text
    assert patch(client, officer, hospital, version=2, closed_reason=None).status_code == 400
    opened = patch(client, officer, hospital, version=2, status="open")
    assert opened.status_code == 200, opened.text
    row = stored(session, hospital)
    assert (row.status, row.closed_until, row.closed_reason) == ("open", None, None)
    steps = session.scalars(select(FacilityChange.action).order_by(FacilityChange.id)).all()
    assert list(steps) == ["close", "reopen"]


def test_delete_closes_with_a_reason(client: FlaskClient, session: Session, officer: Headers, hospital: int) -> None:
    for body in ({}, {"reason": ""}, {"reason": " "}, {"reason": "1101700203450"}, {"reason": "x" * 501}):
        assert client.delete(f"{API}/{hospital}", json=body, headers=officer).status_code == 400
    done = client.delete(f"{API}/{hospital}", json={"reason": "ย้ายไปอำเภออื่น"}, headers=officer)
    assert done.get_json()["properties"]["status"] == "closed"
    again = client.delete(f"{API}/{hospital}", json={"reason": "อีกครั้ง"}, headers=officer)
    assert again.status_code == 200
    row = stored(session, hospital)
    assert (row.status, row.closed_reason, row.version) == ("closed", "ย้ายไปอำเภออื่น", 2)
    assert slug_of(client.delete(f"{API}/999999", json={"reason": "x"}, headers=officer)) == "not-found"


def test_a_merged_pin_is_not_changed(client: FlaskClient, session: Session, officer: Headers, hospital: int) -> None:
    other = add_facility(session, "hospital", lat=14.05, lon=100.051, tambon_code="900101", status="closed",
                         merged_into=hospital).id  # fmt: skip
    session.commit()
    refused = patch(client, officer, other, version=1, serves="x")
    assert slug_of(refused) == "merged"
    assert refused.get_json()["merged_into"] == hospital


# What is free ---------------------------------------------------------------------------------------------------------


def test_a_hospital_says_its_free_beds(
    client: FlaskClient, session: Session, clock: dict[str, datetime], hospital: int
) -> None:
    who = appoint(session, "tambon_officer", "900101")
    key = token_for(session, who, ["facilities.capacity"], facility_id=hospital)
    clock["now"] = NOON + timedelta(minutes=5)
    confirmed = stored(session, hospital).confirmed_at
    said = patch(client, key, hospital, "/capacity", beds_free=3, status="full")
    assert said.status_code == 200, said.text
    row = stored(session, hospital)
    assert (row.beds_free, row.beds_free_at, row.status, row.status_at) == (3, clock["now"], "full", clock["now"])
    assert row.confirmed_at == confirmed, "a count does not stand for the rest of the pin"
    clock["now"] += timedelta(minutes=5)
    assert patch(client, key, hospital, "/capacity", beds_free=3).status_code == 200
    assert stored(session, hospital).beds_free_at == clock["now"], "said again, though as it was"
    assert patch(client, key, hospital, "/capacity", beds_free=None).get_json()["properties"]["beds_free"] is None
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "facility.capacity")).all()
    assert [(one.actor_kind, one.area_code) for one in entries] == [("token", "900101")] * 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, ""),
        ({"status": None}, ""),
        ({"beds_free": 11}, "beds_free"),
        ({"beds_free": -1}, "beds_free"),
        ({"beds_free": 0.5}, "beds_free"),
        ({"beds_free": "many"}, "beds_free"),
        ({"beds_free": [1]}, "beds_free"),
        ({"doses_per_day": 10**9}, "doses_per_day"),
        ({"status": "closed"}, "status"),
        ({"beds": 5}, "beds"),
        ({"name_th": "x", "beds_free": 1}, "name_th"),
    ],
)
def test_a_count_that_cannot_be(
    client: FlaskClient, session: Session, officer: Headers, hospital: int, values: dict[str, Any], field: str
) -> None:
    answer = patch(client, officer, hospital, "/capacity", **values)
    assert answer.status_code == 400, answer.text
    assert field in {one["field"] for one in answer.get_json()["errors"]}
    assert stored(session, hospital).version == 1


def test_fields_of_another_kind_are_refused_by_name(
    client: FlaskClient, session: Session, officer: Headers, hospital: int
) -> None:
    def named(answer: TestResponse) -> set[str]:
        assert answer.status_code == 400, answer.text
        return {one["field"] for one in answer.get_json()["errors"]}

    strange = {"doses_per_day": 4, "tests_per_day": None}
    assert named(patch(client, officer, hospital, "/capacity", beds_free=3, **strange)) == set(strange)
    assert named(patch(client, officer, hospital, version=1, vaccines="x", places=None)) == {"vaccines"}
    assert named(patch(client, officer, hospital, version=1, kind="test_site", beds=9)) == {"beds"}
    assert named(add(client, officer, beds=3, places=4)) == {"beds", "places"}
    row = stored(session, hospital)
    assert (row.version, row.beds_free) == (1, None), "nothing was written"
    row.doses_per_day = 7
    session.commit()
    kept = patch(client, officer, hospital, version=1, doses_per_day=7, serves="x")
    assert kept.status_code == 200, "what an import left there can be sent back"
    assert named(patch(client, officer, hospital, "/capacity", doses_per_day=7)) == {"doses_per_day"}
    assert patch(client, officer, hospital, "/capacity", doses_per_day=None).status_code == 200, "and removed"
    assert stored(session, hospital).doses_per_day is None


def test_a_program_does_not_reopen(client: FlaskClient, session: Session, officer: Headers, hospital: int) -> None:
    session.execute(update(Facility).values(status="temporarily_closed", closed_reason="น้ำท่วม"))
    session.commit()
    assert slug_of(patch(client, officer, hospital, "/capacity", status="open")) == "closed"
    assert patch(client, officer, hospital, "/capacity", beds_free=0).status_code == 200


def test_sixty_times_an_hour(client: FlaskClient, session: Session, clock: dict[str, datetime], hospital: int) -> None:
    who = appoint(session, "tambon_officer", "900101")
    key = token_for(session, who, ["facilities.capacity"])
    for number in range(60):
        clock["now"] = NOON + timedelta(seconds=number)
        assert patch(client, key, hospital, "/capacity", beds_free=number % 10).status_code == 200
    refused = patch(client, key, hospital, "/capacity", beds_free=1)
    assert (refused.status_code, slug_of(refused)) == (429, "limit")
    assert int(refused.headers["Retry-After"]) == refused.get_json()["retry_after"] == 3600 - 59
    renewed = token_for(session, who, ["facilities.capacity"])
    assert patch(client, renewed, hospital, "/capacity", beds_free=1).status_code == 429
    clock["now"] = NOON + timedelta(hours=1, seconds=1)
    assert patch(client, key, hospital, "/capacity", beds_free=1).status_code == 200


# Reports --------------------------------------------------------------------------------------------------------------


def test_anybody_reports(client: FlaskClient, session: Session, hospital: int) -> None:
    address = f"{API}/{hospital}/reports"
    first = client.post(address, json={"reason": "full", "note": "เต็ม"})
    assert (first.status_code, first.get_json()) == (201, {"facility_id": hospital, "is_new": True})
    assert client.post(address, json={"reason": "closed"}).get_json()["is_new"] is False
    for bad in (
        {},
        {"reason": "x"},
        {"reason": "other", "note": "081 234 5678"},
        {"reason": "full", "at": "2026-01-01"},
    ):
        assert client.post(address, json=bad).status_code == 400
    assert client.post(f"{API}/999999/reports", json={"reason": "full"}).status_code == 404
    assert len(session.scalars(select(FacilityReport)).all()) == 1


def test_reports_are_limited(client: FlaskClient, session: Session, hospital: int) -> None:
    pins = [add_facility(session, "test_site", lat=14.01, lon=100.01 + n / 1000).id for n in range(AN_HOUR + 1)]
    session.commit()
    got = [client.post(f"{API}/{pin}/reports", json={"reason": "full"}) for pin in pins]
    assert [one.status_code for one in got] == [201] * AN_HOUR + [429]
    assert int(got[-1].headers["Retry-After"]) == 3600
    assert json.loads(got[-1].data)["status"] == 429
