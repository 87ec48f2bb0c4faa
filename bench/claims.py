"""Claims under measurement: 32 clients take 10,000 requests on over HTTP, a tenth of which two of them tap at once.

What each client was told is held against the database afterwards: nothing has two holders, and nothing that was told
is missing. The rate is compared with pgbench doing the least that could be a claim: one conditional update of a need
and its event, by as many clients in the same database, with a commit each.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
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

REQUESTS, CLIENTS, PROCESSES = 10_000, 32, 2
PER_CLIENT = 10
"""Volunteers a client taps for in turn, so that nobody comes near the most one may hold."""
TWICE = 10
"""Every so many-th request is tapped by two clients at the same moment."""
GOAL = 0.2

_REQUESTS = text("""
WITH made AS (
    INSERT INTO help_requests (urgency, description, tambon_code, cell, cell_key, cell_size, cell_tambon_code,
                               posted_at, changed_at, confirmed_at, free_from, consent_version, consent_at)
    SELECT 1 + n % 3, 'bench', a.code, a.point, 't:' || a.code, 0, a.code, now(), now(), now(), now(), 'bench', now()
    FROM generate_series(1, :count) AS n
    JOIN (SELECT code, point, row_number() OVER (ORDER BY code) AS place, count(*) OVER () AS all_of
          FROM areas WHERE level = 'tambon' AND code LIKE :province || '%') AS a ON a.place = 1 + n % a.all_of
    RETURNING id, posted_at
)
INSERT INTO help_needs (request_id, kind) SELECT id, 'food' FROM made RETURNING request_id
""")

BARE = """\\set need random({first}, {last})
BEGIN;
WITH got AS (
    UPDATE help_needs SET state = 'claimed', lease_ends_at = now(), holder_id = '{person}'
    WHERE id = :need AND (state = 'open' OR lease_ends_at <= now())
    RETURNING id, request_id
)
INSERT INTO help_events (request_id, need_id, cell_tambon_code, tambon_code, at, action, actor_kind, person_id)
SELECT request_id, id, '000000', '000000', now(), 'claimed', 'person', '{person}' FROM got;
COMMIT;
"""


class Told(NamedTuple):
    """One answer."""

    request: int
    person: str
    status: int
    is_new: bool


@dataclass
class Volunteers:
    """Who taps, with their keys."""

    people: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


class Poster(load.Client):
    """Sends claims on one keep-alive connection."""

    def claim(self, request: int, token: str) -> tuple[int, dict[str, Any]]:
        """Takes one request on; returns the status and the answer."""
        return self.send("POST", f"/api/v1/help-requests/{request}/claim", {}, token)


def measure(engine: Engine) -> Line:
    """The line ``claim``."""
    with Session(engine) as session:
        province = session.scalars(text("SELECT min(code) FROM areas WHERE level = 'province'")).one()
        volunteers = _volunteers(session, CLIENTS * PER_CLIENT, province)
        ids = sorted(session.scalars(_REQUESTS, {"count": REQUESTS, "province": province}))
        others = sorted(session.scalars(_REQUESTS, {"count": REQUESTS, "province": province}))
        session.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE help_requests, help_needs"))
    with servers.serving(leases_per_volunteer="50") as served:
        told, seconds = _run(served.port, ids, volunteers)
    double, lost = _verify(engine, ids, told)
    rate = len(told) / seconds
    bare = _bare(engine, others, volunteers.people[0])
    ratio = rate / bare
    won = sum(one.status == 200 for one in told)
    met = ratio >= GOAL and not double and not lost and won == REQUESTS
    detail = {"taps": len(told), "won": won, "told_others_were_faster": sum(one.status == 409 for one in told),
              "double_claims": double, "lost_acknowledgements": lost, "http_per_second": rate,
              "pgbench_per_second": bare}  # fmt: skip
    shown = f"{rate:,.0f}/s : {bare:,.0f}/s; double {double}, lost {lost}"
    return Line("claim", "≥ 0.2; 0 double, 0 lost", ratio, met, shown, detail)


def _volunteers(session: Session, count: int, province: str) -> Volunteers:
    now, made = datetime.now(UTC), Volunteers()
    for number in range(count):
        person = Person(id=uuid.uuid4(), name=f"bench {number}", first_signed_in_at=now)
        session.add(person)
        session.flush()
        appointment = Appointment(
            person_id=person.id, role="volunteer", area_code=province, starts_at=now - timedelta(days=1),
            confidentiality_on=today(now), training_expires_on=today(now) + timedelta(days=30),
        )  # fmt: skip
        session.add(appointment)
        session.flush()
        token = new_token()
        session.add(
            ApiToken(
                person_id=person.id, appointment_id=appointment.id, name="bench", token_hash=token_hash(token),
                scopes=["requests.claim"], created_at=now, expires_at=now + timedelta(days=1),
            )
        )  # fmt: skip
        made.people.append(str(person.id))
        made.tokens.append(token)
    return made


def _lists(ids: Sequence[int]) -> list[list[int]]:
    """What each client taps: its own share, and every tenth of its neighbour's at the same place in the row."""
    shares = [list(ids[number::CLIENTS]) for number in range(CLIENTS)]
    return [
        [
            request
            for place, own in enumerate(share)
            for request in ([own, *shares[number ^ 1][place : place + 1]] if place % TWICE == 0 else [own])
        ]
        for number, share in enumerate(shares)
    ]


