"""Only literals and translated constants reach folium and branca: branca runs what it is given as a template."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mapapp.core.config import ROOT
from tests.architecture.folium_lint import from_folium, offences

HEAD = "import folium\nfrom folium.features import Control\nfrom folium.template import Template\n"
MAPS = sorted((ROOT / "mapapp" / "maps").rglob("*.py"))
OUTSIDE = sorted(path for path in (ROOT / "mapapp").rglob("*.py") if path not in MAPS)


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.name)
def test_only_constants_reach_folium(path: Path) -> None:
    assert offences(path.read_text(encoding="utf-8")) == []


def test_the_maps_room_does_use_folium() -> None:
    assert any(from_folium(ast.parse(path.read_text(encoding="utf-8"))) for path in MAPS)


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_else_speaks_to_folium(path: Path) -> None:
    assert from_folium(ast.parse(path.read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize(
    "bad",
    [
        "folium.Popup(name)",
        "folium.Popup(f'{name}')",
        "folium.Popup('a' + name)",
        "folium.Popup('%s' % name)",
        "folium.Popup(row.name)",
        "folium.Popup(str(name))",
        "folium.Popup(gettext(name))",
        "folium.Popup(gettext('%(x)s', x=name))",
        "folium.Marker((1, 2), tooltip=name)",
        "folium.Marker((1, 2), popup=[name])",
        "folium.GeoJson({'properties': {'name': name}})",
        "folium.GeoJson({**row})",
        "folium.Map(**options)",
        "folium.Map(*options)",
        "folium.Map().get_root().html.add_child(folium.Element(name))",
        "m = folium.Map()\nm.options['x'] = name",
        "m = folium.Map()\nm.title = name",
        "m = folium.Map()\nm.add_css_link('x', address)",
        "marker = folium.Marker((1, 2)).add_to(folium.Map())\nmarker.add_child(folium.Popup(name))",
        "from branca.element import Element\nElement(name)",
        "from folium.plugins import Search as S\nS(name)",
        "import folium.plugins as p\np.Search(name)",
        "class Mine(folium.Map):\n    _template = name",
        "class Mine(folium.Map):\n    _template = Template(name)",
        "class Mine(folium.Map):\n    _template = Template('{{ this.name }}')",
        "class Mine(folium.Map):\n    _template = Template('{{ this.options }}')",
        "class Mine(folium.Map):\n    def __init__(self, name: str) -> None: ...",
        "class Mine(folium.Map):\n    def __init__(self, name) -> None: ...",
        "class Mine(folium.Map):\n    def __init__(self, **options: str) -> None: ...",
        "class Mine(folium.Map):\n    def __init__(self, size: int) -> None:\n        super().__init__(self.text)",
        "class Mine(DataLayer):\n    def __init__(self, name: str) -> None: ...",
        "class Mine(DataLayer):\n    title = name",
        "folium.TileLayer(tiles=address)",
        "folium.Map(title=translate(name, lang.code))",
    ],
)
def test_it_would_find(bad: str) -> None:
    assert offences(HEAD + bad)


@pytest.mark.parametrize(
    "good",
    [
        "folium.Map(location=(13.1, 101.3), zoom_start=6, tiles=None)",
        "m = folium.Map()\nc = Control('Zoom', title=gettext('Zoom in')).add_to(m)\nc._id = 'x'",
        "folium.Map.default_js = [('a', '/static/-/a.js')]",
        "str(folium.Map().get_root().render())",
        "print(name)",
        "folium.TileLayer(tiles=Address(text))",
        "folium.Map(title=translate(N_('Zoom in'), lang.code))",
        "class Mine(DataLayer):\n    title = 'word'\n    def __init__(self, a: Address, n: int = 1) -> None:\n"
        "        super().__init__(a=a, n=n)",
        "class Mine(folium.Map):\n    _template = Template('{{ this.options|tojavascript }}')",
    ],
)
def test_it_lets_pass(good: str) -> None:
    assert offences(HEAD + good) == []
