"""Places sorted into squares, to find those near a point without looking at all: a list may have thousands of rows of
one name."""

from __future__ import annotations

import math
from typing import Final, Generic, TypeVar

from mapapp.core import geo

T = TypeVar("T")

_RADIUS_M: Final = 6_371_009
_DEGREE_M: Final = 2 * math.pi * _RADIUS_M / 360
_NARROW: Final = math.cos(math.radians(22))
"""How much narrower a degree of longitude is than one of latitude, at the north of Thailand."""

MOST_IN_SQUARE: Final = 40
"""Things of one square that are remembered. More of one name so near each other are no places of their own, and each
row would be measured against all of them."""


class Nearby(Generic[T]):
    """Things with their points."""

    def __init__(self, metres: float) -> None:
        """
        Args:
            metres: how far ``around`` looks.
        """
        self._metres = metres
        self._size = metres / (_DEGREE_M * _NARROW)
        self._squares: dict[tuple[int, int], list[tuple[geo.Point, T]]] = {}

    def _square(self, point: geo.Point) -> tuple[int, int]:
        return math.floor(point.lat / self._size), math.floor(point.lon / self._size)

    def add(self, point: geo.Point, thing: T) -> None:
        """Remembers a thing, unless its square is full."""
        square = self._squares.setdefault(self._square(point), [])
        if len(square) < MOST_IN_SQUARE:
            square.append((point, thing))

    def around(self, point: geo.Point) -> list[tuple[float, T]]:
        """What lies nearer than that, each with its distance in metres, as it was added within a square."""
        y, x = self._square(point)
        squares = (self._squares.get((y + up, x + right), ()) for up in (-1, 0, 1) for right in (-1, 0, 1))
        found = ((_metres(point, place), thing) for square in squares for place, thing in square)
        return [one for one in found if one[0] < self._metres]


def _metres(one: geo.Point, other: geo.Point) -> float:
    """Within a few kilometres the earth is flat."""
    narrow = math.cos(math.radians((one.lat + other.lat) / 2))
    return math.hypot(one.lat - other.lat, (one.lon - other.lon) * narrow) * _DEGREE_M
