"""The first data: tambons of the provinces the letters come from, without any download.

``seed/areas.csv`` holds facts: code, a reference point inside the tambon, registered people and households
(DOPA, December 2021). Names come from geothai; boundaries are computed around the points and marked approximate.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas import csv_tables, layer_recognition, population, shapes, signals, store
from mapapp.areas.models import Area
from mapapp.areas.progress import Progress, silent
from mapapp.areas.store import NewArea
from mapapp.areas.voronoi import cells
from mapapp.core import geo
from mapapp.core.config import ROOT
from mapapp.core.errors import N_, invalid
from mapapp.database import locks

SEED = ROOT / "seed" / "areas.csv"
SOURCE = "Calculated around reference points"
POPULATION_SOURCE = "DOPA"
POPULATION_AS_OF = date(2021, 12, 31)

_COLUMNS = {
    "code": ("code",),
    "lat": ("lat",),
    "lon": ("lon",),
    "population": ("population",),
    "households": ("households",),
    "name_th": ("name_th",),
    "name_en": ("name_en",),
}

_PUT = text("""
UPDATE areas a SET population = n.population, households = n.households,
    population_source = :source, population_as_of = :as_of
FROM new_population n
WHERE a.code = n.code AND (a.population_source IS NULL OR a.population_source = :source)
""")


@dataclass
class SeedReport:
    """What seeding did; ``skipped`` provinces have official boundaries already."""

    tambons: int
    skipped: list[str]


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    point: geo.Point
    population: int | None
    households: int | None
    names: tuple[str, str]


def seed(session: Session, path: Path = SEED, progress: Progress = silent) -> SeedReport:
    """Fills in the provinces of ``seed/areas.csv``; one that has official boundaries is left alone. Repeatable.

    Raises:
        Invalid: the table has a code without a name, or a coordinate outside Thailand.
    """
    locks.take(session, locks.AREAS)
    by_province: dict[str, list[_Row]] = defaultdict(list)
    for row in _rows(path):
        by_province[row.code[:2]].append(row)
    official = select(Area.code).where(Area.level == "province", Area.approximate.is_(False))
    skipped = sorted(set(session.scalars(official)) & set(by_province))
    rows = [row for code in sorted(set(by_province) - set(skipped)) for row in by_province[code]]
    if rows:
        areas = [area for code in sorted({row.code[:2] for row in rows}) for area in _province(by_province[code])]
        store.put(session, areas, approximate=True, source=SOURCE, as_of=None, progress=progress)
        figures = ((row.code, row.population, row.households) for row in rows)
        store.copy_in(session, "new_population", ("code", "population", "households"), figures)
        session.execute(_PUT, {"source": POPULATION_SOURCE, "as_of": POPULATION_AS_OF})
        session.execute(text("DROP TABLE new_population"))
        population.add_up(session, sorted({row.code[:2] for row in rows}))
        database.mark_changed(session, "areas")
        signals.tell(signals.boundaries_changed, session)
        signals.tell(signals.population_changed, session)
    return SeedReport(len(rows), skipped)


def _rows(path: Path) -> list[_Row]:
    made = []
    for row in csv_tables.rows(path, _COLUMNS, optional=("name_th", "name_en")):
        code = row["code"]
        names = (row["name_th"], row["name_en"]) if row["name_th"] else layer_recognition.known_names(code)
        if names is None:
            raise invalid(f"{path.name}, {code}", N_("%(code)s has no usable name."), code=code)
        point = geo.point(lat=row["lat"], lon=row["lon"])
        made.append(_Row(code, point, csv_tables.whole(row["population"]), csv_tables.whole(row["households"]), names))
    return made


def _province(rows: list[_Row]) -> list[NewArea]:
    """The tambons of a province as cells, its amphoe and itself dissolved from them."""
    points = np.asarray(shapely.points([[row.point.lon, row.point.lat] for row in rows]), dtype=object)
    boundaries = cells(points)
    codes = [row.code for row in rows]
    areas = [NewArea(r.code, *r.names, boundaries[i], points[i]) for i, r in enumerate(rows)]
    for length in (4, 2):
        for code, boundary in shapes.dissolved(codes, boundaries, length).items():
            names = layer_recognition.known_names(code)
            if names is None:
                raise invalid(code, N_("The name of this area is unknown. Add a file of its level."))
            areas.append(NewArea(code, *names, boundary))
    return areas
