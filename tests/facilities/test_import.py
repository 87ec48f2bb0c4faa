"""Lists of facilities: every format, every dirty row, repeating, dry runs, all or nothing."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp.core.errors import Invalid
from mapapp.core.fields import has_national_id
from mapapp.facilities import list_rows, service
from mapapp.facilities.cli import facilities
from mapapp.facilities.list_rows import Checked
from mapapp.facilities.models import Facility
from mapapp.facilities.schemas import FacilityIn
from mapapp.lists import tables
from mapapp.web import command_line
from tests.conftest import NOON
from tests.facilities.build import PAYLOADS

GOOD = {"name": "รพ.หนองพอก", "lat": "16.31085", "lon": "104.2014", "beds": "56", "id": "11068"}


def write(folder: Path, text_: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text_ if isinstance(text_, bytes) else text_.encode())
    return path


def csv_of(*rows: dict[str, Any]) -> str:
    headers = list(dict.fromkeys(name for row in rows for name in row))
    lines = [headers, *([str(row.get(name, "")) for name in headers] for row in rows)]
    return "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)


def checked(folder: Path, *rows: dict[str, Any], kind: str | None = "hospital", **more: Any) -> Checked:
    return list_rows.check(tables.read(write(folder, csv_of(*rows))), source="test", kind=kind, **more)


def told(found: Checked) -> list[tuple[int | None, str, str]]:
    return [(problem.row, problem.column, str(problem.message)) for problem in found.problems]


# Rows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "column", "says"),
    [
        ({"lat": "48.85", "lon": "2.35"}, "lon", "outside Thailand"),
        ({"lat": "16,31"}, "lat", "not a comma: 16.31"),
        ({"lat": ""}, "lat", "as a number"),
        ({"lon": "NaN"}, "lon", "as a number"),
        ({"name": ""}, "name", "Enter a name"),
        ({"name": "ก" * 201}, "name", "at most 200 characters"),
        ({"name": "หอผู้ป่วยเฉพาะกิจกรม?การแพทย์"}, "name", "damaged"),
        ({"name": "รพ. 1-2345-67890-12-1"}, "name", "national ID"),
        ({"name": "ก\x07ข"}, "name", "cannot be stored"),
        ({"name": "จุฬาลงกรณ์ hospitel"}, "name", "hospitel"),
        ({"name": "โรงพยาบาลตัวอย่าง"}, "", "test row"),
        ({"name": "dummy"}, "", "test row"),
        ({"hcode": "99999"}, "", "test row"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, change: dict[str, str], column: str, says: str) -> None:
    found = checked(tmp_path, GOOD, GOOD | {"id": "2", "name": "รพ.อื่น"} | change)
    assert len(found.valid) == 1
    assert [(row, where) for row, where, _ in told(found)] == [(3, column)]
    assert says in told(found)[0][2]


@pytest.mark.parametrize(
    ("change", "column", "field", "says"),
    [
        ({"beds": "-3"}, "beds", "beds", "“-3” was left out. A count cannot be negative."),
        ({"beds": "๓๐ บาท"}, "beds", "beds", "whole number"),
        ({"beds": "10000000"}, "beds", "beds", "too large"),
        ({"beds": "5", "beds_free": "6"}, "beds_free", "beds_free", "“6” was left out. There are more free beds"),
        ({"phone": "12"}, "phone", "phone", "phone number"),
        ({"opening_hours": "จ-ศ 8.30"}, "opening_hours", "opening_hours", "Mon-Fri 08:30-16:30"),
        ({"status": "เปิดบ้าง"}, "status", "status", "“เปิดบ้าง” was left out. Unknown status. Use one of: Open, Full"),
        ({"status": "open", "closed_until": "2026-12-01"}, "closed_until", "closed_until", "temporarily_closed only"),
        ({"verified_at": "เมื่อวาน"}, "verified_at", "verified_at", "20/11/2569"),
        ({"hcode": "4007"}, "hcode", "hcode", "“4007” is no hospital code"),
        ({"address": "บ้าน 1-2345-67890-12-1"}, "address", "address", "“…” was left out. This looks like a national ID"),
    ],
)
def test_an_optional_cell_that_cannot_be_used_never_costs_its_row(
    tmp_path: Path, change: dict[str, str], column: str, field: str, says: str
) -> None:
    found = checked(tmp_path, GOOD, GOOD | {"id": "2", "name": "รพ.อื่น"} | change)
    assert told(found) == []
    assert len(found.valid) == 2
    assert [(note.row, note.column) for note in found.notes] == [(3, column)]
    assert says in str(found.notes[0].told)
    assert found.valid[1].left_out == {field}
    assert getattr(found.valid[1], field) in (None, "open")


def test_the_same_facility_twice(tmp_path: Path) -> None:
    same_ref = checked(tmp_path, GOOD, GOOD | {"beds": "7"})
    assert told(same_ref) == [(3, "name", "The same facility is already in row 2.")]
    same_place = checked(tmp_path, GOOD, GOOD | {"id": "9", "name": "รพ. หนองพอก ", "lat": "16.3115"})
    assert [row for row, _, _ in told(same_place)] == [3]
    # The country has four hospitals called เฉลิมพระเกียรติ; and the ministry gives each place one code.
    assert told(checked(tmp_path, GOOD, GOOD | {"id": "9", "lat": "16.9"})) == []
    codes = checked(tmp_path, GOOD | {"hcode": "11068"}, GOOD | {"id": "9", "hcode": "11069"})
    assert (told(codes), len(codes.valid), len(codes.notes)) == ([], 2, 1)


@pytest.mark.parametrize("name", ["โรงพยาบาลสนามชัยเขต", "โรงพยาบาลแก้งสนามนาง", "โรงพยาบาลกรุงเทพสนามจันทร์"])
def test_a_district_is_no_field_hospital(tmp_path: Path, name: str) -> None:
    assert [one.kind for one in checked(tmp_path, GOOD | {"name": name}).valid] == ["hospital"]


def test_a_field_hospital_is_known_by_its_name(tmp_path: Path) -> None:
    found = checked(tmp_path, GOOD | {"name": "โรงพยาบาลสนาม ธรรมศาสตร์", "hcode": "F1301"})
    assert [one.kind for one in found.valid] == ["field_hospital"]
    assert [note.row for note in found.notes] == [2]


def test_what_lists_write_is_understood(tmp_path: Path) -> None:
    row = {
        "ชื่อสถานที่": " จุดฉีดวัคซีน หนองพอก ", "ประเภท": "จุดฉีดวัคซีน", "ละติจูด": "๑๖.๓๑๐๘๕", "ลองจิจูด": "104.2014",
        "จำนวนเตียง": "๑,๒๐๐", "เบอร์โทร": "๐๕๓ ๑๔๐ ๗๗๔ ต่อ 12", "สถานะ": "ปิดชั่วคราว", "เปิดอีกครั้ง": "1/12/2569",
        "วันที่ตรวจสอบ": "20/11/2569", "เวลาทำการ": "Mo-Fr 08:30-16:30; PH off",
    }  # fmt: skip
    (one,) = checked(tmp_path, row, kind=None, as_of=date(2026, 11, 1)).valid
    assert (one.kind, one.name_th, one.lat, one.beds) == ("vaccination_site", "จุดฉีดวัคซีน หนองพอก", 16.31085, 1200)
    assert (one.phone, one.status, one.source_as_of) == ("+6653140774", "temporarily_closed", date(2026, 11, 1))
    assert one.closed_until == datetime.fromisoformat("2026-12-01T00:00+07:00")
    assert one.verified_at == datetime.fromisoformat("2026-11-20T00:00+07:00")
    assert one.source_ref.startswith("~")  # no code in the list


def test_columns_by_hand(tmp_path: Path) -> None:
    row = {"ก": "รพ.หนองพอก", "ข": "16.31", "ค": "104.2"}
    mapping = {"name_th": "ก", "lat": "ข", "lon": "ค"}
    assert len(checked(tmp_path, row, mapping=mapping).valid) == 1
    with pytest.raises(Invalid, match="No column was found for: name_th, lat, lon"):
        checked(tmp_path, row)
    with pytest.raises(Invalid, match="Column ง not found"):
        checked(tmp_path, row, mapping=mapping | {"beds": "ง"})
    with pytest.raises(Invalid, match="Unknown field nonsense"):
        checked(tmp_path, row, mapping={"nonsense": "ก"})


def test_a_list_without_kinds(tmp_path: Path) -> None:
    assert "give --kind" in told(checked(tmp_path, GOOD, kind=None))[0][2]


def test_national_ids() -> None:
    assert has_national_id("เลข ๑-๒๓๔๕-๖๗๘๙๐-๑๒-๑ ครับ")
    assert has_national_id("1-2345-67890-12-2"), "mistyped, it still tells whose it is"
    assert not has_national_id("02-590-1000 02-590-1001")


TEXTS = st.text(max_size=30) | st.sampled_from([*PAYLOADS, "16.3", "104.2", "-1", "hospital", "nan", "1e400", "\0"])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(sorted(list_rows.HEADERS)), TEXTS | st.none() | st.integers() | st.floats()))
def test_no_row_breaks_the_check(cells: dict[str, Any]) -> None:
    table = tables.Table(["name_th", "lat", "lon", *cells], [(2, cells), (3, cells)])
    found = list_rows.check(table, source="test", kind="hospital")
    assert found.refused + len(found.valid) == 2
    assert found.refused == len({problem.row for problem in found.problems})


# Files -----------------------------------------------------------------------------------------------------------


def workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "จุดบริการ"
    for row in rows:
        sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def geojson(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


POINT = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [104.2014, 16.31085]}}


@pytest.mark.parametrize(
    "data",
    [
        csv_of(GOOD).encode(),
        csv_of(GOOD).encode("utf-8-sig"),
        csv_of(GOOD).encode("cp874"),
        csv_of(GOOD).replace(",", ";").encode(),
        csv_of(GOOD).replace('","', '"\t"').replace("\n", "\r\n").encode(),
        workbook([list(GOOD), ["รพ.หนองพอก", 16.31085, 104.2014, 56, 11068]]),
        workbook([[], list(GOOD), [None] * 5, ["รพ.หนองพอก", "16.31085", "104.2014", 56.0, "11068"]]),
        geojson(POINT | {"properties": {"name": "รพ.หนองพอก", "beds": 56}, "id": 11068}).encode(),
    ],
)
def test_every_format_gives_the_same(tmp_path: Path, data: bytes) -> None:
    found = list_rows.check(tables.read(write(tmp_path, data, "anything.txt")), source="test", kind="hospital")
    (one,) = found.valid
    assert (one.name_th, one.lat, one.lon, one.beds, one.source_ref) == ("รพ.หนองพอก", 16.31085, 104.2014, 56, "11068")


def test_a_formula_is_named_by_its_cell(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        list(GOOD),
        ["=A1", 16.31085, 104.2014, "=1+1", 11068],
        ["รพ.อื่น", 16.5, 104.2, "#REF!", 11069],
    ]
    found = list_rows.check(tables.read(write(tmp_path, workbook(rows))), source="test", kind="hospital")
    assert [(row, where) for row, where, _ in told(found)] == [(2, "name")]
    assert [(note.row, note.column) for note in found.notes] == [(3, "beds")]
    assert "Cell A2 is a formula" in told(found)[0][2]
    assert "Cell D3 contains the error #REF!" in str(found.notes[0].told)


def test_geometry_that_is_no_point(tmp_path: Path) -> None:
    line = {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}, "properties": GOOD}
    table = tables.read(write(tmp_path, geojson(line, 7, {"type": "Feature", "geometry": None, "properties": None})))
    found = list_rows.check(table, source="test", kind="hospital")
    assert {problem.row for problem in found.problems} == {1, 2, 3}


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"name,lat,lon\n", "no rows"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "neither a CSV"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "cannot be read"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "has a password"),
        (b"\xd0\xcf\x11\xe0" + "_VBA_PROJECT".encode("utf-16-le"), "has macros"),
        (b"<html><table><tr><td>name</td></tr></table></html>", "web page"),
        (zipped(a=b"b"), "neither a CSV"),
        (b"PK\x03\x04 broken", "cannot be read"),
        (zipped(**{"xl__workbook.xml": b"<x/>"}), "cannot be read"),
        (zipped(**{"xl__workbook.xml": b"<x/>", "xl__vbaProject.bin": b"x"}), "macros"),
        (zipped(**{"xl__workbook.xml": b"<x/>", "xl__bomb.xml": b"0" * 5_000_000}), "too large when unpacked"),
        (b'{"type": "FeatureCollection", "features": []}', "no rows"),
        (b'{"type": "Topology"}', "not a GeoJSON"),
        (b"[1, 2]", "not a GeoJSON"),
        (b'{"features": [NaN]}', "not valid JSON"),
        (b'{"features"', "not valid JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"features":' + b"[" * 60 + b"]" * 60 + b"}", "nested too deeply"),
        (b'{"type": "FeatureCollection", "crs": {"properties": {"name": "EPSG:32647"}}, "features": [1]}', "WGS 84"),
        (b'a,b\n"' + b"x" * 200_000, "check its quotes"),
        (b",".join(b"c%d" % number for number in range(300)) + b"\n1\n", "more than 200 columns"),
    ],
)
def test_a_bad_file_is_told(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        tables.read(write(tmp_path, data))


def test_sheets_and_encodings_by_name(tmp_path: Path) -> None:
    book = write(tmp_path, workbook([list(GOOD), ["ก", 16.3, 104.2, 1, 1]]))
    assert tables.read(book, how=tables.How(sheet="จุดบริการ")).headers == list(GOOD)
    with pytest.raises(Invalid, match="The sheets are: จุดบริการ"):
        tables.read(book, how=tables.How(sheet="อื่น"))
    table = write(tmp_path, csv_of(GOOD))
    with pytest.raises(Invalid, match="Unknown encoding: ไม่มี"):
        tables.read(table, how=tables.How(encoding="ไม่มี"))
    with pytest.raises(Invalid, match="Line 2 has a sign that is no letter in ascii"):
        tables.read(table, how=tables.How(encoding="ascii"))


# Into the database -----------------------------------------------------------------------------------------------


def one(**change: Any) -> FacilityIn:
    facts = {"kind": "hospital", "name_th": "รพ.", "lat": 16.3, "lon": 104.2, "source": "s", "source_ref": "1"}
    return FacilityIn.model_validate(facts | change)


def stored(session: Session) -> Facility:
    session.expire_all()
    return session.scalars(select(Facility)).one()


def test_again_is_the_same(session: Session) -> None:
    heard: list[Any] = []

    def listen(_sender: object, **told_: Any) -> None:
        heard.append(told_["ids"])

    with service.facilities_changed.connected_to(listen):
        first = service.import_facilities(session, [one(beds=5)])
        again = service.import_facilities(session, [one(beds=5)])
        more = service.import_facilities(session, [one(beds=6), one(source_ref="2", lat=17)])
    counts = [(done.new, done.changed, done.same) for done in (first, again, more)]
    assert counts == [(1, 0, 0), (0, 0, 1), (1, 1, 0)]
    assert heard == [first.ids, more.ids]
    assert session.info["changed"] == {"facilities", "coverage"}
    kept = session.scalars(select(Facility).order_by(Facility.source_ref)).all()
    assert [(facility.beds, facility.version) for facility in kept] == [(6, 2), (None, 1)]


def test_a_list_changes_only_what_it_speaks_of(session: Session) -> None:
    service.import_facilities(
        session, [one(phone="053 140 774", status="temporarily_closed", closed_until="2026-12-01", beds=5)]
    )
    service.import_facilities(session, [one(beds=7, lat=16.31)], columns={"name_th", "lat", "lon", "beds"})
    facility = stored(session)
    assert (facility.phone, facility.status, facility.beds) == ("+6653140774", "temporarily_closed", 7)
    assert session.scalar(text("SELECT ST_Y(point::geometry) FROM facilities")) == 16.31
    service.import_facilities(session, [one()], columns={"status"})
    assert (stored(session).status, stored(session).closed_until) == ("open", None)


def test_seed_twice(session: Session) -> None:
    first = service.seed(session, NOON)
    assert first.new > 80
    again = service.seed(session, NOON.replace(year=2027))
    assert (again.new, again.changed, again.same) == (0, 0, first.new)
    rows = session.execute(select(Facility.kind, Facility.is_example, Facility.name_th, Facility.phone)).all()
    assert {row.kind for row in rows if row.is_example} == {
        "test_site", "vaccination_site", "field_hospital", "waiting_centre",
    }  # fmt: skip
    assert all(("ตัวอย่าง" in row.name_th) == row.is_example for row in rows)
    assert all(row.phone is None for row in rows)


# The command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, session: Session) -> Any:
    """Runs ``mapapp facilities import``; its session is the test's, and it commits nothing."""

    @contextmanager
    def ours() -> Iterator[Session]:
        with session.begin_nested() as saved, monkeypatch.context() as patched:
            patched.setattr(session, "rollback", saved.rollback)
            yield session

    monkeypatch.setattr(command_line, "session", ours)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.delenv("LC_ALL", raising=False)

    def invoke(*arguments: object) -> Result:
        group = command_line.Group(commands={"facilities": facilities})
        return CliRunner().invoke(group, ["facilities", "import", *map(str, arguments)])

    return invoke


