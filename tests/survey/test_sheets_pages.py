"""The officers' pages of the survey's workbooks and lists, without scripts."""

from __future__ import annotations

import io
import re
from contextlib import closing

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.areas import queries as areas
from mapapp.areas.models import Village
from mapapp.audit.models import AuditEntry
from mapapp.survey.models import SurveyEntry
from mapapp.survey.sheets import service, workbook
from tests.data import small_country
from tests.people import Browser, appoint, browser
from tests.survey.build import VILLAGE, add_round, assign
from tests.survey.test_sheets import ODK, csv, packed, real_looking


@pytest.fixture
def here(session: Session) -> Session:
    small_country(session)
    return session


@pytest.fixture
def officer(app: Flask, here: Session) -> Browser:
    return browser(app, here, appoint(here, "amphoe_coordinator", "9001"))


def sent(who: Browser, number: int, data: bytes, name: str = "รายการ.xlsx") -> TestResponse:
    page = who.get(f"/officer/survey/rounds/{number}/sheets").text
    once = re.findall(r'name="once" value="([^"]+)"', page)[-1]
    return who.post(
        f"/officer/survey/rounds/{number}/sheets",
        {"file": (io.BytesIO(data), name), "once": once},
        content_type="multipart/form-data",
    )


def test_from_the_workbook_to_the_figures_and_back(here: Session, officer: Browser) -> None:
    number = add_round(here).id
    home = f"/officer/survey/rounds/{number}"
    assert f"{home}/sheets" in officer.get(home).text
    assert f"{home}/sheets?area=9001" in officer.get("/officer/survey").text
    assert f"{home}/template.xlsx?area=9001" in officer.get(f"{home}/sheets").text
    got = officer.get(f"{home}/template.xlsx?area=9001")
    book = load_workbook(io.BytesIO(got.data))
    sheet = book[workbook.HOUSEHOLDS]
    sheet["A4"], sheet["B4"], sheet["R4"], sheet["U4"] = VILLAGE, "๑", 2, 2
    answer = sent(officer, number, packed(book))
    assert answer.status_code == 303
    page = officer.get(answer.location).text
    assert "นำเข้าทั้งหมด 1 แถว" in page
    where = answer.location.split("?")[0]
    assert officer.post(where, {"do": "all"}).status_code == 303
    assert officer.post(where, {"do": "all"}).status_code == 409, "once is enough"
    assert here.scalar(select(func.count()).select_from(SurveyEntry)) == 1
    assert re.search(r"คนที่อยู่จริงตามที่บันทึก</dt><dd>2</dd>", officer.get("/officer/survey").text)
    assert officer.post(where, {"do": "undo"}).status_code == 303
    assert "ยกเลิกแล้ว: บันทึกใหม่ 1 รายการไม่นับอีก" in officer.get(where).text
    assert list(here.scalars(select(AuditEntry.action).where(AuditEntry.action.like("survey.%")))) == [
        "survey.upload", "survey.import", "survey.import_undo",
    ]  # fmt: skip


