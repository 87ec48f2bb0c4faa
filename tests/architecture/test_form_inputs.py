"""Whatever is sent to a page's form, it answers: a page, a redirect, or a 4xx that says what to do. Never a 5xx.

Each form starts from what is right, so that what is wrong gets past the first field.
"""

from __future__ import annotations

import base64
import io
import json
import os
import uuid
import zlib
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import passwords
from mapapp.facilities.imports import formatting
from tests.architecture.matrix import MATRIX, merged, with_keys
from tests.architecture.things import Things, make_things
from tests.data import small_country
from tests.payloads import EVALUATED
from tests.people import PASSWORD, Browser, appoint, browser

MODELS: dict[str, tuple[type[BaseModel], ...]] = merged("cases", "MODELS")
GOOD: dict[str, dict[str, str]] = merged("cases", "GOOD")
STEPS: dict[str, list[str]] = merged("cases", "STEPS")
"""What the rooms say of their forms (``tests/<room>/cases.py``)."""

NASTY = st.sampled_from(
    ["", " ", "\x00", "a\x00b", "\ud800", "\ufffe", "\uffff", "\u202e", "\x85",
     "0", "-1", "1", "1.5", "1e400",
     "nan", "NaN", "inf", "-Infinity", "9" * 19, "9" * 30, "9" * 5000, "๑๒๓", "²",
     "true", "on", "TH", "90", "9001", "900101", "x" * 5000,
     "2026-11-20", "29/2/2569", "0001-01-01", "9999-12-31", "31/12/9999", "2026-11-20T25:61", "0812345678", "+66",
     "14.05, 100.05", "14.1, 100.1", "0,0", "9e999,1", "47N 500000 1550000", "47N 9e99 1e999",
     "14°99'99\" N 100°", "geo:nan,nan", "https://maps.app.goo.gl/x", "http://[", "https://a/@1,2", "PH off", "24/7",
     "Mo-Fr 99:99-25:00", "Mo[1]-Su[5] 00:00-48:00", "week 1-53/2 Mo", "{{98765*54321}}", "{%", "{#", "${window.PWN=1}",
     "\\`)[0];window.PWN=1;//", "<img src=x onerror=window.PWN=1>", '"><script>window.PWN=1</script>', "' OR 1=1 --",
     "=cmd|' /C calc'!A0", "%s%(x)s%", "\r\nSet-Cookie: a=b", "../../etc/passwd", "1.1", "1.999999999", "1.1.1",
     "00000000-0000-0000-0000-000000000000", "confirm", "closed", "undo", "link", "move", "this", "other", "weekly",
     "text", "spans", "[]", "null", "eJxTCw==", "1103700012341"]
)  # fmt: skip
VALUE = st.one_of(NASTY, st.text(max_size=30), st.integers().map(str), st.floats().map(str))

EXAMPLES = int(os.environ.get("MAPAPP_TEST_EXAMPLES", "12"))
"""Of each form; a nightly run may ask for more."""

FORMS = sorted(endpoint for endpoint, method in MATRIX if method == "POST" and "_api." not in endpoint)


def _names(endpoint: str) -> list[str]:
    found = {name for model in MODELS.get(endpoint, ()) for name in model.model_fields}
    if endpoint == "facility_imports.columns":
        found |= set(formatting.FIELDS)
    return [*sorted(found), "once", "next", "do", "tambon_code", "verified_by", "unknown"]


def test_every_form_is_known(app: Flask) -> None:
    there = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and "_api." not in rule.endpoint
    }
    assert there == set(FORMS)
    assert set(MODELS) <= there


@pytest.fixture(scope="module")
def hashed() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def place(app: Flask, session: Session, hashed: str) -> Things:
    small_country(session)
    app.extensions["mapapp_background"] = lambda job: None
    things = make_things(session)
    who = appoint(session, "ministry", "TH")
    appoint(session, "tambon_officer", "900101", to=who)
    who.password_hash = hashed
    things.values["own"] = session.connection().exec_driver_sql("SELECT max(id) FROM appointments").scalar_one()
    things.values["me"] = who.id
    session.commit()
    return things


def _visitor(app: Flask, session: Session, things: Things) -> Browser:
    return browser(app, session, session.get_one(Person, things.values["me"]))


def _sane(answer: TestResponse, what: object) -> None:
    assert answer.status_code < 500, (what, answer.text[:300])
    if answer.mimetype == "text/html":
        assert EVALUATED not in answer.text
        assert "<script>window" not in answer.text
        assert "<img src=x" not in answer.text
    for name, value in answer.headers:
        assert "\n" not in value, name
    assert not any(name.lower() == "set-cookie" and value.startswith("a=b") for name, value in answer.headers)


