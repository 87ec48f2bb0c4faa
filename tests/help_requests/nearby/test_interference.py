"""Before a claim, two databases that differ only in what is secret answer the same, byte for byte; and the attacks
that work on blurred places do not work here."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from flask import Flask
from geopy.distance import geodesic
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from mapapp.areas.models import Area
from mapapp.core import geo
from mapapp.core.clock import midnight, today
from mapapp.help_requests import contacts
from mapapp.help_requests.cells import cell_of
from mapapp.help_requests.models import HelpNeed, HelpPublicCount, HelpRequest
from mapapp.help_requests.nearby import daily_counts
from mapapp.web import limits
from mapapp.web.request import config
from tests.conftest import NOON
from tests.data import TAMBONS
from tests.help_requests.build import VAULT, add_request, publish
from tests.people import Browser

SQUARE = (14.05, 100.03)
"""South-west corner of a square of 0.01°, which is a cell where many people live."""

PUBLIC = (
    "/requests", "/requests?area=9001", "/requests?area=900101&lang=en", "/api/v1/help-requests",
    "/api/v1/help-requests/cells", "/api/v1/help-requests/cells?level=tambon",
    "/api/v1/help-requests/cells?bbox=100.03,14.05,100.04,14.06", "/volunteer/nearby",
)  # fmt: skip
UNCLAIMED = (
    "/volunteer/nearby", "/volunteer/nearby?lat=14.0512&lon=100.0333", "/volunteer/requests/1001",
    "/api/v1/help-requests", "/api/v1/help-requests?lat=14.0512&lon=100.0333", "/api/v1/help-requests/1001",
)  # fmt: skip

part = st.floats(0.00001, 0.00999)
secrets = st.fixed_dictionaries(
    {
        "lat": part.map(lambda more: SQUARE[0] + more),
        "lon": part.map(lambda more: SQUARE[1] + more),
        "tambon_code": st.sampled_from(sorted(TAMBONS)),
        "phone": st.none() | st.integers(0, 99_999_999).map(lambda number: f"+668{number:08}"),
        "name": st.sampled_from([None, "ป้าคำ", "ลุงมี"]),
        "landmark": st.sampled_from([None, "บ้านรั้วเขียว", "หลังวัด"]),
        "village_code": st.sampled_from([None, "90010101"]),
        "source": st.sampled_from(["web", "hotline", "api"]),
        "on_behalf": st.booleans(),
        "phone_shared": st.booleans(),
        "seconds": st.integers(0, 9 * 3600),
        "language": st.sampled_from(["th", "en"]),
    }
)


def many_households(session: Session) -> None:
    session.execute(update(Area).values(households=12_000))
    session.flush()


def write(session: Session, requests: list[dict[str, Any]]) -> None:
    """The same requests for whoever may not know more."""
    session.execute(delete(HelpNeed))
    session.execute(delete(HelpRequest))
    for number, known in enumerate(requests):
        values = dict(known)
        at = NOON - timedelta(seconds=values.pop("seconds"))
        needs = [{"kind": kind, "id": 2001 + 2 * number + place} for place, kind in enumerate(("food", "medicine"))]
        made = add_request(session, needs=needs, at=at, id=1001 + number, **values)
        contact = contacts.Contact(name=values["name"], phone=values["phone"])
        contacts.keep(VAULT, made, None if contact.is_empty else contact)
    publish(session)


def answers(app: Flask, me: Browser) -> list[tuple[str, int, bytes, str | None]]:
    """What everybody and an unclaimed volunteer are answered, with the tags of it."""
    app.extensions["mapapp_cache"].forget()
    with app.app_context():
        limits.init(app, config())
    found = []
    for browser, addresses in ((app.test_client(), PUBLIC), (me, UNCLAIMED)):
        for address in addresses:
            answer = browser.get(address)
            found.append((address, answer.status_code, answer.get_data(), answer.headers.get("ETag")))
    listed = me.get("/volunteer/nearby", headers={"HX-Request": "true"})
    return [*found, ("list", listed.status_code, listed.get_data(), listed.headers["ETag"])]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.lists(st.tuples(secrets, secrets), min_size=1, max_size=3))
def test_what_is_secret_changes_no_answer(
    app: Flask, country: Session, me: Browser, first: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    many_households(country)
    write(country, [one for one, _other in first])
    mine = answers(app, me)
    assert [(address, status) for address, status, _body, _tag in mine if status != 200] == []
    write(country, [other for _one, other in first])
    assert answers(app, me) == mine


def test_that_it_would_be_noticed(app: Flask, country: Session, me: Browser) -> None:
    """The same with what is no secret: another cell."""
    many_households(country)
    add_request(country, id=1001, lat=14.055, lon=100.035)
    publish(country)
    mine = answers(app, me)
    country.execute(delete(HelpNeed))
    country.execute(delete(HelpRequest))
    add_request(country, id=1001, lat=14.055, lon=100.045)
    publish(country)
    changed = [
        address for (address, *one), (_address, *other) in zip(mine, answers(app, me), strict=True) if one != other
    ]
    assert set(changed) >= {"/api/v1/help-requests/cells", "/api/v1/help-requests", "/requests?area=9001", "list"}


# Over time ------------------------------------------------------------------------------------------------------

DAY, MINUTE = 24 * 60, timedelta(minutes=1)
BEGIN = midnight(today(NOON))

minute = st.integers(0, DAY - 1)
posts = st.fixed_dictionaries(
    {
        "day": st.integers(0, 1), "posted": st.tuples(minute, minute), "ended": st.none() | st.tuples(minute, minute),
        "needs": st.sampled_from([("food",), ("medical", "food")]), "urgency": st.sampled_from(["life", "normal"]),
        "place": st.sampled_from([(14.055, 100.035), (14.055, 100.045), (14.15, 100.05)]),
    }
)  # fmt: skip


def told(
    app: Flask, session: Session, clock: dict[str, Any], asked: list[dict[str, Any]], which: int
) -> list[tuple[str, bytes, str | None]]:
    """What a stranger is told who looks for two days and a half: whenever it could change, and all of it by and by.

    Args:
        which: whether what happens does so at the first of its times of day or at the second.
    """
    session.execute(delete(HelpNeed))
    session.execute(delete(HelpRequest))
    session.execute(delete(HelpPublicCount))
    session.commit()
    happens: dict[int, list[tuple[str, int]]] = {}
    for number, one in enumerate(asked):
        happens.setdefault(one["day"] * DAY + one["posted"][which], []).append(("post", number))
        if one["ended"] is not None:  # a day later, claimed or closed
            happens.setdefault((one["day"] + 1) * DAY + one["ended"][which], []).append(("end", number))
    client, found = app.test_client(), []
    last: dict[str, tuple[bytes, str | None]] = {}
    app.extensions["mapapp_cache"].forget()
    for number in range(2 * DAY + DAY // 2):
        now = clock["now"] = BEGIN + number * MINUTE
        changed = daily_counts.refresh(session, now)  # as the scheduler does, every minute
        for what, which_one in happens.get(number, []):
            one = asked[which_one]
            if what == "post":
                lat, lon = one["place"]
                made = add_request(session, needs=one["needs"], urgency=one["urgency"], lat=lat, lon=lon, at=now)
                one["id"] = made.id
            elif which_one % 2:
                values = {"closed_at": now, "outcome": "helped", "free_from": None}
                session.execute(update(HelpRequest).where(HelpRequest.id == one["id"]).values(values))
            else:
                lease = {"state": "claimed", "lease_ends_at": now + 48 * 60 * MINUTE}
                session.execute(update(HelpNeed).where(HelpNeed.request_id == one["id"]).values(lease))
                free = {"free_from": now + 48 * 60 * MINUTE}
                session.execute(update(HelpRequest).where(HelpRequest.id == one["id"]).values(free))
        if changed or number in happens:
            session.commit()
            app.extensions["mapapp_cache"].forget()  # it believes a version for half a second; here a day takes one
        # Between, nothing is written that an answer could be made from: the minute itself is all that passes.
        looks = changed or number in happens or number - 1 in happens or number % 60 == 0
        for address in PUBLIC if number % 720 == 0 else PUBLIC[4:5] if looks else ():
            answer = client.get(address)
            assert answer.status_code == 200
            seen = (answer.get_data(), answer.headers.get("ETag"))
            if last.get(address) != seen:
                found.append((f"{number} {address}", *seen))
                last[address] = seen
    return found


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(asked=st.lists(posts, min_size=6, max_size=12))
def test_who_looks_every_minute_learns_no_time_of_day(
    app: Flask, country: Session, clock: dict[str, Any], asked: list[dict[str, Any]]
) -> None:
    many_households(country)
    first = told(app, country, clock, asked, 0)
    assert told(app, country, clock, asked, 1) == first
    cells = PUBLIC[4]
    assert [entry[0] for entry in first if entry[0].endswith(cells)][1:] != [], "the days do tell"
    assert {int(entry[0].split()[0]) % DAY for entry in first if entry[0].endswith(cells)} == {0}, "at midnight only"


HOUSE = (14.05123, 100.03871)


def test_a_hundred_posts_from_one_house_are_one_place(app: Flask, country: Session, me: Browser) -> None:
    many_households(country)
    for _ in range(100):
        add_request(country, lat=HOUSE[0], lon=HOUSE[1])
    publish(country)
    found = app.test_client().get("/api/v1/help-requests/cells").get_json()["features"]
    assert [(one["geometry"]["coordinates"], one["properties"]["requests"]) for one in found] == [
        ([100.035, 14.055], 100)
    ]
    listed = me.get("/api/v1/help-requests?limit=200").get_json()["features"]
    assert len(listed) == 100
    assert {tuple(one["geometry"]["coordinates"]) for one in listed} == {(100.035, 14.055)}


def test_twenty_boxes_find_the_middle_of_the_cell_and_not_the_house(app: Flask, country: Session) -> None:
    many_households(country)
    add_request(country, lat=HOUSE[0], lon=HOUSE[1])
    publish(country)
    client = app.test_client()
    west, south, east, north = 100.0, 14.0, 100.1, 14.1
    for step in range(20):
        middle = ((west + east) / 2, (south + north) / 2)
        half = (west, south, middle[0], north) if step % 2 else (west, south, east, middle[1])
        box = ",".join(f"{edge:.7f}" for edge in half)
        is_inside = bool(client.get(f"/api/v1/help-requests/cells?bbox={box}").get_json()["features"])
        if step % 2:
            west, east = (west, middle[0]) if is_inside else (middle[0], east)
        else:
            south, north = (south, middle[1]) if is_inside else (middle[1], north)
    assert west - 1e-6 <= 100.035 <= east + 1e-6
    assert south - 1e-6 <= 14.055 <= north + 1e-6
    assert geodesic(((south + north) / 2, (west + east) / 2), HOUSE).m > 500


def test_distances_from_many_places_meet_in_the_middle_of_the_cell(country: Session, me: Browser) -> None:
    many_households(country)
    add_request(country, lat=HOUSE[0], lon=HOUSE[1])
    country.commit()
    cell = cell_of(country, geo.Point(lat=HOUSE[0], lon=HOUSE[1]))
    assert cell is not None
    for number in range(40):
        angle = number * math.pi / 20
        lat, lon = 14.05 + 0.02 * math.sin(angle), 100.04 + 0.02 * math.cos(angle)
        found = me.get(f"/api/v1/help-requests?lat={lat:.5f}&lon={lon:.5f}").get_json()["features"][0]
        told = found["properties"]["distance_m"]
        to_middle = geodesic((round(lat, 5), round(lon, 5)), (cell.middle.lat, cell.middle.lon)).m
        # Measured on the sphere, which is half a per cent off at most.
        assert abs(told - to_middle) <= 0.005 * to_middle + 1, "every distance is one to the middle"
