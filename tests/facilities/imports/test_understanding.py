"""What spreadsheets and people do to a row, understood: zeros, digits, dates, coordinates, titles, headings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapapp.core import geo
from mapapp.core.errors import Invalid
from mapapp.facilities import list_rows
from mapapp.facilities.list_rows import Checked
from mapapp.facilities.schemas import FacilityIn
from mapapp.lists import tables
from tests.facilities.imports.build import HEAD, IN_WEST, xlsx

PLACE = {"ชื่อ": "รพ.หนองพอก", "ละติจูด": 16.31085, "ลองจิจูด": 104.2014, "รหัส": "1"}


def checked(row: dict[str, Any], kind: str = "hospital") -> Checked:
    data = xlsx(list(row), list(row.values()))
    return list_rows.check(tables.read_bytes(data, is_heading=list_rows.is_heading), source="s", kind=kind)


def one(**cells: Any) -> FacilityIn:
    found = checked(PLACE | cells)
    assert [str(problem) for problem in found.problems] == []
    return found.valid[0]


def notes(found: Checked) -> list[tuple[int | None, str, str]]:
    return [(note.row, note.column, str(note.message)) for note in found.notes]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (53920300, "+6653920300"), (53920300.0, "+6653920300"), ("812345678.0", "+66812345678"),
        ("๐๘๑ ๒๓๔ ๕๖๗๘", "+66812345678"), ("'+66812345678", "+66812345678"), (1669, "1669"),
    ],
)  # fmt: skip
def test_phones(cell: Any, number: str) -> None:
    assert one(โทรศัพท์=cell).phone == number


@pytest.mark.parametrize(
    "cell",
    ["20/11/2569", "20-11-2569", "2569-11-20", "2026-11-20", "๒๐/๑๑/๒๕๖๙", "20 พ.ย. 2569", "20 พฤศจิกายน พ.ศ. 2569",
     "20/11/69", "20/11/2569 00:00", "20 พ.ย. 69 เวลา 0.00 น.", date(2026, 11, 20), date(2569, 11, 20),
     datetime(2569, 11, 20)],  # noqa: DTZ001 - a spreadsheet's cell knows no zone
)  # fmt: skip
def test_dates(cell: Any) -> None:
    assert one(ตรวจสอบเมื่อ=cell).verified_at == datetime.fromisoformat("2026-11-20T00:00+07:00")


@given(st.dates(date(2000, 1, 2), date(2100, 12, 31)))
def test_every_day_can_be_written_the_thai_way(day: date) -> None:
    """29 February 2567 is a day, although 2567 is no leap year of ours."""
    written = f"{day.day}/{day.month}/{day.year + 543}"
    facts = {"kind": "hospital", "name_th": "ก", "lat": 16, "lon": 104, "source": "s", "source_ref": "1"}
    kept = FacilityIn.model_validate(facts | {"verified_at": written}).verified_at
    assert kept == datetime.fromisoformat(f"{day.isoformat()}T00:00+07:00")


@pytest.mark.parametrize("cell", ["31/2/2569", "20/13/2569", "20/11/26", "เมื่อวาน", 4500, "0/0/0", "20 ธันวาฯ 2569"])
def test_no_date(cell: Any) -> None:
    assert ["20/11/2569" in str(note) for note in checked(PLACE | {"ตรวจสอบเมื่อ": cell}).notes] == [True]


def test_zeros_that_a_spreadsheet_has_eaten() -> None:
    found = checked(PLACE | {"รหัสสถานพยาบาล": 4007})
    assert found.valid[0].hcode == "04007"
    assert notes(found) == [(2, "รหัสสถานพยาบาล", "Leading zeros were missing. The code is read as 04007.")]
    # As text nobody can tell whether a zero or another digit is missing.
    assert "Were leading zeros lost?" in str(checked(PLACE | {"รหัสสถานพยาบาล": "4007"}).notes[0])
    assert one(รหัสสถานพยาบาล="๑๑๐๖๘").hcode == "11068"
    assert one(รหัส="๑๒").source_ref == one(รหัส=12).source_ref == "12"


def test_numbers_as_texts_and_texts_as_numbers() -> None:
    found = one(ที่อยู่=12, เตียง="๑,๒๐๐", เวลาทำการ="Mo-Fr ๐๘:๓๐-๑๖:๓๐")
    assert (found.address, found.beds, found.opening_hours) == ("12", 1200, "Mo-Fr 08:30-16:30")


def test_columns_swapped() -> None:
    found = checked(PLACE | {"ละติจูด": 104.2014, "ลองจิจูด": 16.31085})
    assert (found.valid[0].lat, found.valid[0].lon) == (16.31085, 104.2014)
    assert notes(found) == [(2, "ละติจูด", "Latitude and longitude were in the wrong columns. They were swapped.")]


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("16°18'39\"N", "104°12'05\"E"), ("16 18 39", "104 12 05"), ("๑๖° ๑๘' ๓๙\"", "๑๐๔° ๑๒' ๐๕\""),
        ("1803388.7", "48N 414645.9"),
    ],
)  # fmt: skip
def test_other_ways_of_coordinates(lat: Any, lon: Any) -> None:
    found = checked(PLACE | {"ละติจูด": lat, "ลองจิจูด": lon})
    assert [str(problem) for problem in found.problems] == []
    assert found.valid[0].lat == pytest.approx(16.3108, abs=0.002)
    assert found.valid[0].lon == pytest.approx(104.2014, abs=0.002)
    assert [note.column for note in found.notes] == ["ละติจูด"]


def test_one_column_of_coordinates() -> None:
    cells = {"ชื่อ": "รพ.หนองพอก", "รหัส": "1", "พิกัด": "16.31085, 104.2014"}
    found = checked(cells)
    assert (found.valid[0].lat, found.valid[0].lon, found.notes) == (16.31085, 104.2014, [])
    assert {"lat", "lon"} <= found.columns
    empty = checked(cells | {"พิกัด": None})
    assert {(problem.row, problem.column) for problem in empty.problems} == {(2, "พิกัด")}
    nowhere = checked(cells | {"พิกัด": "ข้างวัด"})
    assert [(problem.row, problem.column) for problem in nowhere.problems] == [(2, "พิกัด")]


def test_every_problem_of_a_row_is_told_at_once() -> None:
    found = checked(PLACE | {"ละติจูด": "16 18 เหนือ", "ลองจิจูด": "ข้างวัด 1 2", "เตียง": -1, "โทรศัพท์": "12"})
    assert {problem.column for problem in found.problems} == {"ละติจูด"}
    found = checked(PLACE | {"เตียง": -1, "โทรศัพท์": "12"})
    assert {note.column for note in found.notes} == {"เตียง", "โทรศัพท์"}


@given(st.floats(geo.SOUTH, geo.NORTH), st.floats(geo.WEST, geo.EAST))
def test_whichever_column_a_number_stands_in_the_place_is_the_same(lat: float, lon: float) -> None:
    lat, lon = round(lat, 6), round(lon, 6)
    rows = [
        (2, PLACE | {"ละติจูด": lat, "ลองจิจูด": lon}),
        (3, {**PLACE, "รหัส": "2", "ชื่อ": "ก", "ละติจูด": lon, "ลองจิจูด": lat}),
    ]
    found = list_rows.check(tables.Table(list(PLACE), rows), source="s", kind="hospital")
    assert [(one.lat, one.lon) for one in found.valid] == [(lat, lon)] * 2


def test_new_fields() -> None:
    row = {**PLACE, "วิธีตรวจ": "ATK", "สถานะ": "ปิดชั่วคราว", "ปิดตั้งแต่วันที่": "1/12/2569", "เหตุผลที่ปิด": "ซ่อม",
           "วัคซีน": "mRNA", "จำนวนที่รับได้": 40, "ที่ว่าง": 5}  # fmt: skip
    (found,) = checked(row, kind="test_site").valid
    assert (found.test_types, found.vaccines, found.places, found.places_free) == ("ATK", "mRNA", 40, 5)
    assert (found.closed_from, found.closed_reason) == (datetime.fromisoformat("2026-12-01T00:00+07:00"), "ซ่อม")


def test_titles_above_the_headings_and_headings_twice() -> None:
    data = xlsx(["รายชื่อจุดฉีดวัคซีน อำเภอทดสอบ"], [], HEAD, IN_WEST, HEAD, [*["2"], *IN_WEST[1:2], 14.09, 100.06])
    table = tables.read_bytes(data, is_heading=list_rows.is_heading)
    assert table.headers == HEAD
    found = list_rows.check(table, source="s", kind="vaccination_site")
    assert [(problem.row, "repeats the headings" in str(problem)) for problem in found.problems] == [(5, True)]
    assert len(found.valid) == 2


def test_merged_cells_are_read_as_far_as_they_go() -> None:
    import io

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(xlsx(["ชื่องาน", None, None], HEAD, IN_WEST)))
    book.worksheets[0].merge_cells("A1:F1")
    made = io.BytesIO()
    book.save(made)
    assert tables.read_bytes(made.getvalue(), is_heading=list_rows.is_heading).headers == HEAD


def test_bytes_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    with pytest.raises(Invalid, match="larger than"):
        tables.read_bytes(b"x" * 11)


@pytest.mark.parametrize(
    "heading", ["เวลาเปิด", "เวลาเปิด-ปิด", "วัน/เวลาทำการ", "วันและเวลาให้บริการ", "เวลาให้บริการ", "Opening hours"]
)
def test_the_headings_officials_write_over_opening_hours(heading: str) -> None:
    assert one(**{heading: "จ-ศ 08:30-16:30"}).opening_hours == "Mo-Fr 08:30-16:30"


@pytest.mark.parametrize("nothing", ["-", "–", "ไม่มี", "ไม่ทราบ", "n/a", "."])
def test_what_officials_write_into_an_empty_cell(nothing: str) -> None:
    found = one(โทรศัพท์=nothing, เวลาเปิด=nothing, เตียง=nothing, เตียงว่าง=nothing, ที่อยู่=nothing)
    assert (found.phone, found.opening_hours, found.beds, found.beds_free, found.address) == (None,) * 5


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("๔๐ เตียง", 40),
        ("40เตียง", 40),
        ("1,200 โดส/วัน", 1200),
        ("๑๒ คน", 12),
        ("30 beds", 30),
        ("ประมาณ 50", 50),
        ("~50 เตียง", 50),
        ("50+", 50),
        ("ไม่เกิน ๘๐ คน", 80),
    ],
)
def test_a_count_with_what_is_counted_behind_it(cell: str, count: int) -> None:
    assert one(เตียง=cell).beds == count


@pytest.mark.parametrize("cell", ["40 บาท", "เตียง", "4 0", "ประมาณ"])
def test_a_count_that_is_none_is_left_out(cell: str) -> None:
    assert ["Enter a whole number" in str(note) for note in checked(PLACE | {"เตียง": cell}).notes] == [True]


def test_full_is_no_free_bed() -> None:
    assert one(เตียง="๔๐ เตียง", เตียงว่าง="เต็ม").beds_free == 0


def test_the_example_of_opening_hours_is_one_that_is_understood() -> None:
    told = str(checked(PLACE | {"เวลาเปิด": "แล้วแต่วัน"}).notes[0])
    assert "Mon-Fri 08:30-16:30" in told
    assert "PH off" not in told
    assert one(เวลาเปิด="ทุกวัน 24 ชั่วโมง").opening_hours == "24/7"
    assert one(เวลาเปิด="Mon-Fri 08:30-16:30").opening_hours == "Mo-Fr 08:30-16:30"


def test_beds_of_a_waiting_centre_are_its_places() -> None:
    found = checked(PLACE | {"เตียง": "๔๐ เตียง", "เตียงว่าง": 5}, kind="waiting_centre")
    kept = found.valid[0]
    assert (kept.places, kept.places_free, kept.beds, kept.beds_free) == (40, 5, None, None)
    assert {"places", "places_free"} <= found.columns
    assert [column for _row, column, text in notes(found) if "counted as spaces" in text] == ["เตียง", "เตียงว่าง"]
    assert one(เตียง=40).beds == 40, "a hospital's stay beds"


@pytest.mark.parametrize(
    ("cells", "phone", "more"),
    [
        ({"โทรศัพท์": "02-123-4567 ต่อ 12, 081-234-5678"}, "+6621234567", "ต่อ 12, 081-234-5678"),
        ({"โทรศัพท์": "053-920300 หรือ 081 234 5678"}, "+6653920300", "หรือ 081 234 5678"),
        ({"โทรศัพท์": "053-920300", "มือถือ": "081 234 5678"}, "+6653920300", "081 234 5678"),
        ({"โทรศัพท์": "053-920300", "มือถือ": 812345678}, "+6653920300", "081 234 5678"),
        ({"โทรศัพท์": "-", "มือถือ": "081 234 5678"}, "+66812345678", None),
        ({"โทรศัพท์": "053-920300"}, "+6653920300", None),
    ],
)
def test_further_telephone_numbers_and_extensions_are_kept(cells: dict[str, Any], phone: str, more: str | None) -> None:
    found = one(**cells)
    assert (found.phone, found.phone_more) == (phone, more)
    assert {"phone", "phone_more"} <= checked(PLACE | cells).columns