@pytest.mark.parametrize("endpoint", FORMS)
@settings(
    max_examples=int(__import__("os").environ.get("N", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_form_breaks(
    app: Flask, session: Session, connection: Connection, place: Things, endpoint: str, data: st.DataObject
) -> None:
    row = MATRIX[endpoint, "POST"]
    sent: MultiDict[str, Any] = MultiDict()
    for name, value in place.filled_values({**(row.form or {}), **GOOD.get(endpoint, {})}).items():
        sent.setlist(name, value if isinstance(value, list) else [value])
    if endpoint in STEPS:
        sent["do"] = data.draw(st.sampled_from(STEPS[endpoint]))
    wrong = data.draw(st.dictionaries(st.sampled_from(_names(endpoint)), st.lists(VALUE, max_size=2), max_size=4))
    for name, values in wrong.items():
        # A lone surrogate cannot leave a browser as UTF-8; what arrives is its three bytes.
        sent.setlist(name, [value.encode("utf-8", "surrogatepass") for value in values])
    session.close()
    connection.exec_driver_sql("SAVEPOINT one")
    try:
        visitor = _visitor(app, session, place)
        sent["csrf_token"] = visitor.csrf
        with_keys(visitor.client, place)
        answer = visitor.client.post(place.filled(row.address), data=sent)
        _sane(answer, (endpoint, wrong))
    finally:
        session.close()
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")


# What once broke ------------------------------------------------------------------------------------------------


@pytest.fixture
def visitor(app: Flask, session: Session, place: Things) -> Browser:
    return _visitor(app, session, place)


def test_a_number_longer_than_any_is_told(visitor: Browser) -> None:
    answer = visitor.post("/officer/facilities/reports", {"facility": "9" * 5000, "answer": "dismiss", "upto": "1"})
    assert answer.status_code == 400


def test_the_note_of_a_merge_is_a_text_that_can_be_stored(visitor: Browser, place: Things) -> None:
    address = place.filled("/officer/facilities/{hospital}/merge?with={twin}")
    sent = {"version": "1", "other_version": "1", "stays": "this"}
    for reason in ("a\x00b", "เลข 1103700012346", "x" * 501):
        answer = visitor.post(address, {**sent, "reason": reason})
        assert answer.status_code == 400, reason
        assert 'id="reason-problem"' in answer.text
    assert visitor.post(address, {**sent, "reason": "ซ้ำกัน"}).status_code == 303


def test_the_key_of_another_form_is_none_of_this_one(visitor: Browser, place: Things) -> None:
    key = str(uuid.uuid4())
    sent = {"pick": place.filled("{hospital}.1"), "do": "confirm", "once": key}
    assert visitor.post("/officer/facilities/bulk", sent).status_code == 303
    pin = {"kind": "hospital", "name_th": "ใหม่", "place": "14.03, 100.03", "once": key}
    assert visitor.post("/officer/facilities/new", pin).status_code == 409
    body = {"kind": "hospital", "name_th": "ใหม่", "lat": 14.03, "lon": 100.03}
    answer = visitor.open("/api/v1/facilities", "POST", json=body, headers={"Idempotency-Key": key})
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("/problems/key-reused")


@pytest.mark.parametrize(
    "rows", ["[[Infinity, {}]]", "[[1e999, {}]]", '[[1, {"name": "\\ud800", "phone": "1", "role": "\\ud800"}]]']
)
def test_the_rows_of_a_list_may_be_anybodys_making(visitor: Browser, rows: str) -> None:
    packed = base64.b64encode(zlib.compress(rows.encode())).decode()
    answer = visitor.post("/officer/people/bulk", {"rows": packed, "take": "good"})
    assert answer.status_code in (400, 409)


HALVES = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [100.02 + number / 100, 14.02]},
                "properties": {"n\ud800": "\ud800", "\0": "\0", "name_th": name, "role": "\ud800", "phone": "\0"},
            }
            for number, name in enumerate(["ดี", "ครึ่ง\ud800"])
        ],
    }
).encode()
"""Halves of letters and NUL, in keys and in values: JSON can escape them, no page or database can hold them."""


def test_half_letters_in_a_list_spoil_their_row_and_no_page(visitor: Browser) -> None:
    sent = {"csrf_token": visitor.csrf, "source": "รายการ", "kind": "hospital", "file": (io.BytesIO(HALVES), "a.json")}
    answer = visitor.client.post("/officer/facilities/import?area=TH", data=sent)
    assert answer.status_code == 303
    page = answer.location.split("?")[0]
    assert "ครึ่ง" in visitor.get(page).text
    for column in range(8):
        assert visitor.post(f"{page}/columns", {"name_th": str(column), "lat": ""}).status_code < 500
    assert visitor.get(f"{page}/problems.csv").status_code == 200
    assert visitor.post(f"{page}/discard").status_code == 303
    people = {"csrf_token": visitor.csrf, "file": (io.BytesIO(HALVES), "a.json")}
    assert visitor.client.post("/officer/people/bulk", data=people).status_code == 400


def test_a_name_that_no_workbook_can_hold_is_refused(visitor: Browser) -> None:
    pin = {"kind": "hospital", "place": "14.03, 100.03"}
    for name in ("บ้าน\ufffe", "บ้าน\uffff", "\ufdd0", "\U0001fffe"):
        assert visitor.post("/officer/facilities/new", {**pin, "name_th": name}).status_code == 400, ascii(name)


def test_identity_numbers_are_refused_wherever_text_is_typed(visitor: Browser, place: Things) -> None:
    number = "1-1037-00012-34-6"
    for address, form in (
        ("/account", {"name": number, "language": "th"}),
        ("/account", {"name": "x", "organisation": number, "language": "th"}),
        ("/account/tokens", {**place.filled_values(GOOD["tokens.change"]), "name": number}),
        ("/officer/facilities/import", {"source": number}),
    ):
        answer = visitor.post(f"{address}?lang=en", form)
        assert answer.status_code == 400, address
        assert "national ID number" in answer.text, address
