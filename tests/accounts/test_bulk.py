"""Appointing from a list: what is understood, what is refused row by row, and all or only the good."""

from __future__ import annotations

import base64
import io
import json
import re
import uuid
import zlib
from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts import contacts
from mapapp.accounts.appointing import bulk
from mapapp.accounts.models import Appointment, Invitation, Person
from mapapp.areas.names import normalise
from mapapp.audit.models import AuditEntry
from mapapp.core.dates import parse_day
from mapapp.core.errors import Invalid
from mapapp.core.vault import Vault
from tests.conftest import NOON
from tests.data import small_country
from tests.payloads import EVALUATED
from tests.people import Browser, appoint, browser, person

HEAD = ["ชื่อ-นามสกุล", "โทรศัพท์", "หน้าที่", "พื้นที่"]
GOOD: list[list[Any]] = [
    ["สมชาย หนึ่ง", "0812345671", "เจ้าหน้าที่ตำบล", "900101"],
    ["สมหญิง สอง", "๐๘๑-๒๓๔-๕๖๗๒", "amphoe_coordinator", "อ.ตะวันออก"],
    ["สมศรี สาม", 812345673, "อาสาสมัคร", "TH9001"],
]


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)


@pytest.fixture
def admin(app: Flask, session: Session) -> Browser:
    return browser(app, session, appoint(session, "province_admin", "90"))


def book(*rows: list[Any], head: list[str] | None = None) -> bytes:
    made = Workbook()
    sheet: Any = made.active
    for row in [head or HEAD, *rows]:
        sheet.append(row)
    packed = io.BytesIO()
    made.save(packed)
    return packed.getvalue()


def look(visitor: Browser, data: bytes, name: str = "list.xlsx") -> TestResponse:
    return visitor.post("/officer/people/bulk?lang=en", {"file": (io.BytesIO(data), name)})


def rows_of(answer: TestResponse) -> str:
    found = re.search(r'name="rows" value="([^"]+)"', answer.text)
    assert found is not None
    return found[1]


def take(visitor: Browser, rows: str, what: str = "all", once: str | None = None) -> TestResponse:
    sent = {"rows": rows, "take": what, "once": once or str(uuid.uuid4())}
    return visitor.post("/officer/people/bulk?lang=en", sent)


def appointed(session: Session) -> int:
    return (session.scalar(select(func.count()).select_from(Appointment)) or 0) - 1


def problems(answer: TestResponse) -> list[str]:
    return [re.sub(r"<[^>]+>", "", text) for text in re.findall(r'<span class="problem">(.*?)</span>', answer.text)]


def test_looking_changes_nothing_and_taking_all_appoints_everybody(
    app: Flask, session: Session, admin: Browser
) -> None:
    looked = look(admin, book(*GOOD))
    assert looked.status_code == 200, looked.text
    assert "3 rows can be appointed · 0 rows have problems" in looked.text
    assert (appointed(session), session.scalar(select(func.count()).select_from(Person))) == (0, 1)

    key = str(uuid.uuid4())
    answer = take(admin, rows_of(looked), once=key)
    assert answer.status_code == 200
    assert answer.text.count('class="sheet card"') == 3
    tokens = set(re.findall(r"/join/([\w-]{40,})", answer.text))
    assert len(tokens) == 3
    assert all(admin.get(f"/join/{token}").status_code == 303 for token in tokens)
    rows = session.execute(
        select(Person.name, Appointment.role, Appointment.area_code)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(Person.phone_index.is_not(None))
        .order_by(Person.name)
    )
    assert [tuple(row) for row in rows] == [
        ("สมชาย หนึ่ง", "tambon_officer", "900101"),
        ("สมศรี สาม", "volunteer", "9001"),
        ("สมหญิง สอง", "amphoe_coordinator", "9002"),
    ]
    vault: Vault = app.extensions["mapapp_vault"]
    assert contacts.find_person(session, vault, "081 234 5673") is not None
    actions = list(session.scalars(select(AuditEntry.action)))
    assert {name: actions.count(name) for name in set(actions)} == {
        "person.add": 3, "appointment.add": 3, "invitation.create": 3,
    }  # fmt: skip
    again = take(admin, rows_of(looked), once=key)
    assert again.status_code == 303, "a second tap, a reload"
    assert appointed(session) == 3


