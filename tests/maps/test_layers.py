"""Layers are folium's own kind, take no text, and carry data that nobody runs."""

from __future__ import annotations

import base64
import enum
import hashlib
import html
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import folium
import pytest
from folium import plugins
from sqlalchemy.orm import Session

from mapapp.core import geo
from mapapp.core.config import ROOT
from mapapp.core.languages import ENGLISH, LANGUAGES
from mapapp.core.map_addresses import Address
from mapapp.coverage import service as coverage
from mapapp.coverage.schemas import FigureQuery
from mapapp.maps import AreaMap, compare_map, coverage_map, documents, layers, nearest_map, one_file
from mapapp.maps.area_map import elements
from mapapp.maps.colours import Colour
from mapapp.maps.layers import DataLayer
from tests.maps import grid
from tests.maps.test_documents import PAYLOADS
from tests.payloads import EVALUATED

CLASSES = [one for one in vars(layers).values() if isinstance(one, type) and issubclass(one, DataLayer)]
OURS = [one for one in CLASSES if one is not DataLayer]
HARMFUL = [*PAYLOADS, "</script><script>window.PWN=1</script>", "<!--<script>", "\u2028window.PWN=1\u2029"]


@pytest.fixture
def country(session: Session) -> Session:
    """The grid with figures, every name a payload."""
    grid.fill(session)
    coverage.refresh_all(session)
    return session


def data_of(page: str) -> dict[str, Any]:
    """What a document carries."""
    found = re.findall(r'<script type="application/json" id="map-data">(.*?)</script>', page, re.DOTALL)
    assert len(found) == 1
    data: dict[str, Any] = json.loads(found[0])
    return data


@pytest.mark.parametrize("layer", OURS)
def test_each_layer_has_its_script_and_says_what_it_draws(layer: type[DataLayer]) -> None:
    source = (ROOT / "static" / "js" / "map" / "layers" / f"{layer.module}.js").read_text()
    assert layer.kind == layer.__name__
    assert f'define("{layer.kind}", {layer.kind});' in source
    assert "Data:\n" in (layer.__doc__ or "")
    options = list(inspect.signature(layer).parameters)
    assert all(f"{name}:" in (layer.__init__.__doc__ or "") for name in options)


@pytest.mark.parametrize("payload", HARMFUL)
@pytest.mark.parametrize("layer", OURS)
def test_no_option_of_a_layer_takes_text(layer: type[DataLayer], payload: str) -> None:
    class Named(enum.Enum):
        TEXT = payload

    for name in set(inspect.signature(layer).parameters) - {"show", "control", "colormap"}:
        for value in (payload, (payload,), ((payload,),), Named.TEXT, float("nan")):
            with pytest.raises((TypeError, ValueError)):
                layer(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [*HARMFUL, "red", "#12345", "#1234567", "#12345g", "#ABCDEF}}"])
def test_a_colour_is_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="colour"):
        Colour(text)


@pytest.mark.parametrize("layer", OURS)
def test_layers_go_into_groups_and_switches_of_folium(layer: type[DataLayer]) -> None:
    made = AreaMap()
    group = folium.FeatureGroup(name="mine").add_to(made)
    layer().add_to(group)
    layer(control=True, show=False).add_to(made)
    folium.LayerControl().add_to(made)
    page = made.get_root().render()
    inside, outside = re.findall(rf"var (\w+) = L\.mapapp\.layer\(\s*\"{layer.kind}\"", page)
    assert f"{inside}.addTo({group.get_name()});" in page
    assert f'"{layer.title}" : {outside}' in page
    assert f"{outside}.addTo(" not in page
    assert page.count(f'define("{layer.kind}"') == 1


def test_the_tree_of_a_coverage_map_is_folium_with_our_layers() -> None:
    made = coverage_map(FigureQuery(level="amphoe"), server="https://map.example.org")
    kinds = [type(one) for one in elements(made)]
    assert isinstance(made, folium.Map)
    for wanted in (
        layers.AreaTiles,
        layers.AreaChoropleth,
        layers.FacilityPins,
        folium.LayerControl,
        plugins.Fullscreen,
    ):
        assert kinds.count(wanted) == 1, wanted
    assert [type(one) for one in made.layers()] == [layers.AreaTiles, layers.AreaChoropleth, layers.FacilityPins]
    assert all(isinstance(one, folium.map.Layer) for one in made.layers())


