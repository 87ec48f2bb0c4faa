"""What unlucky phones and curious people send to the survey: nobody sees another area, and no time stops a village."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.survey.models import SurveyAssignment
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint, browser, person, token_for
from tests.survey.build import ADULTS, VILLAGE, add_round, entry, record

ELSEWHERE = "90010201"
HOUSE = {"unit": "household", "version": "1", "rest": "nobody", "adult_more": "2"}
SECRET = {"adult": {"here": 37, "one": 37}}
WRITER = "ผู้เก็บข้อมูลของอีกตำบล"


@pytest.fixture
def here(session: Session) -> Session:
    small_country(session)
    return session


@pytest.fixture
def somchai(here: Session) -> Person:
    return appoint(here, "data_volunteer", "900101", to=person(here, "สมชาย เก็บข้อมูล"))


def test_what_others_recorded_in_another_area_is_never_shown(app: Flask, here: Session, somchai: Person) -> None:
    """Neither beside a form that is refused, nor as “same as last time”, nor beside one's own record of that house."""
    the_round = add_round(here)
    other = appoint(here, "data_volunteer", "900102", to=person(here, WRITER))
    record(here, other, entry(the_round.id, "12/3", ELSEWHERE, groups=SECRET))
    here.commit()
    visitor = browser(app, here, somchai)
    address = f"/volunteer/survey/{the_round.id}/{ELSEWHERE}"
    once = str(uuid.uuid4())
    own = {**HOUSE, "household": "12/3", "once": once}
    tries = [
        {}, {**HOUSE, "household": ""}, {**HOUSE, "household": "12/3", "adult_more": "x"},
        {**own, "do": "same"}, own, {**own, "adult_more": "3"},
    ]  # fmt: skip
    answers = [visitor.post(address, sent) for sent in tries]
    assert [one.status_code for one in answers] == [400, 400, 400, 400, 303, 409]
    receipt = visitor.get(answers[4].location)  # what was sent is taken in, and its writer may read it
    assert receipt.status_code == 200
    assert "12/3" in receipt.text
    for page in [*answers, receipt]:
        assert WRITER not in page.text
        assert not re.search(r"(?<![:.\w-])37(?![:.\w-])", page.text)  # keys and times of day apart


@pytest.mark.parametrize("observed", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "1970-01-01T00:00:09Z"])
@pytest.mark.parametrize("sent", [None, "9999-12-31T23:59:59-14:00", (NOON + timedelta(hours=2)).isoformat()])
def test_a_phone_that_lost_its_date_is_asked_about_and_stops_nobody(
    app: Flask, here: Session, somchai: Person, observed: str, sent: str | None
) -> None:
    the_round = add_round(here)
    here.commit()
    program = token_for(here, somchai, ["survey.enter"])
    body = {"round": the_round.id, "village": VILLAGE, "household": "12/3", "groups": ADULTS, "observed_at": observed}
    client = app.test_client()
    answer = client.put(
        f"/api/v1/survey/entries/{uuid.uuid4()}", json={**body, **({"sent_at": sent} if sent else {})}, headers=program
    )
    assert (answer.status_code, answer.get_json()["marks"]) == (201, ["clock"])
    village = client.get(f"/api/v1/survey/rounds/{the_round.id}/villages/{VILLAGE}/records", headers=program)
    assert village.get_json()["records"][0]["observed_at"].startswith(f"{NOON:%Y-%m-%d}")
    typed = {**HOUSE, "household": "12/4", "observed_at": observed, "sent_at": (NOON + timedelta(hours=2)).isoformat()}
    visitor = browser(app, here, somchai)
    assert visitor.post(f"/volunteer/survey/{the_round.id}/{VILLAGE}", typed).status_code == 303
    assert visitor.get(f"/volunteer/survey/{the_round.id}/{VILLAGE}").status_code == 200


def test_only_villages_that_can_be_recorded_in_a_survey_are_assigned(
    app: Flask, here: Session, somchai: Person
) -> None:
    """One of another survey's area, or of a tambon that is not there, is a dead end: its form is never found."""
    appoint(here, "data_volunteer", "90", to=person(here, "ทั่วจังหวัด"))
    the_round = add_round(here, "900101")
    whole = add_round(here, "90")
    here.commit()
    officer = browser(app, here, appoint(here, "province_admin", "90"))
    by_list = {"do": "list", "lines": "90010101, ทั่วจังหวัด\n90010201, ทั่วจังหวัด"}
    assert officer.post(f"/officer/survey/rounds/{the_round.id}/villages", by_list).status_code == 400
    for sent in (
        {"do": "list", "lines": "90999801, ทั่วจังหวัด"},
        {"do": "assign", "tambon": "909998", "numbers": "1", "person": str(_named(here, "ทั่วจังหวัด"))},
    ):
        assert officer.post(f"/officer/survey/rounds/{whole.id}/villages", sent).status_code == 400
    assert here.scalars(select(SurveyAssignment.village_code)).all() == []
    inside = {"do": "list", "lines": "90010101, ทั่วจังหวัด"}
    assert officer.post(f"/officer/survey/rounds/{the_round.id}/villages", inside).status_code == 303


def _named(session: Session, name: str) -> uuid.UUID:
    return session.scalars(select(Person.id).where(Person.name == name)).one()
