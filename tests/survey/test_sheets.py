"""The survey in workbooks: the template of an amphoe, lists of people and of other tools; and taken back."""

from __future__ import annotations

import io
import shutil
import uuid
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import Workbook, load_workbook
from pyxform.xls2xform import convert
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.areas import queries as areas
from mapapp.core.actors import Actor
from mapapp.core.errors import Conflict, Invalid
from mapapp.lists import headings
from mapapp.survey import sums
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.entering import many
from mapapp.survey.entering import service as entering
from mapapp.survey.groups import CODES, FIELDS
from mapapp.survey.models import SurveyEntry, SurveySum, SurveyVillage
from mapapp.survey.rounds import queries as rounds
from mapapp.survey.sheets import columns, forms, planning, service, workbook
from mapapp.survey.sheets.models import SurveyImport
from mapapp.survey.sheets.planning import Plan
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint, person
from tests.survey.build import VILLAGE, actor, add_round, assign, entry, record


@pytest.fixture
def here(session: Session) -> Session:
    small_country(session)
    return session


@pytest.fixture
def officer(here: Session) -> Person:
    return appoint(here, "amphoe_coordinator", "9001")


def template(session: Session, number: int, area: str = "9001") -> Any:
    found = rounds.get(session, number)
    villages = assigning.villages(session, number, area)
    names = areas.with_parents(session, {area, *(one.tambon_code for one in villages)})
    return load_workbook(io.BytesIO(workbook.template(found, area, names, villages)))


def packed(book: Any) -> bytes:
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def uploaded(session: Session, by: Actor, number: int, data: bytes, area: str = "9001") -> uuid.UUID:
    found = rounds.get(session, number)
    return service.upload(session, by, found, area=area, file_name="ก.xlsx", data=data, now=NOON)


def looked(session: Session, by: Actor, number: int, data: bytes) -> tuple[Any, Plan]:
    one = service.get(session, uploaded(session, by, number, data))
    return service.look(session, one, by, NOON)


def loaded(session: Session, by: Actor, number: int, data: bytes, *, only_good: bool = False) -> uuid.UUID:
    one = uploaded(session, by, number, data)
    service.load(session, by, one, only_good=only_good, now=NOON)
    assert sums.different(session) == 0, "the sums are those of the records"
    return one


def told(plan: Plan) -> list[tuple[int, str, str]]:
    """Row, outcome, and the column of each problem."""
    return [
        (row.line.number, row.outcome, column)
        for row in plan.rows
        for column in [problem.column for problem in row.line.problems] or [""]
    ]


def here_now(session: Session, number: int) -> dict[str, int]:
    rows = session.execute(
        select(SurveySum.village_code, func.sum(SurveySum.here))
        .where(SurveySum.round_id == number)
        .group_by(SurveySum.village_code)
    )
    return {row[0]: row[1] for row in rows}


def states(session: Session) -> list[str]:
    session.expire_all()
    return sorted(session.scalars(select(SurveyEntry.state)))


def test_the_template_of_an_amphoe_comes_back_filled_in(here: Session, officer: Person) -> None:
    number, by = add_round(here).id, actor(here, officer)
    assign(here, number, VILLAGE, appoint(here, "data_volunteer", "900101"))
    book = template(here, number)
    assert book[columns.MARK].sheet_state == "veryHidden"
    villages, households = book[workbook.VILLAGES], book[workbook.HOUSEHOLDS]
    assert str(villages["F2"].value) == "ผู้ป่วยติดเตียง"
    assert len(villages.merged_cells.ranges) == 1 + 5 + 6
    assert villages.data_validations.dataValidation
    for name in (workbook.VILLAGES, workbook.HOUSEHOLDS):
        rows = [(row, [cell.value for cell in cells]) for row, cells in enumerate(book[name].iter_rows(2, 3), start=2)]
        merges = [(one.min_row, one.min_col, one.max_row, one.max_col) for one in book[name].merged_cells.ranges]
        said = [columns.Headings().of(path) for path in headings.levels(rows, merges)]
        figures = [f"{code}_{field}" for code in CODES for field in FIELDS]
        assert [one for one in said if one not in columns.PLACES] == figures, "every heading is understood"
    listed = [one.code for one in assigning.villages(here, number, "9001")]
    assert VILLAGE in listed
    assert [villages.cell(row, 1).value for row in range(4, 4 + len(listed))] == listed
    households["A4"], households["B4"] = f"{VILLAGE} หมู่ที่ 3 บ้านทดสอบ", "๑๒/๓"
    households["C4"] = "20 พ.ย. 2569"
    households["R4"], households["S4"], households["T4"] = 3, 1, 2  # the elderly: here, no dose, 1 dose
    listing, plan = looked(here, by, number, packed(book))
    assert (listing.empty, told(plan)) == (len(listed), [(4, "new", "")])
    one = loaded(here, by, number, packed(book))
    made = here.scalars(select(SurveyEntry)).one()
    assert (made.village_code, made.household, made.state, made.version) == (VILLAGE, "12/3", "counted", 1)
    assert made.observed_at.isoformat() == "2026-11-19T17:00:00+00:00"
    sum_ = here.scalars(select(SurveySum)).one()
    assert (sum_.target_group, sum_.here, sum_.none, sum_.one) == ("elderly", 3, 1, 2)
    assert looked(here, by, number, packed(book))[1].counts["same"] == 1, "a second import changes nothing"
    service.undo(here, by, one, NOON)
    assert (here_now(here, number), states(here)) == ({}, ["refused"])
    other = add_round(here).id
    with pytest.raises(Invalid, match="made for another survey"):
        uploaded(here, by, other, packed(book))


