"""A small country to test with: one province, two amphoe, four tambons on a grid of 0.1° cells.

::

            100.0   100.1   100.2
    14.2      +-------+-------+
              | 9001  | 9002  |      tambons 900102 (west), 900202 (east)
    14.1      +-------+-------+
              | 9001  | 9002  |      tambons 900101 (west), 900201 (east)
    14.0      +-------+-------+

A cell is about 10.8 km wide and 11.1 km high. Each tambon has 1,000 people in 400 households.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas.models import BANDS, Area
from mapapp.facilities.models import Facility

WEST, SOUTH, CELL = 100.0, 14.0, 0.1
TAMBONS = {"900101": (0, 0), "900102": (0, 1), "900201": (1, 0), "900202": (1, 1)}
"""Code → column and row of the cell."""

MIDDLE = (14.05, 100.05)
"""The middle of tambon 900101 as latitude, longitude."""


def _box(codes: list[str]) -> tuple[float, float, float, float]:
    columns = [TAMBONS[code][0] for code in codes]
    rows = [TAMBONS[code][1] for code in codes]
    return (
        round(WEST + min(columns) * CELL, 6),
        round(SOUTH + min(rows) * CELL, 6),
        round(WEST + (max(columns) + 1) * CELL, 6),
        round(SOUTH + (max(rows) + 1) * CELL, 6),
    )


def small_country(session: Session, *, approximate: bool = False) -> None:
    """Writes the areas, their shapes for the map and one hospital in the middle of tambon 900101."""
    names = {"90": ("จังหวัดทดสอบ", "Test Province"), "9001": ("ตะวันตก", "West"), "9002": ("ตะวันออก", "East")}
    areas = []
    for code in ["90", "9001", "9002", *TAMBONS]:
        inside = [tambon for tambon in TAMBONS if tambon.startswith(code)]
        name_th, name_en = names.get(code, (f"ตำบล{code[-2:]}", f"Tambon {code[-2:]}"))
        areas.append(area(
            code, _box(inside), name_th=name_th, name_en=name_en, area_km2=119.5 * len(inside),
            approximate=approximate, source="test grid", population=1000 * len(inside), households=400 * len(inside),
            population_source="test figures",
        ))  # fmt: skip
    session.add_all(areas)
    session.flush()
    add_shapes(session)
    add_facility(session, "hospital", lat=MIDDLE[0], lon=MIDDLE[1], tambon_code="900101", name_th="โรงพยาบาลทดสอบ")
    database.mark_changed(session, "areas", "facilities", "coverage")
    session.commit()


def add_area(session: Session, code: str, box: tuple[float, float, float, float], **values: Any) -> None:
    """One area as a rectangle (west, south, east, north); those above it come first."""
    session.add(area(code, box, **values))
    session.flush()


def area(code: str, box: tuple[float, float, float, float], **values: Any) -> Area:
    """An area as a rectangle (west, south, east, north), not added yet."""
    west, south, east, north = box
    ring = f"{west} {south},{east} {south},{east} {north},{west} {north},{west} {south}"
    return Area(
        **{
            "code": code, "boundary": f"SRID=4326;MULTIPOLYGON((({ring})))",
            "point": f"SRID=4326;POINT({(west + east) / 2} {(south + north) / 2})",
            "area_km2": 100.0, "approximate": False, "source": "test", **values,
        }
    )  # fmt: skip


def add_shapes(session: Session) -> None:
    """What the map draws of every area there is: the boundaries as they are, for every band of zooms."""
    session.execute(
        text(
            "INSERT INTO area_shapes (code, band, level, shape) SELECT code, band, level, shape"
            " FROM (SELECT code, level, ST_Transform(boundary, 3857) AS shape FROM areas OFFSET 0) a,"
            " unnest(cast(:bands AS integer[])) band"
        ),
        {"bands": list(BANDS)},
    )


def add_facility(session: Session, kind: str, *, lat: float, lon: float, **values: Any) -> Facility:
    """One facility, open, verified and confirmed the day before, unless ``values`` says otherwise; only flushed."""
    made = Facility(
        **{
            "kind": kind, "name_th": f"ทดสอบ {lat:.3f},{lon:.3f}", "point": f"SRID=4326;POINT({lon} {lat})",
            "status": "open", "source": "test", "source_ref": f"{kind}/{lat}/{lon}", "is_example": False,
            "verified_at": datetime(2026, 11, 19, 3, 0, tzinfo=UTC), "verified_by": "test",
            "confirmed_at": datetime(2026, 11, 19, 3, 0, tzinfo=UTC), **values,
        }
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made
