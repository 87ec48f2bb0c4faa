"""Trends, bars and stacked shares as SVG text. No database, no browser.

The four states of a figure never look alike, in colour or without: a value is filled; a true zero is a hollow ring or
a thin line at the bottom; nothing entered is an empty, dashed frame; a withheld figure is hatched. How large a hatched
field is says nothing about the figure. A chart holds no words of data: what it shows stands beside it as text, and is
told to screen readers by ``label``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mapapp.core.svg import escape
from mapapp.statistics.states import Shown, State

INK: Final = "#1c2526"
LINE: Final = "#55605f"
QUIET: Final = "#8a929a"
HATCH: Final = "#59626b"
BAR: Final = "#1b5a9e"

COLOURS: Final[dict[str, str]] = {
    "more": "#0b6e4f",
    "two": "#4f9f80",
    "one": "#b9dccb",
    "none": "#c2560f",
    "unasked": "#f0c9a4",
}
"""Part of a whole → its colour: from dark to light what is done, in warm colours what is not. They differ in
lightness, too."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole."""

    name: str
    """A key of ``COLOURS``."""
    shown: Shown


def _svg(inside: str, width: float, height: float, label: str, kind: str) -> str:
    told = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart {kind}" {told} focusable="false" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}">{inside}</svg>'
    )


def hatched(x: float, y: float, width: float, height: float) -> str:
    """A field of a withheld figure. Lines instead of a pattern: patterns need names that are unique in a page."""
    if width <= 0:
        return ""
    lines = []
    step, start = 4.0, x - height + 2
    while start < x + width:
        left, right = max(start, x), min(start + height, x + width)
        if right > left:
            lines.append(
                f"M{left:.1f} {y + height - (left - start):.1f}L{right:.1f} {y + height - (right - start):.1f}"
            )
        start += step
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="#fff" stroke="{HATCH}" '
        f'stroke-width="0.7"/><path d="{"".join(lines)}" stroke="{HATCH}" stroke-width="1"/>'
    )


def empty(x: float, y: float, width: float, height: float) -> str:
    """A field in which nothing was entered."""
    return (
        f'<rect x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" width="{max(width - 1, 0):.1f}" height="{max(height - 1, 0):.1f}" '
        f'fill="none" stroke="{QUIET}" stroke-dasharray="3 3"/>'
    )


