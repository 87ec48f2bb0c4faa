"""What can be said of the map's look without a browser: even steps of colour, shapes that agree, texts that exist."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from mapapp.core.config import ROOT
from mapapp.facilities.kinds import KIND_ROWS, KINDS, Kind
from mapapp.maps.colours import CLASSES, SCALE, Direction, Steps, table_css
from mapapp.maps.labels import TEXTS

SCRIPTS = ROOT / "static" / "js"
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in SCRIPTS.rglob("*.js")}


def lightness(colour: str) -> float:
    """OKLab lightness (Ottosson 2020) of ``#rrggbb``, 0 for black to 1 for white."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return float(0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short)


def test_the_six_classes_are_even_steps_from_light_to_dark() -> None:
    found = [lightness(colour) for colour in SCALE.hexes()]
    steps = [light - dark for light, dark in pairwise(found)]
    assert len(found) == 6
    assert steps == pytest.approx([sum(steps) / 5] * 5, rel=0.05)


def test_the_table_beside_the_map_has_its_colours() -> None:
    assert table_css() in (ROOT / "static" / "css" / "site.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("direction", ["high", "low"])
@pytest.mark.parametrize("count", range(6))
def test_a_value_on_a_bound_is_in_the_class_above_it(count: int, direction: Direction) -> None:
    bounds = [5.0 * (i + 1) for i in range(count)]
    steps = Steps(bounds, direction)
    chosen = steps.hexes()
    assert len(chosen) == count + 1
    assert chosen == sorted(chosen, key=lightness, reverse=direction == "high")
    for i, bound in enumerate(bounds):
        assert (steps.class_of(bound - 1e-9), steps.class_of(bound)) == (i, i + 1)
        assert (steps.rgb_hex_str(bound - 1e-9), steps.rgb_hex_str(bound)) == (chosen[i], chosen[i + 1])
    if count:
        dark, light = (CLASSES[-1], CLASSES[0]) if direction == "high" else (CLASSES[0], CLASSES[-1])
        assert (steps.rgb_hex_str(1e9), steps.rgb_hex_str(-1e9)) == (dark, light)


@pytest.mark.parametrize("kind", KIND_ROWS, ids=KINDS)
def test_each_kind_has_a_shape_of_its_own_and_the_same_icon(kind: Kind) -> None:
    assert len({row.body for row in KIND_ROWS}) == len(KINDS)
    assert len({row.corners for row in KIND_ROWS}) == len(KINDS)
    icon = (ROOT / "static" / "icons" / f"{kind.name}.svg").read_text(encoding="utf-8")
    assert kind.body in icon
    assert kind.sign in icon


def test_every_text_the_scripts_name_exists() -> None:
    of_the_map = [source for name, source in SOURCES.items() if name != "fresh.js"]  # which has its page's own words
    named = {name for source in of_the_map for name in re.findall(r'\bsay\("(\w+)"', source)}
    assert named
    assert named <= set(TEXTS)


def test_every_place_in_a_text_is_one_the_scripts_fill() -> None:
    for text in TEXTS.values():
        assert set(re.findall(r"%\((\w+)\)s", text)) <= {
            "area",
            "count",
            "day",
            "distance",
            "from",
            "key",
            "more",
            "name",
            "phone",
            "source",
            "to",
            "total",
            "when",
        }


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_no_script_parses_text_as_html_or_code(name: str) -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|bindTooltip|setContent\((?!box)"
    )
    assert not re.search(forbidden, SOURCES[name])
