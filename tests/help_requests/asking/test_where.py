"""A point is where somebody is, or it is no point: nothing far away is filed under the nearest tambon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.models import HelpRequest
from tests.help_requests.asking.conftest import posted
from tests.help_requests.build import LAT, LON

Ask = Callable[..., TestResponse]

FAR: dict[str, tuple[float, float]] = {
    "Phnom Penh": (11.56, 104.92),
    "Yangon": (16.8, 97.25),
    "Laos": (19.88, 102.13),
    "the open sea": (10.0, 101.5),
    "Bangkok, where other provinces are loaded": (13.7563, 100.5018),
    "six kilometres beyond the last tambon": (13.946, 100.05),
}
ENGLISH = {"Accept-Language": "en"}
SAID = "outside the area of this service"


def body(**values: Any) -> dict[str, Any]:
    """What a program sends."""
    given: dict[str, Any] = {
        "needs": [{"kind": "food"}], "urgency": "life", "phone": "081 234 5678", "consent": CONSENT_VERSION, "lat": LAT,
        "lon": LON,
    }  # fmt: skip
    return {**given, **values}


@pytest.mark.parametrize("place", FAR.values(), ids=FAR)
def test_a_point_far_from_every_tambon_is_outside_the_service_page_and_api_alike(
    ask: Ask, client: FlaskClient, country: Session, place: tuple[float, float]
) -> None:
    lat, lon = place
    page = ask(to="/requests/new?lang=en", point=f"{lat}, {lon}")
    assert page.status_code == 400
    assert SAID in page.text
    assert 'id="place-problem"' in page.text, "beside its field"
    assert "exact location known" not in page.text
    assert "บ้านรั้วเขียวหลังวัด" in page.text, "what was typed stays"
    assert 'name="point" value=""' in page.text, "the next one is not sent with it"
    typed = ask(to="/requests/new?lang=en", point=None, place=f"{lat:.4f}, {lon:.4f}")
    assert (typed.status_code, SAID in typed.text) == (400, True)
    assert f"{lat:.4f}, {lon:.4f}" in typed.text
    answer = client.post("/api/v1/help-requests", json=body(lat=lat, lon=lon), headers=ENGLISH)
    assert answer.status_code == 400
    assert [(one["field"], SAID in one["detail"]) for one in answer.get_json()["errors"]] == [("lat", True)]
    assert posted(country) == []


def test_words_beside_a_point_outside_stay_and_are_sent_next(ask: Ask, country: Session) -> None:
    page = ask(point="19.88, 102.13", place="ป่าแดด")
    assert page.status_code == 400
    assert "ป่าแดด" in page.text
    assert 'name="point" value=""' in page.text
    assert ask(point="", place="ป่าแดด").status_code == 303
    assert [(row.tambon_code, row.point) for row in posted(country)] == [("900101", None)]


def test_a_pier_and_a_boat_close_by_belong_to_the_nearest_tambon(ask: Ask, country: Session) -> None:
    """South of the drawn areas; a degree of latitude has 110.6 km there."""
    assert ask(point=f"{14 - 4.9 / 110.6}, 100.05").status_code == 303
    assert [row.tambon_code for row in posted(country)] == ["900101"]


def test_how_far_is_a_setting(ask: Ask, app: Flask, country: Session) -> None:
    app.extensions["mapapp_config"] = app.extensions["mapapp_config"].model_copy(update={"tambon_reach_m": 1_000})
    page = ask(to="/requests/new?lang=en", point=f"{14 - 4.9 / 110.6}, 100.05")
    assert page.status_code == 400
    assert "more than 1 km" in page.text


def test_while_the_form_is_filled_in_the_same_is_said(client: FlaskClient, country: Session) -> None:
    for given in ({"point": "11.56, 104.92"}, {"place": "11.5600, 104.9200"}):
        made = client.post("/requests/new/place?lang=en", data=given)
        assert SAID in made.text
        assert "exact location known" not in made.text


def test_a_place_that_a_device_knows_roughly_is_never_exact(client: FlaskClient, country: Session) -> None:
    answer = client.post("/api/v1/help-requests", json=body(accuracy_m=40_000), headers=ENGLISH)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.get_json()["errors"]] == ["accuracy_m"]
    assert "40.0 km" in answer.get_json()["errors"][0]["detail"]
    assert client.post("/api/v1/help-requests", json=body(accuracy_m=30)).status_code == 201
    assert len(country.scalars(select(HelpRequest.id)).all()) == 1


def test_the_nearest_facility_of_another_country_is_no_answer(client: FlaskClient, country: Session) -> None:
    for lat, lon in FAR.values():
        asked = {"lat": str(lat), "lon": str(lon), "lang": "en"}
        page = client.get("/nearest", query_string=asked)
        assert (page.status_code, SAID in page.text) == (400, True)
        answer = client.get("/api/v1/facilities/nearest", query_string=asked)
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, "lat")
    assert client.get("/nearest?lat=14.05&lon=100.05").status_code == 200


@pytest.mark.parametrize("letters", [1_900, 6_000])
def test_a_long_description_of_a_place_is_answered_beside_its_field(
    client: FlaskClient, country: Session, letters: int
) -> None:
    answer = client.post("/requests/new/place", data={"place": "ก" * letters})
    assert answer.status_code == 200
    assert "<html" not in answer.text, "a fragment for beside the field, and no page of an error"
