"""/coverage/compare as people use it: two maps that move together, one legend, both figures in the table."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import until
from tests.browser.frames import map_of
from tests.browser.test_coverage_page import address, told

pytestmark = pytest.mark.browser

VIEWS = "() => [map_left, map_right].map(map => [map.getCenter().lat, map.getCenter().lng, map.getZoom()])"
BOXES = """() => ['map_left', 'map_right'].map(name => {
    const box = document.getElementById(name).getBoundingClientRect();
    return [box.left, box.top, box.width, box.height].map(Math.round); })"""

UNDER_LEGEND = """([west, south, east, north]) => {
    const home = map_right.getContainer().getBoundingClientRect();
    const legend = document.querySelector('.legend').getBoundingClientRect();
    const [from, to] = [[north, west], [south, east]].map(at => map_right.latLngToContainerPoint(at));
    return Math.min(home.left + to.x, legend.right) > Math.max(home.left + from.x, legend.left)
        && Math.min(home.top + to.y, legend.bottom) > Math.max(home.top + from.y, legend.top); }"""
"""Whether the legend of the right map covers a part of a box."""


def test_two_maps_move_together_with_one_legend_and_are_stacked_on_a_phone(server: str, page: Page) -> None:
    query = "level=amphoe&within=50&left=vaccination_site&right=test_site&metric=nearest_km"
    page.goto(f"{server}/coverage/compare?{query}&lang=en")
    frame = map_of(page)
    titles = frame.locator(".map-notes")
    expect(titles).to_have_text(["Vaccination site · now", "COVID test site · now"])
    expect(frame.locator(".legend")).to_have_count(1)
    expect(frame.get_by_role("application", name="COVID test site · now")).to_have_count(1)
    state = json.loads(page.locator("iframe.map").get_attribute("data-state") or "")
    assert not frame.evaluate(UNDER_LEGEND, state["bounds"])
    for move in (
        "map_left.setView([18.4, 98.6], 9, {animate: false})",
        "map_right.setView([18.9, 99], 10, {animate: false})",
    ):
        frame.evaluate(move)
        left, right = frame.evaluate(VIEWS)
        assert left == pytest.approx(right, abs=1e-3)
    assert left == pytest.approx([18.9, 99, 10], abs=1e-2)

    found = told(server, f"coverage/compare?{query}")
    first = page.locator("#compared tbody tr").first
    assert found["rows"][0]["difference"] > 0
    expect(first.locator("th")).to_have_text(found["rows"][0]["name_en"])
    expect(first.locator("td").last).to_contain_text("+")
    page.locator("select[name=right]").select_option("hospital")
    expect(titles).to_have_text(["Vaccination site · now", "Hospital · now"])
    assert address(page)["right"] == "hospital"
    assert frame.evaluate(VIEWS)[0] == pytest.approx([18.9, 99, 10], abs=1e-2)  # the same place: the view stays

    (_x, top, width, _h), (next_x, next_top, *_rest) = frame.evaluate(BOXES)
    assert (next_top, next_x) == (top, width)
    page.set_viewport_size({"width": 360, "height": 740})
    until(frame, "() => document.getElementById('map_right').getBoundingClientRect().left === 0")
    (_x, top, width, height), (_nx, next_top, *_rest) = frame.evaluate(BOXES)
    assert next_top == pytest.approx(top + height, abs=1)
    assert width > 300
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
