"""Where a person is: asked for only on a tap, by the page and not by the frame."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import until
from tests.browser.map_frame.stand import Stand, pins
from tests.maps import grid

pytestmark = pytest.mark.browser


def test_a_tap_on_the_map_sends_the_form(phone: Stand) -> None:
    form = '<form data-nearest action="/__answer"><input name="place" value="เชียงใหม่" aria-label="p"></form>'
    frame = phone.open("nearest", {"origin": [99.0, 18.7], "features": pins([])}, extra=form)
    phone.page.route("**/__answer*", lambda route: route.fulfill(body="<title>x</title>", content_type="text/html"))
    # Where the finger comes down is noted by the frame itself, in that moment: on a busy machine the map may still
    # move between two questions from outside.
    noted: list[str] = []
    phone.page.on("console", lambda said: noted.append(said.text))
    frame.evaluate(
        """() => addEventListener("pointerdown", (down) => {
            const at = map_frame.mouseEventToLatLng(down);
            console.log(JSON.stringify([at.lat, at.lng]));
        }, {capture: true})"""
    )
    box = phone.page.locator("iframe.map").bounding_box()
    assert box
    phone.page.touchscreen.tap(box["x"] + 90, box["y"] + 420)
    phone.page.wait_for_url("**/__answer*")
    lat, lon = json.loads(next(line for line in noted if line.startswith("[")))
    query = parse_qs(urlsplit(phone.page.url).query, keep_blank_values=True)
    assert float(query["lat"][0]) == pytest.approx(lat, abs=0.0005)
    assert float(query["lon"][0]) == pytest.approx(lon, abs=0.0005)
    assert query["place"] == [""]


def test_my_place_is_asked_for_only_on_a_tap(grid_server: tuple[str, Flask], watched: Callable[..., Page]) -> None:
    address, app = grid_server
    here = {"latitude": 18.71, "longitude": 98.93, "accuracy": 30}
    page = watched(geolocation=here, permissions=["geolocation"])
    page.add_init_script(
        """window.asked = 0;
        const get = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
        navigator.geolocation.getCurrentPosition = (...all) => { window.asked += 1; get(...all); };"""
    )
    stand = Stand(app, address, page)
    frame = stand.open("home", {"bounds": grid.BOUNDS}, lang="en")
    assert page.evaluate("window.asked") == 0
    frame.get_by_role("button", name="Show where I am").click()
    frame.locator("[aria-label='You are here']").wait_for()
    assert page.evaluate("window.asked") == 1
    # The map glides there.
    until(frame, "([lat, lon]) => map_frame.getCenter().distanceTo([lat, lon]) < 100", [18.71, 98.93])


def test_the_pages_own_button_sends_the_form(grid_server: tuple[str, Flask], watched: Callable[..., Page]) -> None:
    address, app = grid_server
    here = {"latitude": 18.71, "longitude": 98.93, "accuracy": 30}
    stand = Stand(app, address, watched(geolocation=here, permissions=["geolocation"]))
    button = '<form data-nearest action="/__answer"><button type="button" data-locate hidden>Here</button></form>'
    stand.open("nearest", {"origin": None, "features": pins([])}, extra=button)
    stand.page.route("**/__answer*", lambda route: route.fulfill(body="<title>x</title>", content_type="text/html"))
    stand.page.get_by_role("button", name="Here").click()
    stand.page.wait_for_url("**/__answer?lat=18.710000&lon=98.930000")


def test_a_refused_place_is_said_with_what_to_do(stand: Stand) -> None:
    frame = stand.open("home", {}, lang="en")
    frame.get_by_role("button", name="Show where I am").click()
    expect(frame.locator("[data-note=locate]")).to_contain_text("enter a place name")
