"""Survey records under measurement: 32 clients send households over HTTP, a tenth of them twice as after a lost answer,
and a tenth by two clients.

What each client was told is held against the database afterwards: no household counts twice, no record that was
acknowledged is missing, and the sums are those of the records. The rate is compared with pgbench inserting the same
rows and nothing else: a record, its figures of six groups, its history, with a commit each.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any, NamedTuple

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench import load, pgbench, servers
from bench.line import SECONDS, Line
from mapapp.accounts.models import ApiToken, Appointment, Person
from mapapp.core.clock import today
from mapapp.core.vault import new_token, token_hash
from mapapp.survey import sums
from mapapp.survey.groups import CODES, QUESTIONS
from mapapp.survey.models import SurveyRound

CLIENTS, PROCESSES, EACH = 32, 2, 300
KEYS_EACH = 2
"""API keys of a client; one may write 600 times an hour."""
VILLAGES = 400
TWICE = 10
"""Every so many-th record is sent twice, and every so many-th household by a second client, too."""
GOAL = 0.2

GROUP = {"here": 3, "none": 1, "one": 0, "two": 1, "more": 1, "unasked": 0, "refusing": 1}

BARE = """\\set village random(1, {villages})
\\set house random(1, 2000000000)
BEGIN;
WITH made AS (
    INSERT INTO survey_entries (key, round_id, village_code, unit, household, state, version, observed_at, received_at,
        changed_at, by_person)
    SELECT gen_random_uuid(), {round}, '{province}0101' || lpad((:village % 90 + 1)::text, 2, '0'), 'household',
        :house::text, 'refused', 1, now(), now(), now(), '{person}' RETURNING id, key
), figures AS (
    INSERT INTO survey_figures (entry_id, target_group, here, "none", one, two, more, unasked, refusing)
    SELECT id, unnest(ARRAY[{groups}]), 3, 1, 0, 1, 1, 0, 1 FROM made
)
INSERT INTO survey_revisions (key, entry_id, revision, step, at, observed_at, by_person, figures)
SELECT key, id, 1, 'recorded', now(), now(), '{person}', '{{}}' FROM made;
COMMIT;
"""


class Told(NamedTuple):
    """One answer."""

    key: str
    status: int
    entry: int


class Job(NamedTuple):
    """What one client sends: key, village and house number of each record."""

    tokens: list[str]
    records: list[tuple[str, str, str]]


def measure(engine: Engine) -> Line:
    """The line ``survey_entry``."""
    with Session(engine) as session:
        province = session.scalars(text("SELECT min(code) FROM areas WHERE level = 'province'")).one()
        tambons = session.scalars(
            text("SELECT code FROM areas WHERE level = 'tambon' AND code LIKE :within || '%' ORDER BY code LIMIT 20"),
            {"within": province},
        ).all()
        person, tokens = _volunteers(session, province)
        rounds = [_round(session, province) for _ in range(2)]
        session.commit()
    jobs = _jobs(tambons, tokens)
    with servers.serving() as served:
        told, seconds = _run(served.port, rounds[0], jobs)
    double, lost, apart = _verify(engine, rounds[0], told)
    rate = len(told) / seconds
    groups = ",".join(f"'{code}'" for code in CODES)
    script = BARE.format(villages=VILLAGES, round=rounds[1], province=province, person=person, groups=groups)
    bare = pgbench.rate(script, seconds=SECONDS, clients=CLIENTS)
    ratio = rate / bare
    detail = {"sent": len(told), "double": double, "lost_acknowledgements": lost, "sums_apart": apart,
              "http_per_second": rate, "pgbench_per_second": bare}  # fmt: skip
    shown = f"{rate:,.0f}/s : {bare:,.0f}/s; double {double}, lost {lost}, sums apart {apart}"
    met = ratio >= GOAL and not double and not lost and not apart
    return Line("survey_entry", "≥ 0.2; 0 double, 0 lost", ratio, met, shown, detail)


def _round(session: Session, province: str) -> int:
    now = datetime.now(UTC)
    row = SurveyRound(
        name="bench", area_code=province, starts_on=today(now), ends_on=today(now) + timedelta(days=30),
        version=QUESTIONS, made_at=now, opened_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def _volunteers(session: Session, province: str) -> tuple[str, list[list[str]]]:
    """A data volunteer for each client: somebody's number, and the keys of each."""
    now, keys, last = datetime.now(UTC), [], ""
    for number in range(CLIENTS):
        person = Person(id=uuid.uuid4(), name=f"bench {number}", first_signed_in_at=now)
        session.add(person)
        session.flush()
        appointment = Appointment(
            person_id=person.id, role="data_volunteer", area_code=province, starts_at=now - timedelta(days=1),
            confidentiality_on=today(now), training_expires_on=today(now) + timedelta(days=30),
        )  # fmt: skip
        session.add(appointment)
        session.flush()
        mine = [new_token() for _ in range(KEYS_EACH)]
        session.add_all(
            ApiToken(
                person_id=person.id, appointment_id=appointment.id, name="bench", token_hash=token_hash(token),
                scopes=["survey.enter"], created_at=now, expires_at=now + timedelta(days=1),
            )
            for token in mine
        )  # fmt: skip
        keys.append(mine)
        last = str(person.id)
    return last, keys


