"""Connections that stand still, or take their answer a byte at a time, are ended; those in use are not."""

from __future__ import annotations

import resource
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from mapapp.web import idle_connections
from mapapp.web.idle_connections import Seen, Watch

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how far a connection has come")


def test_a_connection_on_which_nothing_moves_is_ended_and_one_that_speaks_now_and_then_is_not() -> None:
    watch = Watch(still_s=300, slow_s=60, rate=500)
    for minute in range(20):
        told = watch.look(60.0 * minute, {"still": Seen(100, 0, False), "line": Seen(100, minute, False)})
        assert told == (["still"] if minute >= 5 else [])
    assert watch.look(1e6, {}) == []


def test_an_answer_must_be_taken_at_some_rate_while_it_waits() -> None:
    watch = Watch(still_s=300, slow_s=60, rate=500)

    def look(at: float) -> list[object]:
        weak = Seen(100, int(1_000 * at), True)  # two bars
        tiny = Seen(100, int(10 * at), True)
        done = Seen(100, 900_000, False)  # has it all, and thinks
        return watch.look(at, {"weak": weak, "tiny": tiny, "done": done})

    assert [look(10.0 * step) for step in range(6)] == [[]] * 6
    assert look(60) == ["tiny"]
    assert look(70) == ["tiny"]


def test_a_pause_that_ends_begins_anew() -> None:
    watch = Watch(still_s=300, slow_s=60, rate=500)
    for at in range(0, 600, 10):
        waits = at % 50 != 0  # it catches up again and again
        assert watch.look(float(at), {"phone": Seen(100, at, waits)}) == []


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket, int]]:
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listening.getsockname()[1]
        client = stack.enter_context(socket.socket())
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(("127.0.0.1", port))
        served = stack.enter_context(listening.accept()[0])
        yield client, served, port


@linux
def test_what_the_system_says_of_a_client_that_does_not_read(pair: tuple[socket.socket, socket.socket, int]) -> None:
    client, served, port = pair
    watch = Watch(still_s=300, slow_s=0.2, rate=500)
    assert idle_connections.end_the_slow(port, watch) == 0
    served.setblocking(False)
    served.send(b"x" * 1_000_000)
    time.sleep(0.1)
    assert idle_connections.end_the_slow(port, watch) == 0
    time.sleep(0.3)
    assert idle_connections.end_the_slow(port, watch) == 1
    client.settimeout(5)
    while client.recv(65_536):  # what was under way, then the end
        pass


@linux
def test_a_client_that_reads_is_left_alone_and_one_that_says_nothing_is_not(
    pair: tuple[socket.socket, socket.socket, int],
) -> None:
    client, served, port = pair
    watch = Watch(still_s=0.3, slow_s=0.2, rate=500)
    for _ in range(5):
        served.sendall(b"x" * 1_000)
        assert client.recv(1_000)
        assert idle_connections.end_the_slow(port, watch) == 0
        time.sleep(0.1)
    time.sleep(0.4)
    assert idle_connections.end_the_slow(port, watch) == 1
    assert served.recv(1) == b""


@linux
def test_other_connections_of_the_process_are_none_of_its_business(
    pair: tuple[socket.socket, socket.socket, int],
) -> None:
    client, served, port = pair
    watch = Watch(still_s=0.0, slow_s=0.0, rate=500)
    assert idle_connections.end_the_slow(port + 1 if port < 65_535 else port - 1, watch) == 0
    served.sendall(b"still there")
    assert client.recv(100) == b"still there"


def test_a_process_may_have_as_many_files_as_the_system_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, before[1]), before[1]))
        idle_connections.allow_files(600)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(600, before[1])
        idle_connections.allow_files(100)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(600, before[1]), "never fewer"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
