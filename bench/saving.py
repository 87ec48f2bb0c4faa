"""How long the maps of pages take, and those that leave the service, and how large these are."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench.line import Line
from mapapp import database
from mapapp.core.languages import BY_CODE, THAI
from mapapp.core.map_addresses import Address
from mapapp.coverage.schemas import FigureQuery
from mapapp.facilities.freshness import DEFAULT
from mapapp.maps import making, saved

DOCUMENT_MS = 12
SECONDS, BYTES, COUNTRY_BYTES = 1.0, 600_000, 1_500_000
LETTERS = 100_000
"""What languages with letters of their own have more."""

_LARGEST = text("SELECT left(code, 2) FROM areas WHERE level = 'tambon' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")


def document(_engine: Engine) -> Line:
    """Each map document that pages frame, rendered twenty times: the slowest's middle, CPU time for each map in it."""
    middles = {}
    for view in (*making.VIEWS, making.PAIR):
        times = []
        for _ in range(20):
            began = time.process_time()
            raster = Address("/{z}/{x}/{y}.png")
            made = (
                making.framed_pair(lang=THAI, raster=raster)
                if view == making.PAIR
                else making.framed(view, lang=THAI, raster=raster)
            )
            made.linked("/static/x/", view)
            times.append((time.process_time() - began) * 1000)
        middles[view] = sorted(times)[len(times) // 2] / (2 if view == making.PAIR else 1)
    slowest = max(middles, key=lambda view: middles[view])
    met = middles[slowest] <= DOCUMENT_MS
    shown = f"{min(middles.values()):.1f}–{middles[slowest]:.1f} ms ({slowest})"
    return Line("map_document", f"≤ {DOCUMENT_MS} ms", middles[slowest], met, shown, dict(middles))


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
