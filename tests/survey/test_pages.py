"""The pages of the survey, without scripts: officers make it ready, data volunteers record, officers see and decide."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.areas.models import Village
from mapapp.audit.models import AuditEntry
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.models import SurveyAssignment, SurveyEnding, SurveyEntry, SurveyRound, SurveySum
from mapapp.web import qr
from tests.conftest import NOON
from tests.data import small_country
from tests.people import Browser, appoint, browser, person, token_for
from tests.survey.build import ADULTS, VILLAGE, add_round, assign, entry, record

HOUSE = {"unit": "household", "version": "1", "rest": "nobody", "adult_more": "2"}


@pytest.fixture
def here(session: Session) -> Session:
    small_country(session)
    return session


@pytest.fixture
def somchai(here: Session) -> Person:
    return appoint(here, "data_volunteer", "900101", to=person(here, "สมชาย เก็บข้อมูล"))


@pytest.fixture
def officer(app: Flask, here: Session) -> Browser:
    return browser(app, here, appoint(here, "amphoe_coordinator", "9001"))


def _follow(visitor: Browser, answer: Any, status: int = 200) -> str:
    assert answer.status_code == 303, re.findall(r'class="problem[^>]*>([^<]+)|<p class="last">([^<]+)', answer.text)
    shown = visitor.get(answer.location)
    assert shown.status_code == status
    text: str = shown.get_data(as_text=True)
    return text


def _once(page: str) -> str:
    return str(re.findall(r'name="once" value="([^"]+)"', page)[-1])


def test_from_a_new_survey_to_its_figures(app: Flask, here: Session, somchai: Person, officer: Browser) -> None:
    made = {"do": "make", "name": "รอบพฤศจิกายน", "area": "9001", "starts_on": "2026-11-20", "ends_on": "20/12/2569"}
    page = _follow(officer, officer.post("/officer/survey/rounds", made))
    assert "รอบพฤศจิกายน" in page
    number = here.scalars(select(SurveyRound.id)).one()
    recorder = browser(app, here, somchai)
    assert "รอบพฤศจิกายน" not in recorder.get("/volunteer/survey").text
    assert recorder.get(f"/volunteer/survey/{number}/{VILLAGE}").status_code == 404, "it is not open yet"
    _follow(officer, officer.post(f"/officer/survey/rounds/{number}", {"do": "open"}))
    given = {"do": "assign", "tambon": "900101", "numbers": "๓, 5-6", "person": str(somchai.id)}
    assert "สมชาย เก็บข้อมูล" in _follow(officer, officer.post(f"/officer/survey/rounds/{number}/villages", given))
    mine = recorder.get("/volunteer/survey").text
    assert [f"/volunteer/survey/{number}/9001010{one}" in mine for one in (3, 4, 5, 6)] == [True, False, True, True]
    form = recorder.get(f"/volunteer/survey/{number}/{VILLAGE}").text
    sent = {**HOUSE, "household": "บ้านเลขที่ ๑๒/๓", "elderly_two": "๑", "once": _once(form)}
    after = _follow(recorder, recorder.post(f"/volunteer/survey/{number}/{VILLAGE}", sent))
    assert 'name="household" type="text" value="12/4"' in after, "the next house number stands there"
    assert "3 คน" in after
    again = recorder.post(f"/volunteer/survey/{number}/{VILLAGE}", sent)  # the answer was lost
    assert again.status_code == 303
    assert here.scalar(select(func.count()).select_from(SurveyEntry)) == 1
    page = officer.get("/officer/survey").text
    assert re.search(r"คนที่อยู่จริงตามที่บันทึก</dt><dd>3</dd>", page)
    assert "2,000 คน ใน 800 ครัวเรือน" in page, "the registered people stand beside them"
    actions = here.scalars(select(AuditEntry.action).where(AuditEntry.action.like("survey.%")).order_by(AuditEntry.seq))
    assert list(actions) == ["survey.make", "survey.open", "survey.assign"]


@pytest.mark.parametrize(
    ("sent", "beside"),
    [
        ({"adult_here": "3", "adult_more": "2"}, "adult-problem"),
        ({"adult_here": "1"}, "adult-problem"),
        ({"adult_more": "-1"}, "adult_more-problem"),
        ({"adult_more": "1.5"}, "adult_more-problem"),
        ({"adult_more": "ห้า"}, "adult_more-problem"),
        ({"adult_more": "100"}, ""),
        ({"household": "สมชาย ใจดี"}, "household-problem"),
        ({"household": ""}, "household-problem"),
        ({"rest": ""}, "rest-problem"),
        ({"visited_on": "2026-11-21"}, "visited_on-problem"),
        ({"sent_at": "2025-11-20T05:00:00Z"}, "visited_on-problem"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    app: Flask, here: Session, somchai: Person, sent: dict[str, str], beside: str
) -> None:
    number = add_round(here).id
    answer = browser(app, here, somchai).post(
        f"/volunteer/survey/{number}/{VILLAGE}", {**HOUSE, "household": "12", "elderly_two": "4", **sent}
    )
    assert answer.status_code == 400
    assert f'id="{beside}"' in answer.text if beside else "มากกว่า 99 คน" in answer.text
    assert (
        'name="elderly_two" data-part="two" type="text" inputmode="numeric" maxlength="5" autocomplete="off" value="4"'
        in answer.text
    )
    assert here.scalar(select(func.count()).select_from(SurveyEntry)) == 0
    without = browser(app, here, somchai).post(f"/volunteer/survey/{number}/{VILLAGE}", HOUSE)
    assert "กรุณากรอกบ้านเลขที่" in without.text.split('id="household-problem"', 1)[1]
    assert " novalidate data-survey" in without.text, "the browser would say it in a language of its own"


def test_who_answers_for_a_wrong_clock_is_believed(app: Flask, here: Session, somchai: Person) -> None:
    number = add_round(here).id
    sent = {**HOUSE, "household": "12", "sent_at": "2025-11-20T05:00:00Z", "visited_on": "2026-11-18"}
    assert browser(app, here, somchai).post(f"/volunteer/survey/{number}/{VILLAGE}", sent).status_code == 303
    found = here.scalars(select(SurveyEntry)).one()
    assert (found.marks, found.observed_at.date().isoformat()) == ([], "2026-11-18")


def test_where_a_survey_has_ended_is_said_by_name(app: Flask, here: Session, somchai: Person) -> None:
    number = add_round(here).id
    here.add(SurveyEnding(round_id=number, area_code="9001", reason="ยุติตามประกาศ", at=NOON))
    here.commit()
    page = browser(app, here, somchai).get("/volunteer/survey").text
    assert re.search(r"การสำรวจใน [^\d<]+ ยุติแล้ว", page), "a code says nothing to anybody"


def test_a_revisit_shows_what_was_recorded_and_is_saved_as_the_same_in_one_tap(
    app: Flask, here: Session, somchai: Person
) -> None:
    earlier, number = add_round(here, closed_at=NOON).id, add_round(here).id
    record(here, appoint(here, "tambon_officer", "900101"), entry(earlier, "12"), at=NOON - timedelta(days=9))
    here.execute(SurveyEntry.__table__.update().values(state="counted"))  # type: ignore[attr-defined]
    recorder = browser(app, here, somchai)
    address = f"/volunteer/survey/{number}/{VILLAGE}"
    page = recorder.get(f"{address}?household=12").text
    assert "เหมือนครั้งก่อน" in page
    assert (
        recorder.post(address, {"unit": "household", "version": "1", "household": "12", "do": "same"}).status_code
        == 303
    )
    found = here.scalars(select(SurveyEntry).where(SurveyEntry.round_id == number)).one()
    page = recorder.get(f"{address}?household=12").text
    assert f'name="entry" value="{found.id}"' in page
    assert f'href="/volunteer/survey/records/{found.id}"' in page, "its history"
    assert f'href="/volunteer/survey/records/{found.id}/follow-up"' in page, "and who needs help, later too"
    assert f'name="revision" value="{found.revision}"' in page
    values = {**HOUSE, "household": "12", "entry": str(found.id), "revision": "1", "adult_more": "7"}
    assert recorder.post(address, values).status_code == 303
    assert (
        here.scalars(
            select(SurveySum.here).where(SurveySum.round_id == number, SurveySum.target_group == "adult")
        ).one()
        == 7
    )
    stale = recorder.post(address, {**values, "adult_more": "9"})
    assert stale.status_code == 409
    assert 'value="9"' in stale.text, "what was typed"
    assert re.search(r'data-label="อยู่จริงขณะนี้">7</td>', stale.text), "and what the record is now"
    assert 'name="revision" value="2"' in stale.text, "saved again, it replaces that"


def test_two_who_record_one_household_are_led_to_the_choice(
    app: Flask, here: Session, somchai: Person, officer: Browser
) -> None:
    number = add_round(here).id
    other = appoint(here, "data_volunteer", "900101", to=person(here, "มาลี"))
    record(here, other, entry(number, "12"))
    recorder = browser(app, here, somchai)
    page = _follow(recorder, recorder.post(f"/volunteer/survey/{number}/{VILLAGE}", {**HOUSE, "household": "12"}))
    assert "มาลี" in page
    found = here.scalars(select(SurveyEntry.id).where(SurveyEntry.state == "conflict")).one()
    assert f"/volunteer/survey/records/{found}" in browser(app, here, other).get("/volunteer/survey").text
    waits = officer.get("/officer/survey/waiting").text
    assert f"/volunteer/survey/records/{found}" in waits
    assert "บ้านเลขที่ 12 หมู่ที่ 3 " in waits, "no English comma"
    differs = "สองบันทึกต่างกันที่กลุ่ม: ผู้ป่วยติดเตียง"
    assert differs in waits, "what to look at"
    assert differs in page
    other_record = page.split("อีกบันทึกหนึ่ง", 1)[1].split("</h2>")[0]
    assert "นับแล้ว" in other_record, "which of the two is in the figures"
    page = _follow(officer, officer.post(f"/volunteer/survey/records/{found}", {"do": "another", "seen": "1"}))
    assert "(2)" in page
    late = recorder.post(f"/volunteer/survey/records/{found}", {"do": "other", "seen": "1"})
    assert late.status_code == 409
    assert "ไม่มีบันทึกที่รอการตัดสินใจ" in officer.get("/officer/survey/waiting").text


def test_the_list_of_what_waits_holds_all_that_the_menu_counts(
    app: Flask, here: Session, somchai: Person, officer: Browser
) -> None:
    """Also of an earlier survey, when a newer one is open; and one record after the other can be decided."""
    earlier = add_round(here, name="รอบก่อน").id
    other = appoint(here, "data_volunteer", "900101", to=person(here, "มาลี"))
    for house in ("12", "14"):
        record(here, other, entry(earlier, house))
        record(here, somchai, entry(earlier, house))
    newest = add_round(here, "9001", name="รอบใหม่").id
    waits = here.scalars(select(SurveyEntry.id).where(SurveyEntry.state == "conflict").order_by(SurveyEntry.id)).all()
    page = officer.get(f"/officer/survey?round={newest}").text
    assert "บันทึกสำรวจ 2 รายการรอการตัดสินใจ" in page
    address = re.findall(r'href="(/officer/survey/waiting[^"]*)"', page)[0].replace("&amp;", "&")
    listed = officer.get(address).text
    assert [f"/volunteer/survey/records/{one}" in listed for one in waits] == [True, True]
    assert "รอบก่อน" in listed, "each with its survey"
    assert "ไม่มีบันทึกที่รอการตัดสินใจ" in officer.get(f"/officer/survey/waiting?round={newest}").text
    after = _follow(officer, officer.post(f"/volunteer/survey/records/{waits[0]}", {"do": "this", "seen": "1"}))
    assert 'href="/officer/survey/waiting"' in after.split("<main", 1)[1], "on to the next"


def test_a_correction_opens_only_the_groups_with_people(app: Flask, here: Session, somchai: Person) -> None:
    number = add_round(here).id
    nobody = {code: {"here": 0} for code in ("elderly", "child")}
    data = entry(number, "12", groups={"adult": {"here": 2, "two": 2}, **nobody})
    record(here, somchai, data)
    page = browser(app, here, somchai).get(f"/volunteer/survey/{number}/{VILLAGE}?household=12").text
    groups = re.findall(r'<details class="card group" data-group( open)?>.*?id="(\w+)_here"', page, re.DOTALL)
    assert [code for is_open, code in groups if is_open] == ["adult"]
    assert re.search(r'name="elderly_here"[^>]* value="0"', page), "what was said of the others is kept"


def test_an_announcement_ends_a_survey_in_an_area_and_going_on_is_one_step(
    app: Flask, here: Session, somchai: Person, officer: Browser
) -> None:
    number = add_round(here).id
    end = {"do": "end", "area": "9001", "reason": "ตามประกาศจังหวัด ข้อ 3"}
    assert "ตามประกาศจังหวัด ข้อ 3" in _follow(officer, officer.post(f"/officer/survey/rounds/{number}", end))
    assert officer.post(f"/officer/survey/rounds/{number}", {**end, "area": "9002"}).status_code == 403
    recorder = browser(app, here, somchai)
    assert "ตามประกาศจังหวัด ข้อ 3" in recorder.get(f"/volunteer/survey/{number}/{VILLAGE}").text
    answer = recorder.post(f"/volunteer/survey/{number}/{VILLAGE}", {**HOUSE, "household": "12"})
    assert "survey_waits" in answer.location
    page = officer.get(f"/officer/survey/rounds/{number}").text
    ending = re.findall(r'name="ending" value="(\d+)"', page)[0]
    _follow(officer, officer.post(f"/officer/survey/rounds/{number}", {"do": "lift", "ending": ending}))
    assert "ตามประกาศจังหวัด ข้อ 3" not in recorder.get(f"/volunteer/survey/{number}/{VILLAGE}").text
    assert recorder.post(f"/volunteer/survey/{number}/{VILLAGE}", {**HOUSE, "household": "13"}).status_code == 303
    states = here.scalars(select(SurveyEntry.state).order_by(SurveyEntry.id))
    assert list(states) == ["waiting", "counted"]


def test_villages_are_shared_out_evenly_and_by_a_list(here: Session, officer: Browser, somchai: Person) -> None:
    malee = appoint(here, "data_volunteer", "9001", to=person(here, "มาลี สำรวจ"))
    for tambon in ("900101", "900102"):
        here.add_all(
            Village(code=f"{tambon}{one:02}", tambon_code=tambon, name_th=f"บ้าน{one}", source="test")
            for one in range(1, 4)
        )
    number = add_round(here).id
    here.commit()
    address = f"/officer/survey/rounds/{number}/villages"
    _follow(officer, officer.post(address, {"do": "evenly", "area": "9001"}))
    held = assigning.assigned(here, number, "9001")
    assert len(held) == 6
    assert {one.village_code[:6] for one in held if one.person_id == somchai.id} == {"900101"}, (
        "nobody beyond their area"
    )
    assert sum(one.person_id == malee.id for one in held) == 3
    wrong = officer.post(
        address, {"do": "list", "lines": "90010101, ไม่มีใคร\n\n90020101\tมาลี สำรวจ\n90010199, มาลี สำรวจ"}
    )
    assert wrong.status_code == 400
    assert ["บรรทัดที่ 1:" in wrong.text, "บรรทัดที่ 3:" in wrong.text, "บรรทัดที่ 4:" in wrong.text] == [True] * 3
    here.execute(SurveyAssignment.__table__.update().values(ended_at=NOON))  # type: ignore[attr-defined]
    here.commit()
    _follow(officer, officer.post(address, {"do": "list", "lines": "90010101,  มาลี  สำรวจ\n๙๐๐๑๐๒๐๓\tมาลี สำรวจ"}))
    held = assigning.assigned(here, number, "9001")
    assert {(one.village_code, one.name) for one in held} == {("90010101", "มาลี สำรวจ"), ("90010203", "มาลี สำรวจ")}
    _follow(officer, officer.post(address, {"do": "withdraw", "assignment": str(held[0].id)}))
    assert [one.village_code for one in assigning.assigned(here, number, "9001")] == ["90010203"]


def test_the_worst_come_first_and_the_file_has_every_village_and_group(
    app: Flask, here: Session, somchai: Person, officer: Browser
) -> None:
    number = add_round(here).id
    who = appoint(here, "tambon_officer", "900101")
    for village, none in (("90010101", 1), ("90010102", 30), ("90010103", 9)):
        groups = {"adult": {"here": 40, "none": none, "more": 40 - none}, "child": {"here": 0}}
        record(here, who, entry(number, None, village=village, groups=groups))
    assign(here, number, "90010104", somchai)
    here.commit()
    page = officer.get("/officer/survey").text
    rows = re.findall(r"/volunteer/survey/\d+/(\d{8})\"", page)
    assert rows == ["90010104", "90010102", "90010103", "90010101"], "nothing recorded, then the most not reached"
    assert "สมชาย เก็บข้อมูล" in page, "who has sent nothing for a week"
    answer = officer.get(f"/officer/survey/export?area=9001&round={number}")
    lines = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert len(lines) == 1 + 4 * 6, "the village that nobody has recorded yet is in it, too"
    told = {(line[3], line[6]): line[8:11] for line in lines[1:]}
    assert told["90010102", "ประชาชนทั่วไป"] == ["ถามแล้ว", "40", "30"]
    assert told["90010102", "เด็ก"] == ["ถามแล้ว", "0", "0"], "nobody lives there"
    assert told["90010102", "ผู้สูงอายุ"] == ["ยังไม่ได้ถาม", "", ""], "which is not the same"
    assert here.scalars(select(AuditEntry.action).where(AuditEntry.action == "survey.export")).one()


def test_the_overview_asks_as_much_for_many_villages_as_for_one(here: Session, officer: Browser) -> None:
    number = add_round(here).id
    who = appoint(here, "tambon_officer", "900101")

    def asked() -> int:
        count = 0

        def add(*_args: Any) -> None:
            nonlocal count
            count += 1

        engine = here.get_bind().engine
        event.listen(engine, "before_cursor_execute", add)
        try:
            assert officer.get("/officer/survey").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", add)
        return count

    record(here, who, entry(number, "1"))
    here.commit()
    few = asked()
    for village in range(4, 14):
        record(here, who, entry(number, "1", village=f"900101{village:02}"))
    here.commit()
    assert asked() == few


def test_by_hand_only_those_are_offered_who_may_record_there(here: Session, somchai: Person, officer: Browser) -> None:
    number = add_round(here, "9001").id
    appoint(here, "data_volunteer", "900102", to=person(here, "มานะ อีกตำบล"))
    appoint(here, "data_volunteer", "9001", to=person(here, "วีระ ทั้งอำเภอ"))
    here.commit()
    address = f"/officer/survey/rounds/{number}/villages"
    first = officer.get(f"{address}?area=9001").text
    assert 'name="person"' not in first, "the tambon first"
    assert 'name="area"' in first
    page = officer.get(f"{address}?area=900101").text
    offered = re.findall(r'<option value="[^"]+">([^<(]+)', page.split('name="person"')[1].split("</select>")[0])
    assert [one.strip() for one in offered] == ["วีระ ทั้งอำเภอ", "สมชาย เก็บข้อมูล"]
    assert '<input type="hidden" name="tambon" value="900101">' in page


def test_the_start_page_says_what_the_survey_needs(here: Session, somchai: Person, officer: Browser) -> None:
    number = add_round(here).id
    for village in ("90010101", "90010102", VILLAGE):
        assign(here, number, village, somchai)
    other = appoint(here, "data_volunteer", "900101", to=person(here, "อีกคน"))
    record(here, somchai, entry(number, "1"))
    here.commit()

    def said() -> list[tuple[str, str]]:
        page = officer.get("/officer").text
        return re.findall(r'<strong class="count">(\d+)</strong> <span>([^<]*(?:บันทึก)[^<]*)</span>', page)

    assert said() == [("2", "หมู่บ้านที่ยังไม่มีบันทึก")]
    record(here, somchai, entry(number, "2", village="90010101"))
    record(here, other, entry(number, "3", village="90010102"))  # somebody else's village: it waits
    twice = record(here, appoint(here, "tambon_officer", "900101"), entry(number, "1"))
    assert twice.state == "conflict"
    here.commit()
    assert said() == [
        ("1", "ครัวเรือนที่มีบันทึกซ้ำ"), ("1", "บันทึกสำรวจที่ต้องตรวจ"), ("1", "หมู่บ้านที่ยังไม่มีบันทึก"),
    ]  # fmt: skip


def test_the_manual_of_one_page_leads_to_the_villages(app: Flask, here: Session, somchai: Person) -> None:
    recorder = browser(app, here, somchai)
    assert 'href="/volunteer/survey/manual"' in recorder.get("/volunteer/survey").text
    page = recorder.get("/volunteer/survey/manual").text
    assert "http://localhost/volunteer/survey</strong>" in page
    assert page.count("<li><strong>") == 8
    assert qr.svg("http://localhost/volunteer/survey") in page


def test_a_record_of_a_program_is_three_statements(
    app: Flask, here: Session, somchai: Person, query_count: Callable[[], int]
) -> None:
    """Whose key it is, the village held and counted for the person's limits, and all that is written."""
    number = add_round(here).id
    key = token_for(here, somchai, ["survey.enter"])
    client, body = app.test_client(), {"round": number, "village": VILLAGE, "groups": ADULTS}
    client.put(f"/api/v1/survey/entries/{uuid.uuid4()}", json={**body, "household": "1"}, headers=key)  # is used first
    before = query_count()
    sent = client.put(f"/api/v1/survey/entries/{uuid.uuid4()}", json={**body, "household": "2"}, headers=key)
    assert (sent.status_code, query_count() - before) == (201, 3)