def _run(port: int, ids: Sequence[int], volunteers: Volunteers) -> tuple[list[Told], float]:
    """All clients at once; what they were told, and the seconds from the first tap to the last answer."""
    lists, share = list(enumerate(_lists(ids))), CLIENTS // PROCESSES
    jobs = [(port, lists[at : at + share], volunteers) for at in range(0, CLIENTS, share)]
    results, seconds = load.in_processes(_work, jobs)
    return [Told(*one) for some in results for one in some], seconds


def _work(port: int, lists: list[tuple[int, list[int]]], volunteers: Volunteers, begin: Barrier, done: Any) -> None:
    told: list[Told] = []
    clients = [Poster(port) for _ in lists]

    def tap(client: Poster, number: int, requests: list[int]) -> None:
        for place, request in enumerate(requests):
            who = number * PER_CLIENT + place % PER_CLIENT
            status, answer = client.claim(request, volunteers.tokens[who])
            told.append(Told(request, volunteers.people[who], status, bool(answer.get("is_new"))))

    jobs = [(client, number, requests) for client, (number, requests) in zip(clients, lists, strict=True)]
    load.in_threads(tap, jobs, begin)
    done.put([tuple(one) for one in told])


def _verify(engine: Engine, ids: Sequence[int], told: Sequence[Told]) -> tuple[int, int]:
    """Needs with two holders (in the rows or in what was told), and told claims that are not there."""
    won: dict[int, set[str]] = {}
    for one in told:
        if one.status == 200:
            won.setdefault(one.request, set()).add(one.person)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT request_id, array_agg(holder_id::text) FROM help_leases WHERE request_id = ANY (:ids)"
                 " AND ended_at IS NULL GROUP BY request_id"), {"ids": list(ids)},
        ).all()  # fmt: skip
    held = {row[0]: set(row[1]) for row in rows}
    double = sum(len(people) > 1 for people in won.values()) + sum(len(row[1]) > 1 for row in rows)
    lost = sum(held.get(request) != people for request, people in won.items())
    return double, lost


def _bare(engine: Engine, ids: Sequence[int], person: str) -> float:
    """pgbench on requests of its own, each free again at once, so that every transaction claims one."""
    with Session(engine) as session:
        first, last = session.execute(
            text("SELECT min(id), max(id) FROM help_needs WHERE request_id = ANY (:ids)"), {"ids": list(ids)}
        ).one()
        before = _claimed(session)
    made = pgbench.rate(BARE.format(person=person, first=first, last=last), seconds=SECONDS, clients=CLIENTS)
    with Session(engine) as session:
        if _claimed(session) - before < made:  # it ran for seconds
            raise RuntimeError("pgbench claimed nothing")
    return made


def _claimed(session: Session) -> int:
    found: int = session.scalars(text("SELECT count(*) FROM help_events WHERE tambon_code = '000000'")).one()
    return found
