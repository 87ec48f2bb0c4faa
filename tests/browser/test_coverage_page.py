"""/coverage and the pages of areas as people use them; with scripts and without."""

from __future__ import annotations

import csv
import io
import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from geopy.distance import geodesic
from playwright.sync_api import Frame, Locator, Page, expect

from tests.browser.conftest import until
from tests.browser.frames import colour_at, map_of, wait_for_figures

pytestmark = pytest.mark.browser

HOSPITALS = "kind=hospital&stale=true"
"""What the pages count of hospitals without being asked: the demo's come from a list of 2020."""


def told(server: str, path: str) -> dict[str, Any]:
    """What the API answers."""
    with urllib.request.urlopen(f"{server}/api/v1/{path}", timeout=20) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def rows(page: Page) -> Locator:
    return page.locator("#coverage tbody tr")


def classes_of(items: Locator) -> list[list[str]]:
    """The bounds of each class: its numbers, as written."""
    return [re.findall(r"[\d.,]+", text) for text in items.all_inner_texts()]


def legend(frame: Frame) -> Locator:
    frame.locator(".legend").evaluate("box => { box.open = true; }")  # folded on small screens
    return frame.locator(".legend li")


def wait_for_metric(page: Page, part: str) -> Frame:
    frame = map_of(page)
    wait_for_figures(frame, part)
    return frame


def colour_of_class(value: float, data: dict[str, Any], frame: Frame) -> str:
    """What the legend says the colour of a value is, ``#rrggbb``."""
    index = sum(value >= bound for bound in data["breaks"])
    spelled: str = legend(frame).nth(index).locator(".swatch").evaluate("e => getComputedStyle(e).backgroundColor")
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", spelled)[:3])


def check_the_way_to_the_nearest(server: str, page: Page) -> None:
    """A tap on a tambon names the facility that its distance leads to, and draws the line to it."""
    one = told(server, "coverage?level=tambon&metric=nearest_km&within=5007&" + HOSPITALS)["rows"][0]
    figures = told(server, f"coverage/areas/{one['code']}?{HOSPITALS}")
    expect(rows(page).first.locator("td.nearest a")).to_have_text(one["nearest_facility_th"])
    frame = wait_for_metric(page, "within=5007")
    here = [figures["lat"], figures["lon"]]
    x, y = frame.evaluate("at => { const p = map_frame.latLngToContainerPoint(at); return [p.x, p.y]; }", here)
    page.locator("iframe.map").click(position={"x": x, "y": y})
    expect(frame.locator(".leaflet-popup .nearest-one")).to_contain_text(one["nearest_facility_th"])
    ends = frame.evaluate(
        """() => { let found = null; map_frame.eachLayer(layer => {
            if (layer.options.className === 'to-nearest') found = layer.getLatLngs().map(at => [at.lat, at.lng]); });
            return found; }"""
    )
    assert geodesic(*ends).km == pytest.approx(one["nearest_km"], abs=0.001)
    frame.evaluate("() => map_frame.closePopup()")
    expect(frame.locator("path.to-nearest")).to_have_count(1)  # on a small screen the popup lay on it


def test_from_the_country_down_to_a_tambon_by_links(server: str, page: Page) -> None:
    page.goto(f"{server}/coverage?metric=nearest_km&kind=hospital&radius_km=20")
    assert rows(page).count() == 2
    rows(page).get_by_role("link", name="เชียงใหม่", exact=True).click()
    page.wait_for_url("**within=50&**" if "within=50&" in page.url else "**within=50**")
    assert address(page) == {
        "level": "amphoe", "metric": "nearest_km", "kind": "hospital", "radius_km": "20", "within": "50",
    }  # fmt: skip
    assert rows(page).count() == 25
    frame = wait_for_metric(page, "within=50")
    assert frame.evaluate("map_frame.getBounds().contains([18.79, 98.98])")
    rows(page).get_by_role("link", name="แม่ริม", exact=True).click()
    page.wait_for_url("**within=5007**")
    assert rows(page).count() == len(told(server, "coverage/values?level=tambon&within=5007")["values"])
    assert address(page)["level"] == "tambon"
    check_the_way_to_the_nearest(server, page)
    rows(page).last.get_by_role("link").last.click()
    page.wait_for_url("**/areas/5007*")
    expect(page.locator("h1")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="แม่ริม", exact=True).click()
    page.wait_for_url("**/areas/5007")


def test_choosing_an_area_shows_what_is_in_it(server: str, page: Page) -> None:
    page.goto(f"{server}/coverage")
    page.locator("select[name=within]").select_option("45")
    expect(rows(page)).to_have_count(20)
    expect(page.locator("select[name=level]")).to_have_value("amphoe")
    assert page.locator("select[name=level] option").count() == 2
    page.locator("select[name=within]").select_option("")
    expect(rows(page)).to_have_count(45)


