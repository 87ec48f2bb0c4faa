"""What holds on every page: nothing sticks out, targets fit thumbs, axe, one language, weight, no foreign request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import axe
from tests.browser.frames import map_of, open_pin

pytestmark = pytest.mark.browser

PAGES = {
    "/": 200,
    "/nearest": 200,
    "/nearest?lat=18.790000&lon=98.985000&kind=hospital": 200,
    "/nearest?place=แม่": 200,
    "/nearest?lat=91&lon=1&kind=x&max_km=-1": 400,
    "/facilities/1": 200,
    "/places?q=5007": 200,
    "/coverage": 200,
    "/coverage?level=tambon&within=5001&metric=beds_per_10000": 200,
    "/coverage?kind=x&radius_km=7": 400,
    "/coverage/best-site?kind=hospital": 200,
    "/coverage/compare?level=amphoe&within=50&left=hospital&right=test_site": 200,
    "/coverage/one-more?kind=test_site&lat=18.55&lon=98.4": 200,
    "/vaccinated": 200,
    "/statistics": 200,
    "/statistics/5001?measure=completeness": 200,
    "/areas/5001": 200,
    "/areas/500101": 200,
    "/requests": 200,
    "/requests?area=5001": 200,
    "/requests?area=500101": 200,
    "/requests?area=x": 400,
    "/requests/new": 200,
    "/requests/find": 200,
    "/requests/mine/nothing": 404,
    "/volunteer/nearby": 200,
    "/about/data": 200,
    "/api/v1/docs": 200,
    "/problems/": 200,
    "/problems/version-conflict": 200,
    "/nothing/here?x=1": 404,
    "/areas/abc": 400,
}

MAX_WITHOUT_MAP = 150_000
MAX_WITH_MAP = 600_000
"""Bytes of a first view, as they went over the wire."""

SIZES = """() => {
    const found = [];
    const shown = [...document.querySelectorAll(
        "button, select, input, summary, a.button, nav a" +
        (matchMedia("(pointer: coarse)").matches ? ", main :is(h2, h3, td, th) > a" : ""))]
        .filter(e => e.type !== "hidden" && !e.closest(".breadcrumb, [hidden]") && e.checkVisibility());
    for (const element of shown) {
        const held = element.matches("[type=checkbox], [type=radio]") ? element.closest("label") : element;
        const {width, height} = held.getBoundingClientRect();
        if (height < 44 || width < 24) found.push(`${element.tagName} ${held.textContent.trim()} ${width}×${height}`);
    }
    return found;
}"""
"""Controls too small for a thumb."""

TEXT = """() => {
    const lang = document.documentElement.lang;
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const holder = node.parentElement;
        if (holder.closest("[lang]").lang === lang && !holder.closest("code, script, option, [translate=no]"))
            found.push(node.textContent.trim());
    }
    const spoken = [...document.querySelectorAll("[aria-label], [placeholder], [title], option")]
        .map(e => e.ariaLabel ?? e.placeholder ?? (e.title || e.textContent.trim()));
    return [...found, ...spoken, document.title].filter(Boolean);
}"""
"""The page's words in its own language, spoken ones too; parts marked as another language are left out."""

LATIN = {
    "API", "CSV", "GeoJSON", "GeoPackage", "OpenAPI", "OpenStreetMap", "contributors", "licence", "English",
    "geothai", "MIT", "BSD", "WGS", "Sarabun", "SIL", "Open", "Font", "License", "Leaflet", "protomaps-leaflet",
    "Chrome", "Safari", "Folium", "GET", "POST", "PATCH", "DELETE", "JSON", "Excel", "HXL",
}  # fmt: skip
"""Latin words that a Thai page may use: names of things."""

SOURCES = ("away-covid",)
"""Names of sources, written as the data have them in both languages."""


def watch_bytes(page: Page) -> Callable[[], tuple[int, int]]:
    """Answers how many bytes came over the wire so far: all of them, and those of the page without its map."""
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request))

    def sizes() -> tuple[int, int]:
        ours = [request for request in done if urlsplit(request.url).hostname == "127.0.0.1"]
        sums = [(request.frame == page.main_frame, request.sizes()["responseBodySize"]) for request in ours]
        return sum(size for _, size in sums), sum(size for in_page, size in sums if in_page)

    return sizes


