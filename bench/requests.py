"""Open requests under measurement: “near me” with a million requests against ten thousand, and how long after a commit
two hundred open pages know and show it."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench import load, servers
from bench.line import Line
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import sessions
from mapapp.core import geo
from mapapp.core.clock import today
from mapapp.help_requests.nearby import queries
from mapapp.volunteers.models import Volunteer

FEW, MANY = 10_000, 1_000_000
"""Requests, of which a third are open."""
PEOPLE, ASKED_EACH = 30, 20
"""Volunteers who ask, and how often each does; one may 60 times a minute."""
NEARBY_TIMES = 2.0

LISTENERS, CHANGES, EVERY_S = 200, 12, 2.5
LIVE_S = 2.0

_EMPTY = text("TRUNCATE help_requests, help_needs, help_leases, help_offers, help_events CASCADE")

# Spread like people, within 6 km of their tambon's point; a fourth of the open ones are held; none is so old that its
# resident is asked. The cell is a square of 0.01° everywhere: the smallest there is, so the most distances to order by.
_REQUESTS = text("""
INSERT INTO help_requests (urgency, people, description, tambon_code, point, cell, cell_key, cell_size,
                           cell_tambon_code, posted_at, changed_at, confirmed_at, free_from, closed_at, outcome,
                           consent_version, consent_at)
SELECT CASE WHEN n % 10 = 0 THEN 1 WHEN n % 10 < 4 THEN 2 ELSE 3 END, 1 + n % 5, 'bench ' || n, code,
       ST_MakePoint(lon, lat)::geography,
       ST_MakePoint((floor(lon * 100) + 0.5) / 100, (floor(lat * 100) + 0.5) / 100)::geography,
       '1:' || floor(lat * 100)::int || ':' || floor(lon * 100)::int, 1, code, posted, posted, posted,
       CASE WHEN n % 12 = 0 THEN now() + interval '2 hours' WHEN n % 3 = 0 THEN posted END,
       CASE WHEN n % 3 <> 0 THEN posted + interval '1 day' END, CASE WHEN n % 3 <> 0 THEN 'helped' END, 'bench', posted
FROM (
    SELECT a.code, n, ST_X(q.p) AS lon, ST_Y(q.p) AS lat, now() - random() * interval '12 days' AS posted
    FROM (SELECT code, point, sum(greatest(population, 1)) OVER (ORDER BY code) AS upto,
                 sum(greatest(population, 1)) OVER () AS everyone, greatest(population, 1) AS people
          FROM areas WHERE level = 'tambon') AS a,
         LATERAL generate_series(ceil(:count * (a.upto - a.people)::numeric / a.everyone)::int,
                                 ceil(:count * a.upto::numeric / a.everyone)::int - 1) AS n,
         LATERAL (SELECT ST_Project(a.point, 6000 * sqrt(random()), 2 * pi() * random())::geometry AS p
                  WHERE n IS NOT NULL) AS q
) AS g
""")
_NEEDS = text("""
INSERT INTO help_needs (request_id, kind, state, lease_ends_at)
SELECT r.id, (ARRAY['medical','transport','food','medicine','equipment','home_visit','other'])[1 + (r.id + k) % 7],
       CASE WHEN r.closed_at IS NOT NULL THEN 'helped' WHEN r.free_from > now() THEN 'claimed' ELSE 'open' END,
       CASE WHEN r.closed_at IS NULL AND r.free_from > now() THEN r.free_from END
