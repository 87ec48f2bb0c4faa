"""The cell of a location: what people see who have no right to the exact location.

A fixed grid with ``HUNDREDTHS`` squares in a degree (about 1 km each), without random noise: noise averages out. If
fewer than 20 households live in a cell by the density of the tambon, it widens to 2 × 2, then 4 × 4 squares, then to
the tambon. Everything here is a function of the square that the location lies in, so two locations in the same square
cannot be told apart by anything derived from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import cast, func, select, text
from sqlalchemy.orm import Session

from mapapp.areas.models import Area
from mapapp.areas.queries import area_at
from mapapp.core import geo

HUNDREDTHS: Final = 100
"""Squares in a degree: the single size of the grid. Addresses, the map's script and all texts use it.

Keys in the database are rows and columns of this grid, so after a change ``mapapp requests recell`` computes every
stored cell again. The consent of a resident names the size, so older requests keep cells at least that wide.
"""

DECIMALS: Final = 3
"""Decimals of the centre of a square, in degrees."""

DEGREE_KM: Final = 111.32
"""Kilometres per degree of latitude, and of longitude at the equator; on the sphere."""

SIZES: Final = (1, 2, 4)
"""Possible numbers of squares along the side of a cell."""

ENOUGH_HOUSEHOLDS: Final = 20

_NEAREST = text("""
SELECT code FROM areas WHERE level = 'tambon'
ORDER BY boundary <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), code LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Cell:
    """A location, as exact as the public may know it."""

    key: str
    """``size:row:column`` or ``t:`` and the tambon's code."""
    size: int
    """1, 2 or 4 squares; 0: the tambon."""
    middle: geo.Point
    tambon_code: str
    """The tambon of its centre."""


def box(key: str) -> tuple[float, float, float, float] | None:
    """West, south, east and north of a cell in degrees; None for a tambon."""
    if key.startswith("t:"):
        return None
    size, row, column = (int(part) for part in key.split(":"))
    return column / HUNDREDTHS, row / HUNDREDTHS, (column + size) / HUNDREDTHS, (row + size) / HUNDREDTHS


def square(point: geo.Point) -> tuple[int, int]:
    """Row and column of the square that a point lies in. Rounded to 10⁻⁹° first: 13.57 is 13.57, not 13.569999…"""
    return math.floor(round(point.lat * HUNDREDTHS, 7)), math.floor(round(point.lon * HUNDREDTHS, 7))


def cell_of(session: Session, point: geo.Point, *, at_least: float = 0.0) -> Cell | None:
    """The cell of a location; None if there is no area data.

    Args:
        at_least: minimum width in degrees; if no cell is wide enough, the result is the tambon.
    """
    row, column = square(point)
    home = tambon_near(session, _middle(1, row, column))
    if home is None:
        return None
    narrowest = _size(session, home, row)
    wide = [size for size in SIZES if narrowest <= size and size / HUNDREDTHS >= at_least - 1e-9]
    size = wide[0] if narrowest and wide else 0
    if size == 0:
        return cell_of_tambon(session, home)
    row, column = row - row % size, column - column % size
    middle = _middle(size, row, column)
    return Cell(f"{size}:{row}:{column}", size, middle, tambon_near(session, middle) or home)


def cell_of_tambon(session: Session, code: str) -> Cell:
    """The cell of a request that has only a tambon."""
    where = cast(Area.point, Geometry)
    found = session.execute(select(func.ST_Y(where), func.ST_X(where)).where(Area.code == code)).one()
    return Cell(f"t:{code}", 0, geo.Point(lat=found[0], lon=found[1]), code)


def tambon_near(session: Session, point: geo.Point) -> str | None:
    """The tambon that contains a point, otherwise the nearest one at any distance: every request has officers."""
    at = area_at(session, point)
    if at is not None:
        return at.tambon.code
    return session.execute(_NEAREST, {"lat": point.lat, "lon": point.lon}).scalar_one_or_none()


def _size(session: Session, tambon: str, row: int) -> int:
    """The smallest cell with enough households by the density of the tambon; 0: not even 4 × 4 squares."""
    found = session.execute(select(Area.households, Area.area_km2).where(Area.code == tambon)).one()
    if not found.households or not found.area_km2:
        return 0
    side = DEGREE_KM / HUNDREDTHS
    square_km2 = side * side * math.cos(math.radians((row + 0.5) / HUNDREDTHS))
    density = found.households / found.area_km2
    for size in SIZES:
        if density * square_km2 * size * size >= ENOUGH_HOUSEHOLDS:
            return size
    return 0


def about_km(size: int = 1) -> str:
    """The width of a cell with this many squares, for texts: whole kilometres, below one with a decimal."""
    side = DEGREE_KM / HUNDREDTHS * size
    return f"{side:.0f}" if side >= 0.95 else f"{side:.1f}"


def coarse(point: geo.Point) -> geo.Point:
    """The centre of the square that contains a point, as ``map-host.js`` computes it, too."""
    return _middle(1, *square(point))


def _middle(size: int, row: int, column: int) -> geo.Point:
    lat, lon = ((number + size / 2) / HUNDREDTHS for number in (row, column))
    return geo.Point(lat=round(lat, DECIMALS), lon=round(lon, DECIMALS))
