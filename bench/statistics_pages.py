"""The officers' statistics under measurement, on the survey of ``survey_figures``: their pages, and how soon they have
what was recorded."""

from __future__ import annotations

import time
import uuid

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench import load, national, servers, survey_figures
from bench.line import Line
from mapapp import rooms
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.statistics import measures, queries

PAGES, GOAL_TIMES, GOAL_SEEN_S = 60, 5.0, 2.0


def page_p95(engine: Engine) -> Line:
    """The page of the country and that of a province over HTTP, one officer, against the bare statement of its figures;
    the slowest twentieth."""
    rooms.connect()  # which registers the measures
    built = survey_figures.built(engine)
    national.command("statistics", "rebuild")
    province = built.amphoe[0][:2]
    detail: dict[str, object] = {"households": survey_figures.HOUSEHOLDS}
    worst, told = 0.0, []
    with servers.serving() as served, Session(engine) as session:
        client = load.Client(served.port, cookie=f"{PLAIN_COOKIE}={built.cookie}")
        for name, area, length in (("country", "TH", 2), ("province", province, 4)):
            http, bare = [], []
            for place in range(PAGES + 10):
                began = time.perf_counter()
                queries.lines(session, area, length, measures.names())
                middle = time.perf_counter()
                status, _size = client.get(f"/officer/statistics/{area}?measure=vaccination")
                assert status == 200, area
                if place >= 10:  # each process has its templates
                    http.append(time.perf_counter() - middle)
                    bare.append(middle - began)
            page, rows = (sorted(times)[int(len(times) * 0.95)] * 1000 for times in (http, bare))
            worst = max(worst, page / rows)
            told.append(f"{name} {page:.0f} ms : {rows:.1f} ms")
            detail |= {f"{name}_http_p95_ms": page, f"{name}_bare_p95_ms": rows}
        client.close()
    return Line("statistics_page", "≤ 5 ×", worst, worst <= GOAL_TIMES, "; ".join(told), detail)


def seen(engine: Engine) -> Line:
    """From a record's receipt to the figure of its tambon, and of the country, as officers' pages read them."""
    rooms.connect()  # which registers the measures
    built = survey_figures.built(engine)
    national.command("statistics", "rebuild")
    village = f"{built.amphoe[0]}0101"
    times = []
    with servers.serving() as served, Session(engine) as session:
        time.sleep(2)  # what is due at the start is done
        client = load.Client(served.port)
        for number in range(20):
            before = _here(session, village[:6]), _here(session, "TH")
            body = {"round": built.round_id, "village": village, "household": f"{number}/{uuid.uuid4().int % 10**6}",
                    "groups": {"adult": {"here": 2, "more": 2}}}  # fmt: skip
            status, _answer = client.send("PUT", f"/api/v1/survey/entries/{uuid.uuid4()}", body, built.token)
            assert status == 201, status
            began = time.perf_counter()
            while (_here(session, village[:6]), _here(session, "TH")) != (before[0] + 2, before[1] + 2):
                assert time.perf_counter() - began < 90, "the figure never came"
                time.sleep(0.01)
            times.append(time.perf_counter() - began)
        client.close()
    worst = max(times)
    middle = sorted(times)[len(times) // 2]
    told = f"{worst * 1000:.0f} ms, half within {middle * 1000:.0f} ms"
    return Line("statistics_seen", "≤ 2 s", worst, worst <= GOAL_SEEN_S, told, {"records": len(times)})


def _here(session: Session, code: str) -> int:
    session.rollback()
    vaccination = measures.get("vaccination")
    values = session.scalars(
        text("SELECT values FROM statistics_figures WHERE measure = 'vaccination' AND area_code = :code"),
        {"code": code},
    ).one()
    return int(vaccination.value("adult.here", vaccination.cells_of(values)) or 0)