def zero(x: float, y: float, height: float) -> str:
    """A true zero at the foot of a bar."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="2" height="{height:.1f}" fill="{INK}"/>'


# Trends ---------------------------------------------------------------------------------------------------------


def sparkline(
    points: Sequence[Shown], *, label: str = "", top: float | None = None, width: float = 132, height: float = 34
) -> str:
    """A figure on several days, the oldest first.

    Args:
        points: the figure of each day; a day without one leaves a gap, and no line runs over it.
        label: all of it in words, for screen readers; empty where the numbers stand beside it.
        top: the value at the upper edge; without it the largest of them. The lower edge is always 0.
    """
    return _svg(trend(points, 0, 0, width, height, top=top), width, height, label, "spark")


def trend(points: Sequence[Shown], x: float, y: float, width: float, height: float, *, top: float | None = None) -> str:
    """The same as a part of a larger drawing."""
    if not points:
        return ""
    edge = 4.0
    values = [one.value for one in points if one.state == State.VALUE and one.value is not None]
    most = max([*values, 0.0]) if top is None else top
    step = (width - 2 * edge) / max(len(points) - 1, 1)
    foot = y + height - edge
    made = [f'<path d="M{x:.1f} {foot:.1f}H{x + width:.1f}" stroke="#d8dcd6" stroke-width="1" fill="none"/>']
    run: list[str] = []
    runs: list[list[str]] = []
    dots = []
    for number, one in enumerate(points):
        across = x + edge + (step * number if len(points) > 1 else (width - 2 * edge) / 2)
        if one.state in (State.NOT_ENTERED, State.WITHHELD):
            run = []
            column = min(step, 12.0) * 0.7 if len(points) > 1 else 8.0
            left = min(max(across - column / 2, x), x + width - column)
            draw = empty if one.state == State.NOT_ENTERED else hatched
            dots.append(draw(left, y + edge, column, height - 2 * edge))
            continue
        value = 0.0 if one.state == State.ZERO or one.value is None else float(one.value)
        up = foot - (min(max(value / most, 0.0), 1.0) if most > 0 else 0.0) * (height - 2 * edge)
        if not run:
            runs.append(run)
        run.append(f"{across:.1f} {up:.1f}")
        last = number == len(points) - 1
        if one.state == State.ZERO:
            dots.append(
                f'<circle cx="{across:.1f}" cy="{up:.1f}" r="2.6" fill="#fff" stroke="{INK}" stroke-width="1.4"/>'
            )
        else:
            dots.append(f'<circle cx="{across:.1f}" cy="{up:.1f}" r="{3.2 if last else 2:g}" fill="{BAR}"/>')
    lines = [f"M{'L'.join(run)}" for run in runs if len(run) > 1]
    if lines:
        made.append(f'<path d="{"".join(lines)}" fill="none" stroke="{BAR}" stroke-width="1.6"/>')
    return "".join(made + dots)


# Bars -----------------------------------------------------------------------------------------------------------


def bar(shown: Shown, most: float, *, label: str = "", width: float = 160, height: float = 14) -> str:
    """One figure of a list as a bar; ``most`` is the value that fills it."""
    return _svg(_bar(shown, most, width, height), width, height, label, "bar")


def _bar(shown: Shown, most: float, width: float, height: float) -> str:
    if shown.state == State.NOT_ENTERED:
        return empty(0, 0, width, height)
    if shown.state == State.WITHHELD:
        return hatched(0, 0, width, height)
    if shown.state == State.ZERO or not shown.value:
        return zero(0, 0, height)
    long = max(min(shown.value / most, 1.0) * width, 1.0) if most > 0 else 1.0
    return f'<rect x="0" y="0" width="{long:.1f}" height="{height:g}" fill="{BAR}"/>'


# Shares of a whole ------------------------------------------------------------------------------------------------


def stacked(parts: Sequence[Part], *, label: str = "", width: float = 240, height: float = 16) -> str:
    """Parts of a whole beside each other."""
    return _svg(shares(parts, 0, 0, width, height), width, height, label, "stacked")


def shares(parts: Sequence[Part], x: float, y: float, width: float, height: float) -> str:
    """The same as a part of a larger drawing.

    Parts with a value share the room by their values; a withheld one takes the same narrow field, however large it is,
    and where nothing but withheld ones is left, they fill the bar. A bar of true zeros is a line at its foot.
    """
    told = [one for one in parts if one.shown.state == State.VALUE and one.shown.value]
    hidden = [one for one in parts if one.shown.state == State.WITHHELD]
    if not told and hidden:
        return hatched(x, y, width, height)
    if not told:
        known = any(one.shown.state in (State.ZERO, State.VALUE) for one in parts)
        return zero(x, y, height) if known else empty(x, y, width, height)
    narrow = min(12.0, width / (2 * len(hidden))) if hidden else 0.0
    room = width - narrow * len(hidden)
    total = sum(one.shown.value or 0 for one in told)
    made, at = [], x
    for one in parts:
        if one.shown.state == State.WITHHELD:
            made.append(hatched(at, y, narrow, height))
            at += narrow
        elif one.shown.state == State.VALUE and one.shown.value:
            long = one.shown.value / total * room
            made.append(
                f'<rect x="{at:.1f}" y="{y:.1f}" width="{long:.1f}" height="{height:.1f}" '
                f'fill="{COLOURS.get(one.name, BAR)}" stroke="#fff" stroke-width="1"/>'
            )
            at += long
    made.append(
        f'<rect x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" width="{width - 1:.1f}" height="{height - 1:.1f}" fill="none" '
        f'stroke="{LINE}" stroke-width="0.8"/>'
    )
    return "".join(made)


# The legend -------------------------------------------------------------------------------------------------------


def swatch(name: str, *, width: float = 22, height: float = 14) -> str:
    """A field for a legend: a key of ``COLOURS``, or a state."""
    inside = {
        str(State.WITHHELD): hatched(0, 0, width, height),
        str(State.NOT_ENTERED): empty(0, 0, width, height),
        str(State.ZERO): zero(0, 0, height),
    }.get(name) or _filled(name, width, height)
    return _svg(inside, width, height, "", "swatch")


def sample(part: Part, width: float = 26, height: float = 17) -> str:
    """How a part is drawn, in its state, for the legend of a larger drawing."""
    if part.shown.state == State.WITHHELD:
        return hatched(0, 0, width, height)
    if part.shown.state == State.NOT_ENTERED:
        return empty(0, 0, width, height)
    return _filled(part.name, width, height)


def _filled(name: str, width: float, height: float) -> str:
    fill = COLOURS.get(name, BAR)
    return f'<rect width="{width:g}" height="{height:g}" fill="{fill}" stroke="{LINE}" stroke-width="0.8"/>'
