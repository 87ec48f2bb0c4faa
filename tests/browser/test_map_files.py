"""Maps that have left the service: a file opened from disk without a network, and the output of a notebook."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import folium
import pytest
from folium import plugins
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas.models import Area
from mapapp.core import config, geo
from mapapp.core.languages import BY_CODE, ENGLISH
from mapapp.core.map_addresses import Address
from mapapp.coverage import service as coverage
from mapapp.coverage.schemas import FigureQuery
from mapapp.facilities.freshness import DEFAULT
from mapapp.facilities.models import Facility
from mapapp.maps import AreaMap, coverage_map, letters, nearest_map, saved
from mapapp.maps.documents import settings
from mapapp.maps.layers import AreaTiles, FacilityDots, FacilityPins, PositionPicker, RequestCells
from tests.browser.conftest import filled_database, until
from tests.browser.frames import DRAWN, colour_at
from tests.browser.map_frame.stand import CLASSES, VALUES, pins
from tests.browser.pictures import FOLDER, for_the_guide, picture
from tests.conftest import NOON, test_database_url
from tests.maps import grid
from tests.maps.test_documents import PAYLOADS
from tests.payloads import EVALUATED

pytestmark = pytest.mark.browser

ALL = " ".join(PAYLOADS)
QUERY = FigureQuery(level="tambon", within="99", metric="nearest_km")
FIGURES = {"values": VALUES, "breaks": [10, 20, 30, 40, 50], "unit": "km", "direction": "high"}


@pytest.fixture(scope="module")
def named_by_payloads(worker: str) -> Iterator[Session]:
    """The hand-drawn country, every name of an area a payload."""

    def fill(session: Session) -> None:
        grid.fill(session)
        session.execute(update(Area).values(name_th=ALL, name_en=ALL))
        coverage.refresh_all(session)

    with filled_database(f"mapapp_files_{worker}", fill) as name:
        engine = database.engine(test_database_url(name))
        with database.sessions(engine)() as session:
            yield session
        engine.dispose()


@pytest.fixture(scope="module")
def drawn_country(worker: str) -> Iterator[Session]:
    """The hand-drawn country with its own names."""

    def fill(session: Session) -> None:
        grid.fill(session)
        coverage.refresh_all(session)

    with filled_database(f"mapapp_named_{worker}", fill) as name:
        engine = database.engine(test_database_url(name))
        with database.sessions(engine)() as session:
            yield session
        engine.dispose()


@pytest.fixture(params=["desktop", "phone"])
def offline(request: pytest.FixtureRequest, watched: Callable[..., Page]) -> Page:
    """A page without a network; it fails its test by what it complains about."""
    size = {"width": 360, "height": 740} if request.param == "phone" else {"width": 1280, "height": 800}
    page = watched(viewport=size, has_touch=request.param == "phone")
    page.context.set_offline(True)
    return page


def opened(page: Page, made: AreaMap, folder: Path) -> Frame:
    """The file on disk, once all of it is drawn."""
    made.save(folder / "map.html")
    page.goto((folder / "map.html").as_uri())
    frame = page.main_frame
    until(frame, DRAWN)
    return frame


def tap(frame: Frame, lat: float, lon: float) -> None:
    x, y = frame.evaluate("at => Object.values(map_frame.latLngToContainerPoint(at))", [lat, lon])
    frame.locator("#map_frame").click(position={"x": x, "y": y})


def painted(made: AreaMap) -> AreaMap:
    """With figures of the test instead of those of the database."""
    layer = made.layers()[1]
    layer.data = {**(layer.data or {}), "figures": FIGURES}
    return made


def test_a_file_paints_tells_and_runs_nothing(offline: Page, named_by_payloads: Session, tmp_path: Path) -> None:
    frame = opened(offline, painted(coverage_map(QUERY, session=named_by_payloads, lang=ENGLISH)), tmp_path)
    assert colour_at(frame, 18.83, 98.87) == CLASSES[0]  # 990101: 5, below the first bound
    assert colour_at(frame, 18.57, 98.87) == CLASSES[1]  # 990102: 10, on the first bound
    assert colour_at(frame, 18.83, 99.13) == CLASSES[2]  # 990201: 25
    assert colour_at(frame, 18.57, 99.13) == CLASSES[5]  # 990202: 99
    assert frame.locator(".legend li").count() == 7
    tap(frame, 18.83, 99.13)
    expect(frame.locator(".popup .figure")).to_have_text("25 km")
    expect(frame.locator(".leaflet-popup strong")).to_have_text(ALL)
    assert frame.locator(".popup button").count() == 0  # there is no page to lead to
    assert frame.evaluate("typeof window.PWN") == "undefined"
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_pins_of_a_file_open_and_show_what_was_typed(offline: Page, named_by_payloads: Session, tmp_path: Path) -> None:
    made = nearest_map(
        pins(PAYLOADS),
        origin=geo.Point(lat=18.62, lon=98.9),
        rings_km=(5,),
        session=named_by_payloads,
        lang=ENGLISH,
    )
    frame = opened(offline, made, tmp_path)
    assert frame.locator("path.ring").count() == 1
    assert frame.locator(".ring-name").inner_text() == "5 km"
    assert frame.locator("path.to-place").count() == len(PAYLOADS)
    shown = []
    for label in frame.locator(".pin-holder[role=button]").evaluate_all("pins => pins.map(pin => pin.ariaLabel)"):
        frame.get_by_label(label, exact=True).press("Enter")
        name = frame.locator(".leaflet-popup strong")
        expect(name).to_have_count(1)
        shown.append(name.inner_text())
        assert frame.locator(".popup a.main").get_attribute("href") == "tel:+6653920300"
        offline.keyboard.press("Escape")
        expect(name).to_have_count(0)
    assert sorted(shown) == sorted(PAYLOADS)
    assert frame.evaluate("typeof window.PWN") == "undefined"


def test_a_notebooks_output_paints_the_same(page: Page, named_by_payloads: Session) -> None:
    page.context.set_offline(True)
    output = painted(coverage_map(QUERY, session=named_by_payloads))._repr_html_()
    page.set_content(f"<!doctype html><title>Notebook</title><body>{output}</body>")
    frame = page.frames[-1]
    until(frame, DRAWN)
    assert colour_at(frame, 18.83, 98.87) == CLASSES[0]
    assert colour_at(frame, 18.57, 99.13) == CLASSES[5]
    tap(frame, 18.83, 99.13)
    expect(frame.locator(".leaflet-popup strong")).to_have_text(ALL)
    for one in page.frames:
        assert one.evaluate("typeof window.PWN") == "undefined"


def test_each_layer_draws_what_a_file_brings(page: Page, named_by_payloads: Session, tmp_path: Path) -> None:
    made = AreaMap(lang=ENGLISH)
    land, picker, cells = AreaTiles(tiles=None, areas=None), PositionPicker(), RequestCells(cells=None)
    shown, dots = FacilityPins(clusters=None), FacilityDots()
    shown.data = {"pins": pins([ALL, "b"])}
    picker.data = {"pick": [99.0, 18.6]}
    cells.data = {"cells": [{"key": ALL, "size": 1, "lat": 18.8, "lon": 99.1, "count": 3, "urgency": 1}]}
    dots.data = {"dots": {"kinds": ["hospital"], "statuses": ["open"], "pins": [[7, 98.9, 18.6, 0, 0, 0, ALL]]}}
    for layer in (land, shown, picker, cells, dots):
        layer.add_to(folium.FeatureGroup(name=layer.kind).add_to(made))
    folium.LayerControl().add_to(made)
    frame = opened(page, made, tmp_path)
    assert frame.locator(".pin.is-picked").count() == 1
    assert frame.locator(".cluster.urgency-1").inner_text() == "3"
    assert frame.evaluate("document.documentElement.dataset.dots") == "1"
    assert frame.locator(f'[aria-label^="{ALL[:7]}"]').count() == 1
    assert frame.evaluate("typeof window.PWN") == "undefined"


def test_folium_controls_work_beside_our_layers(page: Page, named_by_payloads: Session, tmp_path: Path) -> None:
    made = coverage_map(QUERY, session=named_by_payloads, lang=ENGLISH)
    plugins.LocateControl().add_to(made)
    plugins.MeasureControl().add_to(made)
    plugins.MiniMap(folium.TileLayer(Address("/none/{z}/{x}/{y}.png"), attr="-", show=False)).add_to(made)
    page.watch.allow("none/")  # type: ignore[attr-defined]  # the small map's tiles are nowhere
    frame = opened(page, made, tmp_path)
    assert frame.locator(".leaflet-control-minimap").count() == 1
    assert "Boundaries and names" in frame.locator(".leaflet-control-layers-list").inner_text()
    locate = frame.get_by_role("button", name="Show where I am")
    locate.click()
    expect(frame.locator("[data-note=locate]")).to_contain_text("Allow location in your browser settings")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 18.71, "longitude": 98.93, "accuracy": 30})
    locate.click()
    expect(frame.locator(".leaflet-control-locate-location")).to_have_count(1)
    expect(frame.locator("[data-note=locate]")).to_have_count(0)
    until(frame, "() => map_frame.getCenter().distanceTo([18.71, 98.93]) < 100")
    locate.click()
    frame.evaluate("map_frame.setView([18.65, 98.95], 11, {animate: false})")
    frame.get_by_role("button", name="Measure a distance").click()
    for lat, lon in ((18.6, 98.9), (18.6, 99.0), (18.7, 99.0)):
        tap(frame, lat, lon)
    told = frame.locator(".measured").inner_text()
    assert told.startswith("21.6 km"), told  # 0.1° of longitude at 18.6° N and 0.1° of latitude: 10.54 + 11.12
    assert "58." in told, told
    assert frame.locator(".leaflet-popup").count() == 0


def test_a_saved_map_says_of_when_and_whose_it_is_and_runs_nothing(
    offline: Page, named_by_payloads: Session, tmp_path: Path
) -> None:
    """As the button “Save map” and ``mapapp maps export`` write it; every text in it is a payload."""
    session = named_by_payloads
    session.execute(update(Area).values(source=ALL))
    session.execute(
        update(Facility).values(
            name_th=ALL, name_en=ALL, closed_reason=ALL, tambon_code="990101", opening_hours="Mo-Fr 08:00-16:00"
        )
    )
    about = saved.About(NOON, DEFAULT, ENGLISH, owner=ALL, notes=[ALL])
    page = saved.coverage(session, QUERY.model_copy(update={"kind": "hospital", "stale": True}), about)
    assert EVALUATED not in page
    (tmp_path / "saved.html").write_text(page, encoding="utf-8")
    offline.goto((tmp_path / "saved.html").as_uri())
    frame = offline.main_frame
    until(frame, DRAWN)
    until(frame, "document.documentElement.dataset.neighbours === 'drawn'")
    notes = frame.locator(".map-notes")
    is_phone = bool(offline.viewport_size and offline.viewport_size["width"] < 600)
    if is_phone:
        assert notes.get_attribute("open") is None, "on a phone the map is not covered"
        notes.locator("summary").click()
    told = notes.locator("p").all_inner_texts()
    assert any(ALL in line for line in told)
    assert any("Saved on 20 Nov 2026" in line for line in told), told
    for pin in frame.locator(".pin-holder[role=button]").all():
        pin.press("Enter")
        expect(frame.locator(".leaflet-popup strong")).to_have_text(ALL)
        expect(frame.locator(".popup .state")).to_have_text("Open in its opening hours")
        expect(frame.locator(".popup")).to_contain_text("Opening hours: Monday–Friday 08:00–16:00")
        expect(notes).to_be_visible(visible=not is_phone)  # it would lie on the popup
        offline.keyboard.press("Escape")
    expect(notes).to_be_visible()
    assert frame.locator(".pin-holder[role=button]").count() == 1
    assert frame.evaluate("typeof window.PWN") == "undefined"
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    asked = [url for url in offline.watch.requests if not url.startswith(("file:", "data:", "blob:"))]  # type: ignore[attr-defined]
    assert asked == []
    assert frame.evaluate("[...document.fonts].length") >= 2
    session.rollback()


BOXES = """() => [...document.querySelectorAll('.area-name span')].map(one => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    return { name: one.textContent, left, top, right, bottom };
})"""

PIXELS = """async ([fonts, words]) => {
    const drawn = [];
    for (const [place, data] of fonts.entries()) {
        const face = new FontFace(`f${place}`, `url(data:font/woff2;base64,${data})`);
        document.fonts.add(await face.load());
        const canvas = Object.assign(document.createElement('canvas'), { width: 700, height: 90 });
        const pen = canvas.getContext('2d');
        pen.font = `40px f${place}`;
        pen.fillText(words, 10, 60);
        drawn.push(canvas.toDataURL());
    }
    return drawn;
}"""


def test_a_saved_map_names_its_areas_and_marks_the_chosen_one(
    offline: Page, drawn_country: Session, tmp_path: Path
) -> None:
    about = saved.About(NOON, DEFAULT, ENGLISH)
    names = {area.code: area.name_en for area in drawn_country.scalars(select(Area))}
    page = saved.coverage(drawn_country, QUERY, about, chosen="9901")
    (tmp_path / "saved.html").write_text(page, encoding="utf-8")
    offline.goto((tmp_path / "saved.html").as_uri())
    frame = offline.main_frame
    until(frame, "Number(document.documentElement.dataset.names) > 0")
    frame.evaluate("() => { map_frame.setView([18.7, 99.0], 11, { animate: false }); }")
    boxes = frame.evaluate(BOXES)
    shown = {one["name"] for one in boxes}
    assert {name for code, name in names.items() if code.startswith("9902")} <= shown
    assert names["9901"] not in shown, "the title has it"
    for one in boxes:
        others = [other for other in boxes if other is not one]
        assert not [
            other["name"] for other in others
            if one["left"] < other["right"] and one["right"] > other["left"]
            and one["top"] < other["bottom"] and one["bottom"] > other["top"]
        ], one  # fmt: skip
    frame.evaluate("() => { map_frame.setView([18.7, 99.0], 5, { animate: false }); }")
    assert len(frame.evaluate(BOXES)) < len(boxes), "what has no room is not there"


@pytest.mark.parametrize("code", ["th", "my", "km", "lo"])
def test_letters_of_a_saved_map_are_drawn_as_with_the_whole_font(page: Page, code: str) -> None:
    """Marks above marks, syllables below syllables: to the pixel."""
    words = {"th": "น้ำปิ่นทุ่งกู่ ฎีกา ที่นี่", "my": "ကျန်းမာရေး မြို့နယ်", "km": "ស្រុក ភ្នំពេញ", "lo": "ນ້ຳປີ້ ເມືອງ"}[code]
    whole = (config.ROOT / "static" / BY_CODE[code].font).read_bytes()
    made = letters.cut(whole, letters.needed([settings(BY_CODE[code], ""), words], BY_CODE[code]))
    assert len(made) < len(whole)
    fonts = [base64.b64encode(one).decode() for one in (whole, made)]
    page.goto("about:blank")
    first, second = page.evaluate(PIXELS, [fonts, words])
    assert first == second


ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)


def for_a_document(watched: Callable[..., Page], server: str) -> None:
    """The pictures of ``docs/maps.md``, of the demo's data."""
    for name, address, size in (
        ("saved-map", "coverage?level=tambon&within=50&kind=hospital&stale=1&lang=en", (960, 640)),
        ("saved-nearest", "nearest?lat=18.79&lon=98.985&stale=1&limit=5&lang=en", (360, 560)),
    ):
        page = watched(viewport={"width": size[0], "height": size[1]})
        page.set_content(page.request.get(f"{server}/maps/saved/{address}").text())
        until(page.main_frame, DRAWN)
        until(page.main_frame, "document.documentElement.dataset.names !== undefined")
        for_the_guide(page, name)


