"""Puts areas into the tables, thousands at a time: areas, their shapes for the map, and the names search runs over.

One path for the official boundaries and for the cells of the first data. Nothing here commits, and callers say
``database.mark_changed`` once their work stands.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas import shapes
from mapapp.areas.layer_recognition import known_place, level_of
from mapapp.areas.models import BANDS
from mapapp.areas.names import area_spellings, village_spellings
from mapapp.areas.phonetics import sound
from mapapp.areas.progress import Progress
from mapapp.core import geo
from mapapp.core.errors import N_


@dataclass(frozen=True, slots=True)
class NewArea:
    """An area ready to be stored; ``point`` None means: find one inside."""

    code: str
    name_th: str
    name_en: str
    boundary: Any
    point: Any | None = None


def put(
    session: Session,
    areas: Sequence[NewArea],
    *,
    approximate: bool,
    source: str,
    as_of: date | None,
    progress: Progress,
) -> None:
    """Writes areas over what their codes had before; population figures stay where the code stays."""
    boundaries = np.array([area.boundary for area in areas], dtype=object)
    points = shapes.inner_points(boundaries)
    for number, area in enumerate(areas):
        if area.point is not None:
            points[number] = area.point
    sizes = shapes.square_kilometres(boundaries)
    progress(N_("Areas"), 0, len(areas))
    copy_in(
        session,
        "new_areas",
        ("code", "name_th", "name_en", "boundary", "point", "area_km2"),
        zip(
            (area.code for area in areas),
            (area.name_th for area in areas),
            (area.name_en for area in areas),
            ewkb(boundaries, geo.SRID),
            ewkb(points, geo.SRID),
            (repr(float(size)) for size in sizes),
            strict=True,
        ),
    )
    session.execute(_PUT, {"approximate": approximate, "source": source, "as_of": as_of})
    progress(N_("Areas"), len(areas), len(areas))
    _put_shapes(session, areas, boundaries, progress)
    _put_names(session, areas)
    session.execute(text("DROP TABLE new_areas"))
    analyse(session)


def _put_shapes(session: Session, areas: Sequence[NewArea], boundaries: Any, progress: Progress) -> None:
    codes = np.array([area.code for area in areas])
    lengths = np.char.str_len(codes)
    total, done = len(BANDS) * len(areas), 0
    session.execute(text("DELETE FROM area_shapes WHERE code IN (SELECT code FROM new_areas)"))
    for length in np.unique(lengths):
        members = lengths == length
        level = level_of(str(codes[members][0]))
        for band, simplified in shapes.for_bands(boundaries[members]):
            rows = zip(codes[members].tolist(), ewkb(simplified, 3857), strict=True)
            copy_in(session, "area_shapes", ("code", "band", "level", "shape"),
                    ((code, band, level, shape) for code, shape in rows))  # fmt: skip
            done += int(members.sum())
            progress(N_("Shapes for the map"), done, total)


def _put_names(session: Session, areas: Iterable[NewArea]) -> None:
    session.execute(
        text("DELETE FROM place_names WHERE village_code IS NULL AND area_code IN (SELECT code FROM new_areas)")
    )
    rows = (row for area in areas for row in _names_of(area.code, area.name_th, area.name_en))
    copy_in(session, "place_names", ("name", "area_code", "sound"), rows)


def _names_of(code: str, name_th: str, name_en: str) -> list[tuple[str, str, str | None]]:
    """The rows of ``place_names`` of an area: name, code, sound."""
    known = known_place(code)
    spellings = area_spellings(code, (name_th, name_en, *(known.names if known else ())))
    made = [(name, code, sound(name)) for name in sorted(spellings)]
    return made + [(postcode, code, None) for postcode in (known.postcodes if known else ())]


def renew_names(session: Session) -> bool:
    """Brings the names that areas are found under up to what this version knows; True where they were not.

    Names come with an import, and an import may be years ago: new short names and spellings reach it here.
    """
    wanted = {
        row for area in session.execute(text("SELECT code, name_th, name_en FROM areas")) for row in _names_of(*area)
    }
    kept = "SELECT name, area_code, sound FROM place_names WHERE village_code IS NULL"
    if {tuple(row) for row in session.execute(text(kept))} == wanted:
        return False
    session.execute(text("DELETE FROM place_names WHERE village_code IS NULL"))
    copy_in(session, "place_names", ("name", "area_code", "sound"), sorted(wanted, key=lambda row: (row[1], row[0])))
    session.execute(text("ANALYZE place_names"))
    return True


def put_village_names(session: Session, villages: Iterable[tuple[str, str, str, str | None]]) -> None:
    """Names of villages for search: (code, tambon code, Thai, English or None)."""
    rows = (
        (spelling, tambon, code)
        for code, tambon, name_th, name_en in villages
        for spelling in sorted(village_spellings((name_th, name_en)))
    )
    copy_in(session, "place_names", ("name", "area_code", "village_code"), rows)


def remove(session: Session, codes: Sequence[str]) -> None:
    """Takes areas away; what refers to them must have been dealt with."""
    if codes:
        session.execute(text("DELETE FROM areas WHERE code = ANY(:codes)"), {"codes": list(codes)})


def analyse(session: Session) -> None:
    """Tells the planner what the tables hold now; without it the first queries after a large import plan badly."""
    session.execute(text("ANALYZE areas, area_shapes, place_names"))


def ewkb(geometries: Any, srid: int) -> list[str]:
    """Geometries as PostGIS reads them from COPY."""
    made: list[str] = shapely.to_wkb(shapely.set_srid(geometries, srid), hex=True, include_srid=True).tolist()
    return made


# The tables that COPY may fill, and how the temporary one is made; nothing else reaches the statement.
_TABLES = frozenset({"new_areas", "area_shapes", "place_names", "villages", "new_population"})
_TEMPORARY = {
    "new_areas": """CREATE TEMPORARY TABLE new_areas (code text PRIMARY KEY, name_th text, name_en text,
        boundary geometry, point geography, area_km2 double precision) ON COMMIT DROP""",
    "new_population": """CREATE TEMPORARY TABLE new_population (code text PRIMARY KEY, population integer,
        households integer) ON COMMIT DROP""",
}

_PUT = text("""
INSERT INTO areas (code, name_th, name_en, boundary, point, area_km2, approximate, source, source_as_of)
SELECT code, name_th, name_en, boundary, point, area_km2, :approximate, :source, :as_of FROM new_areas ORDER BY code
ON CONFLICT (code) DO UPDATE SET
    name_th = excluded.name_th, name_en = excluded.name_en, boundary = excluded.boundary, point = excluded.point,
    area_km2 = excluded.area_km2, approximate = excluded.approximate, source = excluded.source,
    source_as_of = excluded.source_as_of
""")


def copy_in(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Loads rows with COPY, the fastest way in; None and "" become NULL. A temporary table is made first."""
    assert table in _TABLES
    assert all(column.isidentifier() for column in columns)
    if table in _TEMPORARY:
        session.execute(text(_TEMPORARY[table]))
    session.flush()
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    buffer.seek(0)
    sql = f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH (FORMAT csv)"
    session.connection()  # it is the transaction's, even where nothing has been done in it yet
    with database.cursor(session, sql) as cursor:
        cursor.copy_expert(sql, buffer)
