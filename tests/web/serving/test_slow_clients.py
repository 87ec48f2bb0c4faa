"""Slow clients at a real server: whoever sends, or reads, a byte now and then holds nobody else up."""

from __future__ import annotations

import http.client
import socket
import statistics
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from mapapp import database as db
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.signing_in import sessions
from mapapp.core.vault import Vault, parse_keys
from mapapp.web.body_slots import SETTLED_S
from mapapp.web.concurrency import AT_WORK, WAIT_S
from mapapp.web.gateway import COME_AGAIN_S
from mapapp.web.request_bodies import AT_ONCE, SERVICE_PACE
from mapapp.web.security import MAX_BODY
from tests.conftest import KEYS, migrated_database
from tests.data import small_country
from tests.people import appoint
from tests.serving import FORM, serving, took

NAME = "mapapp_slow_{}"
SENDERS, UPLOADS, RATE = 64, 8, 40_000
ROWS = "name_th,lat,lon\r\n" + "โรงพยาบาลทดสอบ,14.1,100.1\r\n" * 3_000

SIGN_IN = b"name=somebody&password=something"


@pytest.fixture(scope="module")
def database(worker: str) -> Iterator[Engine]:
    made = migrated_database(NAME.format(worker))
    with db.sessions(made)() as session:
        small_country(session)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def port(database: Engine, worker: str) -> Iterator[int]:
    with serving(NAME.format(worker)) as (found, _process):
        yield found


@pytest.fixture(scope="module")
def officer(database: Engine) -> dict[str, str]:
    """The headers of an officer's browser."""
    now = datetime.now(UTC)
    with db.sessions(database)() as session:
        who = appoint(
            session, "province_admin", "90", starts_at=now - timedelta(days=1),
            training_expires_on=(now + timedelta(days=365)).date(),
        )  # fmt: skip
        token = sessions.start(session, who.id, now=now, device="t", address="127.0.0.1", second_factor=True)
        session.commit()
        found = sessions.find(session, token, now=now, address="127.0.0.1")
        csrf = Vault(parse_keys(KEYS)).mac(str(found.session_id), "csrf")
    return {"Cookie": f"{PLAIN_COOKIE}={token}", "X-CSRF-Token": csrf}


class Sender:
    """A client that sends part of a form, then a byte now and then, until it is told something."""

    def __init__(self, port: int, stop: threading.Event) -> None:
        self.told = b""
        self._stop = stop
        self._line = socket.create_connection(("127.0.0.1", port), timeout=30)
        head = f"POST /requests/new HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 5000\r\n\r\nneed="
        self._line.sendall(head.encode())

    def send(self) -> None:
        self._line.settimeout(0.5)
        while not self.told and not self._stop.is_set():
            try:
                self.told = self._line.recv(65_536)
            except TimeoutError:
                self._line.sendall(b"a")
        self._line.close()


@contextmanager
def slow_senders(port: int) -> Iterator[list[Sender]]:
    stop = threading.Event()
    made = [Sender(port, stop) for _ in range(SENDERS)]
    threads = [threading.Thread(target=one.send, daemon=True) for one in made]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        stop.set()
        for thread in threads:
            thread.join(5)


