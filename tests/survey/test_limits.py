"""How many records one person may send: a program with somebody's key cannot fill a survey, and honest work never
stops."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.core.config import Config
from mapapp.database import counters
from mapapp.survey.models import SurveyEntry
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.build import VAULT
from tests.people import appoint, browser, person, token_for
from tests.survey.build import ADULTS, VILLAGE, add_round

HOUSE = {"unit": "household", "version": "1", "rest": "nobody", "household": "12", "adult_more": "2"}


def _sent(session: Session, who: Person, count: int, ago: timedelta) -> None:
    key = VAULT.index(str(who.id), "survey records of a person")
    counters.add(session, [key] * count, NOON - ago)
    session.commit()


def test_who_sends_far_too_many_records_waits_and_loses_nothing(app: Flask, session: Session) -> None:
    small_country(session)
    number = add_round(session).id
    somchai = appoint(session, "data_volunteer", "900101", to=person(session, "สมชาย"))
    most = Config().survey_an_hour
    _sent(session, somchai, most - 1, timedelta(minutes=50))
    recorder, address = browser(app, session, somchai), f"/volunteer/survey/{number}/{VILLAGE}"
    assert recorder.post(address, HOUSE).status_code == 303, "the last one that is allowed"
    answer = recorder.post(address, {**HOUSE, "household": "13", "once": str(uuid.uuid4())})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600"), answer.text
    assert "คุณส่งบันทึกมากเกินปกติ" in answer.text
    assert "10 นาที" in answer.text
    assert 'name="household" type="text" value="13"' in answer.text, "what was typed stays"
    token = token_for(session, somchai, ["survey.enter"])
    body = {"round": number, "village": VILLAGE, "household": "14", "groups": ADULTS}
    sent = app.test_client().put(f"/api/v1/survey/entries/{uuid.uuid4()}", json=body, headers=token)
    assert (sent.status_code, sent.get_json()["retry_after"]) == (429, 600)
    kept = [{**body, "key": str(uuid.uuid4()), "household": str(house)} for house in (16, 17)]
    many = app.test_client().post("/api/v1/survey/entries", json={"entries": kept}, headers=token)
    assert [one["status"] for one in many.get_json()["answers"]] == [429, 429], "a phone keeps them and waits"
    officer = browser(app, session, appoint(session, "tambon_officer", "900101"))
    assert officer.post(address, {**HOUSE, "household": "15"}).status_code == 303, "others go on"
    assert session.scalar(select(func.count()).select_from(SurveyEntry)) == 2


def test_of_many_records_those_within_the_limit_are_taken_in(app: Flask, session: Session) -> None:
    small_country(session)
    number = add_round(session).id
    somchai = appoint(session, "data_volunteer", "900101", to=person(session, "สมชาย"))
    _sent(session, somchai, Config().survey_an_hour - 2, timedelta(minutes=1))
    made = {"round": number, "village": VILLAGE, "groups": ADULTS}
    kept = [{**made, "key": str(uuid.uuid4()), "household": str(house)} for house in (1, 2, 3)]
    token = token_for(session, somchai, ["survey.enter"])
    answer = app.test_client().post("/api/v1/survey/entries", json={"entries": kept}, headers=token)
    assert [one["status"] for one in answer.get_json()["answers"]] == [201, 201, 429]
    assert session.scalar(select(func.count()).select_from(SurveyEntry)) == 2


def test_a_day_has_a_limit_of_its_own_and_officers_have_none(app: Flask, session: Session) -> None:
    small_country(session)
    number = add_round(session).id
    somchai = appoint(session, "data_volunteer", "900101", to=person(session, "สมชาย"))
    officer = appoint(session, "tambon_officer", "900101")
    address = f"/volunteer/survey/{number}/{VILLAGE}"
    for one in (somchai, officer):
        _sent(session, one, Config().survey_a_day, timedelta(hours=23))
    assert browser(app, session, somchai).post(address, HOUSE).status_code == 429
    assert browser(app, session, officer).post(address, HOUSE).status_code == 303
