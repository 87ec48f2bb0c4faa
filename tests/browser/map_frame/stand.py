"""The map frame inside a page made here. Tiles are real; what the API of other rooms answers is stood in for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, render_template_string
from playwright.sync_api import Frame, Page, Route

from tests.browser.frames import map_of
from tests.maps import grid

HOST = """<!doctype html>
{% from "parts/map_frame.html" import map_frame %}
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
        return map_of(self.page)

    def frame(self) -> Frame:
        return map_of(self.page)

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