def _jobs(tambons: Sequence[str], tokens: list[list[str]]) -> list[Job]:
    """Each client's own households; some sent twice under their key, some of the neighbour's under a key of its own."""
    jobs = []
    for number in range(CLIENTS):
        records = []
        for place in range(EACH):
            owner = number & ~1 if place % TWICE == 0 else number  # the pair's household, or one's own
            at = (owner * EACH + place) % VILLAGES
            village = f"{tambons[at % len(tambons)]}{1 + at // len(tambons):02}"
            house = f"{owner}/{place}"
            one = (str(uuid.uuid4()), village, house)
            records += [one, one] if place % TWICE == 2 else [one]
        jobs.append(Job(tokens[number], records))
    return jobs


def _run(port: int, round_id: int, jobs: Sequence[Job]) -> tuple[list[Told], float]:
    """All clients at once; what they were told, and the seconds from the first record to the last receipt."""
    share = CLIENTS // PROCESSES
    shares = [(port, round_id, jobs[at : at + share]) for at in range(0, CLIENTS, share)]
    results, seconds = load.in_processes(_work, shares)
    told = [
        Told(key, status, int(json.loads(answer).get("entry", 0))) for some in results for key, status, answer in some
    ]
    return told, seconds


def _work(port: int, round_id: int, jobs: Sequence[Job], begin: Barrier, done: Any) -> None:
    """Requests are written before the clock runs and answers are read after it, so that it measures the service."""
    answers: list[tuple[str, int, bytes]] = []

    def send(requests: list[tuple[str, bytes]], client: load.Client) -> None:
        for key, request in requests:
            answers.append((key, *client.exchange(request)))

    load.in_threads(send, [(_requests(round_id, job), load.Client(port)) for job in jobs], begin)
    done.put(answers)


def _requests(round_id: int, job: Job) -> list[tuple[str, bytes]]:
    """Key and bytes of each record of a client."""
    made = []
    for place, (key, village, house) in enumerate(job.records):
        body = {"round": round_id, "village": village, "household": house, "groups": dict.fromkeys(CODES, GROUP)}
        token = job.tokens[place % len(job.tokens)]
        made.append((key, load.request("PUT", f"/api/v1/survey/entries/{key}", body, token)))
    return made


def _verify(engine: Engine, round_id: int, told: Sequence[Told]) -> tuple[int, int, int]:
    """Households that count twice, acknowledged records that are not there, sums that are not those of the records."""
    with Session(engine) as session:
        rows = session.execute(
            text("SELECT key::text, id FROM survey_entries WHERE round_id = :round"), {"round": round_id}
        ).all()
        twice: int = session.scalars(
            text(
                "SELECT count(*) FROM (SELECT FROM survey_entries WHERE round_id = :round AND state = 'counted'"
                " GROUP BY village_code, household HAVING count(*) > 1) AS twice"
            ),
            {"round": round_id},
        ).one()
        apart = sums.different(session)
    there: dict[str, int] = {row[0]: row[1] for row in rows}
    double = twice + len(rows) - len({one.key for one in told})
    lost = sum(one.status not in (200, 201) or there.get(one.key) != one.entry for one in told)
    return double, lost, apart
