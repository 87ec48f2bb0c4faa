"""The map as people use it: what it begins with, fingers and wheel, full screen, popups, paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Frame, Page, expect

from mapapp.core import geo
from tests.browser.conftest import until
from tests.browser.frames import map_of, wait_for_figures
from tests.browser.map_frame.stand import COVERAGE, Stand, pins
from tests.maps import grid

pytestmark = pytest.mark.browser

BELOW = '<p id="below" style="height: 1500px">Below the map</p>'

PLACES = [
    ("กรุงเทพมหานคร", "Bangkok", 100.62, 13.77, 137), ("สมุทรปราการ", "Samut Prakan", 100.71, 13.6, 33),
    ("นนทบุรี", "Nonthaburi", 100.4, 13.92, 28), ("ปทุมธานี", "Pathum Thani", 100.72, 14.08, 30),
    ("เชียงใหม่", "Chiang Mai", 98.84, 18.8, 44), ("แม่ฮ่องสอน", "Mae Hong Son", 97.95, 18.9, 7),
    ("เชียงราย", "Chiang Rai", 99.84, 19.85, 38), ("น่าน", "Nan", 100.8, 18.8, 16),
    ("อุบลราชธานี", "Ubon Ratchathani", 105.1, 15.2, 32), ("นครพนม", "Nakhon Phanom", 104.4, 17.3, 8),
    ("ตราด", "Trat", 102.55, 12.3, 7), ("ภูเก็ต", "Phuket", 98.35, 7.98, 9), ("นราธิวาส", "Narathiwat", 101.7, 6.2, 1337),
    ("ยะลา", "Yala", 101.2, 6.2, 14),
]  # fmt: skip

SIGNS = """() => [...document.querySelectorAll('.pin-holder')].map(sign => {
    const {left, top, right, bottom} = sign.getBoundingClientRect();
    return {left, top, right, bottom, text: sign.innerText, spoken: sign.ariaLabel};
})"""
CONTROLS = """() => [...document.querySelectorAll('.leaflet-control, .notes p, .gesture-note:not(:empty)')]
    .filter(one => getComputedStyle(one).visibility !== 'hidden')
    .map(one => one.getBoundingClientRect())
    .map(({left, top, right, bottom}) => ({left, top, right, bottom}))"""
WHOLE = f"""() => {{
    const popup = document.querySelector('.leaflet-popup').getBoundingClientRect();
    return popup.left >= 0 && popup.top >= 0 && popup.right <= innerWidth && popup.bottom <= innerHeight
        && ({CONTROLS})().every(box => popup.right <= box.left || popup.left >= box.right
                                    || popup.bottom <= box.top || popup.top >= box.bottom);
}}"""
CORNERS = """([west, south, east, north]) => {
    const [a, b] = [[north, west], [south, east]].map(place => map_frame.latLngToContainerPoint(place));
    return {left: a.x, top: a.y, right: b.x, bottom: b.y};
}"""

Box = dict[str, Any]


def overlap(a: Box, b: Box) -> bool:
    return bool(a["left"] < b["right"] and a["right"] > b["left"] and a["top"] < b["bottom"] and a["bottom"] > b["top"])


def provinces() -> dict[str, Any]:
    """Counts by province in the API's shape, some of them close together."""
    features = []
    for place, (name_th, name_en, lon, lat, count) in enumerate(PLACES):
        facts = {"count": count, "kind": None, "area_code": str(10 + place), "name_th": name_th, "name_en": name_en}
        one = geo.feature(lat=lat, lon=lon, properties=facts)
        features.append({**one, "bbox": [lon - 0.4, lat - 0.3, lon + 0.4, lat + 0.3]})
    return {"type": "FeatureCollection", "features": features}


def clear_of_controls(frame: Frame, boxes: list[Box]) -> None:
    controls = frame.evaluate(CONTROLS)
    assert controls
    assert [(one, control) for one in boxes for control in controls if overlap(one, control)] == []


