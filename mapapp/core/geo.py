"""Coordinates: the reference system, the bounds of Thailand, points, bounding boxes, GeoJSON. No Flask, no database.

Order is always named (``lat=``, ``lon=``); GeoJSON is lon, lat. Distances are metres on WGS 84.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mapapp.core.errors import N_, refuse

SRID = 4326
"""WGS 84 longitude/latitude."""

EARTH_M = 6_378_137
"""The radius of Web Mercator's sphere."""

WEST, SOUTH, EAST, NORTH = 97.2, 5.5, 105.8, 20.6
"""A box around Thailand with a small margin, in degrees; the extremes are 97.34–105.64 E, 5.61–20.46 N."""


@dataclass(frozen=True, slots=True)
class Point:
    """A location in Thailand, in degrees on WGS 84. Create it with ``point()``, which checks the values."""

    lat: float
    lon: float

    @property
    def ewkt(self) -> str:
        """EWKT for PostGIS, with full precision."""
        return f"SRID=4326;POINT({self.lon!r} {self.lat!r})"


@dataclass(frozen=True, slots=True)
class Bbox:
    """A rectangle in degrees on WGS 84: west < east, south < north, cut to the surroundings of Thailand."""

    west: float
    south: float
    east: float
    north: float

    @property
    def edges(self) -> list[float]:
        """West, south, east, north for output: 6 decimals (0.1 m)."""
        return [round(edge, 6) for edge in (self.west, self.south, self.east, self.north)]


THAILAND = Bbox(97.34, 5.61, 105.64, 20.47)
"""The box of its land."""


def in_thailand(*, lat: float, lon: float) -> bool:
    """Whether the point is in the box around Thailand (a first check; the boundaries of tambon are exact)."""
    return SOUTH <= lat <= NORTH and WEST <= lon <= EAST


def looks_swapped(*, lat: float, lon: float) -> bool:
    """Whether the two would be in Thailand if they were swapped: Thai latitudes and longitudes do not overlap."""
    return not in_thailand(lat=lat, lon=lon) and in_thailand(lat=lon, lon=lat)


def degrees(value: object) -> float:
    """One coordinate, as a person or a program writes it, as a finite number of degrees.

    Raises:
        PydanticCustomError: with a message that says how to write it.
    """
    if isinstance(value, bool) or value is None:
        raise refuse(N_("Enter the coordinate as a number, for example 13.7563."))
    if isinstance(value, str):
        text = value.strip()
        if "," in text:
            raise refuse(N_("Use a decimal point in the coordinate, not a comma: %(example)s."), example=_pointed(text))
        if len(text) > 40 or not text.isascii() or "_" in text:
            raise refuse(N_("Enter the coordinate as a number, for example 13.7563."))
        try:
            value = float(text)
        except ValueError:
            raise refuse(N_("Enter the coordinate as a number, for example 13.7563.")) from None
    if (
        not isinstance(value, (int, float)) or not -1e6 < value < 1e6
    ):  # excludes infinities, NaN and very large integers
        raise refuse(N_("Enter the coordinate as a number, for example 13.7563."))
    return float(value)


def _pointed(text: str) -> str:
    try:
        return repr(float(text.replace(",", ".", 1)))
    except ValueError:
        return "13.7563"


def point(*, lat: object, lon: object) -> Point:
    """Parses a location in Thailand.

    Raises:
        PydanticCustomError: not a number, swapped, or outside Thailand; the message says which.
    """
    y, x = degrees(lat), degrees(lon)
    if looks_swapped(lat=y, lon=x):
        raise refuse(N_("Latitude and longitude look swapped: latitude (5–21) goes in lat, longitude (97–106) in lon."))
    if not in_thailand(lat=y, lon=x):
        raise refuse(
            N_("This place is outside Thailand (latitude %(south)s to %(north)s, longitude %(west)s to %(east)s)."),
            south=SOUTH,
            north=NORTH,
            west=WEST,
            east=EAST,
        )
    return Point(lat=y, lon=x)


def bbox(value: object) -> Bbox:
    """Parses ``west,south,east,north`` (degrees), cut to the box around Thailand.

    Raises:
        PydanticCustomError: not four numbers, inverted, outside the globe, or far from Thailand.
    """
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or len(parts) != 4:
        raise refuse(N_("Give bbox as four numbers: west,south,east,north."))
    west, south, east, north = (degrees(part) for part in parts)
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90):
        raise refuse(N_("The bbox is out of range: longitude is −180 to 180, latitude −90 to 90."))
    if west >= east or south >= north:
        raise refuse(N_("The bbox is upside down: west must be less than east, south less than north."))
    cut = Bbox(west=max(west, WEST), south=max(south, SOUTH), east=min(east, EAST), north=min(north, NORTH))
    if cut.west >= cut.east or cut.south >= cut.north:
        raise refuse(N_("The bbox is outside Thailand."))
    return cut


def feature(
    *, lat: float | None, lon: float | None, properties: dict[str, Any], id: int | str | None = None
) -> dict[str, Any]:
    """A GeoJSON point feature (RFC 7946: longitude first, at most 6 decimals, about 0.1 m)."""
    geometry = None if lat is None or lon is None else {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    made: dict[str, Any] = {"type": "Feature", "geometry": geometry, "properties": properties}
    if id is not None:
        made["id"] = id
    return made