def count(session: Session) -> int:
    return session.scalar(text("SELECT count(*) FROM facilities")) or 0


def test_all_or_nothing_unless_asked(tmp_path: Path, session: Session, run: Any) -> None:
    path = write(tmp_path, csv_of(GOOD, GOOD | {"id": "2", "beds": "-1"}))
    refused = run(path, "--kind", "hospital")
    assert (refused.exit_code, count(session)) == (1, 0)
    dry = run(path, "--kind", "hospital", "--valid-only", "--dry-run")
    assert (dry.exit_code, count(session)) == (0, 0)
    taken = run(path, "--kind", "hospital", "--valid-only", "--source", "รายการ", "--as-of", "2026-11-01")
    assert (taken.exit_code, count(session)) == (0, 1)
    assert stored(session).source == "รายการ"
    assert stored(session).source_as_of == date(2026, 11, 1)


def test_a_wrong_mapping_is_a_usage_error(tmp_path: Path, run: Any) -> None:
    assert run(write(tmp_path, csv_of(GOOD)), "--map", "nonsense").exit_code == 2


@pytest.mark.national
def test_the_real_hospital_list(shared_data: Path, session: Session, run: Any) -> None:
    path = shared_data / "facilities" / "hospitals_hcode.csv"
    table = list_rows.check(tables.read(path), source="list", kind="hospital")
    by_row: dict[int | None, set[str]] = {}
    for problem in table.problems:
        by_row.setdefault(problem.row, set()).add(problem.column)
    # A hospitel, a damaged name, two test rows; a code too short is left out.
    assert by_row == {10: {"name_th"}, 78: {"name_th"}, 314: {""}, 326: {""}}
    assert [note.row for note in table.notes] == [116, 280, 930]
    assert [one.name_th for one in table.valid if one.kind == "field_hospital"] == ["โรงพยาบาลสนาม ธรรมศาสตร์"]
    assert run(path, "--kind", "hospital").exit_code == 1
    for _ in range(2):
        assert run(path, "--kind", "hospital", "--valid-only").exit_code == 0
        assert count(session) == 1380
    assert session.scalar(text("SELECT max(version) FROM facilities")) == 1


