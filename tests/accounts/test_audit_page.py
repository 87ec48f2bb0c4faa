"""The audit log's page and download: in scope, in words, a page at a time, and safe in a spreadsheet."""

from __future__ import annotations

import ast
import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Appointment, Person
from mapapp.audit import labels, service
from mapapp.audit.models import AuditEntry
from mapapp.core import config
from mapapp.core.actors import Actor, Standing
from tests.conftest import NOON
from tests.data import small_country
from tests.payloads import EVALUATED
from tests.people import Browser, appoint, browser, person

ADDRESS = "/officer/audit"


def record(session: Session, who: Person | None, action: str, subject: object, area: str | None, **more: Any) -> None:
    actor = Actor("public") if who is None else Actor("person", "203.0.113.9", who.id, by=Standing(1, "x", "TH"))
    kind = more.pop("kind", "facility")
    service.record(
        session, actor, action, kind, subject, area_code=area, now=more.pop("at", NOON), details=more.pop("details", {})
    )
    session.commit()


@pytest.fixture
def officer(session: Session) -> Person:
    small_country(session)
    return person(session, "วิภา ตั้งใจ", organisation="อบต. ทดสอบ", phone_sealed=b"+66812345678")


def reader(app: Flask, session: Session, role: str = "province_admin", area: str = "90") -> Browser:
    return browser(app, session, appoint(session, role, area, to=person(session, "ผู้อ่าน")))


def seqs(browser: Browser, query: str = "") -> list[int]:
    answer = browser.get(f"{ADDRESS}?lang=en{query}")
    assert answer.status_code == 200, answer.text[-2000:]
    return [int(seq) for seq in re.findall(r'data-label="Entry">(\d+)<', answer.text)]


def test_who_may_read_it(app: Flask, session: Session, officer: Person) -> None:
    assert app.test_client().get(ADDRESS).location == "/sign-in?next=%2Fofficer%2Faudit"
    assert reader(app, session, "tambon_officer", "900101").get(ADDRESS).status_code == 403
    answer = reader(app, session).get(ADDRESS)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert reader(app, session, "auditor", "9001").get(ADDRESS).status_code == 200


def test_everybody_reads_their_own_area(app: Flask, session: Session, officer: Person) -> None:
    for area in ("900101", "9002", "90", "91", "9101", "TH", None):
        record(session, officer, "facility.edit", 1, area)
    assert seqs(reader(app, session, "ministry", "TH")) == [7, 6, 5, 4, 3, 2, 1]
    assert seqs(reader(app, session)) == [3, 2, 1]
    assert seqs(reader(app, session), "&area=9002") == [2]
    assert seqs(reader(app, session, "auditor", "9001")) == [1]
    for other in ("91", "TH", "9002"):
        assert reader(app, session, "auditor", "9001").get(f"{ADDRESS}?area={other}").status_code == 403
        assert reader(app, session, "auditor", "9001").get(f"{ADDRESS}.csv?area={other}").status_code == 403


def test_it_is_told_in_words(app: Flask, session: Session, officer: Person) -> None:
    details = {"version": 3, "changes": {"beds_free": [3, 0], "point": [[100.0, 14.0], [100.1, 14.1]]}, "reason": "ย้าย"}
    record(session, officer, "facility.edit", 17, "900101", details=details)
    record(session, officer, "person.view", officer.id, "900101", kind="person")
    record(session, None, "sign_in.fail", "unknown", "90", kind="person")
    page = reader(app, session).get(f"{ADDRESS}?lang=en").text
    for told in (
        "วิภา ตั้งใจ", "Edited a facility", '<a href="/facilities/17?lang=en">17</a>', "Tambon 01", "Free beds:",
        "<del>3</del>", "<ins>0</ins>", "100.1, 14.1", "Reason:", "ย้าย", "203.0.113.9",
        "Viewed a person", "Someone without an account", "Failed to sign in", "20 Nov 2026 12:00",
    ):  # fmt: skip
        assert told in page, told
    assert "812345678" not in page
    about = {"person": str(officer.id), "role": "auditor"}
    record(session, None, "appointment.add", 3, "90", kind="appointment", details=about)
    told = reader(app, session).get(f"{ADDRESS}?lang=en&action=appointment.add").text
    assert "Auditor" in told
    assert "วิภา ตั้งใจ" in told
    assert str(officer.id) not in told
    who = session.scalars(select(Appointment)).first()
    assert who is not None
    actor = Actor("person", None, officer.id, by=Standing(who.id, who.role, "90"))
    service.record(session, actor, "facility.edit", "facility", 1, area_code="90", now=NOON)
    session.commit()
    assert "Province administrator" in reader(app, session).get(f"{ADDRESS}?lang=en").text
    thai = reader(app, session).get(ADDRESS).text
    assert "20 พ.ย. 2569 12:00 น." in thai


