"""The colours of the classes of a figure: one scale for the map, its legend, the table beside it and pictures.

A scale is branca's ``StepColormap``. It is asked for colours only and never rendered: branca would draw its legend
with a script from a foreign host, and would run a caption as a template.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal

from branca.colormap import StepColormap

CLASSES = ("#f8f1cf", "#ebc984", "#de9d4b", "#ca7231", "#aa4f29", "#813524")
"""Light to dark in equal steps of lightness (OKLab L 0.955 … 0.43), so that colour-blind people see them."""

Direction = Literal["high", "low"]
"""Which end of a figure is the worse one. Dark is always where help is short."""


class Colour(str):
    """``#rrggbb`` and nothing else: it may stand in a map's scripts.

    Raises:
        ValueError: for any other text.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Colour:
        if not re.fullmatch(r"#[0-9a-f]{6}", text):
            raise ValueError("a colour is # and six hexadecimal digits")
        return super().__new__(cls, text)


def _colour(place: int, last: int) -> str:
    """The colour of a class: the first is light, the last dark, one alone light; rounded half up as in scripts."""
    return CLASSES[int(place * (len(CLASSES) - 1) / last + 0.5) if last else 0]


class Steps(StepColormap):
    """Classes of a figure and their colours: value v is in class i where ``bounds[i-1] <= v < bounds[i]``.

    branca counts a value on a bound to the class below it; our figures, their table and the API count it to the one
    above, so that "5 km and more" begins at 5.
    """

    def __init__(self, bounds: Sequence[float], direction: Direction = "high") -> None:
        """``bounds``: up to five, rising, in the figure's own unit; fewer take colours from the whole scale."""
        last = len(bounds)
        low, high = (bounds[0] - 1, bounds[-1] + 1) if last else (0, 1)
        edges = [low, *bounds, high]
        super().__init__(
            tuple(_colour(last - i if direction == "low" else i, last) for i in range(last + 1)),
            index=tuple(edges),
            vmin=float(low),
            vmax=float(high),
        )
        self.bounds = tuple(bounds)

    def class_of(self, value: float) -> int:
        """The number of the value's class, from 0."""
        return bisect_right(self.bounds, value)

    def rgba_floats_tuple(self, x: float) -> tuple[float, float, float, float]:
        """The colour of a value, as branca's scales give it."""
        found: tuple[float, float, float, float] = self.colors[self.class_of(x)]
        return found

    def hexes(self) -> list[Colour]:
        """The colour of each class, the lowest values first."""
        return [Colour(self.rgb_hex_str(bound)) for bound in (self.index[0], *self.bounds)]


SCALE = Steps((1, 2, 3, 4, 5))
"""All six classes."""


def table_css() -> str:
    """The rules that give a table's cells the colours of the map; they stand in ``static/css/site.css``."""
    last = len(CLASSES) - 1
    return "\n".join(
        f".worse-high.class-{i}, .worse-low.class-{last - i} {{ --class: {colour}; }}"
        for i, colour in enumerate(SCALE.hexes())
    )
