"""“Near me”: what is shown, in which order, to whom, and what is remembered."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.core.geo import Point
from mapapp.help_requests.nearby import queries
from mapapp.help_requests.nearby.shared_search import Shared
from mapapp.volunteers.models import Volunteer
from tests.conftest import NOON
from tests.facilities.build import PAYLOADS
from tests.help_requests.build import add_request, publish
from tests.payloads import EVALUATED
from tests.people import Browser, appoint, browser, person
from tests.volunteers.build import profile

NEAR, FAR = (14.05, 100.05), (14.18, 100.05)
"""The middle of tambon 900101, and a place in 900102, about 14 km north of it."""


def ids(page: Any) -> list[int]:
    return [int(number) for number in re.findall(r'<li class="card near-card[^"]*" id="request-(\d+)"', text_of(page))]


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def at(place: tuple[float, float]) -> dict[str, Any]:
    return {"lat": place[0], "lon": place[1]}


def test_urgency_comes_before_distance_and_distance_before_number(country: Session, me: Browser) -> None:
    normal = add_request(country, urgency="normal", **at(NEAR))
    far = add_request(country, urgency="life", **at(FAR))
    near = add_request(country, urgency="life", **at(NEAR))
    twin = add_request(country, urgency="life", **at(NEAR))
    today = add_request(country, urgency="urgent", **at(FAR))
    page = me.get("/volunteer/nearby?lang=en")
    assert page.status_code == 200
    assert ids(page) == [near.id, twin.id, far.id, today.id, normal.id]
    assert page.headers["Cache-Control"] == "no-store"


def test_what_cannot_be_taken_on_is_not_shown(country: Session, me: Browser) -> None:
    shown = add_request(country)
    add_request(country, closed_at=NOON, outcome="helped", free_from=None)
    add_request(country, linked_to=shown.id)
    held = {"kind": "food", "state": "claimed", "lease_ends_at": NOON + timedelta(hours=2)}
    add_request(country, needs=(held,), free_from=NOON + timedelta(hours=2))
    over = {"kind": "food", "state": "claimed", "lease_ends_at": NOON - timedelta(hours=2)}
    expired = add_request(country, needs=(over,), free_from=NOON - timedelta(hours=2))
    add_request(country, lat=14.05, lon=100.15)  # in 9002
    assert sorted(ids(me.get("/volunteer/nearby"))) == [shown.id, expired.id]


def test_a_lease_that_ends_brings_it_back_without_anybody(
    country: Session, me: Browser, clock: dict[str, datetime]
) -> None:
    held = {"kind": "food", "state": "claimed", "lease_ends_at": NOON + timedelta(hours=2)}
    made = add_request(country, needs=(held,), free_from=NOON + timedelta(hours=2))
    assert ids(me.get("/volunteer/nearby")) == []
    clock["now"] = NOON + timedelta(hours=2)
    assert ids(me.get("/volunteer/nearby")) == [made.id]


def test_a_card_says_what_is_needed_and_nothing_that_is_not_of_the_cell(country: Session, me: Browser) -> None:
    needs = ({"kind": "food", "quantity": 3}, {"kind": "medicine", "detail": "ยาความดัน"})
    held = {"kind": "transport", "state": "claimed", "lease_ends_at": NOON + timedelta(hours=2)}
    made = add_request(country, needs=(*needs, held), people=4, bedridden=True, at=NOON - timedelta(days=1))
    page = text_of(me.get("/volunteer/nearby?lang=en"))
    card = page.split(f'id="request-{made.id}"')[1].split("</li>")[0]
    for said in ("Food and water × 3", "ยาความดัน", "4 people", "bedridden", "yesterday", "น้ำท่วมบ้าน", "~3 km"):
        assert said in card, said
    assert "Transport to hospital" not in card, "somebody has taken that on"
    assert f'action="/volunteer/requests/{made.id}/claim' in card
    for secret in ("812345678", "081", "ป้าคำ", "บ้านรั้วเขียว", "14.057", "100.031"):
        assert secret not in page
    told = re.sub(r"<span data-made=.*?</span>", "", page.split("<main", 1)[1])  # of when the page itself is
    assert not re.search(r"(?<!\d)\d\d:\d\d(?!\d)", told.split("</main")[0])


def test_around_where_i_am(country: Session, me: Browser) -> None:
    there = add_request(country, **at(FAR))
    here = add_request(country, **at(NEAR))
    assert ids(me.get("/volunteer/nearby")) == [here.id, there.id]
    page = me.get(f"/volunteer/nearby?lat={FAR[0]}&lon={FAR[1]}&lang=en")
    assert ids(page) == [there.id, here.id]
    assert "Near your location" in text_of(page)
    assert ids(me.get(f"/volunteer/nearby?lat={FAR[0]}&lon={FAR[1]}&km=5")) == [there.id]
    kept = country.scalars(select(Volunteer)).one()
    assert "lat" not in json.dumps(kept.nearby), "the place is not kept"


def test_filters_by_need_and_by_what_i_can_do(country: Session, me: Browser) -> None:
    food = add_request(country, needs=("food",))
    oxygen = add_request(country, needs=("equipment",))
    visit = add_request(country, needs=("home_visit",))
    ride = add_request(country, needs=("transport", "home_visit"))
    assert ids(me.get("/volunteer/nearby?kind=food&kind=equipment")) == [food.id, oxygen.id]
    assert ids(me.get("/volunteer/nearby?fits=1")) == [food.id, oxygen.id, ride.id]
    assert ids(me.get("/volunteer/nearby?fits=1&kind=home_visit")) == []
    assert ids(me.get("/volunteer/nearby?kind=home_visit")) == [visit.id, ride.id]


def test_a_need_that_is_held_does_not_match(country: Session, me: Browser) -> None:
    held = {"kind": "food", "state": "claimed", "lease_ends_at": NOON + timedelta(hours=2)}
    add_request(country, needs=(held, "transport"))
    assert ids(me.get("/volunteer/nearby?kind=food")) == []


def test_filters_are_remembered(country: Session, me: Browser) -> None:
    food, oxygen = add_request(country, needs=("food",)), add_request(country, needs=("equipment",))
    sent = me.post("/volunteer/nearby", {"kind": ["food"], "km": "50"})
    assert sent.status_code == 303
    assert ids(me.get(sent.headers["Location"])) == [food.id]
    assert ids(me.get("/volunteer/nearby")) == [food.id]
    sent = me.post("/volunteer/nearby", {"km": ""})
    assert ids(me.get(sent.headers["Location"])) == [food.id, oxygen.id]
    assert ids(me.get("/volunteer/nearby")) == [food.id, oxygen.id]


@pytest.mark.parametrize("sent", [{"km": "0"}, {"km": "x"}, {"kind": "gold"}, {"nearby": "{}"}, {"fits": "maybe"}])
def test_filters_that_are_none_are_told(country: Session, me: Browser, sent: dict[str, str]) -> None:
    answer = me.post("/volunteer/nearby?lang=en", sent)
    assert answer.status_code == 400
    assert "problem" in text_of(answer)


@pytest.mark.parametrize(
    "query",
    ["km=0", "kind=gold", "lat=91&lon=0", "lat=nan&lon=100", "after=x", "after=9_1.0_1", "show=100000", "show=x"],
)
def test_an_address_that_means_nothing_is_told(country: Session, me: Browser, query: str) -> None:
    assert me.get(f"/volunteer/nearby?{query}").status_code == 400


def test_show_more_leaves_nothing_out(country: Session, me: Browser) -> None:
    made = [add_request(country, urgency="life", **at(NEAR)).id for _ in range(23)]
    made += [add_request(country, urgency="normal", **at(NEAR)).id for _ in range(3)]
    first = me.get("/volunteer/nearby")
    assert ids(first) == made[:20]
    more = re.search(r'id="near-more" href="([^"#]+)', text_of(first))
    assert more
    assert ids(me.get(unescape(more[1]))) == made
    paged: list[int] = []
    after = ""
    for _ in range(5):
        answer = me.get(f"/api/v1/help-requests?lat={NEAR[0]}&lon={NEAR[1]}&limit=7{after}").get_json()
        paged += [one["id"] for one in answer["features"]]
        if answer["next"] is None:
            break
        after = f"&after={answer['next']}"
    assert paged == made


def test_what_is_new_since_the_last_look(country: Session, me: Browser, clock: dict[str, datetime]) -> None:
    add_request(country)
    assert "since your last visit" not in text_of(me.get("/volunteer/nearby?lang=en")), (
        "the first look has nothing to compare"
    )
    add_request(country)
    again = text_of(me.get("/volunteer/nearby?lang=en"))
    assert again.count('class="badge new"') == 0, "still the first look"
    clock["now"] = NOON + timedelta(hours=3)
    later = text_of(me.get("/volunteer/nearby?lang=en"))
    assert later.count('class="badge new"') == 0, "both were seen"
    add_request(country, at=NOON + timedelta(hours=3))
    clock["now"] = NOON + timedelta(hours=6)
    for _ in range(2):
        last = text_of(me.get("/volunteer/nearby?lang=en"))
        assert "1 new request since your last visit" in last
        assert last.count('class="badge new"') == 1


def test_the_list_alone_with_an_etag(country: Session, me: Browser) -> None:
    add_request(country)
    headers = {"HX-Request": "true"}
    first = me.get("/volunteer/nearby", headers=headers)
    assert first.status_code == 200
    assert "<html" not in text_of(first)
    assert text_of(first).startswith("\n<section") or text_of(first).lstrip().startswith("<section")
    same = me.get("/volunteer/nearby", headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert same.status_code == 304
    assert same.get_data() == b""
    add_request(country)
    other = me.get("/volunteer/nearby", headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    assert other.headers["ETag"] != first.headers["ETag"]


def test_a_fragment_is_no_look(country: Session, me: Browser) -> None:
    add_request(country)
    me.get("/volunteer/nearby", headers={"HX-Request": "true"})
    assert country.scalars(select(Volunteer)).one().nearby == {}


def test_sixty_looks_a_minute(country: Session, me: Browser) -> None:
    answers = [me.get("/volunteer/nearby", headers={"HX-Request": "true"}).status_code for _ in range(60)]
    assert set(answers) == {200}
    refused = me.get("/volunteer/nearby")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert me.get("/api/v1/help-requests").status_code == 429, "one share for pages and programs"


def test_who_is_not_vetted_sees_numbers_only(app: Flask, country: Session) -> None:
    add_request(country)
    add_request(country, urgency="life", lat=14.05, lon=100.15)
    waiting = person(country, "ใหม่ มาแล้ว")
    country.add(profile(waiting, state="waiting"))
    country.flush()
    new = browser(app, country, waiting)
    for answer, next_step in (
        (app.test_client().get("/volunteer/nearby?lang=en"), "/volunteer/join"),
        (new.get("/volunteer/nearby?lang=en"), "must approve you"),
    ):
        page = text_of(answer)
        assert answer.status_code == 200
        assert next_step in page
        assert ids(answer) == []
        assert "น้ำท่วมบ้าน" not in page
        assert "/claim" not in page
    assert "West" in text_of(new.get("/volunteer/nearby?lang=en")), "their own amphoe is counted"


@pytest.mark.parametrize("role", ["data_volunteer", "auditor"])
def test_other_roles_see_numbers_only(app: Flask, country: Session, role: str) -> None:
    add_request(country)
    publish(country)
    one = browser(app, country, appoint(country, role, "90"))
    assert ids(one.get("/volunteer/nearby")) == []
    assert one.get("/live/requests").status_code == 403
    assert {
        each["properties"].keys() >= {"id"} for each in one.get("/api/v1/help-requests").get_json()["features"]
    } == {False}, "cells"
    assert [cell["id"] for cell in one.get("/api/v1/help-requests").get_json()["features"]] == ["4:1404:10000"]


def test_suspension_takes_effect_at_once(app: Flask, country: Session, me: Browser, helper: Person) -> None:
    add_request(country)
    helper.suspended_at = NOON
    country.commit()
    page = me.get("/volunteer/nearby?lang=en")
    assert ids(page) == []
    assert "suspended" in text_of(page)


def test_without_papers_there_is_a_list_and_no_button(app: Flask, country: Session) -> None:
    made = add_request(country)
    one = browser(app, country, appoint(country, "volunteer", "9001", confidentiality_on=None))
    page = one.get("/volunteer/nearby")
    assert ids(page) == [made.id]
    assert "/claim" not in text_of(page)


def test_an_officer_looks_from_the_middle_of_their_area(app: Flask, country: Session) -> None:
    made = add_request(country, **at(NEAR))
    officer = browser(app, country, appoint(country, "tambon_officer", "900101"))
    assert ids(officer.get("/volunteer/nearby")) == [made.id]
    ministry = browser(app, country, appoint(country, "ministry", "TH"))
    page = ministry.get("/volunteer/nearby?lang=en")
    assert "Use your location, or tap the map" in text_of(page)
    assert ids(ministry.get(f"/volunteer/nearby?lat={NEAR[0]}&lon={NEAR[1]}")) == [made.id]


def test_empty_says_what_to_do(country: Session, me: Browser) -> None:
    assert "Try a greater distance or fewer filters" in text_of(me.get("/volunteer/nearby?lang=en"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_wrote_is_text(country: Session, me: Browser, payload: str) -> None:
    add_request(country, description=payload, needs=({"kind": "other", "detail": payload},))
    answer = me.get("/volunteer/nearby")
    assert answer.status_code == 200
    assert payload in unescape(text_of(answer))
    assert EVALUATED not in text_of(answer)
    assert "<img src=x" not in text_of(answer)


def test_a_page_asks_few_questions(country: Session, me: Browser, query_count: Any) -> None:
    for _ in range(25):
        add_request(country)
    me.get("/volunteer/nearby")
    before = query_count()
    me.get("/volunteer/nearby", headers={"HX-Request": "true"})
    assert query_count() - before <= 9


# One search for all -----------------------------------------------------------------------------------------------


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[queries.Wanted]:
    """What was searched for in the database."""
    seen: list[queries.Wanted] = []
    search = queries.near

    def noted(session: Session, wanted: queries.Wanted, now: datetime) -> Any:
        seen.append(wanted)
        return search(session, wanted, now)

    monkeypatch.setattr(queries, "near", noted)
    return seen


def test_who_asks_the_same_shares_one_search(
    app: Flask, country: Session, me: Browser, searches: list[queries.Wanted], clock: dict[str, datetime]
) -> None:
    made = add_request(country)
    neighbour = appoint(country, "volunteer", "9001")
    country.add(profile(neighbour, reach_km=30))
    other = browser(app, country, neighbour)
    me.get("/volunteer/nearby"), other.get("/volunteer/nearby")  # a session's first page writes
    for _ in range(200):  # a snapshot is the cluster's: whoever writes in another database beside this test ends it
        app.extensions["mapapp_shared"] = Shared()
        searches.clear()
        mine, others = me.get("/volunteer/nearby"), other.get("/volunteer/nearby")
        if len(searches) == 1:
            break
    assert ids(mine) == ids(others) == [made.id]
    assert len(searches) == 1
    me.get("/volunteer/nearby?kind=food")
    assert len(searches) == 2, "other wishes"
    clock["now"] = NOON + timedelta(seconds=1)
    me.get("/volunteer/nearby")
    assert len(searches) == 3, "another second"


def test_another_snapshot_is_another_search(country: Session, searches: list[queries.Wanted], owner: Engine) -> None:
    wanted = queries.Wanted(Point(lat=NEAR[0], lon=NEAR[1]), ("90",), 10)
    with Session(owner.execution_options(isolation_level="AUTOCOMMIT")) as reader:
        for _ in range(50):  # transactions are numbered for all databases: another test's commit is a snapshot, too
            searches.clear()
            shared, before = Shared(), reader.scalar(text("SELECT pg_current_snapshot()::text"))
            shared.near(reader, wanted, NOON)
            shared.near(reader, wanted, NOON)
            if reader.scalar(text("SELECT pg_current_snapshot()::text")) == before:
                break
        assert len(searches) == 1
        with owner.begin() as writer:  # anybody's commit
            writer.execute(text("SELECT pg_current_xact_id()"))
        shared.near(reader, wanted, NOON)
    assert len(searches) == 2


def test_a_place_of_ones_own_is_not_kept(app: Flask, country: Session, me: Browser) -> None:
    app.extensions["mapapp_shared"] = shared = Shared()
    add_request(country)
    me.get(f"/volunteer/nearby?lat={NEAR[0]}&lon={NEAR[1]}")
    assert len(shared._kept) == 0


def test_an_address_of_the_list_has_no_more_than_a_square(country: Session, me: Browser) -> None:
    """Addresses stand in logs: the page sends the middle of a square of 0.01°, and whatever comes, it says no more."""
    for _ in range(30):
        add_request(country, lat=14.0573, lon=100.0312)
    country.commit()
    exact = me.get("/volunteer/nearby?lat=14.051237&lon=100.033331").get_data(as_text=True).partition("<main")[2]
    assert 'data-coarse="100"' in exact
    assert "14.0512" not in exact
    assert "lat=14.055&amp;lon=100.035" in exact
    middle = me.get("/volunteer/nearby?lat=14.055&lon=100.035").get_data(as_text=True)
    assert middle.partition("<main")[2] == exact
