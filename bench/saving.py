"""How long a map takes that leaves the service, and how large it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlalchemy import Engine, text

from bench.line import Line
from mapapp import database
from mapapp.coverage.schemas import FigureQuery
from mapapp.facilities.freshness import DEFAULT
from mapapp.maps import saved

SECONDS, BYTES = 1.0, 600_000

_LARGEST = text("SELECT left(code, 2) FROM areas WHERE level = 'tambon' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")


def province(engine: Engine) -> Line:
    """“Save map” of the province with the most tambons, four times: the first also reads scripts and letters."""
    about = saved.About(datetime.now(UTC), DEFAULT)
    took, size = [], 0
    with database.sessions(engine)() as session:
        code = session.execute(_LARGEST).scalar_one()
        query = FigureQuery(level="tambon", within=code, stale=True)
        for _ in range(4):
            began = time.perf_counter()
            size = len(saved.coverage(session, query, about).encode())
            took.append(time.perf_counter() - began)
    seconds = sorted(took)[len(took) // 2]
    met = seconds <= SECONDS and size <= BYTES
    detail = {"bytes": size, "first_seconds": took[0]}
    return Line("save_map", "≤ 1 s, ≤ 600 kB", seconds, met, f"{seconds:.2f} s, {size / 1000:,.0f} kB", detail)
