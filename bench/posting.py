"""Asking for help under load: how long a post takes while others post and read, against an idle service."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, delete

from bench import load, servers
from bench.line import Line, places
from mapapp.database.counters import Count
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.models import HelpRequest

Places = list[tuple[float, float]]
CLIENTS = 16
SECONDS = 8.0
IDLE = 60
GOAL = 5.0
MARK = "bench: a post"
"""By their description the posts are found again and taken away."""


def post(engine: Engine) -> Line:
    """``POST /api/v1/help-requests`` by 16 clients while 16 read: the slowest twentieth against the idle median."""
    people = places(engine, 1_000)
    try:
        # Each post comes from an address of its own, or the limit of one address would be what is measured.
        with servers.serving(trusted_proxies="127.0.0.1") as served:
            number = iter(range(10_000_000))
            idle = sorted(_posts(served.port, people, number, lambda count: count < IDLE + 20)[20:])
            loaded = sorted(_loaded(served.port, people, number))
    finally:
        with engine.begin() as connection:
            connection.execute(delete(HelpRequest).where(HelpRequest.description == MARK))
            connection.execute(delete(Count))
    p50, p95 = idle[len(idle) // 2] * 1000, loaded[int(len(loaded) * 0.95)] * 1000
    detail = {"idle_p50_ms": p50, "loaded_p50_ms": loaded[len(loaded) // 2] * 1000, "loaded_p95_ms": p95,
              "posts_per_second": len(loaded) / SECONDS}  # fmt: skip
    return Line("post", f"≤ {GOAL:g} ×", p95 / p50, p95 <= GOAL * p50, f"{p95:.0f} ms : {p50:.0f} ms", detail)


def _loaded(port: int, people: Places, number: Any) -> list[float]:
    times: list[float] = []
    lock = threading.Lock()
    numbers = _Shared(number, lock)
    begin = threading.Barrier(2 * CLIENTS)
    paths = [f"/api/v1/facilities/nearest?lat={lat}&lon={lon}&limit=10" for lat, lon in people[: CLIENTS * 50]]

    def posting() -> None:
        begin.wait()
        end = time.perf_counter() + SECONDS
        made = _posts(port, people, numbers, lambda _count: time.perf_counter() < end)
        with lock:
            times.extend(made)

    def reading(own: list[str]) -> None:
        client, count = load.Client(port), 0
        begin.wait()
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            client.get(own[count % len(own)])
            count += 1
        client.close()

    workers = [threading.Thread(target=posting) for _ in range(CLIENTS)]
    workers += [threading.Thread(target=reading, args=(paths[one::CLIENTS],)) for one in range(CLIENTS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return times


class _Shared:
    """Numbers that no two threads get."""

    def __init__(self, numbers: Any, lock: threading.Lock) -> None:
        self._numbers, self._lock = numbers, lock

    def __next__(self) -> int:
        with self._lock:
            return int(next(self._numbers))


def _posts(port: int, people: Places, numbers: Any, goes_on: Callable[[int], bool]) -> list[float]:
    """Posts one after the other; seconds of each."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    times: list[float] = []
    while goes_on(len(times)):
        number = next(numbers)
        lat, lon = people[number % len(people)]
        body = {
            "needs": [{"kind": "food", "quantity": 2}], "urgency": "urgent", "lat": lat, "lon": lon,
            "phone": f"08{number:08}", "description": MARK, "consent": CONSENT_VERSION,
        }  # fmt: skip
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
            "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        }
        began = time.perf_counter()
        connection.request("POST", "/api/v1/help-requests", json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - began)
        if answer.status != 201:
            raise RuntimeError(f"{answer.status} to a post")
    connection.close()
    return times
