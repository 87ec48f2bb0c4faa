"""Lists of the survey brought in by hostile or unlucky people: nothing is lost, overruled or unreadable."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from pyxform.xls2xform import convert
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.areas.results import AreaName
from mapapp.core.errors import Invalid
from mapapp.lists import workbooks
from mapapp.survey import sums
from mapapp.survey.assigning.schemas import VillageName
from mapapp.survey.entering import queries
from mapapp.survey.entering.queries import Ground
from mapapp.survey.entering.schemas import EntryIn
from mapapp.survey.models import SurveyEntry
from mapapp.survey.rounds.schemas import Round
from mapapp.survey.sheets import reading, service, xlsform
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint, person
from tests.survey.build import VILLAGE, actor, add_round, entry, record
from tests.survey.test_sheets import here_now, loaded, looked, packed, states, told


@pytest.fixture
def here(session: Session) -> Session:
    small_country(session)
    return session


@pytest.fixture
def officer(here: Session) -> Person:
    return appoint(here, "amphoe_coordinator", "9001")


def houses(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["รหัสหมู่บ้าน", "บ้านเลขที่", "วันที่ไปเยี่ยม", "adult_here", "adult_none"])
    for row in rows:
        sheet.append([VILLAGE, *row])
    return packed(book)


@pytest.fixture
def helper(here: Session) -> Person:
    return appoint(here, "data_volunteer", "900101", to=person(here, "สมหญิง"))


def test_a_wrong_date_is_told_in_words(here: Session, officer: Person) -> None:
    number, by = add_round(here).id, actor(here, officer)
    odd = ["เมื่อวาน", -5, 1e300, timedelta(1), "29/2/2568"]
    _listing, plan = looked(here, by, number, houses(*[(str(at), day, 1, 1) for at, day in enumerate(odd)]))
    said = {str(problem.message) for row in plan.rows for problem in row.line.problems}
    assert said == {"Enter the date as 2026-11-20 or 20/11/2569."}


def test_taking_a_list_back_leaves_no_household_without_a_record(
    here: Session, officer: Person, helper: Person
) -> None:
    number, by = add_round(here).id, actor(here, officer)
    one = loaded(here, by, number, houses(("12", None, 3, 3), ("13", None, 1, 1)))
    first, second = (
        record(here, who, entry(number, "12", groups={"adult": {"here": people, "none": people}}))
        for who, people in ((helper, 5), (officer, 6))
    )
    assert (first.state, second.state) == ("conflict", "conflict")
    service.undo(here, by, one, NOON)
    assert states(here) == ["conflict", "counted", "refused", "refused"]
    assert here_now(here, number) == {VILLAGE: 5}, "who came first counts, as if the list had never been there"
    assert sums.different(here) == 0
    found = queries.some(here, [first.entry, second.entry])
    assert (found[first.entry].rival, found[second.entry].rival) == (None, first.entry)


def test_a_list_does_not_overrule_who_has_corrected_its_record(here: Session, officer: Person, helper: Person) -> None:
    number, by = add_round(here).id, actor(here, officer)
    loaded(here, by, number, houses(("12", None, 3, 3)))
    made = here.scalars(select(SurveyEntry)).one()
    record(here, helper, entry(number, "12", groups={"adult": {"here": 5, "none": 5}}, entry=made.id, revision=1))
    again = houses(("12", None, 3, 3), ("13", None, 1, 1))
    assert told(looked(here, by, number, again)[1]) == [(2, "conflict", ""), (3, "new", "")]
    loaded(here, by, number, again)
    assert here_now(here, number) == {VILLAGE: 6}


def test_a_workbook_is_opened_once_however_many_sheets_it_has(
    here: Session, officer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, by = add_round(here).id, actor(here, officer)
    book = Workbook()
    opened: list[bytes] = []
    for at in range(30):
        sheet = book.create_sheet(f"s{at}")
        sheet.append(["รหัสหมู่บ้าน", "บ้านเลขที่", "adult_here", "adult_none"])
        sheet.append([VILLAGE, f"{at}/1", 1, 1])
    data, open_book = packed(book), workbooks.Book._opened

    def counted(one: bytes) -> Any:
        opened.append(one)
        return open_book(one)

    monkeypatch.setattr(workbooks.Book, "_opened", staticmethod(counted))
    assert looked(here, by, number, data)[1].counts["new"] == 30
    assert len(opened) == 2, "for the upload, and for the look at it"
    monkeypatch.setattr(reading, "MOST_ROWS", 5)
    with pytest.raises(Invalid, match="more than 5 rows"):
        looked(here, by, number, data)


def test_a_list_holds_villages_in_the_order_in_which_phones_hold_them(
    here: Session, officer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, by = add_round(here).id, actor(here, officer)
    heads = "รหัสหมู่บ้าน,บ้านเลขที่,adult_here,adult_none"
    loaded(here, by, number, "\n".join([heads, "90010101,1,1,1"]).encode())
    held: list[str] = []
    hold = queries.held

    def noted(db: Session, data: EntryIn, *more: Any) -> Ground:
        held.append(data.village)
        return hold(db, data, *more)

    monkeypatch.setattr(queries, "held", noted)
    loaded(here, by, number, "\n".join([heads, "90010102,1,1,1", "90010101,1,2,2"]).encode())
    assert held == ["90010101", "90010102"]


@pytest.mark.parametrize("name", ["${nobody}", "=1+1", "<b>&]]>", "ก\ufffe\x07ข", "instance('x')"])
def test_a_name_that_reads_as_code_makes_a_form_that_other_tools_open(name: str) -> None:
    found = Round(1, name, "9001", NOON.date(), NOON.date(), 1, NOON, None, is_example=False)
    names = {code: AreaName(code, "", name, name) for code in ("90", "9001", "900101")}
    made = xlsform.form(found, [VillageName(VILLAGE, name, name)], names)
    assert convert(io.BytesIO(made)).xform.count("ฉีด")
