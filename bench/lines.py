"""The lines of the benchmark. Each compares two things inside one run and gives a ratio; a number alone says little."""

from __future__ import annotations

import json
import math
import random
import re
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from bench import (
    claims,
    console,
    imports,
    load,
    national,
    pgbench,
    posting,
    queueing,
    requests,
    saving,
    servers,
    statistics_pages,
    survey_figures,
    surveying,
    wire,
)
from bench.line import SECONDS, Line, over_the_box, places
from mapapp import database
from mapapp.coverage import queries as figures
from mapapp.coverage import service as coverage
from mapapp.coverage.models import RADII_KM
from mapapp.facilities import nearest as facilities
from mapapp.facilities.models import Facility
from mapapp.maps import queries as tiles

POINTS = 4_000
SCRIPTS = 100
"""pgbench chooses among so many scripts, each with its share of the points."""


def nearest(engine: Engine) -> Line:
    """``nearest`` over HTTP with 4 clients against pgbench with the same SQL and 4 clients."""
    people = places(engine, POINTS)
    asked = [f"/api/v1/facilities/nearest?lat={lat}&lon={lon}&kind=vaccination_site&limit=10" for lat, lon in people]
    sql = facilities.nearest_sql(kinds=1)
    values = {"lon": ":lon / 100000.0", "lat": ":lat / 100000.0", "count": str(10 + facilities.SPARE),
              "now": f"'{datetime.now(UTC).isoformat()}'", "kind": "'vaccination_site'"}  # fmt: skip
    statement = re.sub(r"%\((\w+)\)s", lambda place: values[place[1]], sql).replace("\n", " ") + ";\n"
    one = "\\set lat {:.0f}\n\\set lon {:.0f}\n"
    groups = [people[begin::SCRIPTS] for begin in range(SCRIPTS)]  # both sides are asked about the same places
    scripts = ["".join(one.format(lat * 1e5, lon * 1e5) + statement for lat, lon in group) for group in groups]
    with servers.serving() as served:
        first, p95 = load.rate(served.port, asked, seconds=SECONDS)
        bare = pgbench.rate(*scripts, seconds=SECONDS) * POINTS / SCRIPTS
        second, _ = load.rate(served.port, asked, seconds=SECONDS)
    http = (first + second) / 2
    ratio = http / bare
    detail = {"http_per_second": http, "pgbench_per_second": bare, "http_p95_ms": p95}
    return Line("nearest", "≥ 0.25", ratio, ratio >= 0.25, f"{http:,.0f}/s : {bare:,.0f}/s", detail)


def _tiles(count: int) -> list[tuple[int, int, int]]:
    """Tiles (z, x, y) over the country at zooms 5–12, as a person zooming in would ask for them."""
    chance, found = random.Random(11), []
    for lat, lon in over_the_box(count):
        z = chance.randint(5, 12)
        n = 1 << z
        x = int((lon + 180) / 360 * n)
        y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)
        found.append((z, x, y))
    return found


def tile_uncached(engine: Engine) -> Line:
    """Tiles over HTTP with the cache off against the bare statement, one client each, interleaved."""
    wanted = _tiles(300)
    http = bare = 0.0
    with servers.serving(cache_mb="0", workers="1") as served, engine.connect() as connection:
        client = load.Client(served.port)
        for z, x, y in wanted:
            for layer in ("areas", "tambon"):
                sql, values = tiles.statement(layer, z=z, x=x, y=y)
                began = time.perf_counter()
                connection.execute(sql, values).scalar_one()
                middle = time.perf_counter()
                status, _size = client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt")
                http += time.perf_counter() - middle
                bare += middle - began
                assert status == 200
        client.close()
    ratio = bare / http
    count = 2 * len(wanted)
    shown = f"{http / count * 1000:.1f} ms : {bare / count * 1000:.1f} ms"
    return Line("tile_uncached", "≥ 0.6", ratio, ratio >= 0.6, shown)


