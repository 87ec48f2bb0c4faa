"""/coverage/one-more as people use it: by keyboard, by a tap, and from the map of coverage."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import until
from tests.browser.frames import map_of
from tests.browser.test_coverage_page import address, told

pytestmark = pytest.mark.browser


def test_a_place_is_tried_by_keyboard_and_by_tap_and_from_the_map_of_coverage(server: str, phone_page: Page) -> None:
    page = phone_page
    page.goto(f"{server}/coverage/one-more?kind=test_site&radius_km=10&within=50&lang=en")
    expect(page.locator("#outcome")).to_contain_text("No place chosen yet.")
    frame = map_of(page)
    middle = frame.evaluate("() => { const at = map_frame.getCenter(); return [at.lat, at.lng]; }")
    frame.locator("#map_frame").press("Enter")
    gained = page.locator("#outcome .figures-list strong")
    expect(gained.first).to_be_visible()
    asked = address(page)
    assert [float(asked["lat"]), float(asked["lon"])] == pytest.approx(middle, abs=1e-5)
    query = f"kind=test_site&radius_km=10&lat={asked['lat']}&lon={asked['lon']}"
    answer = told(server, f"coverage/one-more?{query}")
    expect(gained.first).to_have_text(f"{answer['people_within']:,.0f}")
    expect(frame.locator(".pin.is-picked")).to_have_count(1)
    expect(frame.locator(".ring-name")).to_have_text("10 km")
    until(frame, "at => map_frame.getBounds().contains(at) && map_frame.getZoom() > 8", middle)

    page.locator("iframe.map").scroll_into_view_if_needed()
    page.locator("iframe.map").click(position={"x": 160, "y": 300})
    page.wait_for_url(lambda url: f"lat={asked['lat']}" not in url)
    expect(frame.locator(".pin.is-picked")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.goto(f"{server}/coverage?level=tambon&metric=nearest_km&kind=test_site&within=5007&lang=en")
    frame = map_of(page)
    until(frame, "() => (document.documentElement.dataset.figures ?? '').includes('within=5007')")
    page.locator("iframe.map").click(position={"x": 170, "y": 230})
    frame.get_by_role("button", name="One more facility here?").click()
    page.wait_for_url("**/coverage/one-more?**")
    assert address(page)["kind"] == "test_site"
    expect(page.locator("#outcome .figures-list strong")).to_have_count(2)
