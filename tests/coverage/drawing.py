"""A small country to compute on: square tambons of about 11 km drawn as a grid of letters, and pins on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

WEST, NORTH, SIDE = 100.0, 15.0, 0.1
"""Corner of the grid and side of a cell in degrees (about 10.7 × 11.1 km)."""

GRID = """
500101 500102 500201
500103 500104 500202
450101 450102 450103
"""
"""Two provinces, three amphoe, nine tambons; north is up."""

PEOPLE = {"500101": 1000, "500102": 2000, "500103": 0, "500104": 4000, "450101": 8000, "450102": 500, "450103": 700}
"""Amphoe 5002 has no population figures."""


def cells(grid: str = GRID) -> dict[str, tuple[float, float]]:
    """Tambon code → longitude and latitude of its cell's middle."""
    found = {}
    for row, line in enumerate(grid.split("\n")[1:-1]):
        for column, code in enumerate(line.split()):
            found[code] = (WEST + SIDE * (column + 0.5), NORTH - SIDE * (row + 0.5))
    return found


def draw(session: Session, grid: str = GRID, people: dict[str, int] | None = None) -> None:
    """Stores the grid's tambons and dissolves them into amphoe and provinces."""
    people = PEOPLE if people is None else people
    for code, (lon, lat) in cells(grid).items():
        session.execute(
            text(
                "INSERT INTO areas (code, name_th, name_en, boundary, point, area_km2, approximate, source, population)"
                " SELECT :code, 'ต' || :code, 'T' || :code, ST_Multi(box),"
                " ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography, ST_Area(box::geography) / 1e6, true,"
                " 'drawn', :people"
                " FROM ST_MakeEnvelope(:lon - :half, :lat - :half, :lon + :half, :lat + :half, 4326) AS box"
            ),
            {"code": code, "lon": lon, "lat": lat, "half": SIDE / 2, "people": people.get(code)},
        )
    for length in (4, 2):
        session.execute(
            text(
                "INSERT INTO areas (code, name_th, name_en, boundary, point, area_km2, approximate, source, population)"
                " SELECT left(code, :length), 'ข' || left(code, :length), 'A' || left(code, :length),"
                " ST_Multi(ST_Union(boundary)), ST_PointOnSurface(ST_Union(boundary))::geography,"
                " sum(area_km2), true, 'drawn', sum(population)"
                " FROM areas WHERE level = 'tambon' GROUP BY left(code, :length)"
            ),
            {"length": length},
        )


def pin(
    session: Session,
    *,
    lat: float,
    lon: float,
    kind: str = "hospital",
    beds: int | None = None,
    status: str = "open",
    closed_until: Any = None,
    closed_from: Any = None,
    confirmed_at: datetime = datetime(2026, 11, 20, 4, 0, tzinfo=UTC),
    name: str = "โรงพยาบาล",
) -> int:
    """Adds a facility, in the tambon it stands in, and returns its id. Confirmed an hour before the tests' noon."""
    made: int = session.execute(
        text(
            "INSERT INTO facilities (kind, name_th, point, beds, status, closed_from, closed_until, confirmed_at,"
            " source, source_ref, tambon_code)"
            " SELECT :kind, :name, p::geography, :beds, :status, :closed_from, :closed_until, :confirmed_at, 'test',"
            " gen_random_uuid()::text,"
            " (SELECT code FROM areas WHERE level = 'tambon' AND ST_Covers(boundary, p) ORDER BY code LIMIT 1)"
            " FROM ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS p RETURNING id"
        ),
        {
            "kind": kind,
            "name": name,
            "beds": beds,
            "status": status,
            "closed_from": closed_from,
            "closed_until": closed_until,
            "confirmed_at": confirmed_at,
            "lat": lat,
            "lon": lon,
        },
    ).scalar_one()
    return made


def move(session: Session, id: int, *, lat: float, lon: float) -> None:
    """Puts a pin elsewhere."""
    session.execute(
        text(
            "UPDATE facilities SET point = p::geography, tambon_code ="
            " (SELECT code FROM areas WHERE level = 'tambon' AND ST_Covers(boundary, p) ORDER BY code LIMIT 1)"
            " FROM ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS p WHERE id = :id"
        ),
        {"id": id, "lat": lat, "lon": lon},
    )


def stored(session: Session, table: str = "coverage") -> dict[tuple[str, str], dict[str, Any]]:
    """Every stored figure but the time, by area and kind; of ``coverage_counting_stale`` those with stale pins."""
    rows = session.execute(text(f"SELECT * FROM {table}")).mappings()
    return {
        (row["area_code"], row["kind"]): {name: row[name] for name in row if name not in {"computed_at"}}
        for row in rows
    }
