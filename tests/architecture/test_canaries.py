"""Personal data goes where it belongs and nowhere else: canaries are put in, everything is read as everybody, and what
comes out is searched: pages, data, files, headers, and the log.

Kulap is a data volunteer in tambon 900101. Her phone, e-mail and user name are for those above her who may see people,
and for herself. Malai lives in another province: nobody of this one may learn even her name.
"""

from __future__ import annotations

import gzip
import io
import logging
import re
import zipfile
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts import contacts
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import passwords
from mapapp.core.vault import Vault, parse_keys
from mapapp.coverage import service as coverage
from tests.architecture.matrix import MATRIX, Row, knock_everywhere, visiting
from tests.architecture.things import Things, make_things
from tests.conftest import KEYS
from tests.data import small_country
from tests.people import appoint, browser, person

PASSWORD = "ม้าลายปลูกผักบนหลังคา"

THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


@dataclass(frozen=True)
class Canary:
    """Somebody who occurs nowhere else."""

    name: str
    phone: str
    email: str
    user_name: str

    @property
    def contacts(self) -> set[str]:
        """Phone in every spelling, e-mail and user name."""
        own = self.phone.removeprefix("+66")
        digits = {"0" + own, "66" + own, f"0{own[:2]} {own[2:5]} {own[5:]}", f"0{own[:2]}-{own[2:5]}-{own[5:]}"}
        return digits | {one.translate(THAI) for one in digits} | {self.email, self.user_name}


KULAP = Canary("กุหลาบ คานารีหนึ่ง", "+66891237751", "kulap.canary@example.go.th", "kulap.canary")
MALAI = Canary("มาลัย คานารีสอง", "+66891237752", "malai.canary@example.go.th", "malai.canary")

SEES_KULAP = {
    "ministry", "province administrator", "amphoe coordinator", "officer of the tambon", "auditor of the country",
}  # fmt: skip
"""Who has people.view in tambon 900101, as the matrix says."""

SEES_MALAI = {"ministry", "administrator of another province", "auditor of the country"}


def _put(session: Session, canary: Canary, role: str, area: str, hashed: str) -> Person:
    vault = Vault(parse_keys(KEYS))
    who = person(session, canary.name, user_name=canary.user_name, password_hash=hashed)
    contacts.keep_phone(vault, who, canary.phone)
    contacts.keep_email(vault, who, canary.email)
    return appoint(session, role, area, to=who)


@pytest.fixture(scope="module")
def hashed() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def things(app: Flask, session: Session, hashed: str) -> Things:
    app.extensions["mapapp_background"] = lambda job: None  # a list that is loaded beside all this is no matter here
    small_country(session)
    coverage.refresh_all(session)
    made = make_things(session)
    kulap = _put(session, KULAP, "data_volunteer", "900101", hashed)
    malai = _put(session, MALAI, "amphoe_coordinator", "9101", hashed)
    made.values |= {"kulap": kulap.id, "malai": malai.id}
    session.commit()
    return made


def said(answer: TestResponse) -> str:
    """All that an answer says: its headers, and its content unpacked, addresses in it also decoded."""
    data: bytes = answer.data
    if answer.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"\n".join(book.read(name) for name in book.namelist())
    body = data.decode("utf-8", "replace") + "\n" + str(answer.headers)
    unescaped: str = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), body)
    return body + unquote(body) + unescaped


MORE: dict[tuple[str, str], Row] = {
    ("kulap", "GET"): Row("/officer/people/{kulap}"),
    ("malai", "GET"): Row("/officer/people/{malai}"),
    ("kulap, change", "POST"): Row("/officer/people/{kulap}", form={"do": "amend", "appointment": "x"}),
    ("malai, change", "POST"): Row("/officer/people/{malai}", form={"do": "link"}),
    ("search", "GET"): Row("/officer/people?q=คานารี"),
    ("search by role", "GET"): Row("/officer/people?role=data_volunteer"),
    ("never", "GET"): Row("/officer/people?show=papers"),
    ("list", "GET"): Row("/api/v1/appointments"),
    ("audit about", "GET"): Row("/officer/audit?who=คานารี"),
    ("export xlsx", "GET"): Row("/officer/facilities/export?format=xlsx"),
    ("export geojson", "GET"): Row("/officer/facilities/export?format=geojson"),
}
"""What the matrix does not knock at, because there it is the same as something else."""

ENDLESS = {("help_live.stream", "GET")}
ROWS = {
    key: row for key, row in MATRIX.items() if key not in ENDLESS and (key[1] == "GET" or "{" in str(row.form))
} | MORE


WHO = sorted(
    {
        "anonymous", "province administrator", "administrator of another province", "coordinator of another amphoe",
        "officer of the tambon", "officer of another tambon", "data volunteer", "auditor of another amphoe",
        "suspended", "role ended", "without second factor", "training run out",
        "program of the tambon, for pins",
    }
)  # fmt: skip
"""One of each kind: the matrix has shown that the others are answered as one of these."""