@pytest.mark.parametrize("size", ["phone", "stand"])
def test_thailand_fills_the_frame_and_counts_lie_apart_and_clear(size: str, request: pytest.FixtureRequest) -> None:
    stand: Stand = request.getfixturevalue(size)
    stand.clusters = provinces()
    frame = stand.open("home", {"bounds": geo.THAILAND.edges}, lang="en")
    until(frame, "() => document.querySelectorAll('.cluster.is-area').length > 5")
    box = frame.evaluate(CORNERS, geo.THAILAND.edges)
    width, height = frame.evaluate("[map_frame.getSize().x, map_frame.getSize().y]")
    free = (box["left"], box["top"], width - box["right"], height - box["bottom"])
    assert min(free) >= 0, "all of it is in the frame"
    filled = ((box["right"] - box["left"]) / width, (box["bottom"] - box["top"]) / height)
    assert max(filled) > 0.8, "and it fills it, one way or the other"
    assert frame.evaluate("map_frame.getZoom() % 1") != 0
    signs = frame.evaluate(SIGNS)
    assert [(a, b) for i, a in enumerate(signs) for b in signs[:i] if overlap(a, b)] == []
    clear_of_controls(frame, signs)
    assert sum(int(sign["text"].replace(",", "")) for sign in signs) == sum(row[4] for row in PLACES)
    bangkok = next(sign["spoken"] for sign in signs if sign["spoken"].startswith("Bangkok"))
    assert bangkok == "Bangkok and 3 more provinces: 228 facilities; zoom in"
    asked = [url for url in stand.page.watch.requests if "/clusters" in url]  # type: ignore[attr-defined]
    assert len(set(asked)) == 1, "one answer holds for every view"
    stand.clusters = pins(["ก"])
    frame.get_by_role("button", name="Chiang Mai: 44 facilities; zoom in").press("Enter")
    until(frame, "() => map_frame.getZoom() >= 7")
    assert frame.evaluate("map_frame.getBounds().contains([18.8, 98.84])")
    until(frame, "() => !document.querySelector('.is-area') && document.querySelectorAll('.pin').length === 1")
    assert frame.evaluate("document.activeElement.id") == "map_frame", (
        "the sign that was pressed is gone; the map has the focus"
    )


@pytest.mark.parametrize("size", ["phone", "stand"])
def test_legend_and_buttons_cover_nothing_of_an_area(size: str, request: pytest.FixtureRequest) -> None:
    stand: Stand = request.getfixturevalue(size)
    frame = stand.open("coverage", COVERAGE, lang="en")
    wait_for_figures(frame, "nearest_km")
    box = frame.evaluate(CORNERS, grid.BOUNDS)
    clear_of_controls(frame, [box])
    assert frame.locator(".legend li").count() == 7
    before = frame.evaluate("map_frame.getZoom()")
    stand.page.set_viewport_size({"width": 800, "height": 900})  # the phone is turned
    until(frame, "before => map_frame.getZoom() !== before", before)


STILL = "() => { const before = window.before; window.before = scrollY; return before === scrollY; }"


def touch(page: Page, kind: str, *points: tuple[float, float]) -> None:
    """Fingers on the glass, by the debugger: the browser scrolls as for real ones."""
    if not hasattr(page, "glass"):
        page.glass = page.context.new_cdp_session(page)  # type: ignore[attr-defined]
    where = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    page.glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})  # type: ignore[attr-defined]


def drag(page: Page, *fingers: tuple[float, float], by: tuple[float, float]) -> None:
    touch(page, "touchStart", *fingers)
    for step in range(1, 11):
        touch(page, "touchMove", *((x + by[0] * step / 10, y + by[1] * step / 10) for x, y in fingers))
    touch(page, "touchEnd")


def moved(frame: Frame, since: list[float]) -> float:
    """Pixels by which the map has been moved."""
    found: float = frame.evaluate(
        """([lat, lon, zoom]) => {
            const [was, is] = [[lat, lon], map_frame.getCenter()].map(place => map_frame.project(place, zoom));
            return was.distanceTo(is); }""",
        since,
    )
    return found


def where(frame: Frame) -> list[float]:
    found: list[float] = frame.evaluate("[map_frame.getCenter().lat, map_frame.getCenter().lng, map_frame.getZoom()]")
    return found


