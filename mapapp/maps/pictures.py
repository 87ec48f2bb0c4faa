"""Maps as pictures, without a browser: for cards, link previews and documents.

A picture shows what the map of a page shows, in the same colours: the areas of a choropleth, their neighbours' land,
the legend, and whose and of when it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from mapapp.core import svg
from mapapp.core.config import ROOT

NO_DATA: Final = "#eceff1"
"""Below the hatching of an area without a figure."""
SEA: Final = "#dbe6ec"
LAND: Final = "#d5d6d2"
"""That of neighbours, and of provinces that are not loaded."""
PAPER: Final = "#f6f4ee"
QUIET: Final = "#52626a"

WIDTH, HEIGHT = 1200, 630
"""As link previews want it."""

PANEL: Final = 420
"""Pixels at the right side for words."""

_EDGE = 28


@dataclass(frozen=True)
class Picture:
    """What a picture shows."""

    title: str
    subtitle: str
    box: Sequence[float]
    """West, south, east, north in degrees: what fills the frame."""
    shapes: Mapping[str, str]
    """GeoJSON geometries in degrees by the code of their area."""
    ground: Mapping[str, str]
    """The land of the country below them, as geometries by code."""
    colours: Mapping[str, str]
    """Of the areas with a figure, by code; the others are hatched."""
    legend: Sequence[tuple[str, str]] = ()
    """Colours and what they stand for; an empty colour is the hatching."""
    unit: str = ""
    notes: Sequence[str] = field(default=())
    """Small print: date, source, whose it is."""

    @property
    def frame(self) -> svg.Frame:
        """Where places lie in it."""
        room = (_EDGE, _EDGE, WIDTH - PANEL - 2 * _EDGE, HEIGHT - 2 * _EDGE)
        return svg.Frame.fitted(self.box, room)


@lru_cache(maxsize=1)
def land() -> str:
    """The land of all countries as GeoJSON."""
    return (ROOT / "static" / "vendor" / "land" / "neighbours.json").read_text(encoding="ascii")


def drawn(picture: Picture) -> str:
    """The picture as SVG."""
    frame = picture.frame
    areas = []
    for code, geometry in picture.shapes.items():
        fill = picture.colours.get(code, "url(#none)")
        stroke = "#fff" if len(picture.shapes) < 300 else picture.colours.get(code, "#c5ced3")
        areas.append(f'<path d="{svg.path(geometry, frame)}" fill="{fill}" stroke="{stroke}" stroke-width="0.6"/>')
    ground = "".join(
        f'<path d="{svg.path(geometry, frame)}" fill="{PAPER}" stroke="#c3c8c4" stroke-width="0.8"/>'
        for geometry in picture.ground.values()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        '<defs><pattern id="none" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{NO_DATA}"/><path d="M0 8 8 0" stroke="#90a0a8"/></pattern>'
        f'<clipPath id="map"><rect width="{WIDTH - PANEL}" height="{HEIGHT}"/></clipPath></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        f'<g clip-path="url(#map)"><rect width="{WIDTH - PANEL}" height="{HEIGHT}" fill="{SEA}"/>'
        f'<path d="{svg.path(land(), frame)}" fill="{LAND}" stroke="#b9bcb8" stroke-width="0.6"/>'
        f'<g fill-rule="evenodd" stroke-linejoin="round">{ground}{"".join(areas)}</g></g>'
        f"{_words(picture)}</svg>"
    )


def _words(picture: Picture) -> str:
    x, y, room = WIDTH - PANEL + _EDGE, _EDGE + 34.0, PANEL - 2 * _EDGE
    made = []
    # A word that is longer than a line is better small than broken: Thai words are not told apart by spaces.
    longest = max((svg.width(word, 1, 700) for word in picture.title.split()), default=0)
    size = next((size for size in (34, 31, 28) if longest * size <= room), 26)
    for line in svg.lines(picture.title, size, 700, room, 4):
        made.append(svg.text(x, y, line, size=size, weight=700))
        y += size * 1.25
    for line in svg.lines(picture.subtitle, 22, 400, room, 4):
        made.append(svg.text(x, y, line, size=22, fill=QUIET))
        y += 30
    y += 12
    if picture.unit:
        made.append(svg.text(x, y, picture.unit, size=18, fill=QUIET))
        y += 14
    for colour, words in picture.legend:
        fill = colour or "url(#none)"
        made.append(f'<rect x="{x}" y="{y:.1f}" width="34" height="22" fill="{fill}" stroke="#0004"/>')
        made.append(svg.text(x + 46, y + 17, words, size=18))
        y += 30
    foot = HEIGHT - _EDGE
    small = [line for note in picture.notes if note for line in svg.lines(note, 15, 400, room, 2)]
    for number, line in enumerate(reversed(small[:5])):
        made.append(svg.text(x, foot - 20 * number, line, size=15, fill=QUIET))
    return "".join(made)


def png(picture: Picture) -> bytes:
    """The picture as PNG, ``WIDTH`` × ``HEIGHT`` pixels."""
    return svg.png(drawn(picture))