def upload(port: int, officer: dict[str, str]) -> bytes:
    """A spreadsheet from a place with a weak signal; returns the line with the status."""
    mark = uuid.uuid4().hex
    fields = {"kind": "hospital", "source": "test", "csrf_token": officer["X-CSRF-Token"]}
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    file = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n{ROWS}\r\n--{mark}--\r\n'
    )
    body = ("".join(parts) + file).encode()
    headers = {
        "Host": f"127.0.0.1:{port}", "Content-Length": str(len(body)), "Sec-Fetch-Site": "same-origin", **officer,
        "Content-Type": f"multipart/form-data; boundary={mark}", "Connection": "close",
    }  # fmt: skip
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        head = "POST /officer/facilities/import HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items())
        line.sendall(head.encode() + b"\r\n")
        for at in range(0, len(body), RATE // 10):
            line.sendall(body[at : at + RATE // 10])
            time.sleep(0.1)
        return line.recv(4_096).split(b"\r\n")[0]


def asked(port: int, path: str, seconds: float) -> list[float]:
    """How long answers took, asked for one after the other for so many seconds."""
    found, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        status, took_s = took(port, path)
        assert status == 200, path
        found.append(took_s)
        time.sleep(0.01)
    return found


def p95(found: list[float]) -> float:
    return sorted(found)[int(len(found) * 0.95)]


def test_slow_senders_and_honest_uploads_hold_up_nobody_and_only_the_slow_are_told_408(
    port: int, officer: dict[str, str]
) -> None:
    asked(port, "/places?q=test", 0.3)
    idle, idle_sign = asked(port, "/places?q=test", 1.5), asked(port, "/healthz", 0.7)
    with slow_senders(port) as senders, ThreadPoolExecutor(UPLOADS) as pool:
        uploads = [pool.submit(upload, port, officer) for _ in range(UPLOADS)]
        time.sleep(0.5)
        loaded, sign = asked(port, "/places?q=test", 2.5), asked(port, "/healthz", 1.0)
        status, _took = took(port, "/requests/new", method="POST", body=b"need=food")
        assert status == 400, "a form that is sent at once is answered at once"
        assert {one.result() for one in uploads} == {b"HTTP/1.1 303 See Other"}
        end = time.monotonic() + SERVICE_PACE.grace_s + 5
        while time.monotonic() < end and not all(one.told for one in senders):
            time.sleep(0.1)
        assert {one.told.split(b"\r\n")[0] for one in senders} == {b"HTTP/1.1 408 Request Timeout"}
    # Sixty-odd threads and the clients share this machine with other tests: what counts is that nobody waits in line.
    assert p95(loaded) <= 3 * p95(idle) + 0.15, (p95(loaded), p95(idle))
    assert statistics.median(sign) <= 0.05, sign
    assert p95(sign) <= 3 * p95(idle_sign) + 0.15, (p95(sign), p95(idle_sign))


def test_writes_that_are_held_up_leave_reads_asking_readiness_and_signs_of_life_and_waiting_ends(
    port: int, database: Engine
) -> None:
    with database.connect() as holder, ThreadPoolExecutor(16) as pool:
        holder.execute(text("LOCK TABLE limit_counts IN ACCESS EXCLUSIVE MODE"))
        writes = [pool.submit(took, port, "/sign-in", method="POST", body=SIGN_IN) for _ in range(16)]
        time.sleep(0.5)
        assert max(took(port, "/healthz")[1] for _ in range(10)) < 1
        status, took_s = took(port, "/requests/new", method="POST", body=b"need=food")
        assert (status, took_s < 3) == (400, True)
        for path in ("/readyz", "/places?q=test"):
            status, took_s = took(port, path)
            assert (status, took_s < 3) == (200, True)
        _told_to_come_again(port)
        time.sleep(1)  # for those that began late
        holder.rollback()
        found = [one.result() for one in writes]
    assert sorted(status for status, _took in found) == [400] * AT_WORK + [503] * (16 - AT_WORK)
    assert all(WAIT_S - 0.5 < took_s < WAIT_S + 3 for status, took_s in found if status == 503)


def _told_to_come_again(port: int) -> None:
    """A page that finds no place is one a person can read, with what every answer carries."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := line.recv(65_536):
            answer += part
    head = answer.lower().split(b"\r\n\r\n")[0]
    assert head.startswith(b"http/1.1 503")
    assert f"retry-after: {COME_AGAIN_S}".encode() in head
    assert b"content-security-policy" in head
    assert "เจ็บป่วยฉุกเฉิน โทร 1669".encode() in answer


def test_connections_that_say_nothing_or_half_a_header_hold_up_nobody(port: int) -> None:
    with ExitStack() as open_lines:
        for number in range(SENDERS):
            line = open_lines.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            line.sendall([b"", b"GET / HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"][number % 3])
        assert p95(asked(port, "/healthz", 0.5)) < 1
        assert took(port, "/places?q=test")[0] == 200


def test_answers_that_are_not_read_hold_up_nobody(port: int) -> None:
    with ExitStack() as open_lines:
        for _ in range(3 * AT_WORK):
            line = open_lines.enter_context(socket.socket())
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            line.connect(("127.0.0.1", port))
            line.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        time.sleep(0.3)
        assert p95(asked(port, "/places?q=test", 0.5)) < WAIT_S  # held up, it would wait for a place in vain


def _never_ending(port: int, count: int, stop: threading.Event) -> list[socket.socket]:
    """Forms from this address that come fast enough to be waited for, and never end."""
    lines = []
    for _ in range(count):
        line = socket.create_connection(("127.0.0.1", port), timeout=30)
        line.sendall(f"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_BODY}\r\n\r\n".encode())
        lines.append(line)

    def drip() -> None:
        while not stop.wait(0.5):
            for line in lines:
                with suppress(OSError):
                    line.sendall(b"a" * 600)

    threading.Thread(target=drip, daemon=True).start()
    return lines


def _post(port: int, path: str, body: bytes, source: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(source, 0))
    try:
        line.request("POST", path, body, FORM)
        return line.getresponse().status
    finally:
        line.close()


def test_one_address_that_holds_every_seat_with_endless_forms_keeps_nobody_out(port: int) -> None:
    stop = threading.Event()
    lines = _never_ending(port, AT_ONCE, stop)
    try:
        time.sleep(SETTLED_S + 1)
        for source in ("127.0.0.2", "127.0.0.1"):  # from elsewhere, and from the same mobile network
            found = [_post(port, "/sign-in", SIGN_IN, source) for _ in range(4)]
            assert set(found) <= {400, 429}, (source, found)
            assert _post(port, "/requests/new", b"need=food", source) == 400
        told = []
        for line in lines:
            line.setblocking(False)
            with suppress(BlockingIOError, OSError):
                told.append(line.recv(4_096).split(b"\r\n")[0])
        assert set(told) == {b"HTTP/1.1 408 Request Timeout"}, "some of theirs have given way"
        assert len(told) < AT_ONCE / 4, "no more of them than were needed"
    finally:
        stop.set()
        for line in lines:
            line.close()