@pytest.mark.parametrize("name", WHO)
def test_nobody_reads_what_is_not_theirs(
    app: Flask, session: Session, connection: Connection, things: Things, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    found: list[tuple[str, str]] = []
    with visiting(app, session, connection, things, name) as visitor:
        for (endpoint, method), _row, answer in knock_everywhere(app, session, connection, things, visitor, ROWS):
            at, told = f"{endpoint} {method}", said(answer)
            assert answer.status_code < 500, (at, answer.text[:300])
            # Names stand in lists; numbers stand on the person's own page alone, and looking at that is on record.
            hidden = KULAP.contacts if name in SEES_KULAP else KULAP.contacts | {KULAP.name}
            if name not in SEES_KULAP or not endpoint.startswith("kulap"):
                found += [(at, one) for one in hidden if one in told]
            if name not in SEES_MALAI:
                found += [(at, one) for one in (MALAI.contacts | {MALAI.name}) if one in told]
            if (KULAP.name in told or MALAI.name in told) and answer.headers.get("Cache-Control") != "no-store":
                found.append((at, "is kept"))
    assert not found
    for one in KULAP.contacts | MALAI.contacts | {KULAP.name, MALAI.name}:
        assert one not in caplog.text
        assert quote(one) not in caplog.text


def test_the_canaries_are_alive(app: Flask, session: Session, things: Things) -> None:
    """Otherwise the search above would find nothing whatever happened."""
    visitor = browser(app, session, appoint(session, "tambon_officer", "900101"))
    page = said(visitor.get(things.filled("/officer/people/{kulap}")))
    assert {KULAP.name, KULAP.email, "089 123 7751"} <= {
        one for one in (KULAP.name, KULAP.email, "089 123 7751") if one in page
    }
    assert visitor.get(things.filled("/officer/people/{malai}")).status_code == 404
    entries = session.execute(text("SELECT count(*) FROM audit_log WHERE action = 'person.view'")).scalar_one()
    assert entries == 1


def test_the_record_and_the_history_hold_no_personal_values(app: Flask, session: Session, things: Things) -> None:
    """Much of what can be done to a person, and by them about themselves, is done; then the tables are searched."""
    above = browser(app, session, appoint(session, "ministry", "TH"))
    page = things.filled("/officer/people/{kulap}")
    above.get(page)
    new = {"name": KULAP.name, "phone": "0891237751", "role": "volunteer", "area": "900102"}
    assert above.post("/officer/people/new", new).status_code == 409
    assert above.post("/officer/people/new", {**new, "existing": "1"}).status_code == 303
    lines = f"name,phone,role,area\n{KULAP.name},0891237751,volunteer,900201\n{MALAI.name},0891237752,x,y\n"
    sent = {"csrf_token": above.csrf, "file": (io.BytesIO(lines.encode()), f"{KULAP.name}.csv")}
    assert above.client.post("/officer/people/bulk", data=sent).status_code == 200
    for act in ({"do": "link", "purpose": "new_password"}, {"do": "suspend"}, {"do": "unsuspend"}):
        assert above.post(page, act).status_code < 400
    own = browser(app, session, session.get_one(Person, things.values["kulap"]))
    contact: dict[str, Any] = {"phone": "0891237753", "email": "kulap.other@example.go.th", "password": PASSWORD}
    assert own.post("/account/contacts", contact).status_code == 303
    assert own.post("/account", {"name": "กุหลาบ ชื่อใหม่", "language": "th"}).status_code == 303
    app.test_client().post("/sign-in", data={"name": "0891237752", "password": "not it"})
    app.test_client().post("/sign-in", data={"name": MALAI.email, "password": "not it"})
    kept = "\n".join(
        str(row)
        for table in ("audit_log", "facility_changes", "limit_counts", "submissions", "invitations")
        for row in session.execute(text(f"SELECT to_jsonb(t) FROM {table} AS t"))
    )
    assert str(things.values["kulap"]) in kept
    changed = Canary("กุหลาบ ชื่อใหม่", "+66891237753", "kulap.other@example.go.th", "-")
    for canary in (KULAP, MALAI, changed):
        for one in (canary.contacts | {canary.name}) - {"-"}:
            assert one not in kept, one
    sealed = session.execute(text("SELECT string_agg(to_jsonb(p)::text, '') FROM people AS p")).scalar_one()
    for canary in (KULAP, MALAI, changed):
        for one in canary.contacts - {canary.user_name}:
            assert one not in sealed, one


def test_what_the_database_refuses_is_logged_without_what_it_was_about(
    app: Flask, session: Session, things: Things, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected error of the database goes into the log with its statement, never with its values."""
    own = browser(app, session, session.get_one(Person, things.values["kulap"]))
    session.execute(text("SET LOCAL lock_timeout = 0"))
    monkeypatch.setattr(
        "mapapp.accounts.people.self_service.signing_in.on_record",
        lambda session, *_args, **_kw: session.execute(text("SELECT 1/0 AS x WHERE :name <> ''"), {"name": KULAP.name}),
    )
    assert own.post("/account", {"name": KULAP.name + "ใหม่", "language": "th"}).status_code == 500
    assert "division by zero" in caplog.text
    assert KULAP.name not in caplog.text