def test_a_program_records_and_gets_the_same_receipt_again(app: Flask, here: Session, somchai: Person) -> None:
    number = add_round(here).id
    assign(here, number, VILLAGE, somchai)
    key = token_for(here, somchai, ["survey.enter"])
    client = app.test_client()
    rounds = client.get("/api/v1/survey/rounds", headers=key).json
    assert rounds is not None
    assert [(one["id"], one["state"]) for one in rounds["rounds"]] == [(number, "open")]
    villages = client.get(f"/api/v1/survey/villages?round={number}", headers=key).json
    assert villages is not None
    assert [one["code"] for one in villages["villages"]] == [VILLAGE]
    address = f"/api/v1/survey/entries/{uuid.uuid4()}"
    body = {"round": number, "village": VILLAGE, "household": "12", "groups": {"adult": {"here": 1, "one": 1}}}
    first, second = (client.put(address, json=body, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert client.put(address, json={**body, "household": "13"}, headers=key).status_code == 409
    there = client.get(f"/api/v1/survey/rounds/{number}/villages/{VILLAGE}/records", headers=key).json
    assert there is not None
    correction = {**body, "entry": there["records"][0]["entry"], "revision": 1, "groups": {"adult": {"here": 0}}}
    assert client.put(f"/api/v1/survey/entries/{uuid.uuid4()}", json=correction, headers=key).status_code == 201
    stale = client.put(f"/api/v1/survey/entries/{uuid.uuid4()}", json=correction, headers=key)
    assert (stale.status_code, (stale.json or {})["version"]) == (409, 2)
    read_only = token_for(here, somchai, ["requests.nearby"])
    assert client.put(address, json=body, headers=read_only).status_code == 403


def test_a_record_of_another_area_is_not_told_of(app: Flask, here: Session, somchai: Person) -> None:
    number = add_round(here).id
    made = record(here, appoint(here, "tambon_officer", "900201"), entry(number, "12", village="90020101"))
    here.commit()
    recorder = browser(app, here, somchai)
    assert recorder.get(f"/volunteer/survey/records/{made.entry}").status_code == 404
    assert recorder.get(f"/volunteer/survey/{number}/90020101").status_code == 403
    assert "90020101" not in recorder.get("/volunteer/survey").text
