"""The map frame in a real browser, inside a page made here.

Tiles are real; what the API of other rooms answers is stood in for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import Frame, Page, Route, expect

from mapapp import config, db
from mapapp.app import create_app
from tests.browser.conftest import axe, filled_database, serve, until
from tests.browser.frames import colour_at, open_pin, wait_for_figures
from tests.conftest import test_database_url
from tests.maps import grid
from tests.maps.test_documents import PAYLOADS

pytestmark = pytest.mark.browser

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


@pytest.fixture(scope="module")
def grid_server(worker: str) -> Iterator[tuple[str, Flask]]:
    """A running service on the hand-drawn country."""
    with filled_database(f"mapapp_grid_{worker}", grid.fill) as name, serve(name) as address:
        engine = db.engine(test_database_url(name))
        yield address, create_app(config.Config(tile_url="none"), db.sessions(engine))
        engine.dispose()


@pytest.fixture
def stand(grid_server: tuple[str, Flask], page: Page) -> Stand:
    """The page on a desktop."""
    address, app = grid_server
    return Stand(app, address, page)


@pytest.fixture
def phone(grid_server: tuple[str, Flask], phone_page: Page) -> Stand:
    """The page on a phone."""
    address, app = grid_server
    return Stand(app, address, phone_page)


def test_a_tap_on_the_map_sends_the_form(phone: Stand) -> None:
    form = '<form data-nearest action="/__answer"><input name="place" value="เชียงใหม่" aria-label="p"></form>'
    frame = phone.open("nearest", {"origin": [99.0, 18.7], "features": pins([])}, extra=form)
    phone.page.route("**/__answer*", lambda route: route.fulfill(body="<title>x</title>", content_type="text/html"))
    lat, lon = frame.evaluate("() => Object.values(map_frame.containerPointToLatLng([90, 420]))")
    box = phone.page.locator("iframe.map").bounding_box()
    assert box
    phone.page.touchscreen.tap(box["x"] + 90, box["y"] + 420)
    phone.page.wait_for_url("**/__answer*")
    query = parse_qs(urlsplit(phone.page.url).query, keep_blank_values=True)
    assert float(query["lat"][0]) == pytest.approx(lat, abs=0.0005)
    assert float(query["lon"][0]) == pytest.approx(lon, abs=0.0005)
    assert query["place"] == [""]


@pytest.mark.parametrize("view", ["nearest", "home"])
def test_names_are_shown_as_typed_and_never_run(stand: Stand, view: str) -> None:
    found = pins(PAYLOADS)
    stand.clusters = found
    state: dict[str, Any] = {"origin": None, "features": found} if view == "nearest" else {"bounds": grid.BOUNDS}
    frame = stand.open(view, state)
    expect(frame.locator(".leaflet-marker-pane .leaflet-interactive")).to_have_count(len(PAYLOADS))
    shown = [open_pin(frame, index) for index in range(len(PAYLOADS))]
    assert shown == PAYLOADS
    assert frame.evaluate("typeof window.PWN") == "undefined"
    assert stand.page.evaluate("typeof window.PWN") == "undefined"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_an_areas_name_is_shown_as_typed(stand: Stand, payload: str) -> None:
    stand.area_name = payload
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


def test_an_area_tells_its_figure_and_leads_to_its_page(stand: Stand) -> None:
    frame = stand.open("coverage", COVERAGE, lang="en")
    stand.page.route("**/areas/99*", lambda route: route.fulfill(body="<title>x</title>", content_type="text/html"))
    wait_for_figures(frame, "nearest_km")
    frame.locator("#map_frame").click(position={"x": 700, "y": 250})
    expect(frame.locator(".popup .figure")).to_have_text("25 km")
    frame.locator(".popup button.main").click()
    stand.page.wait_for_url("**/areas/990201?lang=en")


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


@pytest.mark.parametrize(("lang", "name", "other"), [("th", "เขต 99", "Area 99"), ("en", "Area 99", "เขต 99")])
def test_labels_are_in_the_pages_language(stand: Stand, lang: str, name: str, other: str) -> None:
    stand.page.add_init_script(
        """window.drawn = new Set();
        const draw = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
            window.drawn.add(text); return draw.call(this, text, ...rest); };"""
    )
    frame = stand.open("home", {"bounds": grid.BOUNDS}, lang=lang)
    until(frame, "name => window.drawn.has(name)", name)
    drawn = frame.evaluate("[...window.drawn]")
    assert {name, f"{name[:-2]}9901"} <= set(drawn)
    assert not any(text.startswith(other[:-2]) for text in drawn)


def test_without_the_tile_host_the_map_works_and_says_so(stand: Stand) -> None:
    watch = stand.page.watch  # type: ignore[attr-defined]
    watch.tiles_answer = False
    watch.allow("ERR_CONNECTION_REFUSED")
    stand.clusters = pins(["ก"])
    frame = stand.open("home", {"bounds": grid.BOUNDS}, lang="en")
    expect(frame.locator("[data-note=raster]")).to_contain_text("boundaries are shown alone")
    assert open_pin(frame, 0) == "ก"
    assert frame.evaluate("map_frame.getPane('boundaries').querySelectorAll('canvas').length") > 0


def test_pins_are_reached_and_opened_by_keyboard(stand: Stand) -> None:
    frame = stand.open("nearest", {"origin": [99.0, 18.6], "features": pins(["ก", "ข"])}, lang="en")
    frame.locator("#map_frame").focus()
    reached: dict[str, None] = {}
    for _ in range(12):
        stand.page.keyboard.press("Tab")
        focused = frame.evaluate("document.activeElement.matches('.pin-holder') && document.activeElement.ariaLabel")
        if focused:
            reached[focused] = None
    assert list(reached) == ["1, ก, Hospital, Open now", "2, ข, Vaccination site, Closed now"]
    frame.locator(".pin-holder.leaflet-interactive").first.focus()
    stand.page.keyboard.press("Enter")
    expect(frame.locator(".leaflet-popup strong")).to_have_text("ก")
    stand.page.keyboard.press("Escape")
    expect(frame.locator(".leaflet-popup")).to_have_count(0)


def test_clusters_say_how_many_and_open_into_the_map(stand: Stand) -> None:
    point = {"type": "Point", "coordinates": [99.0, 18.7]}
    stand.clusters = {"features": [{"type": "Feature", "geometry": point, "properties": {"count": 1234}}]}
    frame = stand.open("home", {"bounds": grid.BOUNDS}, lang="en")
    found = frame.get_by_role("button", name="1,234 facilities here; zoom in")
    zoom = frame.evaluate("map_frame.getZoom()")
    found.press("Enter")
    until(frame, "zoom => map_frame.getZoom() === zoom + 2", zoom)


def test_boxes_asked_for_are_cut_to_a_grid(stand: Stand) -> None:
    frame = stand.open("home", {"bounds": grid.BOUNDS})
    watch = stand.page.watch  # type: ignore[attr-defined]
    before = [url for url in watch.requests if "/clusters" in url]
    frame.evaluate("map_frame.panBy([3, 3], {animate: false})")
    frame.wait_for_timeout(300)
    assert [url for url in watch.requests if "/clusters" in url] == before


def test_the_frame_has_no_origin_and_no_storage(stand: Stand) -> None:
    frame = stand.open("home", {})
    stand.page.evaluate("document.cookie = 'mine=1'")
    assert frame.evaluate("window.origin") == "null"
    for what in ("document.cookie", "localStorage", "sessionStorage", "parent.document"):
        name = frame.evaluate(f"(() => {{ try {{ {what}; return 'read' }} catch (error) {{ return error.name }} }})()")
        assert name == "SecurityError", what


def test_opened_by_itself_it_is_sandboxed_too(stand: Stand) -> None:
    stand.page.route("**/api/v1/**", lambda route: route.fulfill(json={}, headers=OPEN_TO_ALL))
    stand.page.goto(f"{stand.address}/maps/home")
    assert stand.page.evaluate("window.origin") == "null"
    assert stand.page.evaluate("document.fullscreenEnabled") is True


def test_full_screen_is_allowed_in_the_frame(stand: Stand) -> None:
    frame = stand.open("home", {})
    assert frame.evaluate("document.fullscreenEnabled") is True
    frame.get_by_role("button", name="Full screen").or_(frame.locator(".leaflet-fullscreen-icon")).first.click()
    until(frame, "() => document.fullscreenElement !== null")


@pytest.mark.parametrize(
    "message",
    [
        {"type": "open", "path": "https://example.org/areas/50"},
        {"type": "open", "path": "//example.org/areas/50"},
        {"type": "open", "path": "javascript:alert(1)"},
        {"type": "open", "path": "/areas/../admin"},
        {"type": "open", "path": "/admin"},
        {"type": "open", "path": 5},
        {"type": "tap", "lat": "1", "lon": 2},
        {"type": "tap", "lat": None, "lon": 99},
        {"type": "tap", "lat": 1e9, "lon": 99},
        {"type": "call", "phone": "+66 <script>"},
        {"type": "call", "phone": "1669;ext=1"},
        {"type": "directions", "lat": 95, "lon": 99},
        {"type": "constructor"},
        {"type": "__proto__"},
        "open",
        None,
    ],
    ids=json.dumps,
)
def test_what_the_frame_may_not_ask_is_not_done(stand: Stand, message: object) -> None:
    frame = stand.open("home", {})
    before = stand.page.url
    frame.evaluate("message => parent.postMessage(message, '*')", message)
    frame.wait_for_timeout(150)
    assert stand.page.url == before
    assert len(stand.page.context.pages) == 1


def test_messages_from_elsewhere_are_not_heard(stand: Stand) -> None:
    stand.open("home", {})
    before = stand.page.url
    stand.page.evaluate("window.postMessage({type: 'open', path: '/areas/50'}, '*')")
    stand.page.wait_for_timeout(150)
    assert stand.page.url == before


def test_my_place_is_asked_for_only_on_a_tap(grid_server: tuple[str, Flask], watched: Callable[..., Page]) -> None:
    address, app = grid_server
    here = {"latitude": 18.71, "longitude": 98.93, "accuracy": 30}
    page = watched(geolocation=here, permissions=["geolocation"])
    page.add_init_script(
        """window.asked = 0;
        const get = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
        navigator.geolocation.getCurrentPosition = (...all) => { window.asked += 1; get(...all); };"""
    )
    stand = Stand(app, address, page)
    frame = stand.open("home", {"bounds": grid.BOUNDS}, lang="en")
    assert page.evaluate("window.asked") == 0
    frame.get_by_role("button", name="Show where I am").click()
    frame.locator("[aria-label='You are here']").wait_for()
    assert page.evaluate("window.asked") == 1
    centre = frame.evaluate("(() => { const c = map_frame.getCenter(); return [c.lat, c.lng] })()")
    assert centre == pytest.approx([18.71, 98.93], abs=0.001)


def test_the_pages_own_button_sends_the_form(grid_server: tuple[str, Flask], watched: Callable[..., Page]) -> None:
    address, app = grid_server
    here = {"latitude": 18.71, "longitude": 98.93, "accuracy": 30}
    stand = Stand(app, address, watched(geolocation=here, permissions=["geolocation"]))
    button = '<form data-nearest action="/__answer"><button type="button" data-locate hidden>Here</button></form>'
    stand.open("nearest", {"origin": None, "features": pins([])}, extra=button)
    stand.page.route("**/__answer*", lambda route: route.fulfill(body="<title>x</title>", content_type="text/html"))
    stand.page.get_by_role("button", name="Here").click()
    stand.page.wait_for_url("**/__answer?lat=18.710000&lon=98.930000")


def test_a_refused_place_is_said_with_what_to_do(stand: Stand) -> None:
    frame = stand.open("home", {}, lang="en")
    frame.get_by_role("button", name="Show where I am").click()
    expect(frame.locator("[data-note=locate]")).to_contain_text("type a place")


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
