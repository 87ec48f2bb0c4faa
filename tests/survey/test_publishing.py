"""The survey's own page of what everybody may read: the figures of the last Friday, from enough people on."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.survey.publishing import queries
from mapapp.survey.publishing.rules import AT_LEAST, EDGE
from mapapp.survey.publishing.service import Amphoe, publish
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint
from tests.survey.build import add_round, entry, record

DAY = NOON.date()


@pytest.fixture
def here(session: Session) -> Session:
    small_country(session)
    return session


@pytest.fixture
def officer(here: Session) -> Person:
    return appoint(here, "ministry", "TH")


def told(session: Session) -> dict[str, int]:
    return {one.code: one.share_percent for one in queries.table(session)}


def recorded(session: Session, who: Person, number: int, *villages: str) -> None:
    """Something is recorded there: the figure of an amphoe says in which survey."""
    for village in villages:
        record(session, who, entry(number, None, village=village, groups={"adult": {"here": 9, "more": 9}}))


def test_an_amphoe_with_too_few_people_has_no_figure_anywhere(app: Flask, here: Session, officer: Person) -> None:
    recorded(here, officer, add_round(here).id, "90010101", "90020101")
    publish(here, DAY, [Amphoe("9001", AT_LEAST - 5, 90), Amphoe("9002", AT_LEAST, 60)])
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
    assert [(row["code"], row["share_percent"], row["people_at_least"]) for row in rows] == [("9002", "60", "100")]
    assert client.get("/api/v1/survey/vaccinated?within=9001").json == {"within": "9001", "amphoe": []}


def test_a_share_near_either_end_is_a_bound(app: Flask, here: Session, officer: Person) -> None:
    """One person without a dose among 200 is somebody; so is the one with a dose among 200 without."""
    recorded(here, officer, add_round(here).id, "90010101", "90020101")
    publish(here, DAY, [Amphoe("9001", 200, 100), Amphoe("9002", 200, 0)])
    here.commit()
    found = {one.code: (one.share_percent, one.bound) for one in queries.table(here)}
    assert found == {"9001": (100 - EDGE, "at_least"), "9002": (EDGE, "at_most")}
    shown = app.test_client().get("/vaccinated").text
    assert "95 % ขึ้นไป" in shown
    assert "ไม่เกิน 5 %" in shown


def test_a_real_survey_goes_before_an_example_and_the_newest_before_older_ones(
    app: Flask, here: Session, officer: Person
) -> None:
    recorded(here, officer, add_round(here, is_example=True, name="ตัวอย่าง").id, "90010101")
    publish(here, DAY, [Amphoe("9001", 120, 50)])
    here.commit()
    assert '<span class="badge example">' in app.test_client().get("/vaccinated").text.split("<table", 1)[1]
    label = "ตัวอย่าง: ผู้ได้รับวัคซีน"
    assert label in app.test_client().get("/").text, "the legend of the map says so, too"
    recorded(here, officer, add_round(here).id, "90010101")
    publish(here, DAY, [Amphoe("9001", 120, 75)])
    here.commit()
    app.extensions["mapapp_cache"].forget()
    assert label not in app.test_client().get("/").text
    assert [(one.is_example, one.share_percent) for one in queries.table(here)] == [(False, 75)]


def test_what_is_not_published_any_more_leaves_no_figure_behind(here: Session, officer: Person) -> None:
    recorded(here, officer, add_round(here).id, "90010101", "90020101")
    publish(here, DAY, [Amphoe("9001", 120, 50), Amphoe("9002", 300, 70)])
    publish(here, DAY, [Amphoe("9002", 300, 71)])
    assert told(here) == {"9002": 71}


def test_the_front_page_offers_the_layer_and_its_map_fetches_nothing_before(app: Flask, here: Session) -> None:
    assert "/api/v1/survey/vaccinated/values" in app.test_client().get("/").text
    assert "layer_vaccinated" in app.test_client().get("/maps/home").text
