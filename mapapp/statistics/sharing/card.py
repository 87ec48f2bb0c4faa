"""The Friday as a picture of 1200 × 630 pixels, as chats and link previews show it."""

from __future__ import annotations

from typing import Final

from mapapp.core import svg
from mapapp.statistics.charts import drawing
from mapapp.statistics.sharing.schemas import Friday, Told

WIDTH, HEIGHT = 1200, 630

INK: Final = "#1c2526"
QUIET: Final = "#4b5655"
PAPER: Final = "#fbfaf6"
GREEN: Final = "#0b6e4f"

_EDGE: Final = 48
_RIGHT: Final = 640
"""Where the list of figures begins."""


def drawn(friday: Friday) -> str:
    """The card as SVG."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/><rect width="{WIDTH}" height="10" fill="{GREEN}"/>'
        f"{_head(friday)}{_headline(friday)}{_rows(friday)}{_foot(friday)}</svg>"
    )


def png(friday: Friday) -> bytes:
    """The card as PNG."""
    return svg.png(drawn(friday))


def _fitted(x: float, y: float, words: str, room: float, sizes: tuple[float, ...], *, weight: int = 400,
            fill: str = INK) -> str:  # fmt: skip
    """One line in the largest of the sizes that fits; cut off in the last one."""
    size = next((one for one in sizes if svg.width(words, one, weight) <= room), sizes[-1])
    line = svg.lines(words, size, weight, room, 1)
    return svg.text(x, y, line[0] if line else "", size=size, weight=weight, fill=fill)


def _at_right(x: float, y: float, words: str, size: float, weight: int, fill: str) -> str:
    return svg.text(x - svg.width(words, size, weight), y, words, size=size, weight=weight, fill=fill)


def _head(friday: Friday) -> str:
    room = WIDTH - 2 * _EDGE
    return _fitted(_EDGE, 74, f"{friday.title} {friday.place}", room, (42, 38, 34, 30), weight=700) + _fitted(
        _EDGE, 112, friday.day, room, (26, 22), fill=QUIET
    )


def _headline(friday: Friday) -> str:
    room = _RIGHT - 2 * _EDGE
    one = friday.headline
    made = [
        _fitted(_EDGE, 176, one.label, room, (28, 25, 22)),
        _fitted(_EDGE, 268, one.figure, room, (92, 72, 56, 44, 34), weight=700, fill=GREEN),
    ]
    if one.change:
        made.append(_fitted(_EDGE, 308, one.change, room, (24, 21), fill=QUIET))
    made.append(drawing.shares([part for part, _name, _figure in friday.parts], _EDGE, 330, room, 40))
    y = 404.0
    for part, name, figure in friday.parts:
        made.append(f'<g transform="translate({_EDGE} {y - 15:.1f})">{drawing.sample(part)}</g>')
        made.append(_fitted(_EDGE + 38, y, name, room - 180, (20, 18)))
        made.append(_at_right(_EDGE + room, y, figure, 20, 700, INK))
        y += 31
    return "".join(made)


def _rows(friday: Friday) -> str:
    made, y = [], 150.0
    high = (HEIGHT - 90 - y) / max(len(friday.rows), 1)
    for one in friday.rows:
        made.append(_row(one, y, high))
        y += high
    return "".join(made)


def _row(one: Told, y: float, high: float) -> str:
    right, trend = WIDTH - _EDGE, 130.0
    room = right - _RIGHT - trend - 30
    made = (
        f'<path d="M{_RIGHT} {y:.1f}H{right}" stroke="#d8dcd6"/>'
        + _fitted(_RIGHT, y + 25, one.label, room, (20, 18), fill=QUIET)
        + _fitted(_RIGHT, y + 62, one.figure, room, (32, 28, 24, 20), weight=700)
    )
    if one.change:
        size = next((one_size for one_size in (17, 15) if svg.width(one.change, one_size) <= trend + 60), 13)
        made += _at_right(right, y + high - 10, one.change, size, 400, QUIET)
    return made + drawing.trend(one.trend, right - trend, y + 8, trend, min(high - 38, 46))


def _foot(friday: Friday) -> str:
    room = WIDTH - 2 * _EDGE
    made = _fitted(_EDGE, HEIGHT - 48, friday.notes, room, (18, 16, 14), fill=QUIET)
    words = " · ".join(filter(None, (friday.owner, friday.address)))
    return made + _fitted(_EDGE, HEIGHT - 20, words, room, (18, 16, 14), fill=QUIET)