FROM help_requests AS r, generate_series(1, 1 + (r.id % 2)::int) AS k
""")
_PLACES = text("""
SELECT code, ST_Y(point::geometry) AS lat, ST_X(point::geometry) AS lon
FROM areas WHERE level = 'tambon' ORDER BY md5(code) LIMIT :count
""")


class Page(NamedTuple):
    """Somebody who has signed in: of which province, with which cookie, and where they ask from."""

    province: str
    cookie: str
    at: geo.Point


def fill(engine: Engine, count: int) -> None:
    """So many requests, and none besides."""
    with engine.begin() as connection:
        connection.execute(_EMPTY)
        connection.execute(text("SELECT setseed(0.42)"))
        connection.execute(_REQUESTS, {"count": count})
        connection.execute(_NEEDS)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE help_requests, help_needs"))


def empty(engine: Engine) -> None:
    """Takes them away again."""
    with engine.begin() as connection:
        connection.execute(_EMPTY)


def volunteers(engine: Engine, count: int, *, all_at: str | None = None) -> list[Page]:
    """Volunteers of a province each, at tambons all over the country, or all at one tambon."""
    now, made = datetime.now(UTC), []
    with Session(engine) as session:
        places = session.execute(_PLACES, {"count": count if all_at is None else 10_000}).all()
        if all_at is not None:
            places = [next(place for place in places if place.code.startswith(all_at))] * count
        for place in places:
            who = Person(name="bench", organisation="bench", first_signed_in_at=now)
            session.add(who)
            session.flush()
            session.add(
                Volunteer(
                    person_id=who.id, kind="other", home_tambon=place.code, state="approved", state_at=now,
                    consent_version="bench", joined_at=now,
                )
            )  # fmt: skip
            session.add(
                Appointment(
                    person_id=who.id, role="volunteer", area_code=place.code[:2], starts_at=now - timedelta(days=1),
                    confidentiality_on=today(now), training_expires_on=today(now) + timedelta(days=300),
                )
            )  # fmt: skip
            token = sessions.start(session, who.id, now=now, device="bench", address="127.0.0.1", second_factor=True)
            here = geo.Point(lat=place.lat, lon=place.lon)
            made.append(Page(place.code[:2], f"{PLAIN_COOKIE}={token}\r\nHX-Request: true", here))
        session.commit()
    return made


# Near me --------------------------------------------------------------------------------------------------------


def nearby(engine: Engine) -> Line:
    """The list over HTTP, as a page asks for it again, with a million requests and with ten thousand; p50."""
    people = volunteers(engine, PEOPLE)
    p50: dict[int, tuple[float, float]] = {}
    try:
        for count in (FEW, MANY):
            fill(engine, count)
            p50[count] = _asked(engine, people)
    finally:
        empty(engine)
    (few, few_bare), (many, many_bare) = p50[FEW], p50[MANY]
    shown = f"{many:.1f} ms : {few:.1f} ms"
    detail = {"many_ms": many, "few_ms": few, "many_bare_ms": many_bare, "few_bare_ms": few_bare, "requests": MANY}
    return Line("nearby", f"≤ {NEARBY_TIMES:g} ×", many / few, many <= NEARBY_TIMES * few, shown, detail)


def _asked(engine: Engine, people: list[Page]) -> tuple[float, float]:
    """Milliseconds of the middle answer over HTTP, and of the middle search in the database alone."""
    http, bare = [], []
    chance = random.Random(3)
    with servers.serving() as served, engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for one in people:
            client = load.Client(served.port, cookie=one.cookie)
            for number in range(ASKED_EACH):
                lat, lon = one.at.lat + chance.uniform(-0.05, 0.05), one.at.lon + chance.uniform(-0.05, 0.05)
                began = time.perf_counter()
                status, _size = client.get(f"/volunteer/nearby?km=20&lat={lat:.5f}&lon={lon:.5f}")
                middle = time.perf_counter()
                with Session(connection) as session:
                    wanted = queries.Wanted(geo.Point(lat=lat, lon=lon), (one.province,), 20)
                    queries.near(session, wanted, datetime.now(UTC))
                if number:  # the first is the connection's and the templates'
                    http.append(middle - began)
                    bare.append(time.perf_counter() - middle)
                assert status == 200
            client.close()
    return sorted(http)[len(http) // 2] * 1000, sorted(bare)[len(bare) // 2] * 1000


# Live -----------------------------------------------------------------------------------------------------------


@dataclass
class Heard:
    """When a change was committed, and what of it arrived when."""

    began: float = 0.0
    told: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    as_before: int = 0


_NEW = text("""
WITH made AS (
    INSERT INTO help_requests (urgency, description, tambon_code, cell, cell_key, cell_size, cell_tambon_code,
                               posted_at, changed_at, confirmed_at, free_from, consent_version, consent_at)
    SELECT 1, 'bench', a.code, a.point, 't:' || a.code, 0, a.code, now(), now(), now(), now(), 'bench', now()
    FROM areas AS a WHERE a.code = :code
    RETURNING id, tambon_code
), needs AS (INSERT INTO help_needs (request_id, kind) SELECT id, 'food' FROM made)
INSERT INTO help_events (request_id, cell_tambon_code, tambon_code, at, action, actor_kind)
SELECT id, tambon_code, tambon_code, now(), 'posted', 'public' FROM made
""")


def live(engine: Engine) -> Line:
    """Two hundred open pages of one province: seconds from a commit until each is told, and until each has the new
    list; the slowest twentieth. A page waits up to half a second before it asks, so that not all do at once."""
    with engine.connect() as connection:
        code = connection.scalars(text("SELECT min(code) FROM areas WHERE level = 'tambon'")).one()
    fill(engine, FEW)
    people = volunteers(engine, LISTENERS, all_at=code)
    try:
        with servers.serving() as served:
            heard = asyncio.run(_listen(engine, served.port, people, code))
            resident = served.resident_mb()
    finally:
        empty(engine)
    expected = LISTENERS * CHANGES
    told, shown = _p95(heard.told), _p95(heard.shown)
    missed = expected - len(heard.shown)
    detail = {"told_p95_s": told, "shown_p95_s": shown, "slowest_s": max(heard.shown), "expected": expected,
              "missed": missed, "as_before": heard.as_before, "resident_mb": resident}  # fmt: skip
    text_ = f"told {told:.2f} s, shown {shown:.2f} s; {missed} missed"
    return Line("live", f"≤ {LIVE_S:g} s", shown, shown <= LIVE_S and not missed, text_, detail)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


async def _listen(engine: Engine, port: int, people: list[Page], code: str) -> Heard:
    heard, ready = Heard(), asyncio.Semaphore(0)
    pages = [asyncio.create_task(_page(port, one, heard, ready)) for one in people]
    for _ in people:
        await ready.acquire()
    await asyncio.sleep(1)
    for _ in range(CHANGES):
        with engine.connect() as connection:
            connection.execute(_NEW, {"code": code})
            heard.began = time.perf_counter()
            connection.commit()
        await asyncio.sleep(EVERY_S)
    await asyncio.sleep(LIVE_S)
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    return heard


async def _page(port: int, one: Page, heard: Heard, ready: asyncio.Semaphore) -> None:
    """What static/js/live.js does."""
    line, ask = await asyncio.open_connection("127.0.0.1", port)
    ask.write(_head("/live/requests", one))
    path = "/volunteer/nearby?km=20"
    again = await asyncio.open_connection("127.0.0.1", port)
    _status, tag = await _fetch(again, path, one, "")
    ready.release()
    while part := await line.readline():
        if not part.startswith(b"event: changed"):
            continue
        began = heard.began
        heard.told.append(time.perf_counter() - began)
        await asyncio.sleep(random.uniform(0, 0.5))
        status, tag = await _fetch(again, path, one, tag)
        heard.shown.append(time.perf_counter() - began)
        heard.as_before += status != 200


def _head(path: str, one: Page, tag: str = "") -> bytes:
    known = f"If-None-Match: {tag}\r\n" if tag else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {one.cookie}\r\n{known}\r\n".encode()


async def _fetch(
    line: tuple[asyncio.StreamReader, asyncio.StreamWriter], path: str, one: Page, tag: str
) -> tuple[int, str]:
    reader, writer = line
    writer.write(_head(path, one, tag))
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    headers = dict(part.split(": ", 1) for part in head.split("\r\n")[1:] if ": " in part)
    await reader.readexactly(int(headers.get("content-length", 0)))
    return int(head[9:12]), headers.get("etag", tag)
