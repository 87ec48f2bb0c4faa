"""List and map of /nearest as one thing: the first view, and the way from an entry to its pin and back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import until
from tests.browser.frames import map_of, numbered_pins
from tests.browser.test_nearest_page import OLD_TOWN, names, told

pytestmark = pytest.mark.browser

IN_VIEW = """() => {
    const size = map_frame.getSize();
    return [...document.querySelectorAll('.pin-holder')]
        .filter(pin => /^[0-9]/.test(pin.ariaLabel ?? ''))
        .filter(pin => { const at = L.DomUtil.getPosition(pin).add(map_frame._getMapPanePos());
            return at.x >= 0 && at.y >= 0 && at.x <= size.x && at.y <= size.y; })
        .map(pin => parseInt(pin.ariaLabel, 10)).sort((a, b) => a - b);
}"""
"""Numbers of the pins on the part of the map that is seen."""


def _chosen(frame: Frame) -> list[str]:
    found: list[str] = frame.locator(".pin-holder.is-chosen b").all_inner_texts()
    return found


def _query(**more: str) -> str:
    return urlencode({**OLD_TOWN, "kind": "test_site", **more})


def test_the_first_view_is_of_the_nearest_and_not_of_one_at_the_other_end_of_the_country(
    server: str, page: Page
) -> None:
    found = told(server, **OLD_TOWN, kind="test_site")
    distances = [one["properties"]["distance_m"] for one in found]
    assert distances[0] < 20_000
    assert distances[-1] > 300_000  # a place in the other province of the demo
    page.goto(f"{server}/nearest?{_query()}")
    frame = map_of(page)
    assert [number for number, _name in numbered_pins(frame)] == [str(i + 1) for i in range(len(found))]
    shown = frame.evaluate(IN_VIEW)
    far = [i + 1 for i, metres in enumerate(distances) if metres > 300_000]
    assert shown[0] == 1
    assert not set(far) & set(shown)
    expect(frame.locator(".origin")).to_be_in_viewport()
    rings = frame.locator(".ring-name").all_inner_texts()
    assert rings
    for text in rings:
        number, unit = text.split()
        assert unit in ("กม.", "ม.")
        assert number.isdigit()
    line = frame.locator(".outside")
    expect(line).to_contain_text(f"{len(found) - len(shown)} จาก {len(found)}")
    line.get_by_role("button").click()
    assert frame.evaluate(IN_VIEW) == list(range(1, len(found) + 1))
    expect(line).to_be_hidden()


def test_an_entry_and_its_pin_lead_to_each_other_by_keyboard_and_by_tap(server: str, page: Page) -> None:
    page.goto(f"{server}/nearest?{urlencode(OLD_TOWN)}&lang=en")
    entries = page.locator("#results > ol > li")
    frame = map_of(page)
    current = page.locator("#results [aria-current=true]")
    entries.nth(7).locator("h3 a").focus()
    until(frame, "() => document.querySelector('.is-chosen b')?.textContent === '8'")
    assert 8 in frame.evaluate(IN_VIEW)
    expect(current).to_have_count(1)
    expect(entries.nth(7)).to_have_attribute("aria-current", "true")
    expect(frame.locator(".leaflet-popup")).to_have_count(0)

    frame.locator(".pin-holder.is-chosen").press("Enter")
    expect(frame.locator(".leaflet-popup strong")).to_have_text(names(page)[7])
    frame.evaluate("() => map_frame.closePopup()")
    frame.locator(".pin-holder[aria-label^='14,']").press("Enter")
    expect(entries.nth(13)).to_have_attribute("aria-current", "true")
    expect(entries.nth(13)).to_be_in_viewport()
    expect(current).to_have_count(1)
    assert _chosen(frame) == ["14"]

    page.set_viewport_size({"width": 360, "height": 740})
    button = entries.nth(1).get_by_role("button", name="Show on the map")
    button.click()
    expect(page.locator("iframe.map")).to_be_in_viewport(ratio=0.5)
    expect(frame.locator(".leaflet-popup strong")).to_have_text([names(page)[1]])  # the one before fades out
    frame.get_by_role("button", name="Show in the list").click()
    expect(entries.nth(1)).to_be_in_viewport()
    expect(entries.nth(1).locator("h3 a")).to_be_focused()

    messages: Any = [{"type": "chosen", "id": "1]"}, {"type": "chosen", "id": 0.5}, {"type": "chosen", "id": -1}]
    frame.evaluate("all => all.forEach(one => parent.postMessage(one, '*'))", messages)
    page.evaluate("() => window.postMessage({type: 'chosen', id: 1}, '*')")  # not from a map
    expect(entries.nth(1)).to_have_attribute("aria-current", "true")
    expect(current).to_have_count(1)
