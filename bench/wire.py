"""Bytes over the wire of a first view, as a browser counts them, and of Folium's own choropleth of the same areas."""

from __future__ import annotations

import gzip
import json
from typing import Any

import folium
from playwright.sync_api import sync_playwright

from bench.national import DATA
from tests import chromium


def first_view(address: str, *, width: int = 1280, height: int = 800) -> tuple[int, list[tuple[str, int]]]:
    """Bytes (bodies as sent, compressed, plus headers) of a page and its map frame with an empty browser cache.

    Returns the sum and (address, bytes) of each answer, largest first.
    """
    sizes: dict[str, int] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.ARGS)
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()

        def note(request: Any) -> None:
            size = request.sizes()
            sizes[request.url] = sizes.get(request.url, 0) + size["responseBodySize"] + size["responseHeadersSize"]

        page.on("requestfinished", note)
        page.goto(address, wait_until="networkidle")
        frame = page.frame_locator("iframe.map")
        frame.locator("[data-map-idle], .legend, .map-legend").first.wait_for(timeout=30_000)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1500)
        browser.close()
    listed = sorted(sizes.items(), key=lambda item: -item[1])
    return sum(sizes.values()), listed


def folium_choropleth(values: dict[str, float | None]) -> tuple[int, int]:
    """Bytes of the document ``folium.Choropleth`` makes of the same GeoJSON and numbers: as it is, and gzipped.

    Only the document: the scripts and styles it would load from foreign hosts come on top.
    """
    areas = json.loads((DATA / "areas" / "tha_adm3.geojson").read_text())
    table = [(f"TH{code}", value) for code, value in values.items() if value is not None]
    made = folium.Map(location=[13.2, 101.0], zoom_start=6)
    folium.Choropleth(
        geo_data=areas, data=dict(table), key_on="feature.properties.ADM3_PCODE", fill_color="YlOrRd", bins=6
    ).add_to(made)
    document = made.get_root().render().encode()
    return len(document), len(gzip.compress(document, 6))
