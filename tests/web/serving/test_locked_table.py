"""A table that is locked takes down the pages that need it, and no others; and those are told soon."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from mapapp import database as db
from mapapp.app import LOCK_TIMEOUT_S
from mapapp.core.errors import Unavailable
from mapapp.web.locked_tables import HeldUp
from tests.conftest import migrated_database
from tests.data import small_country
from tests.serving import answers, serving, took, until

NAME = "mapapp_locked_{}"
NEEDS = "/nearest?lat=14.15&lon=100.15&within={}"
NEEDS_TOO = "/api/v1/facilities?bbox=100,14,100.{},15"


@pytest.fixture(scope="module")
def database(worker: str) -> Iterator[Engine]:
    made = migrated_database(NAME.format(worker))
    with db.sessions(made)() as session:
        small_country(session)
        session.commit()
    yield made
    made.dispose()


def _told(port: int, path: str) -> tuple[int, str | None]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        answer.read()
        return answer.status, answer.getheader("Retry-After")
    finally:
        line.close()


def test_a_locked_table_holds_up_only_who_needs_it(database: Engine, worker: str) -> None:
    with serving(NAME.format(worker)) as (port, _main):
        assert answers(port, NEEDS.format(1))
        assert answers(port, NEEDS_TOO.format(1))
        with database.connect() as operator, ThreadPoolExecutor(60) as people:
            operator.execute(text("LOCK TABLE facilities"))
            asked = [
                people.submit(_told, port, kind.format(number)) for number in range(2, 60)
                for kind in (NEEDS, NEEDS_TOO)
            ]  # fmt: skip
            began = time.monotonic()
            while time.monotonic() - began < 4 * LOCK_TIMEOUT_S:
                for path in ("/sign-in", "/api/v1/areas?level=province", "/readyz", "/requests/new"):
                    status, seconds = took(port, path)
                    assert status == 200, path
                    assert seconds < 5 * LOCK_TIMEOUT_S
                assert took(port, "/healthz")[0] == 200
            told = {one.result() for one in asked}
            assert {status for status, _again in told} == {503}
            assert all(again is not None and int(again) > 0 for _status, again in told)
            operator.rollback()
        until(lambda: answers(port, NEEDS.format(3)) and answers(port, NEEDS_TOO.format(3)), 10, "all as it was")
        with ThreadPoolExecutor(8) as people:
            # What got through while it was still doubted leaves the doubt for a moment, in each process by itself.
            until(
                lambda: set(people.map(lambda number: _told(port, NEEDS.format(number))[0], range(70, 90))) == {200},
                10,
                "several at a time again",
            )


def test_one_at_a_time_tries_what_waited_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    held = HeldUp()
    assert not held.enter("nearest")
    held.waited_in_vain("nearest")
    held.waited_in_vain("pins")
    assert held.enter("nearest")
    for view in ("nearest", "pins"):
        with pytest.raises(Unavailable):
            held.enter(view)
    assert not held.enter("areas")
    held.leave("nearest")
    assert held.enter("nearest"), "what gets through at once may not have needed the table"
    at[0] += 60
    held.leave("nearest")
    assert not held.enter("nearest")
    assert held.enter("pins")
    held.leave("pins")
    assert not held.enter("pins")
