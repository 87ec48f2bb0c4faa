"""The officers' figures of the survey under measurement: 75,000 villages, 1,000,000 households, six target groups.

``BENCH_HOUSEHOLDS=100000`` measures on fewer, for a quick look.
"""

from __future__ import annotations

import os
import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench import load, national, servers
from bench.line import Line
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import ApiToken, Appointment, Person
from mapapp.accounts.signing_in import sessions
from mapapp.core.clock import today
from mapapp.core.vault import new_token, token_hash
from mapapp.survey import sums
from mapapp.survey.groups import CODES, QUESTIONS
from mapapp.survey.models import SurveyRound

VILLAGES = 75_000
HOUSEHOLDS = int(os.environ.get("BENCH_HOUSEHOLDS", "1000000"))
PAGES = 60
GOAL_TIMES, GOAL_SEEN_S, GOAL_REBUILD_S = 5.0, 2.0, 60.0
NAME = "bench figures"

_FILL = (
    """
    CREATE TEMP TABLE bench_villages ON COMMIT DROP AS
    SELECT code || lpad(n::text, 2, '0') AS village, row_number() OVER (ORDER BY n, code) - 1 AS place
    FROM areas, generate_series(1, 99) AS n WHERE level = 'tambon' ORDER BY n, code LIMIT :villages
    """,
    """
    INSERT INTO survey_villages (round_id, village_code, unit, counted)
    SELECT :round, village, 'household', 0 FROM bench_villages
    """,
    """
    INSERT INTO survey_entries (key, round_id, village_code, unit, household, state, version, observed_at, received_at,
        changed_at, by_person)
    SELECT gen_random_uuid(), :round, village, 'household', (h / :villages + 1)::text, 'counted', 1, now(), now(),
        now(), :person
    FROM generate_series(0, :households - 1) AS h JOIN bench_villages ON place = h % :villages
    """,
    """
    INSERT INTO survey_figures (entry_id, target_group, here, "none", one, two, more, unasked, refusing)
    SELECT id, code, 3, 1, 0, 1, 1, 0, 1
    FROM survey_entries CROSS JOIN unnest(CAST(:groups AS text[])) AS code WHERE round_id = :round
    """,
)

_BARE = text("""
SELECT village_code, target_group, sum(entries), sum(here), sum("none"), sum(one), sum(two), sum(more), sum(unasked),
    sum(refusing)
FROM survey_sums WHERE round_id = :round AND village_code LIKE :within GROUP BY 1, 2
""")
_BARE_ENTRIES = text("""
SELECT village_code, count(*) FILTER (WHERE state IN ('conflict', 'waiting')), max(received_at)
FROM survey_entries WHERE round_id = :round AND village_code LIKE :within GROUP BY 1
""")
_BARE_VILLAGES = text("""
SELECT village_code, unit, counted FROM survey_villages WHERE round_id = :round AND village_code LIKE :within
""")


class Built(NamedTuple):
    """What is measured on."""

    round_id: int
    amphoe: list[str]
    """The largest ones."""
    cookie: str
    token: str


def built(engine: Engine) -> Built:
    """The survey, made where an earlier line has not; an officer of the ministry, and a key to record with."""
    with Session(engine) as session:
        found = session.scalars(text("SELECT max(id) FROM survey_rounds WHERE name = :name"), {"name": NAME}).one()
        person, cookie, token = _ministry(session)
        number = found or _fill(session, person)
        session.commit()
        amphoe = session.scalars(
            text("SELECT left(village_code, 4) FROM survey_villages WHERE round_id = :round GROUP BY 1"
                 " ORDER BY count(*) DESC, 1 LIMIT 20"), {"round": number},
        ).all()  # fmt: skip
    if not found:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE survey_entries, survey_figures, survey_sums, survey_villages"))
    return Built(number, list(amphoe), cookie, token)


