"""What everybody may read of the survey: from enough people on, in steps, and no more can be computed from it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.survey.models import SurveyEntry
from mapapp.survey.publishing import queries
from mapapp.survey.publishing.rules import AT_LEAST, EDGE, STEP
from mapapp.survey.publishing.service import publish
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint
from tests.survey.build import add_round, entry, record

DAY = timedelta(days=1)


@pytest.fixture
def here(session: Session) -> Session:
    small_country(session)
    return session


@pytest.fixture
def officer(here: Session) -> Person:
    return appoint(here, "ministry", "TH")


def add(
    session: Session, who: Person, number: int, village: str, people: int, none: int, house: str | None = None
) -> int:
    groups = {"adult": {"here": people, "none": none, "more": people - none}}
    return record(session, who, entry(number, house, village=village, groups=groups)).entry


def told(session: Session) -> dict[str, int]:
    return {one.code: one.share_percent for one in queries.table(session)}


def test_an_amphoe_with_too_few_people_has_no_figure_anywhere(app: Flask, here: Session, officer: Person) -> None:
    number = add_round(here).id
    add(here, officer, number, "90010101", AT_LEAST - 1, 9)
    add(here, officer, number, "90020101", AT_LEAST, 40)
    publish(here, NOON)
    here.commit()
    assert told(here) == {"9002": 60}
    client = app.test_client()
    shown = client.get("/vaccinated").text
    assert "ตะวันออก" in shown
    assert "ตะวันตก" not in shown
    assert client.get("/api/v1/survey/vaccinated/values").json == {
        "level": "amphoe", "unit": "share", "direction": "low", "breaks": [0.5, 0.6, 0.7, 0.8, 0.9],
        "values": {"9002": 0.6},
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(client.get("/api/v1/survey/vaccinated?format=csv").text.lstrip("\ufeff"))))
    assert [(row["code"], row["share_percent"]) for row in rows] == [("9002", "60")]
    assert client.get("/api/v1/survey/vaccinated?within=9001").json == {"within": "9001", "amphoe": []}


def test_nothing_published_adds_up_to_what_is_left_out(app: Flask, here: Session, officer: Person) -> None:
    """No province and no country: what is left of their figures without those of the amphoe would be what is hidden.
    Nothing by target group or tambon: few people of one kind are somebody."""
    number = add_round(here).id
    add(here, officer, number, "90010101", 60, 9)
    add(here, officer, number, "90020101", 300, 40)
    publish(here, NOON)
    here.commit()
    found = app.test_client().get("/api/v1/survey/vaccinated").json
    assert found is not None
    assert {len(one["code"]) for one in found["amphoe"]} == {4}
    assert set(found["amphoe"][0]) == {
        "code", "name_th", "name_en", "province_th", "province_en", "share_percent", "bound", "people_at_least", "day",
        "survey", "is_example",
    }  # fmt: skip


@pytest.mark.parametrize("people", range(1, STEP, 7))
def test_one_more_household_is_not_readable_from_yesterdays_figure(here: Session, officer: Person, people: int) -> None:
    number = add_round(here).id
    add(here, officer, number, "90010101", 120, 60)
    publish(here, NOON)
    before = queries.table(here)
    add(here, officer, number, "90010102", people, people, "7")
    assert publish(here, NOON + DAY) == 0
    assert queries.table(here) == before, "neither the share, nor the number of people, nor the day"
    add(here, officer, number, "90010103", STEP, 0)
    assert publish(here, NOON + DAY) == 1
    assert queries.table(here) != before


@pytest.mark.parametrize("is_example", [None, True])
def test_a_figure_does_not_go_and_come_back_with_one_household_more(
    here: Session, officer: Person, is_example: bool | None
) -> None:
    """Neither to nothing and back, nor to another survey's figure and back."""
    if is_example:
        add(here, officer, add_round(here, is_example=True).id, "90010103", 300, 150)
    number = add_round(here).id
    add(here, officer, number, "90010101", AT_LEAST - 3, 47)
    house = record(here, officer, entry(number, "7", village="90010102", groups={"adult": {"here": 3, "none": 3}}))
    publish(here, NOON)
    before = queries.table(here)
    assert [one.share_percent for one in before] == [50]
    fewer = entry(number, "7", village="90010102", groups={"adult": {"here": 1, "none": 1}}, entry=house.entry,
                  revision=1)  # fmt: skip
    record(here, officer, fewer)
    assert publish(here, NOON + DAY) == 0
    add(here, officer, number, "90010102", 4, 0, "8")
    assert publish(here, NOON + 2 * DAY) == 0
    assert queries.table(here) == before