def test_folium_controls_bring_no_foreign_script() -> None:
    made = coverage_map(FigureQuery(), server="https://map.example.org")
    plugins.LocateControl().add_to(made)
    plugins.MeasureControl().add_to(made)
    plugins.MiniMap(folium.TileLayer(Address("https://tiles.example.org/{z}/{x}/{y}.png"), attr="-")).add_to(made)
    page = made.get_root().render()
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", page)
    for control in ("L.control.locate(", "new L.Control.Measure(", "new L.Control.MiniMap("):
        assert control in page


def test_what_would_come_from_elsewhere_is_refused() -> None:
    made = AreaMap()
    plugins.HeatMap([]).add_to(made)
    with pytest.raises(ValueError, match="not among our own files"):
        made.get_root().render()


@pytest.mark.parametrize("payload", HARMFUL)
def test_data_stands_in_a_document_as_it_was(payload: str) -> None:
    page = documents.with_json("<html><head></head></html>", "map-data", {payload: [payload, {"x": payload}]})
    inside = re.search(r">([^<]*)</script>\n</head></html>", page)
    assert inside
    assert json.loads(inside[1]) == {payload: [payload, {"x": payload}]}
    assert not set(inside[1]) & set("<\u2028\u2029")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_json_is_not_written(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        documents.with_json("<head></head>", "map-data", {"x": number})


@pytest.mark.parametrize("payload", HARMFUL)
def test_names_that_look_like_code_are_data_in_file_and_notebook(session: Session, payload: str) -> None:
    grid.draw_areas(session, name_th=payload + "{code}", name_en=payload)
    grid.add_facility(session, lat=18.7, lon=99.0, ref="1", name_th=payload, name_en=payload)
    coverage.refresh_all(session)
    made = coverage_map(FigureQuery(level="tambon", within="99"), session=session, lang=ENGLISH)
    notebook = html.unescape(re.search(r'srcdoc="([^"]*)"', made._repr_html_())[1])  # type: ignore[index]
    for page in (made.get_root().render(), notebook):
        shapes = data_of(page)[made.layers()[0].get_name()]["shapes"]["tambon"]["features"]
        assert {one["properties"]["name_en"] for one in shapes} == {payload}
        assert EVALUATED not in re.sub(r"base64,[\w+/=]+|sha256-[\w+/=]+|[0-9a-f]{32}", "", page)
        assert page.count("<script") == page.count("</script>")


def test_a_document_that_stands_by_itself_lets_nothing_in(country: Session, tmp_path: Path) -> None:
    made = coverage_map(FigureQuery(level="tambon", within="99"), session=country)
    made.save(tmp_path / "map.html")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    rules = {name: values for name, *values in (part.split() for part in policy[1].split("; "))}
    assert rules["default-src"] == rules["connect-src"] == rules["base-uri"] == ["'none'"]
    assert rules["img-src"] == rules["font-src"] == ["data:"]
    inline = re.findall(r'<script(?: type="module")?>(.*?)</script>', page, re.DOTALL)
    digests = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline}
    assert set(rules["script-src"]) == {f"'sha256-{digest}'" for digest in digests}
    assert not re.search(r"protomapsL\s*=", page)  # no tiles, so nothing that paints them


def test_a_map_of_a_server_asks_that_server_alone() -> None:
    made = coverage_map(FigureQuery(level="tambon", within="50"), server="https://map.example.org/")
    made.add_raster(Address("https://tiles.example.org/{z}/{x}/{y}.png"), "<b>©</b>")
    page = made.get_root().render()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "connect-src https://map.example.org;" in policy[1]
    assert "img-src data: https://tiles.example.org;" in policy[1]
    asked = data_of(page)[made.layers()[1].get_name()]
    assert asked["values_url"].startswith("/api/v1/coverage/values?level=tambon&kind=hospital&")
    assert "within=50" in asked["values_url"]


def test_figures_and_shapes_come_from_the_database(country: Session) -> None:
    made = coverage_map(FigureQuery(level="tambon", within="9901", metric="nearest_km"), session=country, lang=ENGLISH)
    land, painted = (data_of(made.get_root().render())[one.get_name()] for one in made.layers())
    assert {one["properties"]["code"] for one in land["shapes"]["tambon"]["features"]} == {"990101", "990102"}
    assert set(painted["figures"]["values"]) == {"990101", "990102"}
    assert painted["metric_label"].endswith("Hospital")