def test_worst_first(server: str, page: Page) -> None:
    page.goto(f"{server}/coverage?level=amphoe&metric=beyond_people&kind=hospital&radius_km=5&within=50")
    found = told(server, f"coverage?level=amphoe&metric=beyond_people&{HOSPITALS}&radius_km=5&within=50")["rows"]
    assert rows(page).locator("th").all_inner_texts() == [row["name_th"] for row in found]
    people = [int(text.replace(",", "")) for text in rows(page).locator("td:nth-child(4)").all_inner_texts()]
    assert people == sorted(people, reverse=True)
    assert len(set(people)) > 5


def test_another_figure_fetches_only_numbers_and_repaints(server: str, page: Page) -> None:
    page.goto(f"{server}/coverage?level=amphoe&metric=within_share&kind=hospital&within=50")
    frame = wait_for_metric(page, "within_share")
    place = told(server, "areas/5007?geometry=none")["properties"]
    lat, lon = place["lat"], place["lon"]
    page.evaluate("window.stillHere = true")
    requests = page.watch.requests  # type: ignore[attr-defined]
    for name, value in (("metric", "nearest_km"), ("kind", "waiting_centre")):
        before = len(requests)
        choice = page.locator(f"#coverage-form select[name={name}]")
        choice.focus()
        choice.select_option(value)
        wait_for_figures(frame, value)
        new = [urlsplit(url).path for url in requests[before:] if not url.endswith("/icon.svg")]  # the tab's own
        assert "/api/v1/coverage/values" in new
        assert set(new) <= {
            "/coverage", "/coverage/best-site", "/api/v1/coverage/values", "/api/v1/facilities/clusters",
        }  # fmt: skip
        expect(page.locator(f"#coverage-form select[name={name}]")).to_be_focused()
        assert address(page)[name] == value
        kind = address(page)["kind"]
        asked = "metric=nearest_km&" + (HOSPITALS if kind == "hospital" else f"kind={kind}")
        data = told(server, f"coverage/values?level=amphoe&{asked}&within=50")
        assert colour_at(frame, lat, lon) == colour_of_class(data["values"]["5007"], data, frame)
        assert classes_of(legend(frame)) == classes_of(page.locator("#coverage .classes li"))
    assert page.evaluate("window.stillHere") is True
    label = page.locator("#coverage-form select[name=kind] option:checked").inner_text()
    expect(page.locator("#coverage h2").first).to_contain_text(label)

    page.go_back()
    expect(page.locator("#coverage-form select[name=kind]")).to_have_value("hospital")
    wait_for_metric(page, "kind=hospital")


@pytest.mark.parametrize("metric", ["within_share", "beyond_people", "nearest_km", "per_10000", "beds_per_10000"])
def test_the_legend_has_the_pages_classes(server: str, watched: Callable[..., Page], metric: str) -> None:
    page = watched(kept=True)
    page.goto(f"{server}/coverage?level=tambon&metric={metric}&kind=hospital&lang=en")
    frame = wait_for_metric(page, metric)
    on_page, on_map = page.locator("#coverage .classes li"), legend(frame)
    assert classes_of(on_page) == classes_of(on_map)
    assert on_page.count() == 7
    colours = on_page.evaluate_all("items => items.map(e => getComputedStyle(e, '::before').backgroundColor)")
    swatches = on_map.locator(".swatch").evaluate_all("items => items.map(e => getComputedStyle(e).backgroundColor)")
    assert colours[:6] == swatches[:6]
    assert len(set(colours[:6])) == 6


def test_the_best_places_come_when_they_are_reached(server: str, phone_page: Page) -> None:
    phone_page.goto(f"{server}/coverage?kind=hospital&radius_km=10&within=45&lang=en")
    asked = [url for url in phone_page.watch.requests if "/coverage/best-site" in url]  # type: ignore[attr-defined]
    assert asked == []
    phone_page.locator("#best-site").scroll_into_view_if_needed()
    places = phone_page.locator("#best-site li a:has(strong)")
    expect(places.first).to_be_visible()
    best = told(server, f"coverage/best-site?{HOSPITALS}&radius_km=10&within=45")["places"]
    assert places.all_inner_texts() == [place["name_en"] for place in best]
    places.first.click()
    phone_page.wait_for_url(f"**/areas/{best[0]['code']}?lang=en")


