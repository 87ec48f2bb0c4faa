"""Thumbs, small screens and axe."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import axe, until
from tests.browser.frames import open_pin, wait_for_figures
from tests.browser.map_frame.stand import COVERAGE, Stand, pins
from tests.maps import grid

pytestmark = pytest.mark.browser


def test_on_a_phone_controls_fit_thumbs_and_the_legend_is_folded(phone: Stand) -> None:
    frame = phone.open("coverage", COVERAGE)
    wait_for_figures(frame, "nearest_km")
    assert frame.evaluate("document.querySelector('.legend').open") is False
    sizes = frame.evaluate(
        """[...document.querySelectorAll('.leaflet-bar a, .leaflet-bar button, .leaflet-control-layers-toggle')]
            .map(e => e.getBoundingClientRect()).map(b => Math.min(b.width, b.height))"""
    )
    assert len(sizes) == 5
    assert min(sizes) >= 44
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("view", ["nearest", "coverage", "home"])
def test_axe_finds_nothing(stand: Stand, view: str, lang: str) -> None:
    stand.clusters = pins(["ก", "ข", "ค", "ง", "จ"])
    states: dict[str, dict[str, Any]] = {
        "nearest": {"origin": [99.0, 18.6], "features": pins(["ก", "ข"])},
        "coverage": COVERAGE,
    }
    frame = stand.open(view, states.get(view, {"bounds": grid.BOUNDS}), lang=lang)
    if view == "coverage":
        wait_for_figures(frame, "nearest_km")
    else:
        open_pin(frame, 0)
        frame.wait_for_timeout(400)  # the popup fades in; half faded it has no contrast
    assert axe(stand.page) == []


def test_neighbours_are_grey_land_and_not_sea(stand: Stand) -> None:
    frame = stand.open("home", {"bounds": grid.BOUNDS})
    until(frame, "document.documentElement.dataset.neighbours === 'drawn'")
    frame.evaluate("map_frame.setView([13, 99.5], 6, {animate: false})")
    colour_at = """([lat, lon]) => {
        const canvas = map_frame.getPane('neighbours').querySelector('canvas');
        const box = canvas.getBoundingClientRect(), frame = map_frame.getContainer().getBoundingClientRect();
        const point = map_frame.latLngToContainerPoint([lat, lon]), scale = canvas.width / box.width;
        const pixel = [(point.x + frame.x - box.x) * scale, (point.y + frame.y - box.y) * scale].map(Math.round);
        return [...canvas.getContext('2d').getImageData(...pixel, 1, 1).data];
    }"""
    until(frame, f"place => ({colour_at})(place)[3] > 0", [17.0, 96.5])  # Myanmar
    assert frame.evaluate(colour_at, [17.0, 96.5]) == [0xD5, 0xD6, 0xD2, 255]
    assert frame.evaluate(colour_at, [11.5, 101.0])[3] == 0, "the Gulf shows the sea behind it"