@pytest.mark.parametrize(
    "text",
    ["{{98765*54321}}", "{%", "${window.PWN=1}", "<img src=x onerror=window.PWN=1>", '"><script>', "x" * 3000, "‮abc"],
)
def test_any_text_in_it_is_only_text(app: Flask, session: Session, officer: Person, text: str) -> None:
    officer.name = text
    record(
        session, officer, text, text, "900101", kind=text, details={text: text, "changes": {text: [text, {text: 1}]}}
    )
    page = reader(app, session).get(ADDRESS)
    assert page.status_code == 200
    assert EVALUATED not in page.text
    assert "<img src=x" not in page.text
    assert '"><script>' not in page.text


@pytest.mark.parametrize(
    "details", [{"changes": None}, {"changes": []}, {"changes": {"a": 1}}, {"changes": {"a": [1]}}]
)
def test_details_of_any_shape(app: Flask, session: Session, officer: Person, details: dict[str, Any]) -> None:
    record(session, officer, "facility.edit", 1, "900101", details=details)
    assert seqs(reader(app, session)) == [1]


def test_an_erased_account_has_no_name_any_more(app: Flask, session: Session, officer: Person) -> None:
    record(session, officer, "facility.edit", 1, "900101")
    officer.erased_at = NOON
    session.commit()
    page = reader(app, session).get(f"{ADDRESS}?lang=en").text
    assert "วิภา" not in page
    assert "Deleted account" in page


def test_the_filters(app: Flask, session: Session, officer: Person) -> None:
    other = person(session, "สมชาย 100%", organisation="รพ.สต.")
    midnight = datetime(2026, 11, 18, 17, tzinfo=UTC)  # the 19th begins in Bangkok
    record(session, officer, "facility.edit", 1, "900101", at=midnight - timedelta(microseconds=1))
    record(session, other, "facility.edit", 2, "900102", at=midnight)
    record(session, officer, "person.view", other.id, "900101", kind="person", at=midnight + timedelta(hours=23))
    record(session, None, "facility.report", 2, "900102", at=midnight + timedelta(days=1))
    reading = reader(app, session)
    assert seqs(reading) == [4, 3, 2, 1]
    assert seqs(reading, "&action=facility.edit") == [2, 1]
    assert seqs(reading, "&subject=facility&subject_id=2") == [4, 2]
    assert seqs(reading, "&subject_id=2&subject=person") == []
    assert seqs(reading, "&since=2026-11-19") == [4, 3, 2]
    assert seqs(reading, "&until=2026-11-18") == [1]
    assert seqs(reading, "&since=2026-11-19&until=2026-11-19") == [3, 2]
    assert seqs(reading, "&since=2569-11-19&until=๒๕๖๙-๑๑-๑๙") == [3, 2]
    assert seqs(reading, "&who=วิภา") == [3, 1]
    assert seqs(reading, "&who=รพ.สต.") == [2]
    assert seqs(reading, "&who=100%25") == [2]
    assert seqs(reading, "&who=%25") == [2], "a percent sign is one, not a pattern"
    assert seqs(reading, "&who=nobody") == []
    assert seqs(reading, "&area=900102&action=&who=&since=") == [4, 2]
    assert "Choose more days" in reading.get(f"{ADDRESS}?lang=en&who=nobody").text


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "since=2026-02-30", "until=9999-99-99", "since=2026-11-20&until=2026-11-19", "before=x",
     "before=0", "before=99999999999999999999", "who=%00", "who=%ED%A0%80", "action=" + "x" * 200, "since=2569-02-29"],
)  # fmt: skip
def test_what_cannot_be_used_is_told_and_kept(app: Flask, session: Session, officer: Person, query: str) -> None:
    reading = reader(app, session)
    for address in (f"{ADDRESS}?{query}", f"{ADDRESS}.csv?{query}"):
        answer = reading.get(address)
        assert answer.status_code == 400, address
        assert 'class="error"' in answer.text
    if query == "since=yesterday":
        assert 'value="yesterday"' in reading.get(f"{ADDRESS}?{query}").text


