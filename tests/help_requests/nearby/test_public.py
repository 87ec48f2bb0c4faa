"""What everybody may know: counts of cells, by need and age, on a page and for programs."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any, get_args

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from mapapp.areas.models import Area
from mapapp.help_requests.labels import KINDS
from mapapp.help_requests.nearby import cell_counts, daily_counts, live_views
from mapapp.help_requests.nearby.schemas import AGES, FITS, Kind
from mapapp.volunteers.schemas import Means, Skill
from tests.conftest import NOON
from tests.help_requests.build import add_request, publish
from tests.people import Browser, appoint, browser, token_for

COUNTS = "/api/v1/help-requests/cells"


@pytest.fixture
def crowded(country: Session) -> Session:
    """So many households that a cell is one square of 0.01°."""
    country.execute(update(Area).values(households=12_000))
    country.flush()
    return country


def features(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: list[dict[str, Any]] = answer.get_json()["features"]
    return found


def test_words_are_the_rooms() -> None:
    assert set(get_args(Kind)) == set(KINDS)
    assert set(FITS) == set(get_args(Skill)) | set(get_args(Means))
    assert {kind for kinds in FITS.values() for kind in kinds} == set(KINDS)
    assert [days[0] for days in AGES.values()] == [0, 1, 4, 8]


def test_a_cell_has_counts_by_need_urgency_and_age(crowded: Session, client: FlaskClient) -> None:
    add_request(crowded, needs=("food", "transport"), urgency="life")
    held = {"kind": "food", "state": "claimed", "lease_ends_at": NOON + timedelta(hours=1)}
    done = {"kind": "medicine", "state": "helped"}
    add_request(crowded, needs=(held, done), free_from=NOON + timedelta(hours=1), at=NOON - timedelta(days=5))
    add_request(crowded, needs=("food",), at=NOON - timedelta(days=30))
    add_request(crowded, closed_at=NOON, outcome="helped", free_from=None)
    for _ in range(2):
        add_request(crowded, needs=("food",), at=NOON - timedelta(days=30))
    publish(crowded)
    found = features(client.get(COUNTS))
    assert len(found) == 1
    assert found[0]["geometry"] == {"type": "Point", "coordinates": [100.035, 14.055]}
    assert found[0]["properties"] == {
        "precision": "cell", "key": "1:1405:10003", "size": 1, "area_code": "900101", "requests": 5, "waiting": 5,
        "needs": {"transport": 1, "food": 5}, "urgencies": {"life": 1, "urgent": 4, "normal": 0},
        "ages": {"today": 0, "d1_3": 1, "d4_7": 1, "older": 3},
    }  # fmt: skip


def test_linked_requests_count_once(crowded: Session, client: FlaskClient) -> None:
    lead = add_request(crowded)
    add_request(crowded, linked_to=lead.id)
    publish(crowded)
    assert [one["properties"]["requests"] for one in features(client.get(COUNTS))] == [1]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("tambon", {"900101": 1, "900102": 1, "900201": 2}),
        ("amphoe", {"9001": 2, "9002": 2}),
        ("province", {"90": 4}),
    ],
)
def test_sums_by_area(country: Session, client: FlaskClient, level: str, expected: dict[str, int]) -> None:
    for lat, lon in [(14.05, 100.05), (14.15, 100.05), (14.05, 100.15), (14.02, 100.18)]:
        add_request(country, lat=lat, lon=lon)
    publish(country)
    found = features(client.get(f"{COUNTS}?level={level}"))
    assert {one["properties"]["area_code"]: one["properties"]["requests"] for one in found} == expected
    inside = features(client.get(f"{COUNTS}?level=tambon&area=9002"))
    assert [one["properties"]["area_code"] for one in inside] == ["900201"]


def test_a_box_holds_the_cells_whose_middle_lies_in_it(crowded: Session, client: FlaskClient) -> None:
    add_request(crowded, lat=14.0599, lon=100.0399)
    add_request(crowded, lat=14.0601, lon=100.0399)
    publish(crowded)
    found = features(client.get(f"{COUNTS}?bbox=100.03,14.05,100.04,14.06"))
    assert [one["properties"]["key"] for one in found] == ["1:1405:10003"]
    assert len(features(client.get(f"{COUNTS}?bbox=100.03,14.05,100.04,14.07"))) == 2


@pytest.mark.parametrize("query", ["level=house", "bbox=1,2", "bbox=nan,1,2,3", "area=1", "area=9", "zoom=3"])
def test_what_makes_no_sense_is_a_problem(country: Session, client: FlaskClient, query: str) -> None:
    answer = client.get(f"{COUNTS}?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


def test_more_cells_than_are_told(crowded: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_counts, "MAX_CELLS", 1)
    add_request(crowded, lat=14.05, lon=100.05)
    for _ in range(2):
        add_request(crowded, lat=14.01, lon=100.01)
    publish(crowded)
    answer = client.get(COUNTS).get_json()
    assert answer["truncated"] is True
    assert [one["properties"]["requests"] for one in answer["features"]] == [2], "those with most first"


def test_public_answers_have_a_tag(country: Session, client: FlaskClient) -> None:
    for address in ("/requests", COUNTS, "/api/v1/help-requests"):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=30"
        same = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert same.status_code == 304


def test_the_page_by_area(country: Session, client: FlaskClient) -> None:
    add_request(country, lat=14.05, lon=100.05)
    add_request(country, lat=14.05, lon=100.15)
    publish(country)
    whole = client.get("/requests?lang=en").get_data(as_text=True)
    assert ">West</a>" in whole
    assert ">East</a>" in whole
    amphoe = client.get("/requests?area=9001&lang=en").get_data(as_text=True)
    assert "Tambon 01" in amphoe
    assert "By square" in amphoe
    assert "14.04–14.08° N, 100.04–100.08° E" in amphoe
    assert ">East</a>" not in amphoe
    tambon = client.get("/requests?area=900101&lang=en").get_data(as_text=True)
    assert "By square" in tambon


@pytest.mark.parametrize("area", ["99", "x", "900199"])
def test_an_area_that_is_none_is_told_beside_the_field(country: Session, client: FlaskClient, area: str) -> None:
    answer = client.get(f"/requests?area={area}&lang=en")
    assert answer.status_code in (200, 400)
    assert 'id="area-problem"' in answer.get_data(as_text=True)


def test_the_counts_say_of_when_they_are(country: Session, client: FlaskClient) -> None:
    assert "There is no count yet" in client.get("/requests?lang=en").get_data(as_text=True)
    add_request(country)
    publish(country)
    page = client.get("/requests?lang=en").get_data(as_text=True)
    assert "Counted at midnight, 21 Nov 2026" in page


def kept_back(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if one["properties"]["needs"] is None]


@pytest.mark.parametrize(
    ("asks", "expected"),
    [
        ({"900101": 1}, {"900101"}),
        ({"900101": 9, "900102": 8}, set()),
        ({"900101": 9, "900102": 6, "900201": 9}, set()),
        ({"900101": 9, "900102": 1}, {"900101", "900102"}),
        ({"900101": 9, "900102": 2, "900201": 2}, {"900101", "900102", "900201"}),
    ],
)
def test_no_sum_and_no_difference_describes_fewer_than_five(
    country: Session, client: FlaskClient, asks: dict[str, int], expected: set[str]
) -> None:
    places = {"900101": (14.05, 100.05), "900102": (14.15, 100.05), "900201": (14.05, 100.15)}
    for code, many in asks.items():
        for _ in range(many):
            add_request(country, lat=places[code][0], lon=places[code][1])
    publish(country)
    by_level = {
        level: features(client.get(f"{COUNTS}?level={level}")) for level in ("province", "amphoe", "tambon", "cell")
    }
    assert {one["id"] for one in kept_back(by_level["tambon"])} == expected
    for above, below in (("province", "amphoe"), ("amphoe", "tambon"), ("tambon", "cell")):
        for area in by_level[above]:
            inside = [one for one in by_level[below] if one["properties"]["area_code"].startswith(area["id"])]
            hidden = kept_back(inside)
            for one in hidden:
                assert {one["properties"][name] for name in ("waiting", "needs", "urgencies", "ages")} == {None}
            left = sum(one["properties"]["requests"] for one in hidden)
            if area["properties"]["needs"] is not None:
                assert left == 0 or left >= daily_counts.ENOUGH
            else:
                assert len(hidden) == len(inside), "what is inside of what is kept back is, too"


def test_what_is_posted_after_midnight_is_not_counted_however_late_the_counting(
    country: Session, client: FlaskClient
) -> None:
    add_request(country, at=NOON - timedelta(hours=1))
    add_request(country, at=NOON - timedelta(days=1))
    add_request(
        country, at=NOON - timedelta(days=1), closed_at=NOON - timedelta(hours=1), outcome="helped", free_from=None
    )
    publish(country, NOON)
    assert [one["properties"]["requests"] for one in features(client.get(COUNTS))] == [2]
    add_request(country, at=NOON - timedelta(days=2))
    assert daily_counts.refresh(country, NOON + timedelta(hours=3)) is False, "once a day"
    assert daily_counts.refresh(country, NOON + timedelta(hours=13)) is True
    country.commit()
    assert [one["properties"]["requests"] for one in features(client.get(COUNTS))] == [3]


def test_nothing_asked_for_is_said(country: Session, client: FlaskClient) -> None:
    assert "There are no open requests here" in client.get("/requests?lang=en").get_data(as_text=True)


# Programs -------------------------------------------------------------------------------------------------------


def test_one_address_answers_each_as_exactly_as_they_may_know(app: Flask, country: Session, me: Browser) -> None:
    made = add_request(country, needs=({"kind": "medicine", "detail": "ยาความดัน", "quantity": 2},))
    publish(country)
    anonymous = features(app.test_client().get("/api/v1/help-requests"))
    assert [one["properties"]["precision"] for one in anonymous] == ["cell"]
    assert anonymous[0]["id"] == "4:1404:10000"
    assert "ยาความดัน" not in json.dumps(anonymous, ensure_ascii=False)
    volunteer = features(me.get("/api/v1/help-requests"))
    assert [one["id"] for one in volunteer] == [made.id]
    assert volunteer[0]["geometry"]["coordinates"] == [100.02, 14.06]
    assert volunteer[0]["properties"]["needs"] == [
        {"kind": "medicine", "detail": "ยาความดัน", "quantity": 2, "status": "open"}
    ]
    assert volunteer[0]["properties"]["requested_on"] == "2026-11-20"
    officer = browser(app, country, appoint(country, "tambon_officer", "900101"))
    assert features(officer.get("/api/v1/help-requests")) == volunteer, "officers' lists are of the cell, too"


def test_one_request_by_its_cell(app: Flask, country: Session, me: Browser) -> None:
    made = add_request(country)
    away = add_request(country, lat=14.05, lon=100.15)
    closed = add_request(country, closed_at=NOON, outcome="helped", free_from=None)
    answer = me.get(f"/api/v1/help-requests/{made.id}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["properties"]["cell"] == "4:1404:10000"
    told = me.get(f"/api/v1/help-requests/{closed.id}").get_json()["properties"]
    assert (told["status"], told["description"]) == ("closed", "")
    for number in (away.id, 10**9, 2**63):
        assert me.get(f"/api/v1/help-requests/{number}").status_code == 404
    assert app.test_client().get(f"/api/v1/help-requests/{made.id}").status_code == 401


def test_a_token_needs_its_scope(app: Flask, country: Session) -> None:
    made = add_request(country)
    who = appoint(country, "volunteer", "9001")
    client = app.test_client()
    good = token_for(country, who, ["requests.nearby"])
    assert [one["id"] for one in features(client.get("/api/v1/help-requests", headers=good))] == [made.id]
    bad = token_for(country, who, ["facilities.edit"])
    publish(country)
    assert features(client.get("/api/v1/help-requests", headers=bad)) == features(client.get("/api/v1/help-requests"))
    counted = client.get("/api/v1/help-requests", headers=bad)
    assert [one["properties"]["precision"] for one in features(counted)] == ["cell"], "as everybody"
    assert counted.headers["Cache-Control"] == "no-store"
    assert client.get(f"/api/v1/help-requests/{made.id}", headers=bad).status_code == 403


def test_programs_may_not_leave_their_area(country: Session, me: Browser) -> None:
    add_request(country, lat=14.05, lon=100.15)
    assert features(me.get("/api/v1/help-requests")) == []
    assert features(me.get("/api/v1/help-requests?lat=14.05&lon=100.15")) == []
    assert me.get("/api/v1/help-requests?area=9002").status_code == 403
    assert me.get("/api/v1/help-requests?area=900101").status_code == 200


@pytest.mark.parametrize("query", ["lat=14", "after=x", "limit=0", "kind=gold", "lat=nan&lon=100", "x=1"])
def test_programs_are_told_what_is_wrong(country: Session, me: Browser, query: str) -> None:
    assert me.get(f"/api/v1/help-requests?{query}").status_code == 400


def test_pages_by_number(country: Session, me: Browser) -> None:
    made = [add_request(country).id for _ in range(5)]
    first = me.get("/api/v1/help-requests?limit=3").get_json()
    rest = me.get(f"/api/v1/help-requests?limit=3&after={first['next']}").get_json()
    assert [one["id"] for one in (*first["features"], *rest["features"])] == made
    assert rest["next"] is None


def test_the_map_document_asks_the_public_address(client: FlaskClient) -> None:
    page = client.get("/maps/requests").get_data(as_text=True)
    (address,) = re.findall(r'"RequestCells", .+\s+\{\s*"cells": "(.+?)"', page)
    assert address == COUNTS


def test_live_is_for_those_who_may_see_the_list(app: Flask, country: Session) -> None:
    answer = app.test_client().get("/live/requests")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")
    assert live_views.NEARBY == "requests.nearby"