BAD: list[tuple[list[Any], str]] = [
    (["", "0812345670", "อาสาสมัคร", "9001"], "ชื่อ-นามสกุล: "),
    (["ก ข", "12", "อาสาสมัคร", "9001"], "โทรศัพท์: "),
    (["ก ข", "", "อาสาสมัคร", "9001"], "โทรศัพท์: "),
    (["ก ข", "0812345670", "นายก", "9001"], "หน้าที่: Enter one of these"),
    (["ก ข", "0812345670", "อาสาสมัคร", "ดาวอังคาร"], "พื้นที่: No area for this role found"),
    (["ก ข", "0812345670", "อาสาสมัคร", "9101"], "พื้นที่: No area for this role found"),
    (["ก ข", "0812345670", "เจ้าหน้าที่ตำบล", "9001"], "พื้นที่: No area for this role found"),
    (["ก ข", "0812345670", "ผู้ดูแลระดับจังหวัด", "90"], "หน้าที่: You cannot appoint this role"),
    (["ก ข", "0812345670", "อาสาสมัคร", '=HYPERLINK("x")'], "พื้นที่: This cell contains a formula"),
    (["1-2345-67890-12-1", "0812345670", "อาสาสมัคร", "9001"], "ชื่อ-นามสกุล: This looks like a national ID"),
]


@pytest.mark.parametrize(("row", "told"), BAD)
def test_a_row_with_a_problem_is_named_and_the_good_ones_can_go(
    session: Session, admin: Browser, row: list[Any], told: str
) -> None:
    looked = look(admin, book(GOOD[0], row, GOOD[1]))
    assert looked.status_code == 200
    assert "2 rows can be appointed · 1 row has a problem" in looked.text
    assert any(text.startswith(told) for text in problems(looked)), problems(looked)
    assert take(admin, rows_of(looked), "all").status_code == 409
    assert appointed(session) == 0
    answer = take(admin, rows_of(looked), "good")
    assert answer.text.count('class="sheet card"') == 2
    assert "Row 3" in answer.text
    assert appointed(session) == 2


def test_a_row_whose_role_and_area_are_wrong_is_told_both(admin: Browser) -> None:
    looked = look(
        admin,
        book(
            ["ก ข", "0812345670", "นายก", "999999"],
            ["ค ง", "0812345671", "นายก", "900101"],
            ["จ ฉ", "0812345672", "", ""],
        ),
    )
    told = [text.split(": ")[0] for text in problems(looked)]
    assert told == ["หน้าที่", "พื้นที่", "หน้าที่", "หน้าที่", "พื้นที่"], problems(looked)


def test_one_number_is_one_person(session: Session, admin: Browser) -> None:
    looked = look(
        admin,
        book(
            ["สมชาย หนึ่ง", "0812345671", "เจ้าหน้าที่ตำบล", "900101"],
            ["สมชาย  หนึ่ง", "+66 81 234 5671", "เจ้าหน้าที่ตำบล", "900102"],
            ["สมชาย หนึ่ง", "081-234-5671", "เจ้าหน้าที่ตำบล", "900101"],
            ["คนอื่น", "0812345671", "อาสาสมัคร", "9001"],
        ),
    )
    assert [text.split(": ")[0] for text in problems(looked)] == ["หน้าที่", "โทรศัพท์"]
    answer = take(admin, rows_of(looked), "good")
    assert answer.text.count('class="sheet card"') == 1
    assert (appointed(session), session.scalar(select(func.count()).select_from(Person))) == (2, 2)


def test_a_third_administrator_is_refused_within_the_list_too(app: Flask, session: Session) -> None:
    ministry = browser(app, session, appoint(session, "ministry", "TH"))
    appoint(session, "province_admin", "90")
    session.commit()
    rows = [[f"แอดมิน {n}", f"081234560{n}", "ผู้ดูแลระดับจังหวัด", "90"] for n in range(3)]
    looked = look(ministry, book(*rows))
    assert "1 row can be appointed · 2 rows have problems" in looked.text
    assert all("two administrators" in text for text in problems(looked))


