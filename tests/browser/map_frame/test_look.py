"""Thumbs, small screens and axe."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import axe
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
