"""Lists as people who do this job have them: what is in them, and what is right. All names and places are made up."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp.core.errors import Invalid
from mapapp.facilities import list_rows, service
from mapapp.facilities.imports.plan import Plan, plan
from mapapp.facilities.list_rows import Checked
from mapapp.facilities.models import Facility
from mapapp.lists import mojibake, tables
from tests.data import small_country
from tests.facilities.imports.build import xlsx


def checked(data: bytes, kind: str = "hospital") -> Checked:
    return list_rows.check(tables.read_bytes(data, is_heading=list_rows.is_heading), source="list", kind=kind)


def csv_of(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def names(found: Checked) -> list[str]:
    assert [str(problem) for problem in found.problems] == []
    return [one.name_th for one in found.valid]


def places(found: Checked) -> list[tuple[float, float]]:
    assert [str(problem) for problem in found.problems] == []
    return [(round(one.lat, 4), round(one.lon, 4)) for one in found.valid]


HEAD = "ชื่อ,ละติจูด,ลองจิจูด"


# Cells ----------------------------------------------------------------------------------------------------------


def test_names_are_stored_as_they_are_searched_for() -> None:
    written = ["น\u0e49\u0e4d\u0e32พุ", "\u0e40\u0e40ม่ปิง", "วัด\u200bป่า\u200bแดง", "ที\uf70aปิง"]
    found = checked(csv_of(HEAD, *(f"จุดฉีด {name},18.7{at}01,98.9801" for at, name in enumerate(written))))
    assert names(found) == ["จุดฉีด น้ำพุ", "จุดฉีด แม่ปิง", "จุดฉีด วัดป่าแดง", "จุดฉีด ที่ปิง"]


def test_line_ends_of_workbooks_are_never_shown() -> None:
    found = checked(xlsx(["ชื่อ", "ละติจูด", "ลองจิจูด", "ที่อยู่"], ["จุดฉีด_x000D_\nสนาม", 18.79, 98.98, "1\r\nหมู่ 2"]))
    assert names(found) == ["จุดฉีด สนาม"]
    assert found.valid[0].address == "1\nหมู่ 2"


@pytest.mark.parametrize("name", ["จุดฉีดวัคซีน สวนหลวง", "โรงพยาบาลส่งเสริมสุขภาพตำบลบ้านกาด", "ศูนย์พักคอย วัดเชียงยืน"])
def test_damaged_letters_are_mended_or_named(name: str) -> None:
    as_latin = name.encode("cp874").decode("latin-1")
    as_windows = "".join(_one_letter(byte, "cp1252") for byte in name.encode())
    as_thai = "".join(_one_letter(byte, "cp874") for byte in name.encode())
    for damaged in (as_latin, as_windows, as_thai):
        found = checked(csv_of(HEAD, f"{damaged},18.7321,98.9321"))
        assert names(found) == [name]
        assert [str(remark) for remark in found.remarks] == ["Damaged letters were corrected, check them: row 2."]
    lost = name.encode().decode("cp874", "ignore")
    (problem,) = checked(csv_of(HEAD, f"{lost},18.7321,98.9321")).problems
    assert (problem.row, problem.column) == (2, "ชื่อ")
    assert "the text was in utf-8" in str(problem)


def _one_letter(byte: int, encoding: str) -> str:
    try:
        return bytes([byte]).decode(encoding)
    except UnicodeError:
        return chr(byte)


@pytest.mark.parametrize("name", ["Café Müller", "เธอ เธียร เนินเธียร", "โรงพยาบาลธนบุรี", "Klinik für Augenärzte", "Ø"])
def test_other_names_are_not_taken_for_damaged(name: str) -> None:
    assert mojibake.look(name) is None


def test_a_broken_byte_is_named_by_its_line() -> None:
    data = "\n".join([HEAD, "จุดฉีด หนึ่ง,18.79,98.98", "จุดฉีด"]).encode("cp874") + b"\xfd,18.8,98.99\n"
    with pytest.raises(Invalid, match="Line 3 has a sign that is no letter in cp874"):
        checked(data)


def test_dates_are_what_was_typed() -> None:
    """The last day without it is the 20th: it opens on the 21st."""
    cells = [
        datetime(2026, 12, 20), datetime(2569, 12, 20), datetime(1969, 12, 20), 46376, "20-ธ.ค.-69",  # noqa: DTZ001
        "วันที่ 20 ธันวาคม พ.ศ. 2569", "2026-12-20", "20 ธันวา 69", "46376",
    ]  # fmt: skip
    rows = [[f"จุดฉีด {at}", 18.7 + at / 100, 98.98, "ปิดชั่วคราว", cell] for at, cell in enumerate(cells)]
    found = checked(xlsx(["ชื่อ", "ละติจูด", "ลองจิจูด", "สถานะ", "ปิดถึงวันที่"], *rows))
    assert len(names(found)) == len(cells)
    assert {one.closed_until for one in found.valid} == {datetime.fromisoformat("2026-12-21T00:00+07:00")}
    (again,) = checked(xlsx(["ชื่อ", "ละติจูด", "ลองจิจูด", "สถานะ", "เปิดอีกครั้ง"], rows[0])).valid
    assert again.closed_until == datetime.fromisoformat("2026-12-20T00:00+07:00")


@pytest.mark.parametrize(
    ("word", "status"),
    [("เปิดดำเนินการ", "open"), ("ปิดบริการชั่วคราว", "temporarily_closed"), ("เลิกกิจการ", "closed"), ("Open", "open")],
)
def test_statuses_in_peoples_words(word: str, status: str) -> None:
    (one,) = checked(csv_of(f"{HEAD},สถานะ", f"จุดฉีด,18.79,98.98,{word}")).valid
    assert one.status == status


def test_a_column_of_types_that_are_not_ours_does_not_speak_against_the_officer() -> None:
    found = checked(csv_of(f"{HEAD},ประเภท", "จุดหนึ่ง,18.79,98.98,รัฐ", "จุดสอง,18.8,98.98,โรงพยาบาลสนาม"), "test_site")
    assert [one.kind for one in found.valid] == ["test_site", "field_hospital"]
    assert ["“รัฐ” was left out. It is none of our types" in str(note.told) for note in found.notes] == [True]


# Headings -------------------------------------------------------------------------------------------------------


def test_degrees_stand_before_metres_side_by_side() -> None:
    data = csv_of("COMM_ID,ชื่อ,X,Y,Lat,Long", "1,จุดฉีด,498100.25,2077100.75,18.785560,98.981953")
    assert places(checked(data)) == [(18.7856, 98.982)]


def test_headings_of_kobo() -> None:
    data = csv_of(
        "start,ชื่อสถานที่,_where_latitude,_where_longitude,_where_altitude,_id,_uuid", "x,จุดฉีด,18.7901,98.9801,310,9,ab-1"
    )
    found = checked(data)
    assert places(found) == [(18.7901, 98.9801)]
    assert found.valid[0].source_ref == "ab-1"


def test_both_numbers_in_one_of_two_columns() -> None:
    data = csv_of(HEAD, '1ก,"18.7901, 98.9801",', '2ข,,"18.7951, 98.9851"', '3ค,"๑๘.๗๙๖๑ ๙๘.๙๘๖๑",-')
    assert places(checked(data)) == [(18.7901, 98.9801), (18.7951, 98.9851), (18.7961, 98.9861)]


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ("18.7901 98.9801 310.5 4.9", (18.7901, 98.9801)),
        ("18.7911 98.9811 0 0", (18.7911, 98.9811)),
        ("POINT (98.9821 18.7921)", (18.7921, 98.9821)),
        ("SRID=4326;POINT Z(98.9821 18.7921 300)", (18.7921, 98.9821)),
        ("https://www.google.com/maps/place/x/@18.7,98.9,17z/data=!8m2!3d18.7931!4d98.9831", (18.7931, 98.9831)),
        ("18.7941,98.9841,17z", (18.7941, 98.9841)),
        ("พิกัด UTM 47Q 498100 2077100", (18.7856, 98.982)),
        ("47N 998000 1776000", (16.0134, 103.6505)),
        ("47N 998000 500000", (9.0285, 99.0)),
        ("๑๘.๗๙๕๑ ๙๘.๙๘๕๑", (18.7951, 98.9851)),
        ("18.7961 98.9861 (ประตูหน้า)", (18.7961, 98.9861)),
        ("18. 7081, 98 .9081", (18.7081, 98.9081)),
        ("18.7071., 98.9071", (18.7071, 98.9071)),
        ("\u200e18.7021, \u202a98.9021\u202c", (18.7021, 98.9021)),
    ],
)
def test_coordinates_as_programs_and_people_write_them(cell: str, place: tuple[float, float]) -> None:
    assert places(checked(xlsx(["ชื่อ", "พิกัด"], ["จุดฉีด", cell]))) == [place]


def test_what_slips_into_columns_of_numbers() -> None:
    cells = [
        ("\u200e18.7021", "\u202a98.9021\u202c"),
        ("18.7071.", "98.9071"),
        ("18. 7081", "98 .9081"),
        ("18.7041\u200b", "98.9041"),
    ]
    rows = [[f"จุดฉีด {at}", *cell] for at, cell in enumerate(cells)]
    assert places(checked(xlsx(HEAD.split(","), *rows))) == [
        (18.7021, 98.9021), (18.7071, 98.9071), (18.7081, 98.9081), (18.7041, 98.9041),
    ]  # fmt: skip


def _feature(kind: str, coordinates: Any) -> bytes:
    feature = {
        "type": "Feature",
        "properties": {"name_th": "จุดฉีด"},
        "geometry": {"type": kind, "coordinates": coordinates},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def test_shapes_that_are_no_point_are_called_what_they_are() -> None:
    assert places(checked(_feature("MultiPoint", [[98.9801, 18.7901]]))) == [(18.7901, 98.9801)]
    ring = [[[98.98, 18.79], [98.982, 18.79], [98.982, 18.792], [98.98, 18.792], [98.98, 18.79]]]
    (area,) = checked(_feature("Polygon", ring)).problems
    assert "This is an area; a point is needed. A point inside it is 18.791000, 98.981000." in str(area)
    (line,) = checked(_feature("LineString", ring[0])).problems
    assert "This is a line; a point is needed." in str(line)
    (several,) = checked(_feature("MultiPoint", ring[0])).problems
    assert "These are several points; one is needed." in str(several)
    for broken in ([], [[[1]]], "x", [[["a", "b"]]], None):
        assert len(checked(_feature("Polygon", broken)).problems) == 1


def test_two_columns_of_one_name() -> None:
    found = checked(csv_of("ชื่อ,ชื่อ,ละติจูด,ลองจิจูด", "จุดฉีด,ผู้ดูแล,18.79,98.98"))
    assert (names(found), found.ignored) == (["จุดฉีด"], ["ชื่อ (2)"])


def test_a_person_says_how_a_list_is_to_be_read() -> None:
    lines = ["รายการ;ปี 2569;ก;ข", "จุด;เหนือ;ตะวันออก;x", "จุดฉีด;18.79;98.98;x"]
    table = tables.read_bytes(csv_of(*lines), how=tables.How(heading=2, separator="semicolon"))
    assert (table.headers, table.heading) == (["จุด", "เหนือ", "ตะวันออก", "x"], 2)
    assert table.top[0] == (1, ["รายการ", "ปี 2569", "ก", "ข"])
    assert [number for number, _cells in table.rows] == [3]
    one_column = tables.read_bytes(csv_of(*lines), how=tables.How(separator="tab"))
    assert one_column.headers == ["รายการ;ปี 2569;ก;ข"]


# The same place -------------------------------------------------------------------------------------------------


def test_a_house_number_is_no_code() -> None:
    found = checked(csv_of(f"{HEAD},เลขที่", "วัดเหนือ,18.79,98.98,1", "โรงเรียนใต้,18.8,98.98,1", "ตลาด,18.81,98.98,99/1"))
    assert names(found) == ["วัดเหนือ", "โรงเรียนใต้", "ตลาด"]
    assert "เลขที่" in found.ignored


def test_a_number_that_several_places_share_is_no_code() -> None:
    found = checked(csv_of(f"{HEAD},รหัส", "วัดเหนือ,18.79,98.98,12", "โรงเรียนใต้,18.8,98.98,12"))
    assert names(found) == ["วัดเหนือ", "โรงเรียนใต้"]
    assert [str(remark) for remark in found.remarks] == ["Column รหัส was not taken as a code: rows 2 and 3 share “12”."]


def test_a_number_of_the_row_is_no_code() -> None:
    rows = ["วัดเหนือ,18.79,98.98,1", "โรงเรียนใต้,18.8,98.98,2", "ตลาด,18.81,98.98,3"]
    found = checked(csv_of(f"{HEAD},FID", *rows))
    assert all(one.source_ref.startswith("~") for one in found.valid)
    found = checked(csv_of(f"{HEAD},id", *rows))
    assert all(one.source_ref.startswith("~") for one in found.valid)
    assert [str(remark) for remark in found.remarks] == ["Column id was not taken as a code: it numbers the rows."]
    assert [one.source_ref for one in checked(csv_of(f"{HEAD},รหัส", *rows)).valid] == ["1", "2", "3"]


def test_tone_marks_and_vowels_tell_names_apart() -> None:
    """Also where they stand beside each other."""
    written = ["บ้านขาม", "บ้านข้าม", "บ้านปง", "บ้านปึง"]
    assert names(checked(csv_of(HEAD, *(f"{name},18.7011,98.9611" for name in written)))) == written


@pytest.fixture
def country(session: Session) -> Session:
    small_country(session)
    return session


def _load(session: Session, *lines: str, area: str = "9001") -> Plan:
    made = plan(session, checked(csv_of(*lines), "vaccination_site"), area)
    service.import_facilities(session, made.accepted, columns=made.columns, area=area)
    return made


def _outcomes(made: Plan) -> list[str]:
    return [row.outcome for row in made.rows]


def test_a_place_without_a_code_is_the_same_after_it_moved_a_little(country: Session) -> None:
    _load(country, HEAD, "จุดฉีด ขยับ,14.04999,100.06", "จุดฉีด ขยาบ,14.05,100.06")
    again = _load(country, HEAD, "จุดฉีด ขยับ,14.05002,100.06", "จุดฉีด ขยาบ,14.05,100.06")
    assert _outcomes(again) == ["changed", "same"]
    far = _load(country, HEAD, "จุดฉีด ขยับ,14.08,100.06")
    assert _outcomes(far) == ["new"], "three kilometres away is another place"


def test_two_of_one_name_without_codes_stay_two(country: Session) -> None:
    first = ["จุดฉีด อสม.,14.05,100.06", "จุดฉีด อสม.,14.054,100.06"]
    _load(country, HEAD, *first)
    assert _outcomes(_load(country, HEAD, *reversed(first))) == ["same", "same"]
    moved = ["จุดฉีด อสม.,14.0501,100.06", "จุดฉีด อสม.,14.0541,100.06"]
    assert _outcomes(_load(country, HEAD, *moved)) == ["changed", "changed"]
    assert country.scalar(text("SELECT count(*) FROM facilities WHERE source = 'list'")) == 2


@pytest.mark.parametrize("again", ["1001", "1001.0", "001001", "๑๐๐๑"])
def test_a_code_is_the_same_however_a_spreadsheet_shows_it(country: Session, again: str) -> None:
    for first in ("1001", "1001.0", "001001"):
        country.execute(text("DELETE FROM facilities"))
        _load(country, f"รหัส,{HEAD}", f"{first},จุดฉีด,14.05,100.06")
        assert _outcomes(_load(country, f"รหัส,{HEAD}", f"{again},จุดฉีด,14.05,100.06")) == ["same"]


def test_codes_that_differ_by_a_zero_in_one_list_are_two(country: Session) -> None:
    lines = [f"รหัส,{HEAD}", "01,จุดฉีด ก,14.05,100.06", "001,จุดฉีด ข,14.06,100.06"]
    _load(country, *lines)
    assert _outcomes(_load(country, *lines)) == ["same", "same"]
    assert _outcomes(_load(country, f"รหัส,{HEAD}", "1,จุดฉีด ค,14.07,100.06")) == ["new"], "nobody can tell which"


def test_a_cell_that_was_left_out_changes_nothing_of_a_pin_we_have(country: Session) -> None:
    head = f"รหัส,{HEAD},โทรศัพท์,สถานะ"
    _load(country, head, "1,จุดฉีด,14.05,100.06,053920300,ปิดชั่วคราว")
    again = _load(country, head, "1,จุดฉีด,14.05,100.06,ถามที่วัด,แล้วแต่")
    assert _outcomes(again) == ["same"]
    pin = country.scalars(select(Facility).where(Facility.source == "list")).one()
    assert (pin.phone, pin.status) == ("+6653920300", "temporarily_closed")
    assert next(str(note.told) for note in again.rows[0].notes).startswith("“ถามที่วัด” was left out.")


# Where ----------------------------------------------------------------------------------------------------------


def test_what_a_list_says_of_the_place_is_held_against_the_point(country: Session) -> None:
    head = f"{HEAD},ตำบล,อำเภอ,จังหวัด"
    here = country.execute(
        text("SELECT t.name_th, a.name_th, p.name_th FROM areas t JOIN areas a ON a.code = t.parent_code"
             " JOIN areas p ON p.code = a.parent_code WHERE t.code = '900101'")
    ).one()  # fmt: skip
    lines = [
        f"ก,14.05,100.06,ต.{here[0]},อำเภอ{here[1]},จ.{here[2]}",
        f"ข,14.051,100.06,บ้านไกล,{here[1]},{here[2]}",
        f"ค,14.052,100.06,{here[0]},{here[1]},เชียงราย",
        "ง,14.053,100.06,,,",
    ]
    made = _load(country, head, *lines)
    assert _outcomes(made) == ["new"] * 4, "told, not refused"
    assert [[note.column for note in row.notes] for row in made.rows] == [[], ["ตำบล"], ["จังหวัด"], []]
    assert "The list says province เชียงราย" in str(made.rows[2].notes[0])


def test_a_district_offices_list_is_read_as_it_is_headed() -> None:
    head: list[list[Any]] = [["บัญชีศูนย์พักคอย"], ["ที่", "ชื่อศูนย์", "พิกัด", None, "จำนวนเตียง", None, "โทรศัพท์"]]
    below: list[Any] = [None, None, "ละติจูด", "ลองจิจูด", "ทั้งหมด", "ว่าง", None]
    rows: list[list[Any]] = [
        [1, "ศูนย์พักคอย วัดกลาง", 18.79, 98.98, 20, "เต็ม", "053-920300"],
        [2, "ศูนย์พักคอย วัดใต้", 18.78, 98.97, 30, 4, None],
    ]
    signed: list[Any] = [None, None, None, None, None, None, "ลงชื่อ ........ ผู้รายงาน"]
    found = checked(xlsx(*head, below, *rows, signed), "waiting_centre")
    assert names(found) == ["ศูนย์พักคอย วัดกลาง", "ศูนย์พักคอย วัดใต้"]
    assert [(one.places, one.places_free) for one in found.valid] == [(20, 0), (30, 4)]
    assert found.rows == 2
    assert any("signature" in one.text for one in found.remarks)


@pytest.mark.parametrize("head", ["ชื่อศูนย์พักคอย", "ชื่อจุดฉีด", "ชื่อ รพ."])
def test_the_name_of_a_place_is_known_by_whatever_it_is(head: str) -> None:
    assert list_rows.guess([head, "ละติจูด", "ลองจิจูด"])["name_th"] == head


@pytest.mark.parametrize("head", ["ชื่อผู้ประสานงาน", "ชื่อ-สกุล", "ชื่อบ้าน", "ชื่อเจ้าหน้าที่", "ชื่อสถานที่ภาษาอังกฤษ"])
def test_names_of_people_and_areas_are_no_names_of_places(head: str) -> None:
    assert "name_th" not in list_rows.guess([head, "ละติจูด", "ลองจิจูด"])
