"""Sharing out villages stays inside the survey and the officer's area, and who corrects a record leaves its history."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.areas.models import Village
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.models import SurveyEntry, SurveySum
from tests.data import small_country
from tests.people import appoint, browser, person
from tests.survey.build import add_round, entry, record

HOUSE = {"unit": "household", "version": "1", "rest": "nobody"}


@pytest.fixture
def here(session: Session) -> Session:
    """Two villages in each tambon."""
    small_country(session)
    for tambon in ("900101", "900102", "900201", "900202"):
        session.add_all(
            Village(code=f"{tambon}0{one}", tambon_code=tambon, name_th=f"บ้าน{one}", source="test") for one in (1, 2)
        )
    session.commit()
    return session


def test_sharing_out_evenly_gives_no_village_outside_the_survey(app: Flask, here: Session) -> None:
    appoint(here, "data_volunteer", "90", to=person(here, "มาลี สำรวจ"))
    number = add_round(here, "9001").id
    here.commit()
    officer = browser(app, here, appoint(here, "province_admin", "90"))
    address = f"/officer/survey/rounds/{number}/villages?area=90"
    assert officer.post(address, {"do": "evenly", "area": "90"}).status_code == 303
    held = {one.village_code for one in assigning.assigned(here, number, None)}
    assert held == {"90010101", "90010102", "90010201", "90010202"}, "though the officer's area is the whole province"
    outside = officer.post(address, {"do": "evenly", "area": "9002"})
    assert outside.status_code == 400
    assert "พื้นที่นี้ไม่อยู่ในการสำรวจนี้" in outside.text
    assert len(assigning.assigned(here, number, None)) == 4


def test_sharing_out_evenly_gives_no_village_of_another_officer(app: Flask, here: Session) -> None:
    appoint(here, "data_volunteer", "90", to=person(here, "มาลี สำรวจ"))
    number = add_round(here, "90").id
    here.commit()
    officer = browser(app, here, appoint(here, "amphoe_coordinator", "9001"))
    address = f"/officer/survey/rounds/{number}/villages"
    assert officer.post(address, {"do": "evenly", "area": "9002"}).status_code == 403
    assert officer.post(address, {"do": "evenly", "area": "90"}).status_code == 403
    assert assigning.assigned(here, number, None) == []


def test_a_list_gives_no_village_outside_the_survey_and_then_none_at_all(app: Flask, here: Session) -> None:
    appoint(here, "data_volunteer", "90", to=person(here, "มาลี สำรวจ"))
    number = add_round(here, "9001").id
    here.commit()
    officer = browser(app, here, appoint(here, "province_admin", "90"))
    lines = "90010101\tมาลี สำรวจ\n90020101\tมาลี สำรวจ"
    wrong = officer.post(f"/officer/survey/rounds/{number}/villages?area=90", {"do": "list", "lines": lines})
    assert wrong.status_code == 400
    assert "บรรทัดที่ 2:" in wrong.text
    assert assigning.assigned(here, number, None) == []


def test_an_officer_corrects_a_record_and_both_versions_stay_in_its_history(app: Flask, here: Session) -> None:
    number = add_round(here).id
    writer = appoint(here, "data_volunteer", "900101", to=person(here, "สมชาย เก็บข้อมูล"))
    made = record(here, writer, entry(number, "12", village="90010101")).entry
    here.commit()
    coordinator = appoint(here, "amphoe_coordinator", "9001", to=person(here, "กมล ประสานงาน"))
    officer = browser(app, here, coordinator)
    page = officer.get(f"/volunteer/survey/records/{made}").text
    assert f"/volunteer/survey/{number}/90010101?household=12" in page, "the way to correct it"
    correction = {**HOUSE, "household": "12", "entry": str(made), "revision": "1", "adult_more": "5"}
    assert officer.post(f"/volunteer/survey/{number}/90010101", correction).status_code == 303
    found = here.scalars(select(SurveyEntry)).one()
    assert (found.state, found.revision) == ("counted", 2)
    assert here.scalars(select(SurveySum.here).where(SurveySum.target_group == "adult")).one() == 5
    history = officer.get(f"/volunteer/survey/records/{made}").text.split("ประวัติ", 1)[1]
    assert "กมล ประสานงาน" in history
    assert "5 คน" in history
    assert "สมชาย เก็บข้อมูล" in history
    assert "2 คน" in history


@pytest.mark.parametrize(("do", "state", "people"), [("accept", "counted", 2), ("refuse", "refused", 0)])
def test_an_officer_accepts_or_refuses_what_came_after_the_end(
    app: Flask, here: Session, do: str, state: str, people: int
) -> None:
    survey = add_round(here)
    survey.closed_at = survey.opened_at
    here.flush()
    writer = appoint(here, "data_volunteer", "900101", to=person(here, "สมชาย เก็บข้อมูล"))
    made = record(here, writer, entry(survey.id, "12", village="90010101"))
    assert made.state == "waiting"
    here.commit()
    officer = browser(app, here, appoint(here, "amphoe_coordinator", "9001"))
    assert f"/volunteer/survey/records/{made.entry}" in officer.get("/officer/survey/waiting").text
    assert officer.post(f"/volunteer/survey/records/{made.entry}", {"do": do, "seen": "1"}).status_code == 303
    here.expire_all()
    assert here.scalars(select(SurveyEntry.state)).one() == state
    assert sum(here.scalars(select(SurveySum.here)).all()) == people
