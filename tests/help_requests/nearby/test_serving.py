"""The line over a real server: many at once beside other pages, and an end that waits for none of them."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from mapapp import database
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.signing_in import sessions
from mapapp.core.vault import token_hash
from mapapp.web.concurrency import AT_WORK
from mapapp.web.live import MOST, RIGHTS_S
from tests.conftest import migrated_database
from tests.people import appoint
from tests.serving import serving

NAME = "mapapp_live_{}"


@pytest.fixture(scope="module")
def served_database(worker: str) -> Iterator[Engine]:
    """A migrated database of its own, which a server may commit to."""
    made = migrated_database(NAME.format(worker))
    yield made
    made.dispose()


def opened(port: int, path: str, token: str) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=20)
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {PLAIN_COOKIE}={token}\r\n\r\n"
    made.sendall(head.encode())
    return made


def until(line: socket.socket, wanted: bytes) -> bytes:
    found = b""
    while wanted not in found:
        part = line.recv(4096)
        assert part, found
        found += part
    return found


def test_all_places_are_taken_and_pages_still_come_and_the_end_is_quick(served_database: Engine, worker: str) -> None:
    now = datetime.now(UTC)
    tokens = []
    with database.sessions(served_database)() as session:
        for _ in range(MOST + 1):
            who = appoint(session, "volunteer", "9001", starts_at=now - timedelta(days=1))
            tokens.append(sessions.start(session, who.id, now=now, device="t", address="127.0.0.1", second_factor=True))
        session.commit()
    with serving(NAME.format(worker)) as (port, process):
        lines = []
        for at in range(0, MOST, 50):  # all at once, a busy machine might not let the last ones in in time
            lines += [opened(port, "/live/requests", token) for token in tokens[at : at + 50]]
            for line in lines[at:]:
                until(line, b": watching")
        with opened(port, "/live/requests", tokens[MOST]) as line:
            full = until(line, b"\r\n\r\n")
        assert full.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 60" in full.lower()
        for _ in range(3 * AT_WORK):
            with opened(port, "/volunteer/nearby", tokens[0]) as line:
                assert until(line, b"\r\n\r\n").startswith(b"HTTP/1.1 200")
        with served_database.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO help_events (request_id, cell_tambon_code, tambon_code, at, action, actor_kind)"
                    " VALUES (1, '900101', '900101', now(), 'posted', 'public')"
                )
            )
        for line in lines:
            assert b"data: 900101\n\n" in until(line, b"changed\ndata: ")
        with served_database.begin() as connection:  # as another process would
            connection.execute(text("UPDATE login_sessions SET revoked_at = now() WHERE token_hash = :hash"),
                               {"hash": token_hash(tokens[0])})  # fmt: skip
            connection.execute(text("UPDATE appointments SET ended_at = now() WHERE person_id ="
                                    " (SELECT person_id FROM login_sessions WHERE token_hash = :hash)"),
                               {"hash": token_hash(tokens[1])})  # fmt: skip
        for line in lines[:2]:
            line.settimeout(2 * RIGHTS_S + 1)  # five seconds, by what is promised
            assert until(line, b"event: again")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        for line in lines:
            line.close()
