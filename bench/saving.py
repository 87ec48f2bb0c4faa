"""How long a map takes that leaves the service, and how large it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench.line import Line
from mapapp import database
from mapapp.core.languages import BY_CODE, THAI
from mapapp.coverage.schemas import FigureQuery
from mapapp.facilities.freshness import DEFAULT
from mapapp.maps import saved

SECONDS, BYTES, COUNTRY_BYTES = 1.0, 600_000, 1_500_000
LETTERS = 100_000
"""What languages with letters of their own have more."""

_LARGEST = text("SELECT left(code, 2) FROM areas WHERE level = 'tambon' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")


def province(engine: Engine) -> Line:
    """“Save map” of the province with the most tambons, four times: the first also reads scripts and cuts fonts."""
    with database.sessions(engine)() as session:
        code = session.execute(_LARGEST).scalar_one()
        query = FigureQuery(level="tambon", within=code, stale=True)
        took, sizes = _saved(session, query)
    seconds = sorted(took)[len(took) // 2]
    met = seconds <= SECONDS and _fits(sizes, BYTES)
    detail = {"bytes": sizes, "first_seconds": took[0]}
    return Line("save_map", "≤ 1 s, ≤ 600 kB", seconds, met, _told(seconds, sizes), detail)


def country(engine: Engine) -> Line:
    """The same of all amphoe of the country."""
    with database.sessions(engine)() as session:
        took, sizes = _saved(session, FigureQuery(level="amphoe", stale=True))
    seconds = sorted(took)[len(took) // 2]
    detail = {"bytes": sizes, "first_seconds": took[0]}
    return Line("save_map_country", "≤ 1.5 MB", seconds, _fits(sizes, COUNTRY_BYTES), _told(seconds, sizes), detail)


def _saved(session: Session, query: FigureQuery) -> tuple[list[float], dict[str, int]]:
    """How long four files took in Thai, and the bytes of one in each language."""
    took, sizes = [], {}
    for lang in (THAI, THAI, THAI, THAI, *(one for one in BY_CODE.values() if one is not THAI)):
        began = time.perf_counter()
        made = saved.coverage(session, query, saved.About(datetime.now(UTC), DEFAULT, lang))
        if lang is THAI:
            took.append(time.perf_counter() - began)
        sizes[lang.code] = len(made.encode())
    return took, sizes


def _fits(sizes: dict[str, int], most: int) -> bool:
    return all(size <= most + (LETTERS if BY_CODE[code].stylesheet else 0) for code, size in sizes.items())


def _told(seconds: float, sizes: dict[str, int]) -> str:
    return f"{seconds:.2f} s, {sizes[THAI.code] / 1000:,.0f} kB, at most {max(sizes.values()) / 1000:,.0f} kB"
