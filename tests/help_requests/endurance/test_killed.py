"""Processes are killed in the middle of posting and claiming, 20 times: web processes, PostgreSQL's backends, its
postmaster, the whole service. Every write that was acknowledged is there, none is there twice, nothing has two holders,
and it all comes back without hands.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mapapp import database
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.signing_in import sessions
from mapapp.core.vault import Vault, parse_keys
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from tests.conftest import KEYS
from tests.data import small_country
from tests.help_requests.endurance.machine import Cluster, Service
from tests.people import appoint

pytestmark = pytest.mark.xdist_group("endurance")

ROUNDS = [
    "worker", "backends", "worker", "postmaster", "worker", "backends", "worker", "service", "worker", "postmaster",
    "backends", "worker", "backends", "worker", "postmaster", "worker", "backends", "service", "worker", "postmaster",
]  # fmt: skip
POSTERS = CLAIMERS = 4
PLACES = 8
"""What one person claims, who may look at ten places an hour."""
TAKE_TURNS = 6
PATIENCE_S = 60.0
"""For so long a client repeats what was not answered; a person would, too."""


@dataclass
class Told:
    """What the clients were told, in so many words: an answer that arrived."""

    posted: dict[str, int] = field(default_factory=dict)
    """Idempotency key → id of the request."""
    claimed: dict[int, uuid.UUID] = field(default_factory=dict)
    """Id of a request → who was told that it is theirs."""
    lost: Counter[str] = field(default_factory=Counter)
    """How often no answer, or 503, came."""
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Client:
    """One person's connection; what gets no answer is sent again just as it was."""

    def __init__(self, port: int, told: Told, headers: dict[str, str]) -> None:
        self._port, self._told, self._headers = port, told, headers
        self._line: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def send(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                if self._line is None:
                    self._line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
                sent = {"Content-Type": "application/json", **self._headers, **headers}
                self._line.request("POST", path, json.dumps(body), sent)
                answer = self._line.getresponse()
                content = answer.read()
                if answer.status != 503:
                    return answer.status, json.loads(content)
                self._told.lost["503"] += 1
            except (OSError, http.client.HTTPException) as error:
                self._told.lost[type(error).__name__] += 1
                self.close()
            time.sleep(0.05)
        raise AssertionError(f"{path} was not answered for {PATIENCE_S:.0f} s")


@pytest.fixture(scope="module")
def cluster(worker: str) -> Iterator[Cluster]:
    if os.environ.get("MAPAPP_TEST_DATABASE_URL"):
        pytest.skip("the tests run on somebody's own cluster, which is not ours to kill")
    made = Cluster(f"pg-endure-{worker}")
    with database.sessions(made.engine)() as session:
        small_country(session)
    yield made
    made.close()


@pytest.fixture
def service(cluster: Cluster, tmp_path: Path) -> Iterator[Service]:
    settings = {"MAPAPP_TRUSTED_PROXIES": "127.0.0.1", "MAPAPP_LEASES_PER_VOLUNTEER": "50"}
    made = Service(cluster, tmp_path / "heads", **settings)
    yield made
    made.close()


def _volunteers(cluster: Cluster) -> list[tuple[uuid.UUID, dict[str, str]]]:
    """People who may claim, with the headers of their browsers."""
    vault, now = Vault(parse_keys(KEYS)), datetime.now(UTC)
    made = []
    with database.sessions(cluster.engine)() as session:
        for _number in range(CLAIMERS * TAKE_TURNS):
            who = appoint(
                session, "volunteer", "90", starts_at=now - timedelta(days=1),
                confidentiality_on=date(2026, 1, 15), training_expires_on=(now + timedelta(days=365)).date(),
            )  # fmt: skip
            token = sessions.start(session, who.id, now=now, device="test", address="127.0.0.1", second_factor=True)
            session.commit()
            found = sessions.find(session, token, now=now, address="127.0.0.1")
            csrf = vault.mac(str(found.session_id), "csrf")
            made.append((who.id, {"Cookie": f"{PLAIN_COOKIE}={token}", "X-CSRF-Token": csrf}))
    return made


def _post(port: int, told: Told, number: int, stop: threading.Event) -> None:
    chance = random.Random(number)
    client = Client(port, told, {})
    while not stop.is_set():
        key = str(uuid.uuid4())
        body = {
            "needs": [{"kind": "food"}], "urgency": "urgent", "phone": f"08{chance.randrange(10**8):08}",
            "lat": 14.0 + chance.random() / 5, "lon": 100.0 + chance.random() / 5, "consent": CONSENT_VERSION,
        }  # fmt: skip
        # From another address each time: one address may post 20 an hour.
        place = f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}"
        status, answer = client.send("/api/v1/help-requests", body, {"Idempotency-Key": key, "X-Forwarded-For": place})
        with told.lock:
            if status == 201:
                told.posted[key] = int(answer["id"])
            else:
                told.wrong.append(f"post: {status} {answer}")
    client.close()


