"""A body is here before its request is worked on, or it is refused; nobody's work waits for a sender."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing, nullcontext
from typing import Any

import pytest

from mapapp.web import request_bodies
from mapapp.web.concurrency import Application, Full
from mapapp.web.request_bodies import Pace, Receiving, Rules

FORM, FILE = 1_000, 200_000
QUICK = Pace(grace_s=0.3, rate=1_000, deadline_s=30)
PATIENT = Pace(grace_s=10, rate=1_000, deadline_s=30)


class Dripping:
    """A body as the server hands it over: ``read`` waits until it has all it is asked for, or the end."""

    def __init__(self, parts: Iterable[bytes], pause_s: float = 0.0) -> None:
        self._parts, self._pause_s, self._here = iter(parts), pause_s, b""
        self.asked = 0

    def read(self, size: int) -> bytes:
        self.asked += 1
        while len(self._here) < size:
            part = next(self._parts, None)
            if part is None:
                break
            time.sleep(self._pause_s)
            self._here += part
        given, self._here = self._here[:size], self._here[size:]
        return given


def send(
    body: Any,
    *,
    length: int | None,
    path: str = "/form",
    method: str = "POST",
    known: Callable[[], bool] = lambda: True,
    pace: Pace = QUICK,
) -> tuple[str, bytes, dict[str, Any]]:
    """The status, what the application could read of the body, and the environment it saw."""
    saw: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        saw.update(environ)
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    def refuse(status: int) -> Application:
        def refused(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            start_response(f"{status} no", [])
            return []

        return refused

    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": body}
    environ |= {"HTTP_TRANSFER_ENCODING": "chunked"} if length is None else {"CONTENT_LENGTH": str(length)}
    rules = Rules(FORM, lambda env: FILE if env["PATH_INFO"] == "/file" else FORM, lambda _env: known(), refuse)
    told: list[str] = []
    answer: Any = Receiving(application, rules, pace)(environ, lambda status, _headers: told.append(status))
    with closing(answer) if hasattr(answer, "close") else nullcontext():
        return told[0], b"".join(answer), saw


def test_who_sends_nothing_more_is_told_so_and_nobody_works_on_half_a_form() -> None:
    began = time.monotonic()
    status, _read, saw = send(Dripping([b"a=1"] * 200, pause_s=0.5), length=600)
    assert status == "408 no"
    assert saw == {}
    assert time.monotonic() - began < 10


def test_a_slow_sender_who_keeps_the_pace_gets_through() -> None:
    body = b"x" * 4_000
    parts = [body[i : i + 100] for i in range(0, len(body), 100)]
    status, read, saw = send(Dripping(parts, pause_s=0.02), length=None, path="/file")
    assert (status, read) == ("200 OK", body)
    assert saw["CONTENT_LENGTH"] == "4000"
    assert "HTTP_TRANSFER_ENCODING" not in saw


@pytest.mark.parametrize(
    ("seconds", "count", "kept"),
    [(9, 0, True), (11, 0, False), (20, 10_000, True), (20, 9_000, False), (1_799, 50_000_000, True),
     (1_801, 50_000_000, False), (1_310, 1_310 * 40_000, True)],
)  # fmt: skip
def test_the_pace_of_the_service(seconds: float, count: int, kept: bool) -> None:
    assert request_bodies.SERVICE_PACE.is_kept(seconds, count) is kept


def test_a_line_that_breaks_gives_no_half_a_form() -> None:
    status, _read, saw = send(io.BytesIO(b"a=1&b="), length=60)
    assert (status, saw) == ("400 no", {})


def test_what_is_too_long_by_its_header_is_not_read_and_the_application_says_so() -> None:
    body = Dripping([b"x"] * 10, pause_s=1)
    status, read, saw = send(body, length=FORM + 1)
    assert (status, read, body.asked) == ("200 OK", b"", 0)
    assert saw["CONTENT_LENGTH"] == str(FORM + 1)


def test_what_turns_out_too_long_is_read_to_one_byte_beyond() -> None:
    _status, read, saw = send(Dripping([b"x" * 500] * 100), length=None)
    assert len(read) == FORM + 1
    assert saw["CONTENT_LENGTH"] == str(FORM + 1)


def test_a_file_is_taken_from_people_we_know_only() -> None:
    for length in (FORM + 1, None):
        body = Dripping([b"x" * 100] * 20)
        _status, read, saw = send(body, length=length, path="/file", known=lambda: False)
        assert (read, body.asked, saw["CONTENT_LENGTH"]) == (b"", 0, "0")
    status, read, _saw = send(Dripping([b"x" * 500] * 2), length=FORM, path="/file", known=lambda: False)
    assert (status, len(read)) == ("200 OK", FORM), "what is no larger than a form is anybody's"


def test_who_cannot_be_asked_after_is_told_to_come_again() -> None:
    def no_place() -> bool:
        raise Full

    status, _read, saw = send(Dripping([b"x"]), length=FORM + 1, path="/file", known=no_place)
    assert (status, saw) == ("503 no", {})


def test_a_get_never_waits_for_a_body() -> None:
    body = Dripping([b"x"] * 10, pause_s=1)
    for length in (10, None):
        status, read, _saw = send(body, length=length, method="GET")
        assert (status, read, body.asked) == ("200 OK", b"", 0)


def test_a_body_that_cannot_be_kept_is_no_empty_one() -> None:
    class Broken:
        def read(self, _size: int) -> bytes:
            raise OSError("no space left")

    status, _read, saw = send(Broken(), length=10)
    assert (status, saw) == ("503 no", {})


def test_only_so_many_bodies_come_in_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "AT_ONCE", 2)
    made = Receiving(lambda _environ, _start: [b"in"], Rules(FORM, lambda _: FORM, lambda _: True, _answer), PATIENT)

    def post(sender: int) -> list[bytes]:
        environ = {
            "REQUEST_METHOD": "POST", "CONTENT_LENGTH": "2", "wsgi.input": Dripping([b"a", b"b"], pause_s=0.4),
            "REMOTE_ADDR": f"192.0.2.{sender}",
        }  # fmt: skip
        answer: Any = made(environ, lambda *_: None)
        with closing(answer) if hasattr(answer, "close") else nullcontext():
            return list(answer)

    found: list[list[bytes]] = []
    threads = [threading.Thread(target=lambda n=n: found.append(post(n))) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [[b"503"], [b"in"], [b"in"]]
    assert post(0) == [b"in"], "the seats were given back"


def test_a_body_that_gave_up_its_seat_is_told_so_and_the_next_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "AT_ONCE", 1)
    made = Receiving(lambda _environ, _start: [b"in"], Rules(FORM, lambda _: FORM, lambda _: True, _answer), PATIENT)

    def post(body: Any, path: str = "/form") -> list[bytes]:
        environ = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "600", "wsgi.input": body, "PATH_INFO": path}
        answer: Any = made(environ, lambda *_: None)
        with closing(answer) if hasattr(answer, "close") else nullcontext():
            return list(answer)

    told: list[list[bytes]] = []
    slow = threading.Thread(target=lambda: told.append(post(Dripping([b"a" * 100] * 6, pause_s=0.5))))
    slow.start()
    time.sleep(0.3)
    assert post(io.BytesIO(b"a" * 600), "/requests/new") == [b"in"], "who asks for help has seats of their own"
    assert not told
    assert post(io.BytesIO(b"a" * 600)) == [b"in"]
    slow.join(10)
    assert told == [[b"408"]]


def _answer(status: int) -> Application:
    return lambda _environ, _start: [str(status).encode()]