def test_pipes_devices_and_folders_are_no_files(tmp_path: Path, run: Any) -> None:
    """A pipe that nobody writes to would be waited for, a device read for ever."""
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", Path("/dev/zero"), tmp_path, tmp_path / "missing.csv"):
        result = run(str(path))
        assert result.exit_code == 1
        assert "not found" in result.output


def _with_doctype(member: str, encoding: str) -> bytes:
    book = Workbook()
    book.active.append(["name", "lat", "lon"])  # type: ignore[union-attr]
    whole, made = io.BytesIO(), io.BytesIO()
    book.save(whole)
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(made, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry, bomb.encode(encoding) + data if entry.filename == member else data)
    return made.getvalue()


@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_workbook_with_entities_is_not_parsed(tmp_path: Path, member: str, encoding: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(_with_doctype(member, encoding))
    with pytest.raises(Invalid, match="workbook cannot be read"):
        tables.read(path)


def test_one_cell_far_to_the_right_costs_nothing(tmp_path: Path) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["name", "lat", "lon"])
    sheet.append(["ก", 14, 100])
    sheet.cell(2, 16_384, "x")
    book.save(tmp_path / "a.xlsx")
    table = tables.read(tmp_path / "a.xlsx")
    assert table.headers == ["name", "lat", "lon"]
    assert table.rows == [(2, {"name": "ก", "lat": 14, "lon": 100})]
