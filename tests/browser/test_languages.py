"""Residents' pages in the languages that not every page has: on a phone, with their own letters, without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from mapapp.core.languages import LANGUAGES, Language
from tests.browser.conftest import axe
from tests.browser.officers import STICKS_OUT

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
PAGES = ("/", "/requests/new", "/requests/find", "/requests", "/nearest?lat=18.79&lon=98.985", "/nothing/here")
LOADED = """family => document.fonts.ready.then(() => [...document.fonts].filter(
    face => face.family.replaceAll('"', "") === family && face.status === "loaded").length)"""
by_language = pytest.mark.parametrize(
    "row", [one for one in LANGUAGES if not one.is_complete], ids=lambda row: row.code
)


def family(row: Language) -> str:
    return {"my": "Noto Sans Myanmar", "km": "Noto Sans Khmer", "lo": "Noto Sans Lao"}[row.code]


@by_language
def test_every_page_fits_a_phone_and_has_its_letters(watched: Callable[..., Page], server: str, row: Language) -> None:
    page = watched(**PHONE)
    page.watch.allow("404")  # type: ignore[attr-defined]  # the page that says so
    for address in PAGES:
        page.goto(f"{server}{address}{'&' if '?' in address else '?'}lang={row.code}")
        assert page.get_attribute("html", "lang") == row.code, address
        assert page.evaluate(STICKS_OUT) <= 0, address
        assert page.evaluate(LOADED, family(row)) > 0, address


@by_language
def test_the_map_has_the_letters_of_its_language(watched: Callable[..., Page], server: str, row: Language) -> None:
    page = watched(**PHONE)
    page.goto(f"{server}/maps/home?lang={row.code}")
    drawn = page.locator(".leaflet-container")
    drawn.wait_for()
    page.evaluate("document.querySelector('.leaflet-container').append('\u1000\u1780\u0e81')")
    assert family(row) in drawn.evaluate("box => getComputedStyle(box).fontFamily")
    page.wait_for_function(f"() => ({LOADED})({family(row)!r})")


@by_language
def test_the_asking_form_has_nothing_to_mend_for_who_cannot_see(
    watched: Callable[..., Page], server: str, row: Language
) -> None:
    page = watched(**PHONE)
    page.goto(f"{server}/requests/new?lang={row.code}")
    assert axe(page) == []


def test_the_menu_of_languages_works_without_scripts(watched: Callable[..., Page], server: str) -> None:
    page = watched(**PHONE, java_script_enabled=False)
    page.goto(f"{server}/nearest?place=แม่")
    page.click("details.language summary")
    for row in LANGUAGES[1:]:
        expect(page.locator(f"details.language a[hreflang={row.code}]")).to_be_visible()
        box = page.locator(f"details.language a[hreflang={row.code}]").bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    page.click("details.language a[hreflang=lo]")
    assert page.get_attribute("html", "lang") == "lo"
    assert page.input_value("[name=place]") == "แม่"


def test_pages_and_maps_in_thai_load_no_letters_of_other_languages(watched: Callable[..., Page], server: str) -> None:
    page = watched(**PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server}/requests/new")
    page.click("details.language summary")
    page.evaluate("document.fonts.ready.then(() => 0)")
    page.goto(f"{server}/maps/home?lang=th")
    page.locator(".leaflet-container").wait_for()
    page.evaluate("document.fonts.ready.then(() => 0)")
    assert any("sarabun" in url for url in asked)
    assert [url for url in asked if "/noto/" in url or "/fonts/" in url] == []