def test_downloads_open(server: str, page: Page) -> None:
    page.goto(f"{server}/coverage?level=amphoe&metric=nearest_km&kind=hospital&within=45&radius_km=20")
    wait_for_metric(page, "within=45")
    shown = page.locator("#coverage tbody th").all_inner_texts()
    saved: dict[str, Path] = {}
    for kind in ("csv", "geojson"):
        with page.expect_download() as download:
            page.locator(f"a[href*='format={kind}']").click()
        saved[kind] = download.value.path()
        assert download.value.suggested_filename == f"coverage_amphoe_hospital_20km_45_with_stale.{kind}"
    text = saved["csv"].read_text(encoding="utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [line["name_th"] for line in lines] == shown
    assert {line["kind"] for line in lines} == {"hospital"}
    assert {line["note"] for line in lines} == {page.locator(".note .basis").inner_text()}
    assert all(float(line["nearest_km"]) >= 0 for line in lines)
    collection = json.loads(saved["geojson"].read_text(encoding="utf-8"))
    assert [feature["properties"]["name_th"] for feature in collection["features"]] == shown
    assert {feature["geometry"]["type"] for feature in collection["features"]} <= {"Polygon", "MultiPolygon"}


def test_the_print_button_prints(server: str, page: Page) -> None:
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    page.goto(f"{server}/coverage?level=amphoe&kind=hospital")
    page.locator("[data-print]").click()
    page.locator("#coverage-form select[name=metric]").select_option("per_10000")
    wait_for_metric(page, "per_10000")
    page.locator("[data-print]").click()
    assert page.evaluate("window.printed") == 2


def test_an_amphoes_page(server: str, page: Page) -> None:
    page.goto(f"{server}/areas/5001?lang=en")
    area = told(server, "areas/5001?geometry=none")["properties"]
    expect(page.locator("h1")).to_contain_text(area["name_en"])
    expect(page.locator("main dl").first).to_contain_text(f"{area['population']:,}")
    frame = wait_for_metric(page, "within=5001")
    bounds = frame.evaluate("(b => [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()])(map_frame.getBounds())")
    west, south, east, north = bounds
    assert west < area["lon"] < east
    assert south < area["lat"] < north
    assert east - west < 1  # the amphoe, not the country
    assert page.locator("main table tbody tr").count() == 5
    tambons = told(server, "areas?level=tambon&within=5001&limit=100")["features"]
    for feature in tambons[:3]:
        name = feature["properties"]["name_en"]
        expect(page.locator(f"main a[href='/areas/{feature['id']}?lang=en']").first).to_have_text(name)
    page.locator(f"main a[href='/areas/{tambons[0]['id']}?lang=en']").first.click()
    expect(page.locator("h1")).to_contain_text(tambons[0]["properties"]["name_en"])


def test_without_scripts_by_form_and_links(server: str, watched: Callable[..., Page]) -> None:
    page = watched(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto(f"{server}/coverage?lang=en")
    expect(page.locator("[data-print]")).to_be_hidden()
    page.locator("select[name=metric]").select_option("nearest_km")
    page.locator("select[name=level]").select_option("amphoe")
    page.locator("select[name=within]").select_option("45")
    page.locator("#coverage-form button[type=submit]").click()
    page.wait_for_url("**within=45**")
    assert {**address(page), "lang": "en", "metric": "nearest_km", "level": "amphoe"} == address(page)
    assert rows(page).count() == 20
    rows(page).get_by_role("link", name="Selaphum", exact=True).click()
    page.wait_for_url("**within=4510**")
    assert address(page)["lang"] == "en"
    page.locator("#best-site a").click()
    expect(page.locator("#best-site li a").first).to_be_visible()
    page.locator("#best-site li a").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("main table tbody tr")).to_have_count(5)
    page.locator("details.language summary").click()
    page.locator("a[hreflang=th]").click()
    expect(page.locator("html")).to_have_attribute("lang", "th")


def test_what_cannot_be_answered_is_said_beside_the_field(server: str, page: Page) -> None:
    page.watch.allow("400")  # type: ignore[attr-defined]
    page.goto(f"{server}/coverage?lang=en")
    # Somebody's page is older than the choices of the service.
    page.locator("select[name=kind] option").nth(1).evaluate("option => { option.value = 'gone'; }")
    page.locator("select[name=kind]").select_option("gone")
    problem = page.locator("#kind-error")
    expect(problem).to_contain_text("Choose one from the list")
    expect(page.locator("select[name=kind]")).to_have_attribute("aria-describedby", "kind-error")


@pytest.mark.parametrize("width", [360, 1280])
def test_hospitals_of_an_old_list_are_counted_until_only_confirmed_ones_are_asked_for(
    server: str, watched: Callable[..., Page], width: int
) -> None:
    page = watched(viewport={"width": width, "height": 900})
    page.goto(f"{server}/coverage?lang=en")
    share = rows(page).first.locator("td").nth(1)
    expect(share).not_to_have_text("0 %")
    told_so = page.get_by_text("were not confirmed recently, so they are counted here too")
    expect(told_so).to_be_visible()
    wait_for_metric(page, "stale=1")
    page.emulate_media(media="print")
    expect(told_so).to_be_visible()
    page.emulate_media(media="screen")

    box = page.get_by_label("Count only confirmed facilities")
    box.focus()
    box.press("Space")
    expect(share).to_have_text("0 %")
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    assert address(page)["stale"] == "0"
    until(map_of(page), "() => !(document.documentElement.dataset.figures ?? 'stale').includes('stale')")
    page.locator("#coverage a[href^='/areas/50?']").click()
    page.wait_for_url("**/areas/50?**")
    assert address(page)["stale"] == "0"
    page.get_by_role("link", name="Count these too").click()
    expect(page.locator("main table tbody tr", has_text="Hospital").first).to_contain_text("May be out of date")