def test_a_list_taken_back_and_brought_in_again_with_one_household_more_tells_nothing(
    here: Session, officer: Person
) -> None:
    number = add_round(here).id
    add(here, officer, number, "90010101", 120, 60)
    house = record(here, officer, entry(number, "7", village="90010102", groups={"adult": {"here": 80, "none": 80}}))
    assert publish(here, NOON) == 1
    few = entry(
        number, "7", village="90010102", groups={"adult": {"here": 1, "none": 1}}, entry=house.entry, revision=1
    )
    record(here, officer, few)
    assert publish(here, NOON + DAY) == 1
    before = queries.table(here)
    more = entry(number, "7", village="90010102", groups={"adult": {"here": 84, "none": 80, "more": 4}},
                 entry=house.entry, revision=2)  # fmt: skip
    record(here, officer, more)
    assert publish(here, NOON + 2 * DAY) == 0
    assert queries.table(here) == before, "204 people, where 200 were published once"
    add(here, officer, number, "90010103", STEP, 0)
    assert publish(here, NOON + 3 * DAY) == 1


def test_a_figure_changes_once_a_day_at_most(here: Session, officer: Person) -> None:
    number = add_round(here).id
    add(here, officer, number, "90010101", 120, 60)
    publish(here, NOON)
    add(here, officer, number, "90010102", 500, 500)
    assert publish(here, NOON + timedelta(hours=1)) == 0, "polling tells nothing of an hour"
    assert told(here) == {"9001": 50}
    assert publish(here, NOON + DAY) == 1


def test_a_share_near_either_end_is_a_bound(app: Flask, here: Session, officer: Person) -> None:
    """One person without a dose among 200 is somebody; so is the one with a dose among 200 without."""
    number = add_round(here).id
    add(here, officer, number, "90010101", 200, 1)
    add(here, officer, number, "90020101", 200, 199)
    publish(here, NOON)
    here.commit()
    found = {one.code: (one.share_percent, one.bound) for one in queries.table(here)}
    assert found == {"9001": (100 - EDGE, "at_least"), "9002": (EDGE, "at_most")}
    shown = app.test_client().get("/vaccinated").text
    assert "95 % ขึ้นไป" in shown
    assert "ไม่เกิน 5 %" in shown


@given(st.integers(AT_LEAST, 2_000), st.data())
def test_what_is_told_of_an_amphoe_fits_many_states_of_it(people: int, data: st.DataObject) -> None:
    """Neither the number of people nor the share tells the number of vaccinated: people with the same told number, and
    one more or less of them vaccinated, look alike."""
    rounded = people // STEP * STEP
    alike = range(rounded, rounded + STEP)
    assert people in alike
    vaccinated = data.draw(st.integers(0, people))
    share = min(max(round(100 * vaccinated / people), EDGE), 100 - EDGE)
    fitting = {
        (n, v)
        for n in alike
        for v in range(max(0, round(n * share / 100) - 30), min(n, round(n * share / 100) + 30) + 1)
        if min(max(round(100 * v / n), EDGE), 100 - EDGE) == share
    }
    assert len(fitting) >= STEP


def test_a_real_survey_goes_before_an_example_and_the_newest_before_older_ones(
    app: Flask, here: Session, officer: Person
) -> None:
    example = add_round(here, is_example=True, name="ตัวอย่าง").id
    add(here, officer, example, "90010101", 120, 60)
    publish(here, NOON)
    here.commit()
    assert '<span class="badge example">' in app.test_client().get("/vaccinated").text.split("<table", 1)[1]
    label = "ตัวอย่าง: ผู้ได้รับวัคซีน"
    assert label in app.test_client().get("/").text, "the legend of the map says so, too"
    real = add_round(here).id
    add(here, officer, real, "90010101", 120, 30)
    publish(here, NOON + DAY)
    here.commit()
    app.extensions["mapapp_cache"].forget()
    assert label not in app.test_client().get("/").text
    assert [(one.is_example, one.share_percent) for one in queries.table(here)] == [(False, 75)]


def test_what_is_taken_back_leaves_no_figure_behind(here: Session, officer: Person) -> None:
    number = add_round(here).id
    add(here, officer, number, "90010101", 120, 60)
    publish(here, NOON)
    here.execute(SurveyEntry.__table__.update().values(state="set_aside"))  # type: ignore[attr-defined]
    here.execute(text("DELETE FROM survey_sums"))
    assert publish(here, NOON + DAY) == 1
    assert told(here) == {}


def test_the_front_page_offers_the_layer_and_its_map_fetches_nothing_before(app: Flask, here: Session) -> None:
    assert "/api/v1/survey/vaccinated/values" in app.test_client().get("/").text
    assert "layer_vaccinated" in app.test_client().get("/maps/home").text
