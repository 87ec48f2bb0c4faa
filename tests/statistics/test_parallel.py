"""The old form beside the service: differences by area and figure, the largest first, until both agree."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.areas.models import Area
from mapapp.audit.models import AuditEntry
from mapapp.core.config import Config
from mapapp.statistics import service as figures
from mapapp.statistics.parallel import service
from mapapp.statistics.parallel.models import StatisticsOldFigure, StatisticsOldForm
from tests.conftest import NOON
from tests.data import small_country
from tests.people import Browser, appoint, browser, person
from tests.statistics.build import add_old_form
from tests.survey.build import add_round, entry, record

PAGE = "/officer/statistics/parallel"
HEAD = "ประทับเวลา,ชื่อผู้กรอก,ตำบล,อำเภอ,ประชาชนทั่วไป 1 เข็ม,ประชาชนทั่วไป 3 เข็มขึ้นไป,เด็ก 1 เข็ม"


@pytest.fixture
def here(session: Session) -> Session:
    """Amphoe 9001: tambon 900101 has two adults, one with one dose and one with three; 900102 has nothing."""
    small_country(session)
    for code, name in {"900101": "หนองหอย", "900102": "ท่าศาลา", "900201": "สันทราย", "900202": "ป่าแดด"}.items():
        session.execute(update(Area).where(Area.code == code).values(name_th=name))
    volunteer = appoint(session, "data_volunteer", "900101", to=person(session, "สมชาย"))
    record(session, volunteer, entry(add_round(session).id))
    figures.rebuild(session, Config(), NOON)
    return session


@pytest.fixture
def officer(app: Flask, here: Session) -> Browser:
    return browser(app, here, appoint(here, "amphoe_coordinator", "9001"))


def sent(who: Browser, text: str, name: str = "แบบเดิม.csv", area: str = "9001") -> TestResponse:
    once = re.findall(r'name="once" value="([^"]+)"', who.get(f"{PAGE}?area={area}").text)[0]
    data = {"file": (io.BytesIO(text.encode()), name), "once": once}
    return who.post(f"{PAGE}?area={area}", data, content_type="multipart/form-data")


def shown(who: Browser, answer: TestResponse) -> str:
    assert answer.status_code == 303, re.findall(r'class="problem[^>]*>([^<]+)|<p class="last">([^<]+)', answer.text)
    return who.get(answer.location).text


def rows(page: str) -> list[list[str]]:
    """The table of differences, a list of words for each row."""
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    found = re.findall(r"<tr.*?</tr>", body, re.S)
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in found
    ]


def test_differences_come_by_area_and_figure_the_largest_first_until_both_agree(
    here: Session, officer: Browser
) -> None:
    page = shown(officer, sent(officer, f"{HEAD}\n1,ก,หนองหอย,,4,1,\n2,ข,ท่าศาลา,ตะวันตก,,,2\n3,ค,สันทราย,ตะวันออก,1,,\n"))
    found = rows(page)
    assert [(row[0].split()[0], *row[2:]) for row in found] == [
        ("ต.หนองหอย", "4", "1", "\u22123"),
        ("ต.ท่าศาลา", "2", "ยังไม่บันทึก", "มีเฉพาะในแบบฟอร์มเดิม"),
    ]
    assert "อ่านไม่ได้ 1 แถวหรือช่อง" in page  # of another amphoe
    agreed = shown(officer, sent(officer, f"{HEAD}\n1,ก,หนองหอย,,1,1,\n", "แก้แล้ว.csv"))
    assert rows(agreed) == []
    assert "ตรงกันแล้ว: ตัวเลข 2 รายการเท่ากัน" in agreed


def test_nothing_entered_here_is_no_zero_and_never_agrees(here: Session) -> None:
    made = add_old_form(here, "9001")
    told = [("900102", "vaccination", "child.one", 0), ("900101", "vaccination", "child.one", 0),
            ("900101", "vaccination", "adult.one", 1), ("900101", "facilities", "all", 1)]  # fmt: skip
    for area, measure, figure, value in told:
        here.add(StatisticsOldFigure(form_id=made.id, area_code=area, measure=measure, figure=figure, value=value))
    here.flush()
    found = {(one.area_code, one.figure): one for one in service.differences(here, made.id)}
    assert not found["900102", "child.one"].agrees
    assert found["900102", "child.one"].apart is None
    assert not found["900101", "child.one"].agrees  # nobody asked about children there
    assert found["900101", "adult.one"].agrees
    assert found["900101", "all"].agrees


def test_columns_are_named_once_and_remembered_for_the_area(app: Flask, here: Session, officer: Browser) -> None:
    strange = "หน่วยงาน,ฉีดแล้วหนึ่ง,โน้ต"
    answer = sent(officer, f"{strange}\nหนองหอย,9,ก\n")
    page = shown(officer, answer)
    assert "read_at" not in page
    assert here.scalars(select(StatisticsOldForm.read_at)).one() is None
    names = re.findall(r'<label for="(c\d)" translate="no">([^<]+)<', page)
    fields = {said: name for name, said in names}
    once = re.findall(r'name="once" value="([^"]+)"', page)[0]
    address = answer.location.partition("?")[0]
    chosen = {fields["หน่วยงาน"]: "tambon", fields["ฉีดแล้วหนึ่ง"]: "vaccination:adult.one"}
    wrong = officer.post(address, {**chosen, fields["โน้ต"]: "tambon", "once": once})
    assert wrong.status_code == 400
    assert f'id="{fields["โน้ต"]}-problem"' in wrong.text
    done = shown(officer, officer.post(address, {**chosen, "same_area": "last", "once": once}))
    assert [row[2:4] for row in rows(done)] == [["9", "1"]]
    colleague = browser(app, here, appoint(here, "amphoe_coordinator", "9001", to=person(here, "เพื่อนร่วมงาน")))
    again = shown(colleague, sent(colleague, f"{strange}\nหนองหอย,3,ข\n", "สัปดาห์ถัดไป.csv"))
    assert [row[2:4] for row in rows(again)] == [["3", "1"]]


def test_the_file_goes_after_a_day_and_the_figures_after_half_a_year(here: Session, officer: Browser) -> None:
    shown(officer, sent(officer, f"{HEAD}\n1,นางสาวผู้กรอก,หนองหอย,,4,1,\n"))
    service.forget(here, NOON + timedelta(hours=23))
    assert here.scalars(select(StatisticsOldForm.file)).one() is not None
    service.forget(here, NOON + timedelta(hours=25))
    here.expire_all()
    one = here.scalars(select(StatisticsOldForm)).one()
    assert one.file is None
    page = officer.get(f"{PAGE}/{one.id}").text
    assert "ผู้กรอก" not in page
    assert len(rows(page)) == 1
    service.forget(here, NOON + timedelta(days=181))
    assert here.scalars(select(StatisticsOldFigure.value)).all() == []


def test_the_file_of_differences_has_codes_states_and_nothing_that_a_spreadsheet_computes(
    here: Session, officer: Browser
) -> None:
    answer = sent(officer, f"{HEAD}\n1,ก,หนองหอย,,4,1,\n2,ข,ท่าศาลา,,,,2\n")
    got = officer.get(f"{answer.location.partition('?')[0]}.csv")
    lines = list(csv.reader(io.StringIO(got.data.decode("utf-8-sig"))))
    assert [(line[0], line[1], *line[7:]) for line in lines[1:]] == [
        ("900101", "TH900101", "4", "1", "value", "-3"),
        ("900102", "TH900102", "2", "", "not_entered", ""),
        ("900101", "TH900101", "1", "1", "value", "0"),
    ]
    assert here.scalars(select(AuditEntry.action).where(AuditEntry.action == "statistics.old_form")).all()


@pytest.mark.parametrize("text", ["", "ก,ข\n1,2\n", "\x00\x01", f"{HEAD}\n", f"{HEAD}\n1,ก,ไม่มีที่ไหน,,1,1,1\n"])
def test_whatever_is_uploaded_gets_an_answer_in_words(officer: Browser, text: str) -> None:
    answer = sent(officer, text)
    assert answer.status_code in (303, 400)
    if answer.status_code == 400:
        assert 'id="file-problem"' in answer.text
    else:
        assert officer.get(answer.location).status_code == 200
