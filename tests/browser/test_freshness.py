"""Stale places as people meet them: left out and offered on /nearest, paler on the map, said in words everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import axe, until
from tests.browser.frames import map_of, open_pin

pytestmark = pytest.mark.browser

CHIANG_DAO = "/nearest?lat=19.39&lon=98.96&kind=waiting_centre&lang=en"
STALE = "Waiting centre, Chiang Dao (example)"
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280", "360"])
def test_what_was_left_out_is_one_tap_away(server: str, watched: Callable[..., Page], viewport: dict[str, int]) -> None:
    page = watched(viewport=viewport)
    page.goto(server + CHIANG_DAO)
    expect(page.get_by_text("hidden because")).to_be_visible()
    expect(page.get_by_role("link", name=STALE)).to_have_count(0)
    page.get_by_role("link", name="Show these too").click()
    first = page.locator("#results li.facility").first
    expect(first).to_contain_text(STALE)
    expect(first).to_contain_text("May be out of date")
    expect(page.get_by_label("Include facilities not confirmed recently")).to_be_checked()
    frame = map_of(page)
    spoken = frame.locator(".pin-holder", has=frame.locator(".is-stale")).first
    expect(spoken).to_have_attribute(
        "aria-label", f"1, {STALE}, Community isolation centre, Open now, May be out of date"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for index in range(page.locator("#results li.facility").count()):
        if open_pin(frame, index) == STALE:
            break
    expect(frame.locator(".leaflet-popup .warning")).to_have_text("May be out of date")
    expect(frame.locator(".leaflet-popup")).to_contain_text(re.compile(r"Confirmed \d+ \w+ \d{4}"))
    expect(frame.locator(".leaflet-popup")).to_contain_text("9 beds free")
    # The map makes room for the popup, all of it.
    until(frame, "() => document.querySelector('.leaflet-popup').getBoundingClientRect().top >= 0")
    assert axe(page) == []


def test_the_toggle_of_coverage_changes_figures_and_address(server: str, page: Page) -> None:
    page.goto(f"{server}/coverage?kind=waiting_centre&level=amphoe&within=50&metric=per_10000&lang=en")
    row = page.locator("tr", has_text="Chiang Dao")
    expect(row.locator("td").nth(4)).to_have_text("0")
    page.get_by_label("Include facilities not confirmed recently").check()
    expect(row.locator("td").nth(4)).to_have_text("1")
    assert "stale=1" in page.url
    expect(page.get_by_text("were not confirmed recently are counted here")).to_be_visible()
    page.get_by_role("link", name="Count only confirmed facilities").click()
    expect(row.locator("td").nth(4)).to_have_text("0")
    assert "stale" not in page.url
    assert axe(page) == []
