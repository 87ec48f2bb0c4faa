"""Only literals and translated constants reach folium and branca: branca runs what it is given as a template."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mapapp.core.config import ROOT

MAPS = sorted((ROOT / "mapapp" / "maps").rglob("*.py"))
OUTSIDE = sorted(path for path in (ROOT / "mapapp").rglob("*.py") if path not in MAPS)
LIBRARIES = {"folium", "branca"}
TRANSLATES = {"gettext", "_", "N_"}


def from_folium(tree: ast.Module) -> set[str]:
    """The names that stand for folium, branca or something of theirs in this file."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {(a.asname or a.name.split(".")[0]) for a in node.names if a.name.split(".")[0] in LIBRARIES}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in LIBRARIES:
            names |= {a.asname or a.name for a in node.names}
    return names


def root(node: ast.expr) -> str | None:
    """The first name of ``a.b(…).c``, through calls: ``a``."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def is_constant(node: ast.expr, drawn: set[str]) -> bool:
    """A literal, a container of literals, a translated literal, or an element drawn by folium itself."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(is_constant(item, drawn) for item in node.elts)
    if isinstance(node, ast.Dict):
        return all(key is not None and is_constant(key, drawn) for key in node.keys) and all(
            is_constant(value, drawn) for value in node.values
        )
    if isinstance(node, ast.UnaryOp):
        return is_constant(node.operand, drawn)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATES:
        return len(node.args) == 1 and not node.keywords and isinstance(node.args[0], ast.Constant)
    if isinstance(node, ast.Name):
        return node.id in drawn
    return False


def offences(source: str) -> list[str]:
    """What goes into folium or branca and is neither; one line each."""
    tree = ast.parse(source)
    drawn = from_folium(tree)
    for node in ast.walk(tree):  # names that hold what folium drew: m = folium.Map(…), z = Control(…).add_to(m)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and root(node.value) in drawn:
            drawn |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and root(node.func) in drawn:
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            found += [f"{part.lineno}: {ast.unparse(part)}" for part in given if not is_constant(part, drawn)]
        elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                on_folium = isinstance(target, (ast.Attribute, ast.Subscript)) and root(target) in drawn
                if on_folium and node.value is not None and not is_constant(node.value, drawn):
                    found.append(f"{node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.ClassDef) and any(root(base) in drawn for base in node.bases):
            found.append(f"{node.lineno}: class {node.name} (a template of its own can carry any text)")
    return found


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
        "class Mine(folium.Map):\n    pass",
    ],
)
def test_it_would_find(bad: str) -> None:
    assert offences("import folium\n" + bad)


@pytest.mark.parametrize(
    "good",
    [
        "folium.Map(location=(13.1, 101.3), zoom_start=6, tiles=None)",
        "m = folium.Map()\nc = Control('Zoom', title=gettext('Zoom in')).add_to(m)\nc._id = 'x'",
        "folium.Map.default_js = [('a', '/static/-/a.js')]",
        "str(folium.Map().get_root().render())",
        "print(name)",
    ],
)
def test_it_lets_pass(good: str) -> None:
    assert offences("import folium\nfrom folium.features import Control\n" + good) == []