HEADS = ["ตำบล", "หมู่ที่", "บ้านเลขที่", "ผู้สูงอายุ", None, None, "ประชาชนทั่วไป", None]
BELOW = [None, None, None, "อยู่จริง", "1 เข็ม", "2 เข็ม", "อยู่จริง", "3 เข็มขึ้นไป"]


def real_looking(tambon: str, *more: list[Any]) -> bytes:
    """A title, merged headings, a tambon merged over its rows, Thai digits, a total, a hidden row."""
    book = Workbook()
    sheet: Any = book.active
    for row in (["แบบสำรวจการฉีดวัคซีน อำเภอทดสอบ พ.ศ. ๒๕๖๙"], HEADS, BELOW,
                [tambon, "๓", "๑๒/๓", "๒", "๑", "๑", None, None], [None, "หมู่ 3", "14", 1, 1, None, 4, 4],
                [None, 3, "15 (ร่าง)", 9, 9, None, None, None], [None, 3, "16", None, None, None, 0, None], *more,
                ["รวม", None, None, 3, 2, 1, 4, 4]):  # fmt: skip
        sheet.append(row)
    for cells in ("A1:H1", "A2:A3", "B2:B3", "C2:C3", "D2:F2", "G2:H2", f"A4:A{7 + len(more)}"):
        sheet.merge_cells(cells)
    sheet.row_dimensions[6].hidden = True
    return packed(book)


def test_a_list_as_people_make_it(here: Session, officer: Person) -> None:
    number, by = add_round(here).id, actor(here, officer)
    tambon = f"ต.{areas.get(here, '900101').name_th}"
    listing, plan = looked(here, by, number, real_looking(tambon))
    assert [str(remark) for _sheet, remark in listing.remarks] == [
        "Total, left out: row 8.", "Hidden in the workbook, left out: row 6.",
    ]  # fmt: skip
    assert told(plan) == [(4, "new", ""), (5, "new", ""), (7, "new", "")]
    loaded(here, by, number, real_looking(tambon))
    assert here_now(here, number) == {VILLAGE: 7}
    bad = real_looking(
        tambon,
        [None, 3, "17", 2, 3, None, None, None], [None, None, "18", 1, 1, None, None, None],
        [None, 3, None, 1, 1, None, None, None], [None, 3, "12/3", 5, 5, None, None, None],
        [None, 3, "สมชาย ใจดี", 1, 1, None, None, None], [None, 3, "19", "หก", None, None, None, None],
    )  # fmt: skip
    _listing, plan = looked(here, by, number, bad)
    assert told(plan) == [
        (4, "same", ""), (5, "same", ""), (7, "same", ""), (8, "problem", "ผู้สูงอายุ อยู่จริง"), (9, "problem", "หมู่ที่"),
        (10, "problem", "บ้านเลขที่"), (11, "problem", ""), (12, "problem", "บ้านเลขที่"), (13, "problem", "ผู้สูงอายุ อยู่จริง"),
    ]  # fmt: skip
    with pytest.raises(Conflict):
        loaded(here, by, number, bad)