def test_people_who_are_known_get_no_second_account(app: Flask, session: Session, admin: Browser) -> None:
    vault: Vault = app.extensions["mapapp_vault"]
    joined = appoint(session, "volunteer", "900101", to=person(session, "เคยมา แล้ว", password_hash="x"))
    far = appoint(session, "volunteer", "91", to=person(session, "ไกล มาก", password_hash="x"))
    locked = appoint(session, "volunteer", "900101", to=person(session, "ถูกพัก ไว้", suspended_at=NOON))
    for number, who in enumerate((joined, far, locked)):
        contacts.keep_phone(vault, who, f"+6681234560{number}")
    session.commit()
    rows = [[f"ชื่อใหม่ {n}", f"081234560{n}", "เจ้าหน้าที่ตำบล", "900101"] for n in range(3)]
    looked = look(admin, book(*rows))
    assert "Account known: เคยมา แล้ว" in looked.text
    assert "Account known: ไก… มา…" in looked.text or "Account known: ไก… ม…" in looked.text
    assert "ไกล มาก" not in looked.text
    assert "suspended" in problems(looked)[0]
    assert session.scalars(select(AuditEntry.action)).all() == ["person.match"]
    answer = take(admin, rows_of(looked), "good")
    assert answer.text.count('class="sheet card"') == 0
    assert "need no link" in answer.text
    assert session.scalar(select(func.count()).select_from(Invitation)) == 0
    officers = select(Appointment.person_id).where(Appointment.role == "tambon_officer")
    assert set(session.scalars(officers)) == {joined.id, far.id}


def test_what_changed_between_looking_and_taking_is_seen(session: Session, app: Flask, admin: Browser) -> None:
    looked = look(admin, book(*GOOD))
    vault: Vault = app.extensions["mapapp_vault"]
    who = appoint(session, "tambon_officer", "900101", to=person(session, "เร็วกว่า", password_hash="x"))
    contacts.keep_phone(vault, who, "+66812345671")
    session.commit()
    answer = take(admin, rows_of(looked), "all")
    assert answer.status_code == 409
    assert "already has this role" in answer.text


def test_columns_are_recognised_and_areas_may_be_three_columns(session: Session, admin: Browser) -> None:
    head = ["ลำดับ", "ชื่อสกุล", "เบอร์โทร", "ตำแหน่ง", "อำเภอ", "ถึงวันที่", "วันที่ลงนามรักษาความลับ", "อบรมหมดอายุ", "อีเมล"]
    row = [1, "สมชาย หนึ่ง", "0812345671", "ผู้ประสานงานอำเภอ", "อำเภอตะวันตก", "30/09/2570", date(2026, 11, 1),
           "31/10/2570", "Somchai@Example.go.th"]  # fmt: skip
    looked = look(admin, book(row, head=head))
    assert problems(looked) == []
    assert take(admin, rows_of(looked)).status_code == 200
    made = session.scalars(select(Appointment).where(Appointment.role == "amphoe_coordinator")).one()
    assert (made.area_code, str(made.confidentiality_on), str(made.training_expires_on)) == (
        "9001", "2026-11-01", "2027-10-31",
    )  # fmt: skip
    assert str(made.ends_at) == "2027-09-30 17:00:00+00:00"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874"])
def test_csv_in_the_encodings_there_are(admin: Browser, encoding: str) -> None:
    text = "\r\n".join(",".join(map(str, row)) for row in [HEAD, *GOOD])
    assert "3 rows can be appointed" in look(admin, text.encode(encoding), "list.csv").text


NO_LISTS = {
    "nothing": b"",
    "blanks": b"   ",
    "no book": b"PK\x03\x04 no book",
    "old book": b"\xd0\xcf\x11\xe0old",
    "other columns": b"a,b\n1,2\n",
    "picture": b"\x89PNG\r\n\x1a\n\0\0",
    "no area": "ชื่อ,โทร,หน้าที่\nก,0812345678,อาสาสมัคร\n".encode(),
    "no rows": ",".join(HEAD).encode(),
    "too many rows": b"name,phone,role,area\n" + b"a,1,b,c\n" * 1001,
}


