"""Exports of old forms: which column says what, which area a row is about, and what is a number."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from openpyxl import Workbook
from sqlalchemy import update
from sqlalchemy.orm import Session

from mapapp.areas.models import Area
from mapapp.areas.resolving import register
from mapapp.core.errors import Invalid
from mapapp.statistics.parallel import figures, reading
from mapapp.statistics.parallel.reading import Export
from mapapp.survey.sheets.columns import FIELD_WORDS, plain
from tests.data import small_country


def read(session: Session, text: str | bytes, area: str = "90", **named: object) -> Export:
    """As an officer of this area uploads it."""
    data = text.encode() if isinstance(text, str) else text
    return reading.read(session, data, register.load(session, [area]), figures.words(), **named)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _country(session: Session) -> None:
    small_country(session)
    names = {"900101": "หนองหอย", "900102": "ท่าศาลา", "900201": "หนองหอย", "900202": "ป่าแดด"}
    for code, name in names.items():
        session.execute(update(Area).where(Area.code == code).values(name_th=name))


def test_columns_are_recognised_in_the_words_of_forms_and_in_ours(session: Session) -> None:
    head = "ประทับเวลา,อำเภอ,ตำบล,ผู้สูงอายุ 1 เข็ม,เด็ก ยังไม่ได้ฉีด,Villages with a record,Elderly people 2 doses"
    export = read(session, f"{head}\n27/11/2026,ตะวันตก,หนองหอย,5,๑๒,3,1\n")
    assert export.columns["tambon"] == "ตำบล"
    assert export.figures == {
        "900101": {
            "vaccination:elderly.one": 5, "vaccination:child.none": 12, "vaccination:elderly.two": 1,
            "completeness:entered": 3,
        }
    }  # fmt: skip
    assert export.skipped == []


def test_two_rows_of_headings_name_group_and_dose(session: Session) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["รายงานประจำสัปดาห์ อำเภอตะวันตก"])
    sheet.append(["รหัสตำบล", "ผู้สูงอายุ", None, "เด็ก", None])
    sheet.append([None, "1 เข็ม", "2 เข็ม", "1 เข็ม", "2 เข็ม"])
    sheet.append([900101, 1, 2, 3, 4])
    sheet.append(["รวม", 1, 2, 3, 4])
    for cells in ("A2:A3", "B2:C2", "D2:E2"):
        sheet.merge_cells(cells)
    made = io.BytesIO()
    book.save(made)
    export = read(session, made.getvalue())
    assert export.figures == {
        "900101": {
            "vaccination:elderly.one": 1, "vaccination:elderly.two": 2,
            "vaccination:child.one": 3, "vaccination:child.two": 4,
        }
    }  # fmt: skip


def test_a_word_that_could_mean_two_figures_means_none(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        field: (*named, "เข็มหนึ่งหรือสอง") if field in ("one", "two") else named for field, named in FIELD_WORDS.items()
    }
    with monkeypatch.context() as patched:
        patched.setattr(figures, "FIELD_WORDS", said)
        figures._words.cache_clear()
        export = read(session, "ตำบล,เด็ก เข็มหนึ่งหรือสอง,เด็ก 1 เข็ม\nท่าศาลา,999,1\n")
    figures._words.cache_clear()
    assert set(export.figures["900102"]) == {"vaccination:child.one"}
    words = figures.words()
    owners: dict[str, str] = {}
    for name, called in words.items():
        for word in called:
            assert owners.setdefault(plain(word), name) == name


@pytest.mark.parametrize(
    ("cell", "value"),
    [("12", 12), ("๑๒", 12), ("1,234 คน", 1234), ("12.0", 12), ("0", 0), ("12.5", None), ("-3", None), ("สิบ", None),
     ("1,23", None), ("9" * 30, None), ("=1+1", None), ("12 34", None)],
)  # fmt: skip
def test_only_whole_numbers_are_figures(session: Session, cell: str, value: int | None) -> None:
    export = read(session, f'ตำบล,เด็ก 1 เข็ม,เด็ก 2 เข็ม\nท่าศาลา,"{cell}",7\n')
    assert export.figures["900102"].get("vaccination:child.one") == value
    assert export.figures["900102"]["vaccination:child.two"] == 7
    assert [(one.row, one.column) for one in export.skipped] == ([] if value is not None else [(2, "เด็ก 1 เข็ม")])


def test_an_empty_cell_says_nothing_and_no_zero(session: Session) -> None:
    export = read(session, "ตำบล,เด็ก 1 เข็ม,เด็ก 2 เข็ม\nท่าศาลา,,7\nป่าแดด,,\n")
    assert export.figures == {"900102": {"vaccination:child.two": 7}}


def test_of_several_rows_of_an_area_the_last_counts_or_all_are_added(session: Session) -> None:
    rows = "ตำบล,เด็ก 1 เข็ม,เด็ก 2 เข็ม\nท่าศาลา,5,1\nท่าศาลา,6,\nต.ท่าศาลา อ.ตะวันตก,7,2\n"
    assert read(session, rows).figures == {"900102": {"vaccination:child.one": 7, "vaccination:child.two": 2}}
    added = read(session, rows, adding=True)
    assert added.figures == {"900102": {"vaccination:child.one": 18, "vaccination:child.two": 3}}
    assert added.repeated == 2


def test_no_row_is_read_for_an_area_that_is_not_meant_beyond_doubt(session: Session) -> None:
    rows = "รหัสตำบล,ตำบล,อำเภอ,เด็ก 1 เข็ม\n500101,,,1\n,หนองไม่มี,,2\n,,ตะวันออก,3\nTH900202,,,4\n,,,5\n"
    export = read(session, rows, "9002")
    assert export.figures == {"9002": {"vaccination:child.one": 3}, "900202": {"vaccination:child.one": 4}}
    assert [one.row for one in export.skipped] == [2, 3, 6]


def test_a_name_of_two_tambons_needs_the_amphoe(session: Session) -> None:
    export = read(session, "ตำบล,อำเภอ,เด็ก 1 เข็ม\nหนองหอย,,1\nหนองหอย,ตะวันออก,2\n")
    assert export.figures == {"900201": {"vaccination:child.one": 2}}
    assert [one.row for one in export.skipped] == [2]


def test_columns_that_a_person_has_named_go_before_headings(session: Session) -> None:
    rows = "หน่วย,เด็ก 1 เข็ม,ฉีดแล้ว\nท่าศาลา,5,6\n"
    assert read(session, rows).misses
    export = read(session, rows, chosen={"tambon": "หน่วย", "vaccination:reached": "ฉีดแล้ว"})
    assert export.figures == {"900102": {"vaccination:reached": 6}}


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"%PDF-1.4", b"PK\x03\x04broken", b"<table></table>"])
def test_what_is_no_list_is_refused_in_words(session: Session, data: bytes) -> None:
    with pytest.raises(Invalid):
        read(session, data)


@pytest.mark.parametrize("figure", ["9" * 5_000, "1" + ",111" * 2_000, 10**400, "5\x01", "\ufffd"])
def test_no_figure_is_too_odd_to_be_told_beside_its_row(session: Session, figure: str | int) -> None:
    rows = [{"รหัสตำบล": "900101", "เด็ก 1 เข็ม": figure}, {"รหัสตำบล": "900102", "เด็ก 1 เข็ม": 4}]
    features = [{"type": "Feature", "properties": row, "geometry": None} for row in rows]
    export = read(session, json.dumps({"type": "FeatureCollection", "features": features}))
    assert export.figures["900102"] == {"vaccination:child.one": 4}
    assert [one.row for one in export.skipped] == [1]


def test_damaged_and_endless_names_are_of_no_area(session: Session) -> None:
    names = ["หนอง\ufffdอย", "\x01", "ก" * 3_000]
    rows = "".join(f"{name},3\n" for name in names)
    export = read(session, f"รหัสตำบล,เด็ก 1 เข็ม\n{rows}900102,4\n")
    assert export.figures == {"900102": {"vaccination:child.one": 4}}
    assert len(export.skipped) == len(names)


def test_rows_of_unknown_areas_ask_the_database_nothing(session: Session, query_count: Callable[[], int]) -> None:
    def asked(rows: int) -> int:
        before = query_count()
        text = "".join(f"ไม่มี{number},ตะวันตก,3\n" for number in range(rows))
        assert len(read(session, f"ตำบล,อำเภอ,เด็ก 1 เข็ม\n{text}").skipped) == rows
        return query_count() - before

    assert asked(50) == asked(1)


def test_a_page_looks_at_headings_alone(session: Session) -> None:
    export = read(session, "ตำบล,เด็ก 1 เข็ม\nไม่มี,3\n", only_heads=True)
    assert export.columns == {"tambon": "ตำบล", "vaccination:child.one": "เด็ก 1 เข็ม"}
    assert export.skipped == []