def _claim_in_turn(
    port: int, told: Told, people: list[tuple[uuid.UUID, dict[str, str]]], stop: threading.Event
) -> None:
    for who in people:
        _claim(port, told, who, stop)


def _claim(port: int, told: Told, who: tuple[uuid.UUID, dict[str, str]], stop: threading.Event) -> None:
    person, headers = who
    client = Client(port, told, headers)
    chance, tried, mine = random.Random(person.int), set[int](), 0
    while not stop.is_set() and mine < PLACES:
        with told.lock:
            free = [one for one in told.posted.values() if one not in tried]
        if not free:
            time.sleep(0.02)
            continue
        wanted = chance.choice(free[-6:])  # the newest, where the others look too
        tried.add(wanted)
        status, answer = client.send(f"/api/v1/help-requests/{wanted}/claim", {}, {})
        with told.lock:
            if status == 200:
                mine += 1
                if wanted in told.claimed:
                    told.wrong.append(f"{wanted} was given to two")
                told.claimed[wanted] = person
            elif status != 409:
                told.wrong.append(f"claim: {status} {answer}")
    client.close()


def test_nothing_is_lost_and_nothing_is_taken_twice(cluster: Cluster, service: Service) -> None:
    told, stop = Told(), threading.Event()
    people = _volunteers(cluster)
    threads = [threading.Thread(target=_post, args=(service.port, told, n, stop), daemon=True) for n in range(POSTERS)]
    threads += [
        threading.Thread(target=_claim_in_turn, args=(service.port, told, people[n::CLAIMERS], stop), daemon=True)
        for n in range(CLAIMERS)
    ]
    for thread in threads:
        thread.start()
    kills = {
        "worker": service.kill_worker, "backends": cluster.kill_backends, "postmaster": cluster.kill_postmaster,
        "service": service.kill,
    }  # fmt: skip
    try:
        for number, kind in enumerate(ROUNDS):
            before = len(told.posted)
            time.sleep(0.4)
            kills[kind]()
            service.ready()
            end = time.monotonic() + PATIENCE_S
            while len(told.posted) <= before and time.monotonic() < end:
                time.sleep(0.05)
            assert len(told.posted) > before, f"round {number}, {kind}: nobody could post any more"
    finally:
        stop.set()
    for thread in threads:
        thread.join(PATIENCE_S + 20)
    assert not any(thread.is_alive() for thread in threads)
    assert told.wrong == []
    assert sum(told.lost.values()) >= len(ROUNDS) // 2, "the kills were hardly felt"
    _check(cluster, told)
    print(
        f"{len(told.posted)} posted, {len(told.claimed)} claimed, {dict(told.lost)} unanswered in {len(ROUNDS)} kills"
    )


def _check(cluster: Cluster, told: Told) -> None:
    with cluster.engine.connect() as connection:

        def rows(sql: str) -> list[Any]:
            return list(connection.execute(text(sql)))

        stored = {row.id for row in rows("SELECT id FROM help_requests")}
        assert set(told.posted.values()) == stored, "acknowledged, and stored once for each key"
        assert len(stored) == len(told.posted)
        live = rows("SELECT request_id, holder_id, count(*) AS n FROM help_leases WHERE ended_at IS NULL GROUP BY 1, 2")
        assert {row.request_id: row.holder_id for row in live} == told.claimed
        assert all(row.n == 1 for row in live)
        needs = rows("SELECT request_id, holder_id FROM help_needs WHERE state = 'claimed'")
        assert {row.request_id: row.holder_id for row in needs} == told.claimed
        events = rows("SELECT action, request_id, count(*) AS n FROM help_events GROUP BY 1, 2")
        assert {row.request_id for row in events if row.action == "posted"} == stored
        assert {row.request_id for row in events if row.action == "claimed"} == set(told.claimed)
        assert all(row.n == 1 for row in events if row.action in {"posted", "claimed"})
        assert len(told.claimed) > 0
