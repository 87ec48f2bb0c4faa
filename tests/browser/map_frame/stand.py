"""The map frame inside a page made here. Tiles are real; what the API of other rooms answers is stood in for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, render_template_string
from playwright.sync_api import Frame, Page, Route, expect

from tests.browser.conftest import until
from tests.maps import grid

HOST = """<!doctype html>
{% from "maps/frame.html" import map_frame %}
<html lang="{{ language() }}"><head><meta charset="utf-8"><title>Page</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>body { margin: 0 } iframe { display: block; width: 100%; height: 600px; border: 0 }</style>
<script type="module" src="{{ asset('js/site.js') }}"></script></head>
<body><main><h1>Page</h1>{{ map_frame(view, state, title="Map of the test") }}{{ extra|safe }}</main></body></html>"""

OPEN_TO_ALL = {"Access-Control-Allow-Origin": "*"}
VALUES = {"990101": 5.0, "990102": 10.0, "990201": 25.0, "990202": 99.0}
COVERAGE: dict[str, Any] = {
    "level": "tambon",
    "values_url": "/api/v1/coverage/values?level=tambon&metric=nearest_km&kind=hospital",
    "within": None,
    "bounds": grid.BOUNDS,
    "metric_label": "ระยะทาง",
    "area_url": "/areas/",
}
CLASSES = ["#f8f1cf", "#ebc984", "#de9d4b", "#ca7231", "#aa4f29", "#813524"]


def pins(names: list[str]) -> dict[str, Any]:
    """Facilities side by side, in the API's shape."""
    kinds = ["hospital", "vaccination_site", "test_site", "field_hospital", "waiting_centre"]
    features = []
    for i, name in enumerate(names):
        properties = {
            "name_th": name,
            "name_en": name,
            "kind": kinds[i % 5],
            "status": "open",
            "open": {"is_open": [True, False, None][i % 3]},
            "phone": "+6653920300",
            "distance_m": 850.0 + i,
            "verified_at": "2026-11-20T03:00:00Z",
            "is_example": False,
        }
        point = {"type": "Point", "coordinates": [98.85 + 0.03 * i, 18.7]}
        features.append({"type": "Feature", "id": i + 1, "geometry": point, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


@dataclass
class Stand:
    """A page with a map, and what the rest of the service answers."""

    app: Flask
    address: str
    page: Page
    clusters: dict[str, Any] = field(default_factory=lambda: pins([]))
    values: dict[str, float] = field(default_factory=lambda: dict(VALUES))
    area_name: str = "เมืองทดสอบ"
    values_status: int = 200
    direction: str = "high"

    def open(self, view: str, state: dict[str, Any], *, lang: str = "th", extra: str = "") -> Frame:
        """Shows the page and answers the map's frame once its tiles are drawn."""
        with self.app.test_request_context(f"/?lang={lang}"):
            page = render_template_string(HOST, view=view, state=state, extra=extra)
        self.page.route("**/__host*", lambda route: route.fulfill(body=page, content_type="text/html"))
        self.page.route("**/api/v1/facilities/clusters*", lambda route: self._json(route, self.clusters))
        self.page.route("**/api/v1/coverage/values*", self._values)
        names = {"properties": {"name_th": self.area_name, "name_en": self.area_name}}
        self.page.route("**/api/v1/areas/*", lambda route: self._json(route, names))
        self.page.goto(f"{self.address}/__host?lang={lang}")
        frame = self.frame()
        until(frame, "() => document.documentElement.dataset.tiles === 'ready'")
        return frame

    def frame(self) -> Frame:
        self.page.locator("iframe.map").wait_for()
        return next(frame for frame in self.page.frames if "/maps/" in frame.url)

    def swap(self, state: dict[str, Any]) -> None:
        """What htmx does after a form on the page has been answered."""
        self.page.evaluate(
            """state => {
                document.querySelector('#map-state')?.remove();
                const holder = document.createElement('div');
                holder.id = 'map-state';
                holder.hidden = true;
                holder.dataset.state = JSON.stringify(state);
                document.body.append(holder);
                holder.dispatchEvent(new Event('htmx:afterSwap', {bubbles: true}));
            }""",
            state,
        )

    @staticmethod
    def _json(route: Route, body: Any) -> None:
        route.fulfill(json=body, headers=OPEN_TO_ALL)

    def _values(self, route: Route) -> None:
        if self.values_status != 200:
            route.fulfill(status=self.values_status, headers=OPEN_TO_ALL)
            return
        query = parse_qs(urlsplit(route.request.url).query)
        level, metric = query["level"][0], query["metric"][0]
        body = {"level": level, "metric": metric, "unit": "km", "direction": self.direction}
        self._json(route, {**body, "breaks": [10, 20, 30, 40, 50], "values": self.values})


def colour_at(frame: Frame, lat: float, lon: float) -> str:
    """The choropleth's colour at a place, ``#rrggbb``, or ``""`` where nothing is painted."""
    found: str = frame.evaluate(
        """([lat, lon]) => {
            const at = map_frame.latLngToContainerPoint([lat, lon]);
            const home = map_frame.getContainer().getBoundingClientRect();
            for (const canvas of map_frame.getPane('figures').querySelectorAll('canvas')) {
                const box = canvas.getBoundingClientRect();
                const [x, y] = [home.left + at.x - box.left, home.top + at.y - box.top];
                if (x < 0 || y < 0 || x >= box.width || y >= box.height) continue;
                const scale = canvas.width / box.width;
                const data = canvas.getContext('2d').getImageData(x * scale, y * scale, 1, 1).data;
                if (data[3] === 255)
                    return '#' + [...data].slice(0, 3).map(v => v.toString(16).padStart(2, '0')).join('');
            }
            return '';
        }""",
        [lat, lon],
    )
    return found


def wait_for_figures(frame: Frame, part: str) -> None:
    until(frame, "part => (document.documentElement.dataset.figures ?? '').includes(part)", part)
    frame.wait_for_timeout(400)  # the tiles are painted one after another, from the middle outwards


def open_pin(frame: Frame, index: int) -> str:
    """Opens a pin by keyboard and answers the name its popup shows."""
    frame.locator(".leaflet-marker-pane .leaflet-interactive").nth(index).press("Enter")
    name = frame.locator(".leaflet-popup strong")
    expect(name).to_have_count(1)  # the one before fades out
    return name.inner_text()
