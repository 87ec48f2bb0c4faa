"""The officers' import pages, from the upload to taking it back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.facilities.imports import jobs, templates
from mapapp.facilities.kinds import KINDS
from mapapp.facilities.models import Facility, FacilityImport
from mapapp.lists import sheets
from tests.conftest import NOON
from tests.data import small_country
from tests.facilities.build import PAYLOADS
from tests.facilities.imports.build import ALSO_WEST, HEAD, IN_EAST, IN_WEST, xlsx
from tests.payloads import EVALUATED
from tests.people import Browser, appoint, browser

HOME = "/officer/facilities/import"


@pytest.fixture
def officer(app: Flask, session: Session) -> Browser:
    """The coordinator of amphoe 9001, whose imports run at once instead of in a thread."""
    small_country(session)
    app.extensions["mapapp_background"] = lambda job: job()
    return browser(app, session, appoint(session, "amphoe_coordinator", "9001"))


def send(who: Browser, data: bytes, name: str = "รายการ.xlsx", **more: Any) -> TestResponse:
    form = {"source": "รายการวัคซีน", "kind": "vaccination_site", "file": (io.BytesIO(data), name), **more}
    return who.post(HOME, form, content_type="multipart/form-data")


def uploaded(who: Browser, *rows: list[Any], **more: Any) -> str:
    answer = send(who, xlsx(HEAD, *rows), **more)
    assert answer.status_code == 303, answer.text
    return answer.location.split("?")[0]


def test_from_the_file_to_the_map_and_back(officer: Browser, session: Session) -> None:
    address = uploaded(officer, IN_WEST, ALSO_WEST)
    page = officer.get(f"{address}?lang=en")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "Import all, 2 rows" in page.text
    assert session.scalar(select(func.count()).select_from(Facility)) == 1
    assert officer.post(f"{address}/run", {"rows": "all"}).status_code == 303
    done = officer.get(f"{address}?lang=en").text
    assert "Undo this import" in done
    assert "จุดฉีด วัดเหนือ" in done
    kept = session.scalars(select(Facility).where(Facility.source == "รายการวัคซีน [9001]")).all()
    assert {pin.status for pin in kept} == {"open", "full"}
    again = officer.post(f"{address}/run", {"rows": "all"})
    assert again.status_code == 303
    assert officer.post(f"{address}/undo").status_code == 303
    assert officer.post(f"{address}/undo").status_code == 303
    assert "2 new facilities were closed" in officer.get(f"{address}?lang=en").text
    assert "รายการวัคซีน" in officer.get(HOME).text


def test_the_good_rows_alone(officer: Browser, session: Session) -> None:
    address = uploaded(officer, IN_WEST, IN_EAST, ["9", None, 14.05, 100.05, None, None])
    page = officer.get(f"{address}?lang=en").text
    assert "Import all" not in page
    assert "outside your area" in page
    assert "Enter a name." in page
    assert "Enter a name." not in officer.get(f"{address}?lang=en&show=outside").text
    lines = list(csv.reader(io.StringIO(officer.get(f"{address}/problems.csv?lang=en").text.lstrip("\ufeff"))))
    assert [line[0] for line in lines] == ["Row", "3", "4"]
    officer.post(f"{address}/run", {"rows": "all"})
    assert "Some rows can no longer be imported" in officer.get(f"{address}?lang=en").text
    officer.post(f"{address}/run", {"rows": "good"})
    assert session.scalar(text("SELECT count(*) FROM facilities WHERE source LIKE 'รายการ%'")) == 1


def test_a_list_brought_again_shows_what_it_would_change(officer: Browser) -> None:
    officer.post(f"{uploaded(officer, IN_WEST)}/run", {"rows": "all"})
    page = officer.get(f"{uploaded(officer, [*IN_WEST[:5], 'เต็ม'])}?lang=en").text
    assert re.search(r"Status: <del>.+</del> → <ins>Full</ins>", page)


def test_a_form_sent_twice_counts_once(officer: Browser, session: Session) -> None:
    key = {"once": "9d3e2f9e-7a5d-4a57-8f0e-0c9f8b1a2c3d"}
    first, second = (send(officer, xlsx(HEAD, IN_WEST), **key) for _ in range(2))
    assert first.location == second.location
    assert session.scalar(select(func.count()).select_from(FacilityImport)) == 1


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "a.xlsx", "The file is empty"),
        (b"PK\x03\x04 broken", "a.xlsx", "cannot be read"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "a.xls", "cannot be read"),
        (b"name,lat,lon\n", "a.csv", "no rows"),
        (b"x", "", "Choose a file"),
    ],
)
def test_a_bad_file_is_told_beside_its_field(officer: Browser, data: bytes, name: str, says: str) -> None:
    answer = officer.post(
        f"{HOME}?lang=en",
        {"source": "ที่พิมพ์ไว้", "kind": "hospital", "file": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 400
    assert re.search(rf'<span class="problem" id="file-problem">[^<]*{says}', answer.text)
    assert 'value="ที่พิมพ์ไว้"' in answer.text


def test_too_large_a_file_is_refused_before_it_is_read(officer: Browser, app: Flask) -> None:
    class Endless(io.RawIOBase):
        """Would give the test away by being read."""

        def readable(self) -> bool:
            return True

        def readinto(self, _buffer: Any) -> int:
            raise AssertionError("it was read")

    answer = officer.client.post(
        f"{HOME}?lang=en",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "60000000", "wsgi.input": Endless()},
    )
    assert answer.status_code == 413
    assert "50 MB" in answer.text


def test_columns_by_hand(officer: Browser, session: Session) -> None:
    rows = [["ก", "ข", "ค", "ง"], ["จุดฉีด หนึ่ง", "14.05", "100.06", "7"], ["จุดฉีด สอง", "14.06", "100.06", "8"]]
    address = send(officer, xlsx(*rows)).location.split("?")[0]
    page = officer.get(f"{address}?lang=en").text
    assert "Choose what is still missing: Name, Latitude, Longitude." in page
    assert "Preview of each row" not in page
    twice = officer.post(f"{address}/columns?lang=en", {"name_th": "0", "lat": "1", "lon": "1"})
    assert twice.status_code == 400
    assert "This column is already used for “Latitude”." in twice.text
    assert officer.post(f"{address}/columns", {"name_th": "99"}).status_code == 400
    assert officer.post(f"{address}/columns", {"verified_by": "0"}).status_code == 400
    chosen = {"name_th": "0", "lat": "1", "lon": "2", "source_ref": "3"}
    assert officer.post(f"{address}/columns", chosen).status_code == 303
    assert "Import all, 2 rows" in officer.get(f"{address}?lang=en").text
    officer.post(f"{address}/run", {"rows": "all"})
    assert session.scalar(text("SELECT count(*) FROM facilities WHERE source_ref IN ('7', '8')")) == 2


def test_sheets_and_kinds(officer: Browser) -> None:
    data = templates.template("test_site")
    answer = officer.post(
        HOME, {"source": "ก", "file": (io.BytesIO(data), "a.xlsx")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 400  # the list itself is empty
    book = load_workbook(io.BytesIO(data))
    book["รายการ"].append(["1", "จุดตรวจ", None, 14.05, 100.05])
    made = io.BytesIO()
    book.save(made)
    address = send(officer, made.getvalue(), kind="").location.split("?")[0]
    assert "still missing: Type" in officer.get(f"{address}?lang=en").text
    kept = officer.post(f"{address}/options", {"kind": "test_site", "sheet": "1"})
    assert kept.status_code == 303
    page = officer.get(f"{address}?lang=en").text
    assert "จุดตรวจ ตลาดสันทราย" in page
    assert officer.post(f"{address}/options", {"sheet": "x"}).status_code == 400
    assert officer.post(f"{address}/options", {"kind": "shop"}).status_code == 400


def test_letters_of_an_old_spreadsheet(officer: Browser) -> None:
    data = "รหัส,ชื่อ,ละติจูด,ลองจิจูด\n1,จุดฉีด วัดใต้,14.05,100.05\n".encode("cp874")
    address = send(officer, data, "a.csv").location.split("?")[0]
    assert "จุดฉีด วัดใต้" in officer.get(address).text
    assert officer.post(f"{address}/options", {"encoding": "utf-8"}).status_code == 303
    assert "Line 1 has a sign that is no letter in utf-8" in officer.get(f"{address}?lang=en").text


def test_another_areas_import_is_not_theirs(officer: Browser, app: Flask, session: Session) -> None:
    address = uploaded(officer, IN_WEST)
    other = browser(app, session, appoint(session, "amphoe_coordinator", "9002"))
    for path in ("", "/progress", "/problems.csv"):
        assert other.get(address + path).status_code == 403
    for path in ("/options", "/columns", "/run", "/undo", "/discard"):
        assert other.post(address + path).status_code == 403
    assert other.get(f"{HOME}?area=9001").status_code == 403
    assert "รายการวัคซีน" not in other.get(HOME).text
    assert officer.get(f"{HOME}/9d3e2f9e-7a5d-4a57-8f0e-0c9f8b1a2c3d").status_code == 404


def test_fields_nobody_asked_for_are_refused(officer: Browser) -> None:
    assert send(officer, xlsx(HEAD, IN_WEST), area_code="TH").status_code == 400
    address = uploaded(officer, IN_WEST)
    assert officer.post(f"{address}/run", {"rows": "all", "area_code": "TH"}).status_code == 400
    assert officer.post(f"{address}/run", {"rows": "some"}).status_code == 400
    assert officer.post(f"{address}/undo", {"state": "done"}).status_code == 400


def test_progress_and_an_end_half_way(officer: Browser, session: Session, app: Flask, clock: dict[str, Any]) -> None:
    started: list[Callable[[], None]] = []
    app.extensions["mapapp_background"] = started.append
    address = uploaded(officer, IN_WEST)
    officer.post(f"{address}/run", {"rows": "all"})
    officer.post(f"{address}/run", {"rows": "all"})
    assert len(started) == 1
    assert "hx-get" in officer.get(address).text
    assert "HX-Refresh" not in officer.get(f"{address}/progress").headers
    clock["now"] = NOON + 2 * jobs.DEAD_AFTER
    assert officer.get(f"{address}/progress").headers["HX-Refresh"] == "true"
    page = officer.get(f"{address}?lang=en").text
    assert "Nothing was imported. Start again below." in page
    officer.post(f"{address}/run", {"rows": "all"})
    for run in started:
        run()
    assert session.scalar(text("SELECT count(*) FROM facilities WHERE source LIKE 'รายการ%'")) == 1
    assert "Undo this import" in officer.get(f"{address}?lang=en").text


def test_an_upload_can_be_removed(officer: Browser, session: Session) -> None:
    address = uploaded(officer, IN_WEST)
    assert officer.post(f"{address}/discard").status_code == 303
    assert officer.get(address).status_code == 404
    done = uploaded(officer, IN_WEST)
    officer.post(f"{done}/run", {"rows": "all"})
    assert officer.post(f"{done}/discard").status_code == 409


def test_what_is_typed_is_shown_as_it_was_typed(officer: Browser, session: Session) -> None:
    rows = [[str(n), f"จุด {payload}", 14.01 + n / 100, 100.05, None, payload] for n, payload in enumerate(PAYLOADS)]
    head = [*HEAD[:5], "กลุ่มเป้าหมาย", "{{98765*54321}}<b>"]
    address = send(officer, xlsx(head, *rows), "<script>.xlsx", source="{{98765*54321}}{%<i>").location.split("?")[0]
    for page in (officer.get(address), officer.get(HOME)):
        assert page.status_code == 200
        assert EVALUATED not in page.text
        assert "<script>window" not in page.text
        assert "<script>.xlsx" not in page.text
        assert "<i>" not in page.text
    officer.post(f"{address}/run", {"rows": "all"})
    assert session.scalar(text("SELECT count(*) FROM facilities WHERE serves IS NOT NULL")) == len(PAYLOADS)
    assert EVALUATED not in officer.get(address).text


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_each_template_can_be_imported(officer: Browser, kind: str) -> None:
    answer = officer.get(f"{HOME}/template?kind={kind}")
    assert (answer.status_code, answer.mimetype) == (200, sheets.MIME)
    from mapapp.facilities import list_rows
    from mapapp.lists import tables

    table = tables.read_bytes(answer.data, how=tables.How(sheet=templates.EXAMPLES), is_heading=list_rows.is_heading)
    found = list_rows.check(table, source="template", kind=kind, guessing=True)
    assert [str(problem) for problem in found.problems] == []
    assert [one.status for one in found.valid] == ["open", "temporarily_closed"]
    assert found.ignored == []
    assert {one.kind for one in found.valid} == {kind}
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["รายการ", "ตัวอย่าง", "คำอธิบาย"]
    (choice,) = book["รายการ"].data_validations.dataValidation
    assert choice.formula1 == '"เปิด,เต็ม,ปิดชั่วคราว,ปิดถาวร"'


def test_cells_that_go_out_compute_nothing() -> None:
    data = sheets.workbook(["=ก"], [["=1+1"], ["+66"], ["-2"], ["@x"], ["\tx"], [-2], ["ปกติ\x07"], [NOON]])
    cells = [row[0] for row in load_workbook(io.BytesIO(data)).worksheets[0].iter_rows()]
    assert [cell.data_type for cell in cells[:6]] == ["s"] * 6
    assert [cell.value for cell in cells[:6]] == ["'=ก", "'=1+1", "'+66", "'-2", "'@x", "'\tx"]
    assert [cell.value for cell in cells[6:]] == [-2, "ปกติ", NOON.replace(tzinfo=None, hour=12)]


def test_how_a_list_is_to_be_read_is_said_before_anything_is_refused(officer: Browser) -> None:
    """Headings nobody knows, under a title, in a text with a byte that is none: it comes up, and is brought to rows."""
    data = "สรุป|ปี;2569;x\nจุด;เหนือ;ออก\nจุดฉีด วัดใต้;14.05;100.05\n".encode("cp874") + b"\xfd;;\n"
    address = send(officer, data, "a.csv").location.split("?")[0]
    page = officer.get(f"{address}?lang=en").text
    assert "Line 4 has a sign that is no letter in cp874" in page
    address = send(officer, data[:-4], "b.csv").location.split("?")[0]
    assert "The first rows of the file" in officer.get(f"{address}?lang=en").text
    assert (
        officer.post(f"{address}/options", {"heading": "2", "separator": "semicolon", "kind": "hospital"}).status_code
        == 303
    )
    assert officer.post(f"{address}/columns", {"name_th": "0", "lat": "1", "lon": "2"}).status_code == 303
    page = officer.get(f"{address}?lang=en").text
    assert "จุดฉีด วัดใต้" in page
    assert "outcome-new" in page
    assert officer.post(f"{address}/options", {"heading": "x"}).status_code == 400


@pytest.mark.national
def test_the_real_lists_on_the_pages(shared_data: Path, app: Flask, session: Session) -> None:
    small_country(session)
    app.extensions["mapapp_background"] = lambda job: job()
    # The small country has no tambon where the real places are, so one is drawn around all of them.
    session.execute(
        text("UPDATE areas SET boundary = ST_Multi(ST_MakeEnvelope(97, 5, 106, 21, 4326)) WHERE code = '900101'")
    )
    session.execute(text("DELETE FROM areas WHERE code IN ('900102', '900201', '900202')"))
    session.commit()
    ministry = browser(app, session, appoint(session, "ministry", "TH"))
    hospitals = (shared_data / "facilities" / "hospitals_hcode.csv").read_bytes()
    address = send(ministry, hospitals, "h.csv", kind="hospital", source="MOPH").location.split("?")[0]
    page = ministry.get(f"{address}?lang=en&show=problem").text
    assert [int(row) for row in re.findall(r'<td class="n">(\d+)</td>', page)] == [10, 78, 314, 326]
    for sentence in ("hospitel", "damaged", "looks like a test row"):
        assert sentence in page
    ministry.post(f"{address}/run", {"rows": "good"})
    assert session.scalar(text("SELECT count(*) FROM facilities WHERE source = 'MOPH'")) == 1380

    labs = (shared_data / "facilities" / "covid_pcr_labs_2020.csv").read_bytes()
    address = send(ministry, labs, "labs.csv", kind="test_site", source="DMSc").location.split("?")[0]
    headers = labs.decode().splitlines()[0].split(",")
    by_hand = {"name_th": "name_th", "lat": "lat", "lon": "lon", "address": "address_th", "source_ref": "id"}
    chosen = {name: str(headers.index(column)) for name, column in by_hand.items()}
    assert ministry.post(f"{address}/columns", chosen).status_code == 303
    ministry.post(f"{address}/run", {"rows": "good"})
    loaded = session.scalar(text("SELECT count(*) FROM facilities WHERE source = 'DMSc' AND kind = 'test_site'"))
    assert loaded == 130


def test_the_day_of_a_list_is_shown_as_it_is_typed_here(officer: Browser) -> None:
    address = uploaded(officer, IN_WEST, as_of="15/11/2569")
    assert 'name="as_of" inputmode="numeric" placeholder="20/11/2569" value="15/11/2569"' in officer.get(address).text
    assert 'value="2026-11-15"' in officer.get(f"{address}?lang=en").text


def test_opening_hours_are_said_back_in_words(officer: Browser) -> None:
    answer = send(officer, xlsx([*HEAD, "เวลาทำการ"], [*IN_WEST, "จ.-ศ. 8.30-16.30 น."], [*ALSO_WEST, "ตลอด 24 ชั่วโมง"]))
    page = officer.get(answer.location).text
    assert "เวลาทำการอ่านได้เป็น จันทร์–ศุกร์ 08:30–16:30 น." in page
    assert "เวลาทำการอ่านได้เป็น เปิดทุกวันตลอด 24 ชั่วโมง" in page
    assert not re.findall(r"อ่านได้เป็น [A-Z0-9][a-z/0-9]", page)