def _fill(session: Session, person: uuid.UUID) -> int:
    now = datetime.now(UTC)
    row = SurveyRound(
        name=NAME, area_code="TH", starts_on=today(now), ends_on=today(now) + timedelta(days=30), version=QUESTIONS,
        made_at=now, opened_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    asked = {
        "round": row.id, "villages": VILLAGES, "households": HOUSEHOLDS, "person": person, "groups": list(CODES),
    }  # fmt: skip
    for statement in _FILL:
        names = set(re.findall(r"(?<!:):(\w+)", statement))
        session.execute(text(statement), {name: asked[name] for name in names})
    sums.rebuild(session)
    return row.id


def _ministry(session: Session) -> tuple[uuid.UUID, str, str]:
    now = datetime.now(UTC)
    who = Person(name="bench", organisation="bench", first_signed_in_at=now)
    session.add(who)
    session.flush()
    appointment = Appointment(
        person_id=who.id, role="ministry", area_code="TH", starts_at=now - timedelta(days=1),
        confidentiality_on=today(now), training_expires_on=today(now) + timedelta(days=300),
    )  # fmt: skip
    session.add(appointment)
    session.flush()
    token = new_token()
    session.add(
        ApiToken(
            person_id=who.id, appointment_id=appointment.id, name="bench", token_hash=token_hash(token),
            scopes=["survey.enter"], created_at=now, expires_at=now + timedelta(days=1),
        )
    )  # fmt: skip
    cookie = sessions.start(session, who.id, now=now, device="bench", address="127.0.0.1", second_factor=True)
    return who.id, cookie, token


def page_p95(engine: Engine) -> Line:
    """An amphoe's page over HTTP, one officer, against the bare statements of its figures; the slowest twentieth."""
    survey = built(engine)
    http, bare = [], []
    with servers.serving() as served, Session(engine) as session:
        client = load.Client(served.port, cookie=f"{PLAIN_COOKIE}={survey.cookie}")
        for place in range(PAGES + 10):
            amphoe = survey.amphoe[place % len(survey.amphoe)]
            began = time.perf_counter()
            for statement in (_BARE, _BARE_ENTRIES, _BARE_VILLAGES):
                session.execute(statement, {"round": survey.round_id, "within": f"{amphoe}%"}).all()
            middle = time.perf_counter()
            status, _size = client.get(f"/officer/survey?area={amphoe}&round={survey.round_id}")
            assert status == 200, amphoe
            if place >= 10:  # each process has its templates
                http.append(time.perf_counter() - middle)
                bare.append(middle - began)
        client.close()
    page, rows = (sorted(times)[int(len(times) * 0.95)] * 1000 for times in (http, bare))
    ratio = page / rows
    detail = {"http_p95_ms": page, "bare_p95_ms": rows, "households": HOUSEHOLDS}
    return Line("survey_page", "≤ 5 ×", ratio, ratio <= GOAL_TIMES, f"{page:.0f} ms : {rows:.0f} ms", detail)


def seen(engine: Engine) -> Line:
    """From a record's receipt to its figure among the officers' sums, as the page reads them."""
    survey = built(engine)
    village = f"{survey.amphoe[0]}0101"
    times = []
    with servers.serving() as served, Session(engine) as session:
        client = load.Client(served.port)
        for number in range(20):
            before = _here(session, survey.round_id, village)
            body = {"round": survey.round_id, "village": village, "household": f"{number}/{uuid.uuid4().int % 10**6}",
                    "groups": {"adult": {"here": 2, "more": 2}}}  # fmt: skip
            status, _answer = client.send("PUT", f"/api/v1/survey/entries/{uuid.uuid4()}", body, survey.token)
            assert status == 201, status
            began = time.perf_counter()
            while _here(session, survey.round_id, village) != before + 2:
                assert time.perf_counter() - began < 30, "the figure never came"
            times.append(time.perf_counter() - began)
        client.close()
    worst = max(times)
    return Line("survey_seen", "≤ 2 s", worst, worst <= GOAL_SEEN_S, f"{worst * 1000:.0f} ms", {"records": len(times)})


def _here(session: Session, round_id: int, village: str) -> int:
    session.rollback()
    asked = {"round": round_id, "village": village}
    found: int | None = session.scalars(
        text("SELECT here FROM survey_sums WHERE round_id = :round AND village_code = :village"
             " AND target_group = 'adult'"), asked,
    ).one_or_none()  # fmt: skip
    return found or 0


def rebuild(engine: Engine) -> Line:
    """All sums from all records by the operator's command, and whether they are what they were."""
    built(engine)
    seconds = national.command("survey", "rebuild")
    with Session(engine) as session:
        apart = sums.different(session)
    met = seconds <= GOAL_REBUILD_S and not apart
    detail = {"households": HOUSEHOLDS, "apart": apart}
    return Line("survey_rebuild", "≤ 60 s, identical", seconds, met, f"{seconds:.1f} s; {apart} apart", detail)
