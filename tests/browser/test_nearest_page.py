"""/nearest as people use it: by name, by a tap on the map, by their own place; with scripts and without."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import until
from tests.browser.frames import map_of, numbered_pins

pytestmark = pytest.mark.browser

OLD_TOWN = {"lat": "18.790000", "lon": "98.985000"}
AMBIGUOUS = "แม่"
UNKNOWN = "qqzzqq"
NEAR = {**OLD_TOWN, "max_km": "20"}
"""So near that all of the map is inside the two provinces of the demo."""
LONELY = {"lat": "17.700000", "lon": "98.400000"}
"""In the south of Omkoi, with nothing around."""


def told(server: str, **query: str) -> list[dict[str, Any]]:
    """What the API answers to the same question."""
    query = {"limit": "20", **query}
    with urllib.request.urlopen(f"{server}/api/v1/facilities/nearest?{urlencode(query)}", timeout=20) as answer:
        features: list[dict[str, Any]] = json.load(answer)["features"]
    return features


def _hospitals(server: str, **query: str) -> list[dict[str, Any]]:
    """Those of the demo were last confirmed years ago, so the page shows what it otherwise leaves out."""
    return told(server, kind="hospital", stale="true", **query)


def names(page: Page) -> list[str]:
    """The names in the list, nearest first."""
    return page.locator("#results h3").all_inner_texts()


def submit(page: Page) -> Locator:
    return page.locator("#nearest-form button[type=submit]")


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def mark(page: Page) -> None:
    """A page that is loaded anew forgets this mark."""
    page.evaluate("window.stillHere = true")


def is_marked(page: Page) -> bool:
    return bool(page.evaluate("window.stillHere === true"))


def wait_for_pins(page: Page) -> None:
    """Until the map shows the places of the list, in the list's order."""
    frame = map_of(page)
    count = page.locator("#results h3").count()
    count_pins = "count => [...document.querySelectorAll('.pin-holder')].filter(p => /^[0-9]/.test(p.ariaLabel)).length"
    until(frame, f"{count_pins} === count", count)
    assert numbered_pins(frame) == [(str(i + 1), name) for i, name in enumerate(names(page))]


def tap_map(page: Page, x: int, y: int) -> tuple[float, float]:
    """Taps the map this far from its corner and answers the latitude and longitude there."""
    frame = map_of(page)
    lat, lon = frame.evaluate("at => Object.values(map_frame.containerPointToLatLng(at))", [x, y])
    page.locator("iframe.map").click(position={"x": x, "y": y})
    return lat, lon


def test_a_place_by_name_gives_choices_and_then_the_nearest(server: str, page: Page) -> None:
    page.goto(f"{server}/nearest?kind=hospital")
    mark(page)
    page.get_by_role("searchbox").fill(AMBIGUOUS)
    submit(page).click()
    choices = page.locator("#results li a")
    expect(choices.first).to_be_visible()
    assert choices.count() > 1
    assert is_marked(page)
    assert address(page)["place"] == AMBIGUOUS
    choices.filter(has_text="แม่ริม").first.click()
    expect(page.locator("#results h3").first).to_be_visible()
    asked = address(page)
    assert asked["kind"] == "hospital"
    expected = [f["properties"]["name_th"] for f in _hospitals(server, lat=asked["lat"], lon=asked["lon"])]
    assert names(page) == expected
    wait_for_pins(page)


def test_a_tap_on_the_map_asks_from_there_and_back_goes_back(server: str, page: Page) -> None:
    page.goto(f"{server}/nearest?{urlencode(NEAR)}")
    mark(page)
    wait_for_pins(page)
    before = names(page)
    lat, lon = tap_map(page, 150, 120)
    page.wait_for_url(lambda url: "place=" in url)
    expect(page.locator("#results h3").first).not_to_have_text(before[0])
    asked = address(page)
    assert float(asked["lat"]) == pytest.approx(lat, abs=0.001)
    assert float(asked["lon"]) == pytest.approx(lon, abs=0.001)
    assert names(page) == [
        f["properties"]["name_th"] for f in told(server, lat=asked["lat"], lon=asked["lon"], max_km="20")
    ]
    wait_for_pins(page)
    assert is_marked(page)

    page.go_back()
    expect(page.locator("#results h3").first).to_have_text(before[0])
    assert names(page) == before
    assert address(page) == NEAR
    assert page.locator("#nearest-form input[name=lat]").input_value() == "18.79"
    expect(page.locator("h1")).to_have_count(1)
    wait_for_pins(page)
    page.go_forward()
    expect(page.locator("#results h3").first).not_to_have_text(before[0])
    wait_for_pins(page)


