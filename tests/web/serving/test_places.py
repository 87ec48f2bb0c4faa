"""Places: reads and writes apart, an end to waiting, and none needed for a sign of life."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from mapapp.web.concurrency import Places, Rooms, few_at_a_time

STATIC = "/static/abc/"


class Gate:
    """An application whose requests stay inside until they are let out."""

    def __init__(self, *, waiting: int = 8, wait_s: float = 0.3) -> None:
        self.out = threading.Event()
        self.rooms = Rooms(
            (STATIC,), reading=Places(2, waiting, wait_s), writing=Places(2, waiting, wait_s), asking=Places(1)
        )
        self._entered = few_at_a_time(self._stay, self.rooms, lambda _environ, _start: [b"full"])
        self._threads: list[threading.Thread] = []

    def _stay(self, environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("stays"):
            assert self.out.wait(10)
        return [b"answer"]

    def ask(self, path: str = "/", method: str = "GET", *, stays: bool = False) -> bytes:
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "stays": stays}
        return b"".join(self._entered(environ, lambda *_: None))

    def hold(self, count: int, method: str = "GET") -> None:
        for _ in range(count):
            thread = threading.Thread(target=self.ask, args=("/slow", method), kwargs={"stays": True})
            thread.start()
            self._threads.append(thread)
        time.sleep(0.05)

    def close(self) -> None:
        self.out.set()
        for thread in self._threads:
            thread.join(10)


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.close()


def test_writes_go_on_while_every_reading_place_is_taken_and_the_other_way_round(gate: Gate) -> None:
    gate.hold(2)
    assert gate.ask("/", "POST") == b"answer"
    assert gate.ask("/") == b"full"
    gate.hold(2, "POST")
    assert gate.ask("/", "DELETE") == b"full"


def test_asking_for_help_goes_on_while_everything_else_is_taken(gate: Gate) -> None:
    gate.hold(2)
    gate.hold(2, "POST")
    for path, method in (("/requests/new", "GET"), ("/requests/new", "POST"), ("/api/v1/help-requests", "POST")):
        assert gate.ask(path, method) == b"answer"
    assert gate.ask("/api/v1/help-requests") == b"full"


def test_waiting_for_a_place_has_an_end_and_who_is_let_out_makes_room(gate: Gate) -> None:
    gate.hold(2)
    began = time.monotonic()
    assert gate.ask() == b"full"
    assert 0.25 < time.monotonic() - began < 5
    threading.Timer(0.1, gate.out.set).start()
    assert gate.ask() == b"answer"


def test_a_sign_of_life_and_static_files_need_no_place_and_readiness_has_its_own(gate: Gate) -> None:
    gate.hold(2)
    gate.hold(2, "POST")
    assert gate.ask("/healthz") == b"answer"
    assert gate.ask(STATIC + "site.css") == b"answer"
    assert gate.ask("/readyz") == b"answer"
    assert gate.ask("/healthz/") == b"full"


def test_not_more_than_so_many_wait() -> None:
    gate = Gate(waiting=2, wait_s=5)
    try:
        gate.hold(4)
        began = time.monotonic()
        assert gate.ask() == b"full"
        assert time.monotonic() - began < 1
    finally:
        gate.close()


def test_a_place_is_given_back_after_an_error(gate: Gate) -> None:
    def fails(_environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
        raise ZeroDivisionError

    entered = few_at_a_time(fails, gate.rooms, lambda _environ, _start: [b"full"])
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            entered({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda *_: None)
    assert gate.ask() == b"answer"


def test_an_answer_that_goes_out_bit_by_bit_holds_no_place(gate: Gate) -> None:
    def streams(_environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
        return iter([b"a", b"b"])

    entered = few_at_a_time(streams, gate.rooms, lambda _environ, _start: [b"full"])
    going_out = [iter(entered({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda *_: None)) for _ in range(6)]
    assert [next(one) for one in going_out] == [b"a"] * 6