def tile_cached(engine: Engine) -> Line:
    """Cached tiles over HTTP against a route that returns a constant, 4 clients."""
    paths = [f"/tiles/areas/{z}/{x}/{y}.mvt" for z, x, y in _tiles(40)]
    with servers.serving() as served:
        for _ in range(6):  # so that every process has them
            load.rate(served.port, paths, clients=2, seconds=0.3)
        constant, _ = load.rate(served.port, ["/healthz"] * 8, seconds=SECONDS)
        cached, p95 = load.rate(served.port, paths, seconds=SECONDS)
        again, _ = load.rate(served.port, ["/healthz"] * 8, seconds=SECONDS)
    constant = (constant + again) / 2
    ratio = cached / constant
    detail = {"cached_per_second": cached, "constant_per_second": constant, "p95_ms": p95}
    return Line("tile_cached", "≥ 0.5", ratio, ratio >= 0.5, f"{cached:,.0f}/s : {constant:,.0f}/s", detail)


PLAIN_UNION = text(
    """
    WITH reach AS MATERIALIZED (
        SELECT ST_Buffer(point, 10000, 12)::geometry AS reach FROM facilities
        WHERE kind = 'hospital' AND status = 'open'
    )
    SELECT a.code, coalesce(ST_Area(ST_Intersection(a.boundary, u.reach)::geography), 0)
                   / ST_Area(a.boundary::geography) AS share
    FROM areas a
    LEFT JOIN LATERAL (SELECT ST_Union(reach) AS reach FROM reach WHERE ST_Intersects(reach, a.boundary)) u ON true
    WHERE a.level = 'tambon'
    """
)
"""What one would write first for 10 km: every buffer that touches, united, cut. One metric, one radius, no writes."""


def coverage_full(engine: Engine) -> Line:
    """All figures of hospitals (three radii, all metrics, all levels) against the bare statement that computes them."""
    service, bare, plain = [], [], []
    for _ in range(3):
        with Session(engine) as session:
            began = time.perf_counter()
            coverage.refresh_all(session, kinds=["hospital"])
            session.commit()
            service.append(time.perf_counter() - began)
        with engine.connect() as connection:
            codes = connection.scalars(text("SELECT code FROM areas WHERE level = 'tambon' ORDER BY code")).all()
            values = {
                "kind": "hospital", "codes": list(codes), "share_codes": [code for code in codes for _ in RADII_KM],
                "share_metres": [km * 1000 for _ in codes for km in RADII_KM], "now": datetime.now(UTC),
            }  # fmt: skip
            statement = text(figures.bare_full_sql())
            began = time.perf_counter()
            connection.execute(statement, values)
            bare.append(time.perf_counter() - began)
            connection.rollback()
            began = time.perf_counter()
            connection.execute(PLAIN_UNION).all()
            plain.append(time.perf_counter() - began)
    ratio = min(service) / min(bare)
    shown = f"{min(service):.2f} s : {min(bare):.2f} s"
    detail = {"seconds": min(service), "plain_union_10_km_seconds": min(plain)}
    return Line("coverage_full", "≤ 2.0 ×", ratio, ratio <= 2.0, shown, detail)


def coverage_one_pin(engine: Engine) -> Line:
    """One hospital closes and opens again, against computing everything anew."""
    with Session(engine) as session:
        began = time.perf_counter()
        coverage.refresh_all(session, kinds=["hospital"])
        session.commit()
        full = time.perf_counter() - began
    times = []
    with Session(engine) as session:
        ids = session.scalars(select(Facility.id).where(Facility.kind == "hospital").order_by(Facility.id)).all()
        for pin in random.Random(3).sample(list(ids), 20):
            for status in ("closed", "open"):
                session.execute(update(Facility).where(Facility.id == pin).values(status=status))
                began = time.perf_counter()
                coverage.update(session, ids={pin})
                session.commit()
                times.append(time.perf_counter() - began)
    one = sum(times) / len(times)
    shown = f"{one * 1000:.0f} ms : {full:.2f} s"
    return Line("coverage_one_pin", "≤ 1/50", one / full, one / full <= 1 / 50, shown, {"worst_ms": max(times) * 1000})