def foreign_words(page: Page, lang: str) -> list[str]:
    """Words of the other language among the page's own."""
    texts: list[str] = page.evaluate(TEXT)
    for source in SOURCES:
        texts = [text.replace(source, "") for text in texts]
    if urlsplit(page.url).path == "/api/v1/docs":  # names of layers and addresses
        texts = [re.sub(r"(JSON: )?[A-Z]+ /\S+", "", text) for text in texts if not text.startswith("/")]
        texts = [text for text in texts if "Mapbox" not in text]
    if lang == "en":
        return [text for text in texts if re.search("[\u0e01-\u0e5b]", text) and text != "ไทย"]
    return [text for text in texts if set(re.findall(r"[A-Za-z][A-Za-z-]+", text)) - LATIN]


def with_lang(path: str, lang: str) -> str:
    return path if lang == "th" else f"{path}{'&' if '?' in path else '?'}lang=en"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("screen", ["phone in Thai", "desk in English"])
def test_every_page(server: str, watched: Callable[..., Page], path: str, screen: str) -> None:
    lang, width, height = ("th", 360, 740) if screen.startswith("phone") else ("en", 1280, 800)
    size = {"width": width, "height": height}
    # What the desk's page weighs is what a browser loads that has nothing yet.
    page = watched(kept=lang == "th", viewport=size, has_touch=lang == "th", is_mobile=lang == "th")
    if PAGES[path] >= 400:
        page.watch.allow(str(PAGES[path]))  # type: ignore[attr-defined]  # the console tells of the status
    sizes = watch_bytes(page)
    answer = page.goto(server + with_lang(path, lang))
    assert answer is not None
    assert answer.status == PAGES[path]
    if page.locator("iframe.map:visible").count():
        frame = map_of(page)
        assert frame.evaluate("document.documentElement.lang") == lang
        assert frame.evaluate("document.documentElement.scrollWidth") <= width
    if lang == "en":  # the wire carries as much on a phone
        page.wait_for_load_state("networkidle")
        with_map, without_map = sizes()
        assert 20_000 < without_map <= MAX_WITHOUT_MAP
        assert with_map <= MAX_WITH_MAP
    expect(page.locator("html")).to_have_attribute("lang", lang)
    found = {
        "words of the other language": foreign_words(page, lang),
        "wider than the screen by": max(0, page.evaluate("document.documentElement.scrollWidth") - width),
        "too small": page.evaluate(SIZES),
        "axe": axe(page, inside_frames=lang == "th", small_links=True),
    }
    assert {what: where for what, where in found.items() if where} == {}

    other = "en" if lang == "th" else "th"
    here = page.locator(f"a[hreflang={other}]").evaluate("link => link.href")
    expected: dict[str, Any] = dict(parse_qsl(urlsplit(path).query)) | ({"lang": "en"} if other == "en" else {})
    assert (urlsplit(here).path, dict(parse_qsl(urlsplit(here).query))) == (urlsplit(path).path, expected)


TWO_SMALL_LINKS = """() => {
    const held = document.createElement("div");
    held.innerHTML = "<div><a href='#a'>x</a></div><div><a href='#b'>y</a></div>";
    held.style.font = "bold 8px/9px sans-serif";
    document.querySelector("main").append(held);
}"""


def test_axe_tells_of_small_links_where_it_is_asked(server: str, page: Page) -> None:
    page.goto(f"{server}/places?q=5007")
    page.evaluate(TWO_SMALL_LINKS)
    assert axe(page) == []
    (found,) = axe(page, small_links=True)
    assert "target-size" in found


def test_where_the_tile_host_fails_everything_else_works(server: str, page: Page) -> None:
    page.watch.without_tiles()  # type: ignore[attr-defined]
    for path in ("/", "/nearest?lat=18.79&lon=98.985", "/coverage", "/areas/5001", "/facilities/1"):
        page.goto(server + path)
        frame = map_of(page)
        assert frame.evaluate("map_frame.getPane('boundaries').querySelectorAll('canvas').length") > 0
    assert open_pin(frame, 0) == page.locator("h1").inner_text()