def test_a_phone_saves_a_map_and_an_app_without_files_leads_out(watched: Callable[..., Page], server: str) -> None:
    """At 360 px: the size is told beforehand, the file has a Thai name; LINE's own browser says what to do."""
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    page = watched(**phone, user_agent=ANDROID)
    page.goto(f"{server}/areas/5001")
    link = page.locator("a[data-saves]")
    expect(link).to_contain_text("ไม่เกิน 600 กิโลไบต์")
    with page.expect_download() as saving:
        link.tap()
    name, size = saving.value.suggested_filename, Path(saving.value.path()).stat().st_size
    assert name.startswith("แผนที่-เมืองเชียงใหม่-โรงพยาบาล-"), name
    assert size <= 600_000
    page.goto(f"{server}/nearest?lat=18.79&lon=98.985&lang=en")
    expect(page.locator(".downloads a[download]")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if FOLDER:
        for_a_document(watched, server)

    inside = watched(**phone, user_agent=f"{ANDROID} Line/14.9.1")
    for address in ("/coverage?level=amphoe", "/nearest?lat=18.79&lon=98.985"):
        inside.goto(f"{server}{address}")
        note = inside.locator("[data-cannot-save]")
        expect(note).to_be_hidden()
        inside.locator("a[data-saves]").tap()
        expect(note).to_be_visible()
        expect(note).to_contain_text("แอปนี้บันทึกไฟล์ไม่ได้")
        out = note.get_by_role("link", name="เปิดในเบราว์เซอร์").get_attribute("href")
        assert out
        assert "openExternalBrowser=1" in out
        answer = inside.request.get(out)
        assert answer.status == 200
        assert "data-saves" in answer.text(), "the same page"
        note.get_by_role("button", name="คัดลอก").tap()
        assert inside.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        picture(inside, f"line-{urlsplit(address).path.strip('/')}")
