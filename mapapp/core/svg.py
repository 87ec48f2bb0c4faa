"""Drawings as SVG text: what a picture is made of before it becomes pixels. No database, no browser.

Everything that comes from data goes through ``escape``; numbers are formatted here. What turns the text into pixels
(resvg) runs no scripts and loads nothing.
"""

from __future__ import annotations

import html
import json
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import resvg_py
from fontTools.ttLib import TTFont

from mapapp.core.config import ROOT

FONTS: Final = ROOT / "static" / "vendor" / "pictures"

SCRIPTS: Final = ("thai", "latin")


def escape(text: str) -> str:
    """Text as it may stand between tags and in attributes; what XML cannot hold is left out."""
    kept = (sign for sign in text if sign == " " or unicodedata.category(sign) not in {"Cc", "Cs", "Cn", "Co"})
    return html.escape("".join(kept))


@dataclass(frozen=True)
class Frame:
    """Where a box of degrees lies in a picture: Web Mercator, fitted into a rectangle of pixels and centred there."""

    scale: float
    left: float
    top: float

    @classmethod
    def fitted(cls, box: Sequence[float], rectangle: tuple[float, float, float, float]) -> Frame:
        """``box``: west, south, east, north in degrees; ``rectangle``: left, top, width, height in pixels."""
        west, south, east, north = box
        x, y, width, height = rectangle
        wide, high = east - west, _up(north) - _up(south)
        scale = min(width / max(wide, 1e-9), height / max(high, 1e-9))
        return cls(
            scale, x + (width - wide * scale) / 2 - west * scale, y + (height - high * scale) / 2 + _up(north) * scale
        )

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """The pixel of a place."""
        return self.left + lon * self.scale, self.top - _up(lat) * self.scale


def _up(lat: float) -> float:
    """Web Mercator's northing, in degrees of longitude at the equator."""
    return math.degrees(math.asinh(math.tan(math.radians(lat))))


def path(geometry: str | dict[str, Any], frame: Frame) -> str:
    """The ``d`` of a GeoJSON polygon or multipolygon; steps smaller than half a pixel are left out."""
    shape = json.loads(geometry) if isinstance(geometry, str) else geometry
    polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return "".join(_ring(ring, frame) for polygon in polygons for ring in polygon)


def _ring(ring: Iterable[Sequence[float]], frame: Frame) -> str:
    kept: list[tuple[float, float]] = []
    for lon, lat in ring:
        x, y = frame.at(lon, lat)
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= 0.5:
            kept.append((x, y))
    return "" if len(kept) < 3 else "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + "Z"


# Words ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _widths(weight: int) -> dict[int, float]:
    """How wide each letter is at a size of 1."""
    found: dict[int, float] = {}
    for script in SCRIPTS:
        with TTFont(FONTS / f"sarabun-{script}-{weight}.ttf", lazy=True) as font:
            advances, units = font["hmtx"].metrics, font["head"].unitsPerEm
            found |= {letter: advances[glyph][0] / units for letter, glyph in font.getBestCmap().items()}
    return found


def width(text: str, size: float, weight: int = 400) -> float:
    """How many pixels a line of text takes."""
    known = _widths(weight)
    return sum(known.get(ord(letter), 0.6) for letter in text) * size


def lines(text: str, size: float, weight: int, room: float, most: int) -> list[str]:
    """Text in at most so many lines of so many pixels, broken at spaces, or between letters where a word is longer
    than a line (Thai writes sentences without spaces). What does not fit ends in an ellipsis."""
    made, line = [], ""
    for piece in _pieces(text, size, weight, room):
        if line and width(line + piece.rstrip(), size, weight) > room:
            made.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    made = [one for one in (*made, line.rstrip()) if one]
    if len(made) > most:
        last = made[most - 1]
        while last and width(last + "…", size, weight) > room:
            last = last[:-1]
        made = [*made[: most - 1], last + "…"]
    return made


def _pieces(text: str, size: float, weight: int, room: float) -> Iterable[str]:
    """Words with the space behind them; words wider than a line letter by letter, marks with the letter they are on."""
    for word in text.split(" "):
        if width(word, size, weight) <= room:
            yield f"{word} "
            continue
        cluster = ""
        for letter in word:
            if cluster and not _joins(letter) and cluster[-1] not in "เแโใไ":
                yield cluster
                cluster = ""
            cluster += letter
        yield f"{cluster} "


def _joins(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M") or letter in "ะาำๅ"


def text(x: float, y: float, words: str, *, size: float, weight: int = 400, fill: str = "#1f2d33") -> str:
    """A line of text whose foot stands at this height."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="Sarabun" font-size="{size:g}" font-weight="{weight}" '
        f'fill="{fill}">{escape(words)}</text>'
    )


def png(drawn: str) -> bytes:
    """A drawing as PNG, in its own size. Its words are in Sarabun; no other font is used, and nothing is loaded."""
    fonts = [str(FONTS / f"sarabun-{script}-{weight}.ttf") for script in SCRIPTS for weight in (400, 700)]
    return bytes(resvg_py.svg_to_bytes(svg_string=drawn, skip_system_fonts=True, font_files=fonts))