@pytest.mark.parametrize("data", NO_LISTS.values(), ids=NO_LISTS)
def test_files_that_are_no_list(admin: Browser, data: bytes) -> None:
    answer = look(admin, data)
    assert answer.status_code in (400, 413), answer.text
    assert 'role="alert"' in answer.text or answer.status_code == 413


def test_a_file_that_is_too_large(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MAX_BYTES", 1_000)
    answer = look(admin, b"x" * 1_001)
    assert answer.status_code == 400
    assert "larger than" in answer.text


def test_no_file_at_all(admin: Browser) -> None:
    assert admin.post("/officer/people/bulk", {}).status_code == 400


def test_the_second_step_trusts_nothing(app: Flask, session: Session, admin: Browser) -> None:
    """What the form brings back is judged again: rows made up by hand reach no further than typed ones."""
    lines = [bulk.Line(2, {"name": "ก ข", "phone": "0812345670", "role": "ministry", "area": "TH"}),
             bulk.Line(3, {"name": "ค ง", "phone": "0812345679", "role": "volunteer", "area": "910101"})]  # fmt: skip
    assert take(admin, bulk.pack(lines), "good").status_code == 409
    assert appointed(session) == 0
    bomb = base64.b64encode(zlib.compress(b"[" * 50_000_000, 9)).decode()
    for rows in ("", "x", bomb, base64.b64encode(zlib.compress(b'{"a":1}')).decode(),
                 base64.b64encode(zlib.compress(json.dumps([[1, 2]]).encode())).decode()):  # fmt: skip
        assert take(admin, rows).status_code == 400
    assert take(admin, bulk.pack(lines), "everything").status_code == 400
    extra = {"rows": bulk.pack(lines), "take": "good", "appointed_by": "x"}
    assert admin.post("/officer/people/bulk", extra).status_code == 400


def test_payloads_in_a_list_are_shown_as_typed(admin: Browser) -> None:
    looked = look(admin, book(["<img src=x onerror=window.PWN=1> {{98765*54321}}", "0812345670", "อาสาสมัคร", "9001"]))
    assert "<img src=x" not in looked.text
    assert EVALUATED not in looked.text
    answer = take(admin, rows_of(looked))
    assert "<img src=x" not in answer.text
    assert "&lt;img src=x" in answer.text


def test_the_template_can_be_handed_in_again(admin: Browser) -> None:
    answer = admin.get("/officer/people/bulk/template.xlsx")
    assert answer.headers["Cache-Control"] == "no-store"
    sheet: Any = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    head = [cell.value for cell in sheet[1]]
    assert set(HEAD) <= set(head)
    lines, _remarks = bulk.read(answer.data)
    assert [line.cells["phone"] for line in lines] == ["081 234 5678", "089 876 5432"]
    assert all(parse_day(line.cells["training_expires_on"]).year == 2027 for line in lines)


CELL = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["0812345678", "อาสาสมัคร", "9001", "TH", "=1+1", "๙๐", "\x00", "อ.", "ต. อ. จ."]),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from(sorted(bulk.HEADERS)), CELL, max_size=8), min_size=1, max_size=5))
def test_packing_keeps_every_row(rows: list[dict[str, str]]) -> None:
    lines = [bulk.Line(number, cells) for number, cells in enumerate(rows, start=2)]
    sendable = [
        bulk.Line(line.row, {name: text.encode("utf-8", "replace").decode() for name, text in line.cells.items()})
        for line in lines
    ]
    assert bulk.unpack(bulk.pack(lines)) == sendable


@given(st.binary(max_size=200))
def test_unpacking_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        bulk.unpack(base64.b64encode(data).decode())


@pytest.mark.parametrize(
    ("word", "role"),
    [("ปลัดอำเภอ", "amphoe_coordinator"), ("กำนัน", "tambon_officer"), ("กํานัน", "tambon_officer"), ("อสม.", "volunteer")],
)
def test_roles_in_peoples_words(word: str, role: str) -> None:
    assert bulk._ROLES[normalise(word)] == role
