"""The choropleth: painted by class, told by its legend and popup, from numbers alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.frames import colour_at, wait_for_figures
from tests.browser.map_frame.stand import CLASSES, COVERAGE, VALUES, Stand
from tests.maps.test_documents import PAYLOADS

pytestmark = pytest.mark.browser


def test_an_areas_name_is_shown_as_typed(stand: Stand) -> None:
    """All at once: whichever of them is read as code, the name is no longer as it was typed."""
    stand.area_name = payload = " ".join(PAYLOADS)
    frame = stand.open("coverage", {**COVERAGE, "metric_label": payload})
    wait_for_figures(frame, "nearest_km")
    assert payload in frame.locator(".legend").inner_text()
    frame.locator("#map_frame").click(position={"x": 700, "y": 250})
    expect(frame.locator(".leaflet-popup strong")).to_have_text(payload)
    assert frame.evaluate("typeof window.PWN") == "undefined"


def test_the_choropleth_is_painted_by_class(stand: Stand) -> None:
    stand.values = {code: value for code, value in VALUES.items() if code != "990202"}
    frame = stand.open("coverage", COVERAGE)
    wait_for_figures(frame, "nearest_km")
    assert colour_at(frame, 18.83, 98.87) == CLASSES[0]  # 990101: 5, below the first bound
    assert colour_at(frame, 18.57, 98.87) == CLASSES[1]  # 990102: 10, on the first bound
    assert colour_at(frame, 18.83, 99.13) == CLASSES[2]  # 990201: 25
    assert colour_at(frame, 18.57, 99.13) not in CLASSES  # no figure: hatched
    rows = frame.locator(".legend li").all_inner_texts()
    assert len(rows) == 7
    assert "10" in rows[0]
    assert "50" in rows[5]


def test_dark_is_where_help_is_short_whichever_way_it_counts(stand: Stand) -> None:
    stand.direction = "low"
    frame = stand.open("coverage", COVERAGE)
    wait_for_figures(frame, "nearest_km")
    assert colour_at(frame, 18.83, 98.87) == CLASSES[5]
    assert colour_at(frame, 18.57, 99.13) == CLASSES[0]
    swatch = frame.locator(".legend .swatch").first
    assert swatch.evaluate("e => e.style.backgroundColor") == "rgb(129, 53, 36)"


def test_another_metric_fetches_only_numbers(stand: Stand) -> None:
    frame = stand.open("coverage", COVERAGE)
    wait_for_figures(frame, "nearest_km")
    seen = len(stand.page.watch.requests)  # type: ignore[attr-defined]
    stand.values = dict.fromkeys(VALUES, 60.0)
    other = COVERAGE["values_url"].replace("nearest_km", "per_10000")
    stand.swap({**COVERAGE, "values_url": other})
    wait_for_figures(frame, "per_10000")
    assert colour_at(frame, 18.83, 98.87) == colour_at(frame, 18.57, 99.13) == CLASSES[5]
    assert stand.page.watch.requests[seen:] == [stand.address + other]  # type: ignore[attr-defined]


def test_only_what_was_asked_about_is_painted(stand: Stand) -> None:
    frame = stand.open("coverage", {**COVERAGE, "within": "9901"})
    wait_for_figures(frame, "nearest_km")
    assert colour_at(frame, 18.83, 98.87) == CLASSES[0]
    assert colour_at(frame, 18.83, 99.13) == ""


@pytest.mark.parametrize(
    ("said", "asked"), [(None, "?lang=en"), (0, "?stale=0&lang=en"), (1, "?stale=1&lang=en"), ("0&x=1", "?lang=en")]
)
def test_an_area_tells_its_figure_and_leads_to_its_page(stand: Stand, said: object, asked: str) -> None:
    frame = stand.open("coverage", {**COVERAGE, "stale": said}, lang="en")
    stand.page.route("**/areas/99*", lambda route: route.fulfill(body="<title>x</title>", content_type="text/html"))
    wait_for_figures(frame, "nearest_km")
    frame.locator("#map_frame").click(position={"x": 700, "y": 250})
    expect(frame.locator(".popup .figure")).to_have_text("25 km")
    expect(frame.locator(".popup")).to_contain_text("ระยะทาง")  # 25 km of what
    frame.locator(".popup button.main").click()
    stand.page.wait_for_url(f"{stand.address}/areas/990201{asked}")


def test_figures_that_cannot_be_had_are_said_and_asked_for_again(stand: Stand) -> None:
    stand.page.watch.allow("500")  # type: ignore[attr-defined]
    stand.values_status = 500
    frame = stand.open("coverage", COVERAGE, lang="en")
    note = frame.locator("[data-note=figures]")
    expect(note).to_contain_text("could not be loaded")
    stand.values_status = 200
    note.get_by_role("button").click()
    wait_for_figures(frame, "nearest_km")
    expect(note).to_have_count(0)
    assert colour_at(frame, 18.83, 98.87) == CLASSES[0]


def test_no_figures_yet_is_said(stand: Stand) -> None:
    stand.values = {}
    frame = stand.open("coverage", COVERAGE, lang="en")
    expect(frame.locator("[data-note=figures]")).to_have_text("There are no figures for these areas yet.")