def test_one_finger_scrolls_the_page_and_two_move_the_map(phone: Stand) -> None:
    frame = phone.open("home", {"bounds": grid.BOUNDS}, extra=BELOW)
    page, began = phone.page, where(frame)
    page.evaluate("scrollTo(0, 0)")
    drag(page, (150, 400), (220, 400), by=(-60, -50))
    until(frame, "([lat, lon]) => map_frame.getCenter().distanceTo([lat, lon]) > 1000", began[:2])
    assert moved(frame, began) > 40
    assert page.evaluate("scrollY") == 0
    assert frame.locator(".gesture-note").inner_text() == ""
    began = where(frame)
    drag(page, (200, 450), by=(0, -200))
    until(page.main_frame, "() => scrollY > 100")
    expect(frame.locator(".gesture-note")).to_have_text("ใช้สองนิ้วเลื่อนแผนที่")
    assert moved(frame, began) < 1
    until(page.main_frame, STILL)  # a tap into a page that still glides only stops it
    # In full screen there is no page to scroll: one finger moves the map.
    frame.get_by_role("button", name="เต็มหน้าจอ").tap()
    until(frame, "() => document.fullscreenElement !== null")
    frame.wait_for_timeout(300)  # the frame grows
    began = where(frame)
    drag(page, (200, 450), by=(-80, -60))
    until(frame, "([lat, lon]) => map_frame.getCenter().distanceTo([lat, lon]) > 1000", began[:2])


def test_the_wheel_scrolls_the_page_and_zooms_with_ctrl(stand: Stand) -> None:
    frame = stand.open("home", {"bounds": grid.BOUNDS}, lang="en", extra=BELOW)
    page, began = stand.page, where(frame)
    frame.locator("#map_frame").focus()
    assert frame.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("ArrowDown")
    until(frame, "([lat, lon]) => map_frame.getCenter().distanceTo([lat, lon]) > 1000", began[:2])
    until(frame, "() => !map_frame._panAnim?._inProgress")
    began = where(frame)
    page.evaluate("scrollTo(0, 0)")
    page.mouse.move(600, 400)
    page.mouse.wheel(0, 150)
    until(page.main_frame, "() => scrollY > 50")
    expect(frame.locator(".gesture-note")).to_have_text("Hold Ctrl and turn the wheel to zoom")
    assert where(frame) == began
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    until(frame, "zoom => map_frame.getZoom() > zoom && !map_frame._animatingZoom", began[2])
    assert page.evaluate("[scrollY, devicePixelRatio]") == [0, 1], "neither the page nor the browser has moved"
    # A mouse drags the map as ever.
    began = where(frame)
    page.mouse.move(600, 400)
    page.mouse.down()
    page.mouse.move(500, 350, steps=5)
    page.mouse.up()
    assert moved(frame, began) > 50


TWICE_ESCAPE = "() => [1, 2].forEach(() => document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'})))"
"""Pressed again before the browser has gone back for the first time."""


def test_where_frames_have_no_full_screen_the_page_makes_the_map_large(phone: Stand) -> None:
    """iPhones: the map lies over the page; going back, Escape and its button close it; the focus returns."""
    page = phone.page
    page.add_init_script("Object.defineProperty(Document.prototype, 'fullscreenEnabled', {get: () => false})")
    page.goto(f"{phone.address}/")
    frame = map_of(page)
    address, began = page.url, page.evaluate("history.length")
    opener = frame.locator(".leaflet-control-zoom-fullscreen")
    assert opener.inner_text() == "เต็มหน้าจอ", "said in words on a phone"
    closings: dict[str, Callable[[], object]] = {
        "back": page.go_back,
        "escape": lambda: page.keyboard.press("Escape"),
        "button": opener.tap,
        "impatience": lambda: page.evaluate(TWICE_ESCAPE),
    }
    for way, close in closings.items():
        opener.tap()
        until(page.main_frame, "() => document.querySelector('iframe.map').classList.contains('is-large')")
        box = page.locator("iframe.map").bounding_box()
        assert box == {"x": 0, "y": 0, "width": 360, "height": 740}, way
        assert page.locator("header.top").evaluate("one => one.inert"), "nothing under it is reached"
        expect(opener).to_have_text("ออกจากเต็มหน้าจอ")
        close()
        until(page.main_frame, "() => !document.querySelector('.is-large, .holds-large-map, [inert]')")
        until(frame, "() => document.activeElement.matches('.leaflet-control-zoom-fullscreen')")
        expect(opener).to_have_text("เต็มหน้าจอ")
        assert page.url == address
    assert page.evaluate("history.length") <= began + 1