def test_a_map_of_the_nearest_takes_what_the_api_answers(country: Session) -> None:
    pin = {"type": "Feature", "id": 1, "geometry": {"type": "Point", "coordinates": [99.0, 18.7]}, "properties": {}}
    answer = {"type": "FeatureCollection", "features": [pin], "left_out": 3}
    made = nearest_map(answer, origin=geo.Point(lat=18.6, lon=98.9), rings_km=(5, 10), session=country)
    land, found = (data_of(made.get_root().render())[one.get_name()] for one in made.layers())
    assert found == {"features": {"type": "FeatureCollection", "features": [pin]}, "origin": [98.9, 18.6]}
    assert [one["properties"]["code"] for one in land["shapes"]["province"]["features"]] == ["99"]
    assert made.layers()[1].options["rings_km"] == [5.0, 10.0]


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.code)
def test_it_is_in_the_language_that_was_asked_for(lang: Any) -> None:
    page = coverage_map(FigureQuery(), server="https://map.example.org", lang=lang).get_root().render()
    assert f'<html lang="{lang.code}"' in page
    letters = lang.english if lang.stylesheet else "Sarabun"
    assert f"Noto Sans {'Myanmar' if lang.code == 'my' else letters}" in page or letters == "Sarabun"


def modules_of(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **others: str) -> str:
    monkeypatch.setattr(one_file, "STATIC", tmp_path)
    for name, text in {"a": source, **others}.items():
        (tmp_path / f"{name}.js").write_text(text)
    return one_file.bundle(["a.js"])


@pytest.mark.parametrize(
    "source",
    [
        "export default 1;",
        "export { x };",
        "export let x = 1;",
        'import x from "./b.js";',
        'import "./b.js";',
        'import { x } from "b";',
        'const x = await import("./b.js");',
        'import { x } from "./a.js";',
    ],
)
def test_what_the_bundle_cannot_say_is_refused(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"no place for|needs itself"):
        modules_of(source, tmp_path, monkeypatch, b="export const x = 1;\n")


def test_each_module_stands_in_a_bundle_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = modules_of(
        'import { x as y } from "./b.js";\nimport * as all from "./c.js";\nexport const z = [y, all.x];\n',
        tmp_path,
        monkeypatch,
        b='import { x } from "./c.js";\nexport const w = x;\n',
        c='export const x = "</script><!--";\n',
    )
    assert made.count('modules["c.js"] = ') == made.count('modules["b.js"] = ') == 1
    assert made.index('modules["c.js"] = ') < made.index('modules["b.js"] = ') < made.index('modules["a.js"] = ')
    assert "const { x: y } = modules" in made
    assert "</script" not in made
    assert "<!--" not in made


def python_of(path: Path) -> Iterator[str]:
    """The examples of a document."""
    yield from re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_examples_of_the_document_run(country: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    known: dict[str, Any] = {"session": country}
    examples = list(python_of(ROOT / "docs" / "maps.md"))
    assert len(examples) >= 3
    for example in examples:
        exec(compile(example, "docs/maps.md", "exec"), known)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written
    for name in written:
        assert data_of((tmp_path / name).read_text(encoding="utf-8"))
    assert isinstance(known["m"], folium.Map)


def test_two_maps_side_by_side_have_one_set_of_classes_and_one_legend(country: Session, tmp_path: Path) -> None:
    here: dict[str, Any] = {"level": "tambon", "within": "9901", "metric": "beyond_people"}
    left, right = FigureQuery(kind="hospital", **here), FigureQuery(kind="test_site", **here)
    made = compare_map(left, right, session=country, lang=ENGLISH)
    made.save(tmp_path / "pair.html")
    page = (tmp_path / "pair.html").read_text(encoding="utf-8")
    assert page == made.standing()
    assert page.count('<meta name="viewport"') == 1
    assert re.findall(r'<div class="folium-map" id="(\w+)"', page) == ["map_left", "map_right"]
    painted = [one for one in data_of(page).values() if "figures" in one]
    assert len(painted) == 2
    assert painted[0]["figures"]["breaks"] == painted[1]["figures"]["breaks"]
    assert [one.get("legend", True) for one in painted].count(True) == 1
    asking = compare_map(left, right, server="https://map.example.org")
    paths = [one["values_url"] for one in data_of(asking.standing()).values() if "values_url" in one]
    assert sorted("beside_kind=test_site" in path for path in paths) == [False, True]
    with pytest.raises(ValueError, match="metric"):
        compare_map(left, right.model_copy(update={"metric": "nearest_km"}), session=country)
