"""Files of what is seen: understood again by the import, harmless in a spreadsheet, on record."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.audit.models import AuditEntry
from mapapp.facilities import list_rows, service
from mapapp.facilities.console import exports
from mapapp.facilities.imports.plan import plan
from mapapp.facilities.models import Facility
from mapapp.facilities.said_places import LEVELS
from mapapp.lists import sheets, tables
from tests.conftest import NOON
from tests.data import add_facility
from tests.facilities.console.conftest import Signed
from tests.facilities.console.reading import shown
from tests.people import Browser

EXPORT = "/officer/facilities/export"
Pins = dict[str, int]


def rows_of(data: bytes, format: str) -> list[dict[str, Any]]:
    if format == "csv":
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(data))["จุดบริการ"]
    heads, *rest = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, heads), row, strict=True)) for row in rest]


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_the_same_pins_in_the_same_order(officer: Browser, pins: Pins, session: Session, format: str) -> None:
    asked = "sort=-confirmed&freshness=fresh"
    answer = officer.get(f"{EXPORT}?format={format}&{asked}")
    assert answer.mimetype == exports.MIMETYPES[format]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="facilities-9001-2026-11-20.{format}"'
    known = {pin.source_ref: pin.id for pin in session.scalars(select(Facility))}
    seen = [known[row["รหัส"]] for row in rows_of(answer.data, format)]
    assert seen == shown(officer.get(f"/officer/facilities?{asked}"))
    assert len(seen) == 3


def test_geojson(officer: Browser, pins: Pins) -> None:
    found = json.loads(officer.get(f"{EXPORT}?format=geojson&q=ตลาด").data)
    assert found["type"] == "FeatureCollection"
    (one,) = found["features"]
    assert one["geometry"] == {"type": "Point", "coordinates": [100.03, 14.03]}  # longitude first
    assert one["id"] == pins["stale"]
    facts = one["properties"]
    assert (facts["kind"], facts["status"], facts["phone"], facts["is_stale"]) == (
        "test_site",
        "full",
        "+6653920300",
        True,
    )
    assert facts["tambon"]
    assert json.loads(officer.get(f"{EXPORT}?format=geojson&q=ไม่มีที่นี่").data)["features"] == []


def test_people_read_what_the_columns_say(officer: Browser, pins: Pins) -> None:
    rows = {row["ชื่อ"]: row for row in rows_of(officer.get(EXPORT).data, "xlsx")}
    stale, planned = rows["จุดตรวจตลาดสด"], rows["รพ.สนามสนามกีฬา"]
    assert (stale["ประเภท"], stale["สถานะ"], stale["โทรศัพท์"]) == ("จุดตรวจโควิด", "เต็ม", "053 920 300")
    assert (stale["ละติจูด"], stale["ลองจิจูด"], stale["จำนวนตรวจต่อวัน"]) == (14.03, 100.03, 200)
    assert stale["อาจไม่เป็นปัจจุบัน"] == "ใช่"
    assert (planned["ปิดตั้งแต่"], planned["เหตุผลที่ปิด"]) == ("2026-11-22 12:00:00", "ซ่อมไฟฟ้า")
    assert rows["จุดฉีดโรงเรียน"]["เรื่องแจ้งที่ยังไม่ได้จัดการ"] == 2


def test_every_head_is_one_the_import_reads() -> None:
    for name, head in exports.COLUMNS.items():
        if name in list_rows.HEADERS:
            assert head in list_rows.HEADERS[name], f"{name}: the import does not read {head}"
    told = set(list_rows.guess(list(exports.ABOUT.values())))
    assert told <= set(LEVELS), "a column for the reader would be taken for a field"


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_whoever_brings_an_export_back_under_whatever_name_it_is_the_same(
    signed: Signed, pins: Pins, session: Session, tmp_path: Path, format: str
) -> None:
    """Also two pins of one name at one spot, of two lists that number their rows alike, and what looks like a trial."""
    twins = [
        add_facility(
            session, "hospital", lat=14.05, lon=100.06, tambon_code="900101", name_th="โรงพยาบาลสนามทดสอบ",
            source=source, source_ref="1",
        ).id
        for source in ("list [9001]", "list [90]")
    ]  # fmt: skip
    session.commit()
    path = tmp_path / f"back.{format}"
    path.write_bytes(signed("amphoe_coordinator", "9001").get(f"{EXPORT}?format={format}&area=9001").data)
    brought = tables.read(path)
    checked = list_rows.check(brought, source="รายการใหม่ [9001]")
    made = plan(session, checked, "9001")
    assert len(made.rows) == len(brought.rows)
    assert {row.facility_id for row in made.rows} >= set(twins)
    assert made.counts == {"problem": 0, "outside": 0, "new": 0, "changed": 0, "same": len(brought.rows)}
    done = service.import_facilities(session, made.accepted, columns=made.columns, area="9001", now=NOON)
    assert (done.new, done.changed, done.same) == (0, 0, len(brought.rows))


def test_a_number_without_its_reference_takes_over_no_pin(session: Session, pins: Pins, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(f"เลขที่ในระบบ,รหัส,ชื่อ,ละติจูด,ลองจิจูด\n{pins['stale']},มิใช่,จุดตรวจใหม่,14.05,100.06\n", "utf-8")
    checked = list_rows.check(tables.read(path), source="x [9001]", kind="test_site")
    assert plan(session, checked, "9001").counts["new"] == 1


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_what_was_exported_and_comes_back_is_the_same(
    signed: Signed, pins: Pins, session: Session, tmp_path: Path, format: str
) -> None:
    """Round trip: the import finds every row as it is, and changes none."""
    for pin in session.scalars(select(Facility).where(Facility.name_th == "โรงพยาบาลทดสอบ")):
        pin.name_th = "โรงพยาบาลชุมชน"  # the import takes the other name for a row that was put in to try it out
    odd = {"name_en": "=1+1", "address": "-2 หมู่ 3", "serves": "'@ทุกคน", "closed_reason": "''+1"}
    for name, value in odd.items():
        for pin in session.scalars(select(Facility).where(Facility.merged_into.is_(None)).limit(1)):
            setattr(pin, name, value)
    session.commit()
    before = {pin.id: (pin.version, pin.status, pin.closed_until) for pin in session.scalars(select(Facility))}
    path = tmp_path / f"back.{format}"
    path.write_bytes(signed("province_admin", "90").get(f"{EXPORT}?format={format}").data)
    checked = list_rows.check(tables.read(path), source="test")
    assert checked.problems == []
    assert len(checked.valid) == 6
    done = service.import_facilities(session, checked.valid, columns=checked.columns - {"source_as_of"})
    assert (done.new, done.changed, done.same) == (0, 0, 6)
    session.expire_all()
    after = {pin.id: (pin.version, pin.status, pin.closed_until) for pin in session.scalars(select(Facility))}
    assert after == before


@pytest.mark.parametrize("name", ["=1+1", "+66", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_no_cell_is_a_formula(officer: Browser, session: Session, pins: Pins, name: str, format: str) -> None:
    add_facility(
        session, "hospital", lat=14.01, lon=100.01, tambon_code="900101", name_th=name, address=name, name_en=name,
        serves=name, confirmed_at=NOON,
    )  # fmt: skip
    session.commit()
    data = officer.get(f"{EXPORT}?format={format}").data
    texts = [value for row in rows_of(data, format) for value in row.values() if isinstance(value, str)]
    assert "'" + name in texts
    assert not any(text.startswith(("=", "+", "-", "@", "\t", "\r")) for text in texts)
    if format == "xlsx":
        sheet = load_workbook(io.BytesIO(data)).worksheets[0]
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


@settings(deadline=None, max_examples=40)
@given(st.text(st.sampled_from("'=+-@ก1"), max_size=8), st.sampled_from(["xlsx", "csv"]))
def test_a_text_comes_back_as_it_went_out(text: str, format: str) -> None:
    made = sheets.workbook if format == "xlsx" else sheets.as_csv
    table = tables.read_bytes(made(["ก", "ข"], [["x", text]]))
    assert (table.rows[0][1].get("ข") or "") == text
    out = sheets.neutral(text)
    assert not out.startswith(tables.FORMULA)


def test_csv_opens_in_excel_as_utf8(officer: Browser, pins: Pins) -> None:
    assert officer.get(f"{EXPORT}?format=csv").data.startswith("\ufeffรหัส,ประเภท".encode())


def test_each_export_is_on_record(officer: Browser, pins: Pins, session: Session) -> None:
    officer.get(f"{EXPORT}?format=csv&area=900101")
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "facilities.export"))
    assert (entry.subject_id, entry.area_code) == ("csv", "900101")
    assert entry.appointment_id is not None


def test_too_much_for_one_file_is_told(
    officer: Browser, pins: Pins, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST", 2)
    answer = officer.get(EXPORT)
    assert answer.status_code == 400
    assert not session.scalars(select(AuditEntry)).all()


@pytest.mark.parametrize("asked", ["format=xls", "format=", "kind=x", "page=2", "sort=x"])
def test_what_cannot_be_asked(officer: Browser, pins: Pins, asked: str) -> None:
    assert officer.get(f"{EXPORT}?{asked}").status_code == 400


def test_batches_keep_the_order(
    officer: Browser, pins: Pins, monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    whole = officer.get(f"{EXPORT}?format=csv&sort=name").data
    monkeypatch.setattr(exports, "BATCH", 2)
    assert officer.get(f"{EXPORT}?format=csv&sort=name").data == whole