def test_after_a_tap_the_language_link_leads_to_the_same_answer(server: str, page: Page) -> None:
    page.goto(f"{server}/nearest?{urlencode(OLD_TOWN)}&max_km=20")
    tap_map(page, 150, 450)
    page.wait_for_url(lambda url: "place=" in url)
    asked = address(page)
    page.locator("details.language summary").click()
    page.locator("a[hreflang=en]").click()
    page.wait_for_url("**lang=en**")
    assert address(page) == {**asked, "lang": "en"}


def test_near_me_asks_the_browser_and_shows_the_list(server: str, watched: Callable[..., Page]) -> None:
    here = {"latitude": 16.05, "longitude": 103.65, "accuracy": 20}
    page = watched(geolocation=here, permissions=["geolocation"], viewport={"width": 360, "height": 740})
    page.goto(f"{server}/nearest")
    mark(page)
    page.locator("[data-locate]").click()
    expect(page.locator("#results h3").first).to_be_visible()
    expect(page.locator("#results h2").first).to_be_in_viewport()  # it begins below the form and the screen
    assert names(page) == [f["properties"]["name_th"] for f in told(server, lat="16.05", lon="103.65")]
    assert (address(page)["lat"], address(page)["lon"]) == ("16.050000", "103.650000")
    assert is_marked(page)
    wait_for_pins(page)


@pytest.mark.parametrize(("lang", "words"), [("th", "พิมพ์ชื่อหมู่บ้านและตำบล"), ("en", "enter a place name")])
def test_near_me_refused_is_said_with_what_to_do(server: str, page: Page, lang: str, words: str) -> None:
    page.goto(f"{server}/nearest?lang={lang}")
    page.locator("[data-locate]").click()
    expect(page.locator("[data-locate-status]")).to_contain_text(words)
    expect(page.locator("[data-locate]")).to_be_enabled()


def test_outside_thailand_is_said_beside_the_form_and_typed_words_stay(
    server: str, watched: Callable[..., Page]
) -> None:
    far = {"latitude": 48.2, "longitude": 16.4, "accuracy": 20}
    page = watched(geolocation=far, permissions=["geolocation"])
    page.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the answer's status
    page.goto(f"{server}/nearest?lang=en")
    page.locator("[data-locate]").click()
    expect(page.locator("#problems")).to_contain_text("Thailand")
    page.get_by_role("searchbox").fill(UNKNOWN)
    submit(page).click()
    expect(page.locator("#problems")).to_contain_text("No place of this name")
    assert page.get_by_role("searchbox").input_value() == UNKNOWN


def test_filters_narrow_the_list_and_the_map_alike(server: str, page: Page) -> None:
    page.goto(f"{server}/nearest?{urlencode(OLD_TOWN)}")
    everything = names(page)
    mark(page)
    asked: dict[str, str] = {}
    for box, query in (("open_now", {"open_now": "true"}), ("verified", {"verified": "true"})):
        page.locator(f"input[name={box}]").check()
        asked |= query
        with page.expect_response("**/nearest?**"):
            submit(page).click()
        expected = [f["properties"]["name_th"] for f in told(server, **OLD_TOWN, **asked)]
        expect(page.locator("#results h3")).to_have_count(len(expected))
        assert names(page) == expected
        assert expected != everything
    page.locator("input[name=open_now]").uncheck()
    page.locator("input[name=verified]").uncheck()
    page.locator("select[name=kind]").select_option("waiting_centre")
    page.locator("select[name=max_km]").select_option("50")
    submit(page).click()
    near = told(server, **OLD_TOWN, kind="waiting_centre", max_km="50")
    assert 0 < len(near) < len(told(server, **OLD_TOWN, kind="waiting_centre"))
    expect(page.locator("#results h3")).to_have_count(len(near))
    wait_for_pins(page)
    assert is_marked(page)


def test_an_empty_answer_says_what_to_do(server: str, page: Page) -> None:
    page.goto(f"{server}/nearest?{urlencode(LONELY)}&lang=en")
    page.locator("select[name=max_km]").select_option("5")
    submit(page).click()
    expect(page.locator("#results")).to_contain_text("Try a greater distance")
    wait_for_pins(page)