def test_who_sends_far_too_many_lists_waits(here: Session, officer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AN_HOUR", 1)
    number, data = add_round(here).id, "รหัสหมู่บ้าน,บ้านเลขที่,adult_here,adult_none\n90010103,1,1,1".encode()
    assert sent(officer, number, data, "ก.csv").status_code == 303
    told = sent(officer, number, data, "ก.csv")
    assert (told.status_code, told.headers["Retry-After"]) == (429, "3600")
    assert "คุณส่งรายการมากเกินปกติ" in told.text


def test_bad_rows_are_shown_by_row_and_column_and_the_others_can_be_taken(here: Session, officer: Browser) -> None:
    number = add_round(here).id
    tambon = areas.get(here, "900101").name_th
    data = real_looking(tambon, [None, 3, "17", 2, 3, None, None, None], [None, None, "18", 1, 1, None, None, None])
    answer = sent(officer, number, data)
    page = officer.get(f"{answer.location}&lang=en").text
    assert "Total, left out: row 10." in page
    assert "Hidden in the workbook, left out: row 6." in page
    assert re.search(r'<td class="n">8</td>.*?<b translate="no">ผู้สูงอายุ อยู่จริง</b>: 3 people are counted', page, re.S)
    assert re.search(r'<td class="n">9</td>.*?<b translate="no">หมู่ที่</b>: The village is not recognised', page, re.S)
    assert 'value="all"' not in page
    where = answer.location.split("?")[0]
    assert officer.post(where, {"do": "all"}).status_code == 409
    assert officer.post(where, {"do": "good"}).status_code == 303
    assert here.scalar(select(func.count()).select_from(SurveyEntry)) == 3
    assert sent(officer, number, b"x").status_code == 400
    assert sent(officer, number, b"PK\x03\x04").status_code == 400


def test_paper_leads_back_to_the_form_of_its_village(here: Session, officer: Browser) -> None:
    number = add_round(here).id
    somchai = appoint(here, "data_volunteer", "900101")
    for village in (VILLAGE, "90010104"):
        assign(here, number, village, somchai)
    address = f"/officer/survey/rounds/{number}/paper.pdf?area=900101&sheets=2"
    answer = officer.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    with closing(pypdfium2.PdfDocument(answer.data)) as document:
        assert len(document) == 4
        read = []
        for at in range(len(document)):
            page = document[at]
            assert [round(one) for one in page.get_size()] == [842, 595], "A4, across"
            picture = page.render(scale=2).to_pil()
            read += [one.text for one in zxingcpp.read_barcodes(picture)]
            words = page.get_textpage().get_text_bounded()
            assert "60" in words, "whoever fills it in by hand sees who counts in which group"
            assert "19–59" in words
            assert "เว้นว่าง" in words, "and what to write where nobody was asked"
            assert f"หน้า {at + 1}/4" in words.replace("\r\n", "\n")
    assert answer.data.count(b"/FontFile2") == answer.data.count(b"/FontDescriptor ") > 0, "every font is embedded"
    assert [one.split("/volunteer/")[1] for one in read] == [
        f"survey/{number}/{village}" for village in (VILLAGE, VILLAGE, "90010104", "90010104")
    ]
    assert officer.get(f"/{read[0].split('/', 3)[3]}").status_code in (200, 403)
    assert officer.get(address.replace("area=900101", "area=9001")).status_code == 404


def test_who_has_no_villages_yet_is_led_to_assigning_them(here: Session, officer: Browser) -> None:
    number = add_round(here).id
    home = f"/officer/survey/rounds/{number}"
    here.execute(delete(Village))
    here.commit()
    page = officer.get(f"{home}/sheets").text
    assert f"{home}/villages?area=9001" in page
    assert "paper.pdf" not in page, "there is nothing to print"
    assert "xlsform.xlsx" not in page
    assign(here, number, VILLAGE, appoint(here, "data_volunteer", "900101"))
    page = officer.get(f"{home}/sheets").text
    assert f"{home}/villages?area=9001" not in page
    assert "xlsform.xlsx" in page
    assert re.findall(r'<option value="(\d{6})"', page.split('id="tambon"')[1].split("</select>")[0]) == ["900101"]


def test_rows_of_two_tambons_do_not_look_alike(here: Session, officer: Browser) -> None:
    number = add_round(here).id
    one, other = (areas.get(here, code).name_th for code in ("900101", "900102"))
    data = csv("ตำบล,หมู่ที่,บ้านเลขที่,ผู้สูงอายุ 2 เข็ม", f"{one},1,12,2", f"{other},1,13,2")
    page = officer.get(sent(officer, number, data, "รายการ.csv").location).text
    rows = page.split("<tbody>")[1]
    assert one in rows
    assert other in rows


def test_columns_are_named_on_the_page_and_an_upload_is_removed(app: Flask, here: Session, officer: Browser) -> None:
    number = add_round(here).id
    data = csv("บ้านอยู่หมู่ไหน,เลขที่บ้านของท่าน,คนแก่ฉีดครบกี่คน", f"{VILLAGE},12,2")
    where = sent(officer, number, data, "google.csv").location.split("?")[0]
    page = officer.get(where).text
    assert "เลือกคอลัมน์ที่บอกหมู่บ้านและจำนวนคน" in page
    named = {"village": "0", "household": "1", "elderly_two": "2"}
    assert officer.post(f"{where}/columns", named | {"elderly_one": "2"}).status_code == 400
    assert officer.post(f"{where}/columns", named | {"elderly_one": "9"}).status_code == 400
    assert officer.post(f"{where}/columns", named).status_code == 303
    assert "นำเข้าทั้งหมด 1 แถว" in officer.get(where).text
    stranger = browser(app, here, appoint(here, "amphoe_coordinator", "9002"))
    assert stranger.get(where).status_code == 403
    assert stranger.post(where, {"do": "discard"}).status_code == 403
    assert officer.post(where, {"do": "discard"}).status_code == 303
    assert officer.get(where).status_code == 404
    assert sent(officer, number, csv(*ODK), "odk.csv").status_code == 303
