"""Text that looks like code, in every name that is stored and in every field that is typed: shown, never run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from mapapp.areas.models import Area, Village
from mapapp.coverage import service as coverage
from tests.browser.conftest import filled_database, serve, until
from tests.browser.frames import map_of
from tests.data import add_facility, small_country
from tests.maps.test_documents import PAYLOADS
from tests.payloads import EVALUATED

pytestmark = pytest.mark.browser

ALL = " ".join(PAYLOADS)
HERE = {"lat": "14.05", "lon": "100.05"}
FIELDS = {
    "/nearest": ["place", "at", "lat", "lon", "kind", "open_now", "verified", "max_km"],
    "/places": ["q", "next"],
    "/coverage": ["kind", "metric", "radius_km", "level", "within", "show", "stale"],
    "/coverage/best-site": ["kind", "radius_km", "within", "limit", "stale"],
    "/coverage/compare": ["left", "right", "left_day", "right_day", "metric", "radius_km", "level", "within", "show"],
    "/coverage/one-more": ["place", "at", "lat", "lon", "kind", "radius_km", "within", "stale"],
    "/about/data": ["lang"],
}


ALONE = "n => document.querySelectorAll('.pin').length >= n && !document.querySelector('.cluster')"
"""Whether each pin is drawn by itself: the clusters of the zoom before stay until the new answer is there."""


def fill(session: Session) -> None:
    """Every text that can be stored is a payload, or all of them."""
    small_country(session)
    session.execute(update(Area).values(name_th=ALL, name_en=ALL, source=ALL, population_source=ALL))
    session.add(Village(code="90010101", tambon_code="900101", name_th=ALL, name_en=ALL, source=ALL))
    for i, payload in enumerate(PAYLOADS):
        add_facility(
            session, "hospital", lat=14.012 + 0.02 * (i // 3), lon=100.012 + 0.02 * (i % 3), tambon_code="900101",
            name_th=payload, name_en=payload, address=payload, serves=payload, phone=payload, opening_hours=payload,
            verified_by=payload, source=payload, source_ref=f"{i} {payload}",
        )  # fmt: skip
    coverage.refresh_all(session)


@pytest.fixture(scope="module")
def address(worker: str) -> Iterator[str]:
    """A running service full of payloads."""
    with filled_database(f"mapapp_payloads_{worker}", fill) as name, serve(name) as made:
        yield made


def holds(page: Page) -> None:
    """Nothing was evaluated on the server, nothing ran in the browser."""
    assert EVALUATED not in page.content()
    for frame in page.frames:
        assert frame.evaluate("typeof window.PWN") == "undefined"


def open_every_pin(frame: Frame) -> list[str]:
    """Opens each pin and answers the names shown. By what it says aloud: pins are drawn anew as the map moves."""
    pins = frame.locator(".leaflet-marker-pane .leaflet-interactive")
    spoken: list[str] = pins.evaluate_all("pins => pins.map(pin => pin.ariaLabel)")
    shown = []
    for label in spoken:
        frame.get_by_label(label, exact=True).press("Enter")
        name = frame.locator(".leaflet-popup strong")
        expect(name).to_have_count(1)  # the one before fades out
        shown.append(name.inner_text())
        frame.page.keyboard.press("Escape")
        expect(name).to_have_count(0)
    return shown


def test_stored_names_on_every_page(address: str, page: Page) -> None:
    for path in ("/", "/places?q=900101", "/coverage?level=tambon&within=9001", "/coverage/best-site", "/about/data"):
        answer = page.goto(address + path)
        assert answer is not None
        assert answer.status == 200, path
        if page.locator("iframe.map").count():
            map_of(page)
        if path != "/coverage/best-site":  # everybody is within reach already
            assert ALL in page.locator("main").inner_text(), path
        holds(page)


def test_stored_names_in_every_popup(address: str, page: Page) -> None:
    page.goto(f"{address}/nearest?{urlencode(HERE)}")
    assert set(PAYLOADS) <= set(page.locator("#results h3").all_inner_texts())
    frame = map_of(page)
    assert set(PAYLOADS) <= set(open_every_pin(frame))
    holds(page)
    for path in ("/", "/areas/900101"):
        page.goto(address + path)
        frame = map_of(page)
        frame.evaluate("map_frame.setView([14.05, 100.05], 13, {animate: false})")
        until(frame, ALONE, len(PAYLOADS))
        assert set(PAYLOADS) <= set(open_every_pin(frame)), path
        holds(page)
    frame.evaluate("map_frame.closePopup()")
    page.locator("iframe.map").click(position={"x": 700, "y": 250})
    expect(frame.locator(".popup .figure")).to_have_count(1)
    expect(frame.locator(".leaflet-popup strong")).to_have_text(ALL)
    holds(page)


def test_stored_texts_of_every_facility(address: str, page: Page) -> None:
    page.goto(f"{address}/nearest?{urlencode(HERE)}")
    links = page.locator("#results h3 a").evaluate_all("links => links.map(link => [link.textContent, link.href])")
    ours = [(name, link) for name, link in links if name in PAYLOADS]
    assert len(ours) == len(PAYLOADS)
    for name, link in ours:
        page.goto(link)
        assert page.locator("h1").inner_text() == name
        assert page.locator("main dd", has_text=name).count() >= 3  # address, whom it serves, source
        holds(page)
    assert open_every_pin(map_of(page)) == [ours[-1][0]]
    holds(page)


def test_typed_in_every_field(address: str, page: Page) -> None:
    for path, names in FIELDS.items():
        for name in names:
            for payload in PAYLOADS:
                answer = page.context.request.get(f"{address}{path}?{urlencode({**HERE, name: payload})}")
                assert answer.status in (200, 400), (path, name, payload)
                assert EVALUATED not in answer.text()
                assert "<script>window" not in answer.text()
                assert "<img src=x" not in answer.text()


@pytest.mark.parametrize(("path", "field"), [("/nearest", "place"), ("/places", "q"), ("/", "q")])
def test_typed_words_are_kept_as_typed(address: str, page: Page, path: str, field: str) -> None:
    page.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the answer's status
    for payload in PAYLOADS:
        page.goto(address + path)
        page.locator(f"input[name={field}]").fill(payload)
        with page.expect_response(re.compile(r"/(nearest|places)\?")):
            page.locator("main form button[type=submit]").click()
        page.wait_for_url(re.compile(rf"[?&]{field}="))
        expect(page.locator(f"input[name={field}]")).to_have_value(payload)
        holds(page)
