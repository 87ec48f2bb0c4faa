"""Text that looks like code, in every field an officer or a visitor can store: kept, and shown as it was typed, on
every page. What the browser does with it is ``tests/browser/test_payloads.py``'s."""

from __future__ import annotations

import html
import io
import re
import zlib

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp.accounts.models import Appointment
from mapapp.core.thai_text import normal
from tests.architecture.matrix import MATRIX, gathered
from tests.architecture.things import Things, make_things
from tests.data import small_country
from tests.maps.test_documents import PAYLOADS
from tests.payloads import EVALUATED
from tests.people import Browser, appoint, browser

ALL = " ".join(PAYLOADS)


@pytest.fixture
def things(session: Session) -> Things:
    small_country(session)
    return make_things(session)


@pytest.fixture
def officer(app: Flask, session: Session, things: Things) -> Browser:
    who = appoint(session, "ministry", "TH")
    appoint(session, "tambon_officer", "900101", to=who)
    own = select(Appointment.id).where(Appointment.person_id == who.id).order_by(Appointment.id.desc())
    things.values["own"] = session.scalars(own).first()
    app.extensions["mapapp_background"] = lambda job: job()
    return browser(app, session, who)


def _store(officer: Browser, things: Things, payload: str) -> None:
    """Sends the payload in every text there is."""
    number = zlib.crc32(payload.encode()) % 10_000
    posts = [post for room in gathered("cases", "payload_posts") for post in room(payload, number)]
    officer.get(things.filled("/requests/mine/{page}"))
    for address, form, status in posts:
        answer = officer.post(things.filled(address), things.filled_values(form))
        assert answer.status_code == status, (address, payload, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-900:])
    cell = '"' + payload.replace('"', '""') + '"'
    listed = f"ชื่อ,lat,lon,{cell}\n{cell},14.09,100.09,x\n".encode()
    # A quote ends the name in the request's own header.
    name = "list.csv" if '"' in payload else f"{payload}.csv"
    sent = {
        "csrf_token": officer.csrf,
        "source": payload,
        "kind": "hospital",
        "file": (io.BytesIO(listed), name),
    }
    answer = officer.client.post("/officer/facilities/import?area=TH", data=sent)
    assert answer.status_code == 303, (payload, re.findall(r"problem[^<]*>[^<]+<", answer.text))
    page = answer.location.split("?")[0]
    things.values["import"] = page.rsplit("/", 1)[1]
    for part in (page, f"{page}/problems.csv"):
        _harmless(officer, part, payload)
    assert officer.post(f"{page}/run", {"rows": "good"}).status_code == 303


def _harmless(officer: Browser, address: str, payload: str) -> str:
    answer = officer.get(address)
    # Not the officer's own to give up, or a code that nobody has just been given.
    elsewhere = ("/account/appointments/", "/officer/requests/new/sheet", "/requests/posted/", "/requests/mine/")
    others = {404} if address.startswith((*elsewhere, "/api/v1/help-requests/resident/")) else set()
    others |= {401} if address == "/api/v1/help-requests/resident" else set()  # its key is in no address
    assert answer.status_code in {200, 303} | others, (address, payload)
    if answer.data[:2] == b"PK" or answer.mimetype in (
        "image/png",
        "application/pdf",
    ):  # cells and dots are what they are
        return ""
    assert EVALUATED not in answer.text, (address, payload)
    if answer.mimetype == "text/html":
        assert "<img src=x" not in answer.text, (address, payload)
        assert "<script>window" not in answer.text, (address, payload)
    return html.unescape(answer.text)


@pytest.mark.parametrize("payload", [*PAYLOADS, "=HYPERLINK(1)", "กฮ\u202eขฉ"], ids=ascii)
def test_what_is_stored_is_shown_as_it_was_meant(
    app: Flask, session: Session, officer: Browser, things: Things, payload: str
) -> None:
    _store(officer, things, payload)
    made = session.execute(text("SELECT max(id) FROM facilities WHERE source = 'officer'")).scalar_one()
    asked = session.execute(text("SELECT max(id) FROM help_requests")).scalar_one()
    session.commit()
    shown = 0
    for (_endpoint, method), row in MATRIX.items():
        if method == "GET" and not row.address.startswith(("/tiles", "/live")):  # a stream does not end
            others = {row.address.replace("{hospital}", str(made)), row.address.replace("{asked}", str(asked))}
            for address in {row.address} | others:
                page = _harmless(officer, things.filled(address), payload)
                assert "\u202e" not in page, "a sign that turns the text round"
                shown += normal(payload) in page
    # The pin, its edit page and history, tables, the queue, the account, keys, people, the record, a request before a
    # claim and for officers.
    assert shown >= 10
