"""The national database of the benchmark: all areas, hospitals, population, and 100,000 generated pins."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from mapapp import database
from mapapp.core import config
from mapapp.database import migrate

DATA = config.ROOT.parent / "shared" / "data"
PINS = 100_000
GENERATED = ("test_site", "vaccination_site", "field_hospital", "waiting_centre")


def address() -> str:
    """The benchmark's own database in its own cluster."""
    return config.private_database_url("pg-bench", "mapapp_bench")


def command(*words: str | Path) -> float:
    """Runs ``mapapp …`` against the benchmark's database as an operator would; returns the seconds it took."""
    environment = {**os.environ, "MAPAPP_DATABASE_URL": address(), "LANG": "C.UTF-8"}
    began = time.perf_counter()
    done = subprocess.run(
        [Path(sys.executable).parent / "mapapp", *map(str, words)], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"mapapp {' '.join(map(str, words))}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - began


def build() -> tuple[Engine, float]:
    """An empty database, filled by the README's commands; returns an engine and the seconds of the areas import."""
    maintenance = database.engine(make_url(address()).set(database="postgres"))
    with maintenance.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS mapapp_bench WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE mapapp_bench"))
    maintenance.dispose()
    engine = database.engine(address())
    migrate.upgrade(engine)
    areas = command("areas", "import", *(DATA / "areas" / f"tha_adm{level}.geojson" for level in (1, 2, 3)))
    population = DATA / "population"
    command(
        "areas", "population", population / "dopa_2021.csv", "--crosswalk", population / "dopa2021_to_cod_crosswalk.csv"
    )
    hospitals = DATA / "facilities" / "hospitals_hcode.csv"
    command("facilities", "import", hospitals, "--kind", "hospital", "--valid-only")
    _pins(engine)
    command("coverage", "refresh")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return engine, areas


def _pins(engine: Engine) -> None:
    """100,000 pins of the four other kinds, spread like people: near tambon points, more where more people live."""
    with engine.begin() as connection:
        connection.execute(text("SELECT setseed(0.42)"))
        connection.execute(
            text(
                """
                INSERT INTO facilities (kind, name_th, point, tambon_code, status, opening_hours, verified_at,
                                        source, source_ref)
                SELECT (CAST(:kinds AS text[]))[1 + n % 4], 'จุดทดสอบ ' || n,
                       ST_Project(a.point, 6000 * sqrt(random()), 2 * pi() * random()), a.code,
                       CASE WHEN n % 20 = 0 THEN 'closed' WHEN n % 20 = 1 THEN 'full' ELSE 'open' END,
                       CASE n % 3 WHEN 0 THEN 'Mo-Fr 08:30-16:30' WHEN 1 THEN '24/7' END,
                       CASE WHEN n % 2 = 0 THEN now() END, 'generated', 'pin-' || n
                FROM (SELECT code, point, sum(greatest(population, 1)) OVER (ORDER BY code) AS upto,
                             sum(greatest(population, 1)) OVER () AS everyone, greatest(population, 1) AS people
                      FROM areas WHERE level = 'tambon') AS a,
                     LATERAL generate_series(
                         ceil(:pins * (a.upto - a.people)::numeric / a.everyone)::int,
                         ceil(:pins * a.upto::numeric / a.everyone)::int - 1) AS n
                """
            ),
            {"kinds": list(GENERATED), "pins": PINS},
        )