def bytes_over_the_wire(engine: Engine) -> Line:
    """The first view of the national tambon choropleth against Folium's own document of the same."""
    page = "/coverage?level=tambon&metric=nearest_km&kind=hospital"
    with servers.serving() as served:
        values = json.load(urllib.request.urlopen(f"{served.address}/api/v1/coverage/values{page[page.index('?') :]}"))
        ours, listed = wire.first_view(served.address + page)
    plain, packed = wire.folium_choropleth(values["values"])
    met = ours <= 450_000 and plain >= 10 * ours
    detail = {"ours": ours, "folium": plain, "folium_gzipped": packed, "largest": listed[:12]}
    shown = f"{ours / 1000:,.0f} kB : {plain / 1000:,.0f} kB (gzipped {packed / 1000:,.0f} kB)"
    return Line("bytes", "≤ 450 kB, ≥ 10 × less", plain / ours, met, shown, detail)


def memory(engine: Engine) -> Line:
    """Resident memory of a web process after pages, tiles, nearest and coverage have been asked of it."""
    pages = ["/", "/coverage?level=tambon", "/areas/50", "/api/v1/coverage/values?level=tambon&kind=hospital",
             "/about/data", "/api/v1/coverage/best-site?kind=hospital", "/maps/coverage", "/api/v1/docs"]  # fmt: skip
    asked = [f"/api/v1/facilities/nearest?lat={lat}&lon={lon}&limit=50" for lat, lon in places(engine, 500)]
    drawn = [
        f"/tiles/{layer}/{z}/{x}/{y}.mvt" for z, x, y in _tiles(400) for layer in ("areas", "tambon", "facilities")
    ]
    with servers.serving() as served:
        for paths in (pages, drawn, asked, pages):
            load.rate(served.port, paths, seconds=SECONDS)
        sizes = served.resident_mb()
    return Line("memory", "≤ 200 MB", sizes[0], sizes[0] <= 200, f"{sizes[0]:.0f} MB", {"all_mb": sizes})


def import_10k_rows(engine: Engine) -> Line:
    """An officer's spreadsheet of 10,000 rows from its upload to done: what the officer waits for. The figures of
    coverage, which the scheduler computes after that, are shown beside it."""
    seconds = imports.measure(engine)
    page = seconds["page"]
    shown = f"{page:.1f} s (then figures {seconds['figures']:.1f} s) : {seconds['bare']:.1f} s"
    return Line("import_10k_rows", "≤ 20 s", page, page <= 20, shown, dict(seconds))


LINES: dict[str, Callable[[Engine], Line]] = {
    "nearest": nearest,
    "tile_uncached": tile_uncached,
    "tile_cached": tile_cached,
    "coverage_full": coverage_full,
    "coverage_one_pin": coverage_one_pin,
    "import_10k_rows": import_10k_rows,
    "bytes": bytes_over_the_wire,
    "console_table_p95": console.table_p95,
    "post": posting.post,
    "claim": claims.measure,
    "nearby": requests.nearby,
    "live": requests.live,
    "memory": memory,
    "map_document": saving.document,
    "save_map": saving.province,
    "survey_entry": surveying.measure,
    "survey_page": survey_figures.page_p95,
    "survey_seen": survey_figures.seen,
    "survey_rebuild": survey_figures.rebuild,
    "survey_queue": queueing.measure,
    "statistics_page": statistics_pages.page_p95,
    "statistics_seen": statistics_pages.seen,
    "save_map_country": saving.country,
}


def counts(engine: Engine) -> dict[str, int]:
    """What was measured on."""
    with engine.connect() as connection:
        return {
            name: connection.execute(text(sql)).scalar_one()
            for name, sql in {
                "tambons": "SELECT count(*) FROM areas WHERE level = 'tambon'",
                "facilities": "SELECT count(*) FROM facilities",
                "hospitals": "SELECT count(*) FROM facilities WHERE kind = 'hospital'",
            }.items()
        }


def open_engine() -> Engine:
    """An engine on a benchmark database that an earlier run built."""
    return database.engine(national.address())