def csv(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def test_a_list_changes_its_own_records_and_conflicts_with_those_of_others(here: Session, officer: Person) -> None:
    somchai = appoint(here, "data_volunteer", "900101", to=person(here, "สมชาย"))
    number, by = add_round(here).id, actor(here, officer)
    record(here, somchai, entry(number, "1"))  # two adults: one dose, three doses
    heads = "รหัสหมู่บ้าน,บ้านเลขที่,ประชาชนทั่วไป 1 เข็ม,ประชาชนทั่วไป 3 เข็มขึ้นไป"
    same, other, fresh = f"{VILLAGE},1,1,1", f"{VILLAGE},1,5,0", f"{VILLAGE},2,3,0"
    assert [row[1] for row in told(looked(here, by, number, csv(heads, same, fresh))[1])] == ["same", "new"]
    loaded(here, by, number, csv(heads, other, fresh))
    assert states(here) == ["conflict", "counted", "counted"]
    assert here_now(here, number) == {VILLAGE: 5}, "nobody's record is written over"
    second = loaded(here, by, number, csv(heads, other, f"{VILLAGE},2,4,0"))
    assert (states(here), here_now(here, number)) == (["conflict", "counted", "counted"], {VILLAGE: 6})
    undone = service.undo(here, by, second, NOON)
    assert (undone, here_now(here, number)) == ({"refused": 0, "restored": 1, "left": 0}, {VILLAGE: 5})
    assert sums.different(here) == 0
    with pytest.raises(Conflict):
        service.undo(here, by, second, NOON)


def test_a_village_has_one_way_and_an_officer_their_own_area(here: Session, officer: Person) -> None:
    number, by = add_round(here).id, actor(here, officer)
    heads = "รหัสหมู่บ้าน,บ้านเลขที่,บันทึกแบบ,เด็ก อยู่จริง,เด็ก ยังไม่ได้ฉีด"
    rows = [f"{VILLAGE},1,,2,2", f"{VILLAGE},,ทั้งหมู่บ้าน,9,9", "90020101,1,,1,1", "91010101,1,,1,1", "90019901,1,,1,1"]
    _listing, plan = looked(here, by, number, csv(heads, *rows))
    assert [(row, outcome) for row, outcome, _column in told(plan)] == [
        (2, "new"), (3, "problem"), (4, "outside"), (5, "problem"), (6, "problem"),
    ]  # fmt: skip
    loaded(here, by, number, csv(heads, rows[0]))
    loaded(here, by, number, csv(heads, rows[1]))
    marks = here.scalars(select(SurveyEntry.marks).where(SurveyEntry.state == "conflict")).one()
    assert (marks, here_now(here, number)) == (["other_way"], {VILLAGE: 2})


ODK = [
    "start,end,village,unit,household,figures-elderly-here,figures-elderly-two,meta-instanceID,KEY",
    f"2026-11-20T02:00:00.000Z,2026-11-20T02:05:00.000Z,{VILLAGE},household,12,1,1,uuid:a1,uuid:a1",
    f"2026-11-20T03:00:00.000Z,2026-11-20T03:05:00.000Z,{VILLAGE},household,13,2,2,uuid:a2,uuid:a2",
]


def test_what_odk_and_kobo_export_comes_in_once(here: Session, officer: Person) -> None:
    number, by = add_round(here).id, actor(here, officer)
    one = loaded(here, by, number, csv(*ODK))
    assert here_now(here, number) == {VILLAGE: 3}
    again = csv(*ODK, ODK[2].replace("03:0", "04:0").replace("a2", "a3").replace("13,2,2", "13,4,4"))
    assert [row[1] for row in told(looked(here, by, number, again)[1])] == ["same", "same", "conflict"]
    kobo = csv(
        *(line.replace("figures-elderly-", "figures/elderly/").replace("meta-instanceID", "_uuid") for line in ODK)
    )
    assert looked(here, by, number, kobo.replace(b"uuid:a", b"a"))[1].counts["same"] == 2
    service.undo(here, by, one, NOON)
    loaded(here, by, number, csv(*ODK))
    assert here_now(here, number) == {VILLAGE: 3}, "what was taken back can come in again"
    assert looked(here, by, number, csv(*ODK))[1].counts["same"] == 2


def test_the_columns_of_a_google_form_are_named_once(here: Session, officer: Person) -> None:
    number, by = add_round(here).id, actor(here, officer)
    data = csv(
        "ประทับเวลา,บ้านอยู่หมู่ไหน,เลขที่บ้านของท่าน,คนแก่ในบ้านกี่คน,คนแก่ฉีดครบกี่คน",
        f"28/11/2026,หมู่ 3 {VILLAGE},12,2,2".replace("28/11", "20/11"),
    )
    first = uploaded(here, by, number, data)
    listing, _plan = service.look(here, service.get(here, first), by, NOON)
    assert listing.misses
    named = {"observed_at": "ประทับเวลา", "village": "บ้านอยู่หมู่ไหน", "household": "เลขที่บ้านของท่าน",
             "elderly_here": "คนแก่ในบ้านกี่คน", "elderly_two": "คนแก่ฉีดครบกี่คน"}  # fmt: skip
    service.name_columns(here, first, named)
    assert told(service.look(here, service.get(here, first), by, NOON)[1]) == [(2, "new", "")]
    loaded(here, by, number, data)
    assert here_now(here, number) == {VILLAGE: 2}, "the next list with these headings is read so, too"


def test_the_form_for_other_tools_is_valid_and_what_it_collects_comes_in(here: Session, officer: Person) -> None:
    number, by = add_round(here).id, actor(here, officer)
    assign(here, number, VILLAGE, officer)
    data = forms.of_round(here, rounds.get(here, number), "9001")
    made = convert(xlsform=io.BytesIO(data), file_type=".xlsx", validate=shutil.which("java") is not None)
    assert made.warnings == []
    form = ElementTree.fromstring(made.xform)
    binds = {one.get("nodeset", ""): one for one in form.iter("{http://www.w3.org/2002/xforms}bind")}
    figures = [f"/data/figures/{code}/{code}_{field}" for code in CODES for field in FIELDS]
    assert set(figures) <= binds.keys()
    sum_ = binds["/data/figures/elderly/elderly_unasked"].get("constraint", "")
    assert sum_.replace(" ", "").endswith("=/data/figures/elderly/elderly_here")
    assert {one.get("lang") for one in form.iter("{http://www.w3.org/2002/xforms}translation")} == {
        "ไทย (th)", "English (en)",
    }  # fmt: skip
    # As the tools export it: the path of each question, joined by “-” (ODK Central) or “/” (Kobo).
    for sign in "-/":
        said = {"start": "", "end": "2026-11-20T03:05:00.000+07:00", "amphoe": "9001", "tambon": "900101"}
        said |= {"village": VILLAGE, "unit": "household", "household": f"7{sign}1"}
        for path in figures:
            two = "child_here" in path or "child_two" in path
            said[path.removeprefix("/data/").replace("/", sign)] = "2" if two else ""
        said[f"meta{sign}instanceID"] = f"uuid:{sign}"
        loaded(here, by, number, csv(",".join(said), ",".join(said.values())))
    assert here_now(here, number) == {VILLAGE: 4}


@pytest.mark.parametrize("closed", [None, NOON - timedelta(days=1)])
def test_many_at_once_are_as_one_after_the_other(here: Session, officer: Person, closed: Any) -> None:
    somchai = appoint(here, "data_volunteer", "900101", to=person(here, "สมชาย"))
    by = actor(here, officer)
    found: list[list[Any]] = []
    for way in ("one", "many"):
        number = add_round(here, closed_at=None).id
        record(here, somchai, entry(number, "1"))
        assign(here, number, VILLAGE, somchai)
        here.execute(text("UPDATE survey_rounds SET closed_at = :at WHERE id = :id"), {"at": closed, "id": number})
        items = [
            (uuid.uuid4(), entry(number, house, version=version, groups={"adult": {"here": count, "two": count}}))
            for house, version, count in [("1", 1, 3), ("2", 1, 4), ("3", 2, 1), ("2", 1, 9), ("4", 1, 0)]
        ]
        if way == "one":
            for key, data in items:
                entering.submit(here, by, key, data, NOON)
        else:
            many.submit(here, by, items, NOON)
            assert many.submit(here, by, items, NOON) == [], "their keys are there already"
        rows = here.execute(
            text(
                "SELECT e.household, e.twin, e.revision, e.state, e.marks, e.rival IS NULL, e.version, e.observed_at,"
                " r.step, r.digest IS NULL, r.figures FROM survey_entries AS e JOIN survey_revisions AS r"
                " ON r.entry_id = e.id WHERE e.round_id = :id ORDER BY e.household, e.state, r.figures::text"
            ),
            {"id": number},
        )
        held = here.scalars(select(SurveyVillage.counted).where(SurveyVillage.round_id == number)).one()
        found.append([*map(tuple, rows), held, here_now(here, number)])
    assert found[0] == found[1]
    assert sums.different(here) == 0


def test_files_that_nobody_loads_are_forgotten(here: Session, officer: Person) -> None:
    by = actor(here, officer)
    one = uploaded(here, by, add_round(here).id, csv(*ODK))
    assert service.forget_files(here, NOON + timedelta(hours=25)) == 1
    with pytest.raises(Conflict, match="one day"):
        service.look(here, service.get(here, one), by, NOON)
    assert here.scalars(select(SurveyImport.state)).one() == "uploaded"
    assert planning.OUTCOMES[0] == "problem"