@pytest.mark.parametrize("size", [(360, 740, True), (1280, 800, False)], ids=["360", "1280"])
def test_a_popup_is_whole_uncovered_and_says_everything(
    grid_server: tuple[str, Flask], watched: Callable[..., Page], size: tuple[int, int, bool]
) -> None:
    width, height, is_phone = size
    agent = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Mobile Safari/537.36"
    page = watched(viewport={"width": width, "height": height}, has_touch=is_phone, user_agent=agent)
    stand = Stand(grid_server[1], grid_server[0], page)
    found = pins([f"โรงพยาบาล {number}" for number in range(6)])
    corners = [(98.8, 18.9), (99.2, 18.9), (98.8, 18.5), (99.2, 18.5), (99.0, 18.7), (98.8, 18.75)]
    for feature, (lon, lat) in zip(found["features"], corners, strict=True):
        feature["geometry"]["coordinates"] = [lon, lat]
        feature["properties"] |= {
            "confirmed_by": "person", "source": "officer",
            "further_phones": [{"text": "ต่อ 12", "dial": "+6653920300,12"}, {"text": "แฟกซ์", "dial": None},
                               {"text": "081-234-5678", "dial": "+66812345678"}],
        }  # fmt: skip
    state = {**COVERAGE, "origin": None, "features": found}
    frame = stand.open("nearest", state, lang="en")
    assert frame.locator(".pin").count() == 6
    for number in range(6):
        frame.get_by_role("button", name=f"โรงพยาบาล {number}").press("Enter")
        name = frame.locator(".leaflet-popup strong")
        expect(name).to_have_count(1)  # the one before fades out
        assert name.inner_text() == f"โรงพยาบาล {number}"
        until(frame, WHOLE)
    popup = frame.locator(".popup")
    told = popup.inner_text()
    for words in (
        "Hospital", "Opening hours unknown", "860 m away", "Confirmed 20 Nov 2026", "Source: An officer of the area",
        "How to get there", "แฟกซ์",
    ):  # fmt: skip
        assert words in told, words
    assert popup.get_by_role("button").all_inner_texts()[:7] == [
        "Call 053 920 300", "ต่อ 12", "081-234-5678", "Google Maps", "Map app", "OpenStreetMap",
        "More about this facility",
    ]  # fmt: skip
    page.watch.allow("foreign request: https://www.google.com/maps/dir/")  # type: ignore[attr-defined]  # it is meant
    with page.context.expect_event("request", lambda asked: "google.com" in asked.url) as asked:
        popup.get_by_role("button", name="Google Maps").click()
    assert asked.value.url == "https://www.google.com/maps/dir/?api=1&destination=18.75%2C98.8"


def test_a_map_is_printed_whole_with_its_legend_date_and_sources(grid_server: tuple[str, Flask], page: Page) -> None:
    page.goto(f"{grid_server[0]}/coverage?level=tambon&within=99&lang=en")
    frame = map_of(page)
    wait_for_figures(frame, "values")
    frame.locator(".legend summary").click()
    assert not frame.evaluate("document.querySelector('.legend').open")
    screen = page.locator("iframe.map").bounding_box()
    inside = frame.evaluate("[innerWidth, innerHeight]")
    for one in (page.main_frame, frame):
        one.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 within its margins
    printed = page.locator("iframe.map").bounding_box()
    assert screen
    assert printed
    assert printed["x"] + printed["width"] <= 718
    assert printed["height"] / printed["width"] == pytest.approx(screen["height"] / screen["width"], rel=0.01)
    assert frame.evaluate("[innerWidth, innerHeight]") == inside, "shrunk, not cut"
    expect(frame.locator(".legend li").first).to_be_visible()
    expect(frame.locator(".leaflet-control-scale")).to_be_visible()
    expect(frame.locator(".leaflet-control-zoom")).to_be_hidden()
    line = page.locator(".printed")
    expect(line).to_be_visible()
    assert f"Data sources: {grid_server[0]}/about/data" in line.inner_text()
    assert "Printed on" in line.inner_text()
    for one in (page.main_frame, frame):
        one.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(line).to_be_hidden()
    assert page.locator("iframe.map").get_attribute("style") in (None, "")
    assert not frame.evaluate("document.querySelector('.legend').open")
