"""What every line of the benchmark is made of: the line itself, and the places its questions are about."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, text

SECONDS = 6.0
"""So long each side of a comparison of rates is measured."""


@dataclass
class Line:
    """One line of the table."""

    name: str
    goal: str
    value: float
    met: bool
    shown: str
    detail: dict[str, Any] = field(default_factory=dict)


def over_the_box(count: int) -> list[tuple[float, float]]:
    """Points (lat, lon) uniformly over the box of the country, the same in every run; half lie in no tambon."""
    chance = random.Random(7)
    return [(round(chance.uniform(6, 20), 5), round(chance.uniform(98, 105), 5)) for _ in range(count)]


_INSIDE = text("""
    SELECT lat, lon FROM unnest(CAST(:lats AS float8[]), CAST(:lons AS float8[])) WITH ORDINALITY AS p (lat, lon, n)
    WHERE EXISTS (SELECT FROM areas
                  WHERE level = 'tambon' AND ST_Covers(boundary, ST_SetSRID(ST_Point(lon, lat), 4326)))
    ORDER BY n LIMIT :count
""")


def places(engine: Engine, count: int) -> list[tuple[float, float]]:
    """Points (lat, lon) where people may stand, uniformly over the tambons, the same in every run. The service refuses
    points outside them, so a line that asked for one would measure how fast it says no."""
    lats, lons = zip(*over_the_box(4 * count), strict=True)
    with engine.connect() as connection:
        found = connection.execute(_INSIDE, {"lats": list(lats), "lons": list(lons), "count": count})
        inside = [(row.lat, row.lon) for row in found]
    if len(inside) < count:
        raise RuntimeError(f"{len(inside)} of {count} places lie in a tambon: are all areas loaded?")
    return inside