def test_phone_and_map_links_are_the_facilitys_own(server: str, page: Page) -> None:
    page.goto(f"{server}/nearest?{urlencode(OLD_TOWN)}&kind=hospital")
    rows = page.locator("#results > ol > li")
    found = _hospitals(server, **OLD_TOWN)
    assert rows.count() == len(found)
    assert any(feature["properties"]["phone"] for feature in found)
    for i, feature in enumerate(found):
        links = rows.nth(i).locator("a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
        phone = feature["properties"]["phone"]
        assert [link for link in links if link.startswith("tel:")] == ([f"tel:{phone}"] if phone else [])
        lon, lat = feature["geometry"]["coordinates"]
        (place,) = [link for link in links if link.startswith("geo:")]
        found_at = re.fullmatch(r"geo:([\d.]+),([\d.]+)\?q=\1,\2\((.+)\)", place)
        assert found_at, place
        assert [float(found_at[1]), float(found_at[2])] == pytest.approx([lat, lon], abs=1e-6)
        assert found_at[3] == quote(feature["properties"]["name_th"], safe="")
        (way,) = [link for link in links if link.startswith("https://www.openstreetmap.org/directions?to=")]
        to = parse_qs(urlsplit(way).query)["to"][0].split(",")
        assert [float(part) for part in to] == pytest.approx([lat, lon], abs=1e-6)
        assert f"/facilities/{feature['id']}" in links
    page.emulate_media(media="print")  # a list on paper is called from, not tapped
    expect(page.locator("#results a[href^='tel:']").first).to_be_visible()
    assert not page.locator("#results :is(button, a[href^='geo:'])").filter(visible=True).count()
    page.emulate_media(media="screen")
    rows.first.locator("h3 a").click()
    expect(page.locator("h1")).to_have_text(found[0]["properties"]["name_th"])
    frame = map_of(page)
    expect(frame.locator(".pin-holder")).to_have_count(1)


def test_without_scripts_the_page_answers_by_itself(server: str, watched: Callable[..., Page]) -> None:
    page = watched(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto(f"{server}/?lang=en")
    page.get_by_role("searchbox").fill("Mae Rim")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Find a place")
    page.locator("#places a[href^='/nearest']").first.click()
    expect(page.locator("#results h3").first).to_be_visible()
    assert address(page)["lang"] == "en"

    page.goto(f"{server}/nearest?lang=en")
    expect(page.locator("[data-locate]")).to_be_hidden()
    page.get_by_role("searchbox").fill(AMBIGUOUS)
    page.locator("select[name=kind]").select_option("vaccination_site")
    submit(page).click()
    page.locator("#results li a").filter(has_text="Mae Rim").first.click()
    expect(page.locator("#results h3").first).to_be_visible()
    assert address(page)["lang"] == "en"
    assert page.locator("select[name=kind]").input_value() == "vaccination_site"
    chosen = address(page)

    page.locator("input[name=verified]").check()
    submit(page).click()
    narrowed = address(page)
    assert (narrowed["verified"], narrowed["lang"]) == ("1", "en")
    assert (float(narrowed["lat"]), float(narrowed["lon"])) == (float(chosen["lat"]), float(chosen["lon"]))
    point = {"lat": chosen["lat"], "lon": chosen["lon"], "kind": "vaccination_site", "verified": "true"}
    expected = [f["properties"]["name_en"] or f["properties"]["name_th"] for f in told(server, **point)]
    assert names(page) == expected

    page.locator("details.language summary").click()
    page.locator("a[hreflang=th]").click()
    expect(page.locator("html")).to_have_attribute("lang", "th")
    assert address(page) == {name: value for name, value in narrowed.items() if name != "lang"}
    if expected:
        page.locator("#results h3 a").first.click()
        expect(page.locator("#hours")).to_be_visible()
    page.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the answer's status
    page.goto(f"{server}/nearest?place={UNKNOWN}")
    assert page.locator("#place-problem").is_visible()
    assert page.get_by_role("searchbox").input_value() == UNKNOWN


def test_places_are_searched_in_the_page_and_back_goes_back(server: str, page: Page) -> None:
    page.goto(f"{server}/places?q=5007")
    mark(page)
    before = page.locator("#places li").first.inner_text()
    page.get_by_role("searchbox").fill("ร้อยเอ็ด")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#places li").first).not_to_have_text(before, use_inner_text=True)
    assert is_marked(page)
    page.go_back()
    expect(page.locator("#places li").first).to_have_text(before, use_inner_text=True)
    expect(page.locator("h1")).to_have_count(1)
    assert page.get_by_role("searchbox").input_value() == "5007"
    page.locator("#places a[href^='/nearest']").first.click()
    expect(page.locator("#results h3").first).to_be_visible()
