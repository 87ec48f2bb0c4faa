"""Pins, clusters and labels: shown as typed, reached by keyboard, in the page's language."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import until
from tests.browser.frames import open_pin
from tests.browser.map_frame.stand import Stand, pins
from tests.maps import grid
from tests.maps.test_documents import PAYLOADS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("view", ["nearest", "home"])
def test_names_are_shown_as_typed_and_never_run(stand: Stand, view: str) -> None:
    found = pins(PAYLOADS)
    stand.clusters = found
    state: dict[str, Any] = {"origin": None, "features": found} if view == "nearest" else {"bounds": grid.BOUNDS}
    frame = stand.open(view, state)
    expect(frame.locator(".leaflet-marker-pane .leaflet-interactive")).to_have_count(len(PAYLOADS))
    shown = [open_pin(frame, index) for index in range(len(PAYLOADS))]
    assert shown == PAYLOADS
    assert frame.evaluate("typeof window.PWN") == "undefined"
    assert stand.page.evaluate("typeof window.PWN") == "undefined"


@pytest.mark.parametrize(("lang", "name", "other"), [("th", "เขต 99", "Area 99"), ("en", "Area 99", "เขต 99")])
def test_labels_are_in_the_pages_language(stand: Stand, lang: str, name: str, other: str) -> None:
    stand.page.add_init_script(
        """window.drawn = new Set();
        const draw = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
            window.drawn.add(text); return draw.call(this, text, ...rest); };"""
    )
    frame = stand.open("home", {"bounds": grid.BOUNDS}, lang=lang)
    until(frame, "name => window.drawn.has(name)", name)
    drawn = frame.evaluate("[...window.drawn]")
    assert {name, f"{name[:-2]}9901"} <= set(drawn)
    assert not any(text.startswith(other[:-2]) for text in drawn)


def test_without_the_tile_host_the_map_works_and_says_so(stand: Stand) -> None:
    stand.page.watch.without_tiles()  # type: ignore[attr-defined]
    stand.clusters = pins(["ก"])
    frame = stand.open("home", {"bounds": grid.BOUNDS}, lang="en")
    expect(frame.locator("[data-note=raster]")).to_contain_text("Only boundaries are shown")
    assert open_pin(frame, 0) == "ก"
    assert frame.evaluate("map_frame.getPane('boundaries').querySelectorAll('canvas').length") > 0


def test_pins_are_reached_and_opened_by_keyboard(stand: Stand) -> None:
    frame = stand.open("nearest", {"origin": [99.0, 18.6], "features": pins(["ก", "ข"])}, lang="en")
    frame.locator("#map_frame").focus()
    reached: dict[str, None] = {}
    for _ in range(12):
        stand.page.keyboard.press("Tab")
        focused = frame.evaluate("document.activeElement.matches('.pin-holder') && document.activeElement.ariaLabel")
        if focused:
            reached[focused] = None
    assert list(reached) == ["1, ก, Hospital, Open now", "2, ข, Vaccination site, Closed now"]
    frame.locator(".pin-holder.leaflet-interactive").first.focus()
    stand.page.keyboard.press("Enter")
    expect(frame.locator(".leaflet-popup strong")).to_have_text("ก")
    stand.page.keyboard.press("Escape")
    expect(frame.locator(".leaflet-popup")).to_have_count(0)


def test_clusters_say_how_many_and_open_into_the_map(stand: Stand) -> None:
    point = {"type": "Point", "coordinates": [99.0, 18.7]}
    stand.clusters = {"features": [{"type": "Feature", "geometry": point, "properties": {"count": 1234}}]}
    frame = stand.open("home", {"bounds": grid.BOUNDS}, lang="en")
    found = frame.get_by_role("button", name="1,234 facilities here; zoom in")
    zoom = frame.evaluate("map_frame.getZoom()")
    found.press("Enter")
    until(frame, "zoom => map_frame.getZoom() === zoom + 2", zoom)


def test_boxes_asked_for_are_cut_to_a_grid(stand: Stand) -> None:
    frame = stand.open("home", {"bounds": grid.BOUNDS})
    before = _asked_in_the_end(stand)
    assert before
    frame.evaluate("map_frame.panBy([-3, 3], {animate: false})")  # away from the line that is nearest
    assert _asked_in_the_end(stand) == before


def _asked_in_the_end(stand: Stand) -> list[str]:
    """The boxes asked for, once half a second has brought no more."""
    asked: list[str] = []
    for _ in range(60):
        stand.page.wait_for_timeout(500)
        before, asked = asked, [url for url in stand.page.watch.requests if "/clusters" in url]  # type: ignore[attr-defined]
        if asked and asked == before:
            break
    return asked


def test_lines_and_rings_say_how_far(stand: Stand) -> None:
    state = {"origin": [98.9, 18.62], "features": pins(["ก", "ข"]), "rings_km": [10]}
    frame = stand.open("nearest", state, lang="en")
    assert frame.locator("path.to-place").count() == 2
    assert frame.locator(".ring-name").all_inner_texts() == ["5 km", "10 km"], "round ones, and the one asked for once"
    width = frame.locator("path.ring").last.evaluate("ring => ring.getBoundingClientRect().width")
    metres = frame.evaluate(
        "map_frame.containerPointToLatLng([100, 300]).distanceTo(map_frame.containerPointToLatLng([101, 300]))"
    )
    assert width * metres == pytest.approx(20_000, rel=0.03)
    stand.swap({**state, "rings_km": [-1, "x", None, 1e9], "features": pins(["ก"])})
    until(frame, "() => document.querySelectorAll('path.to-place').length === 1")
    assert frame.locator("path.ring").count() == frame.locator(".ring-name").count() == 2, "the round ones alone"