def test_a_page_at_a_time(app: Flask, session: Session, officer: Person) -> None:
    for number in range(120):
        service.record(session, Actor("system"), "facility.edit", "facility", number, area_code="900101", now=NOON)
    session.commit()
    reading = reader(app, session)
    seen, address = [], f"{ADDRESS}?lang=en&action=facility.edit"
    while address:
        page = reading.get(address).text
        seen.append([int(seq) for seq in re.findall(r'data-label="Entry">(\d+)<', page)])
        link = re.search(r'rel="next" href="([^"]+)"', page)
        if link:
            record(session, officer, "facility.edit", "meanwhile", "900101")  # moves nothing on the pages that follow
        address = link[1].replace("&amp;", "&") if link else ""
    assert [len(part) for part in seen] == [50, 50, 20]
    assert [seq for part in seen for seq in part] == list(range(120, 0, -1))


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_the_download_is_the_same_and_is_recorded(app: Flask, session: Session, officer: Person) -> None:
    record(session, officer, "facility.edit", 1, "900101", details={"reason": "=1+1"})
    record(session, officer, "facility.edit", 2, "9101")
    reading = reader(app, session)
    reading.get(ADDRESS)
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 2, "looking is no entry"
    answer = reading.get(f"{ADDRESS}.csv?lang=en&action=facility.edit")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    (row,) = rows(answer.text)
    assert (row["entry"], row["who"], row["time"], row["area"]) == (
        "1", "วิภา ตั้งใจ", "2026-11-20T12:00:00+07:00", "Tambon 01",
    )  # fmt: skip
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert last is not None
    assert (last.action, last.area_code) == ("audit.export", "90")
    assert last.appointment_id is not None


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(app: Flask, session: Session, officer: Person, text: str) -> None:
    officer.name = text
    record(session, officer, text, text, "900101", kind=text)
    (row,) = rows(reader(app, session).get(f"{ADDRESS}.csv").text)
    assert (row["who"], row["action"], row["subject_id"]) == (f"'{text}",) * 3


def test_the_download_asks_for_the_password_again(app: Flask, session: Session, officer: Person) -> None:
    who = appoint(session, "province_admin", "90")
    early = browser(app, session, who, at=NOON - timedelta(hours=1))
    assert early.get(ADDRESS).status_code == 200
    assert early.get(f"{ADDRESS}.csv").status_code == 303
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0


def test_how_many_questions_the_page_asks(app: Flask, session: Session, officer: Person, query_count: Any) -> None:
    for number in range(40):
        record(session, officer, "facility.edit", number, f"9001{number % 2 + 1:02}")
    reading = reader(app, session)
    before = query_count()
    reading.get(ADDRESS)
    assert (
        query_count() - before <= 11
    )  # two of them for the menu: the volunteers and the records of the survey that wait


def recorded() -> set[str]:
    """The actions that calls anywhere in the code name as they are written."""
    found = set()
    for path in (config.ROOT / "mapapp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {
                "record",
                "on_record",
                "_record",
            }:
                found |= {
                    one.value
                    for one in node.args
                    if isinstance(one, ast.Constant) and isinstance(one.value, str) and ("." in one.value)
                }
    return found


def test_every_action_has_one_label() -> None:
    names = [name for group in labels.ACTIONS.values() for name in group]
    assert len(names) == len(set(names)) == len(labels.ACTION_LABELS)
    assert len(recorded()) > 10
    assert recorded() - set(names) == set()
