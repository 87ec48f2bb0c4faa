"""The end of one process is not the end of the service, and the end of the service is not for long."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from mapapp.core import config
from mapapp.core.config import Config
from mapapp.operations import check, supervision
from mapapp.web.watchdog import ASKED_EVERY_S, BEGINS_S, SILENT_S, Listener
from tests.conftest import KEYS, migrated_database, test_database_url
from tests.serving import answers, free_port, runs, serving, until, web_processes

NAME = "mapapp_supervised_{}"
linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


@pytest.fixture(scope="module")
def database(worker: str) -> Iterator[Engine]:
    made = migrated_database(NAME.format(worker))
    yield made
    made.dispose()


@linux
def test_a_process_that_keeps_dying_takes_nobody_with_it_and_begins_again(database: Engine, worker: str) -> None:
    with serving(NAME.format(worker), MAPAPP_WORKERS="2") as (port, main):
        until(lambda: len(web_processes(main.pid)) == 2, 20, "two web processes")
        kept, first = sorted(web_processes(main.pid))
        victim = first
        for _ in range(3):  # within seconds: Granian alone would have ended them all at the second
            os.kill(victim, signal.SIGKILL)
            until(lambda: set(web_processes(main.pid)) - {kept, victim}, 20, "a new process")  # noqa: B023
            (victim,) = set(web_processes(main.pid)) - {kept, victim}
            assert kept in web_processes(main.pid)
        until(lambda: answers(port, "/readyz"), 10, "an answer")
        assert main.poll() is None
        main.send_signal(signal.SIGTERM)
        assert main.wait(20) == 0


@linux
def test_a_web_process_that_stands_still_is_ended_and_another_begun(database: Engine, worker: str) -> None:
    # Long enough that who listens does not take its own wait for sleep (``Listener.silent``).
    sooner = f"from mapapp.web import watchdog; watchdog.SILENT_S = {SILENT_S * 0.45}"
    with serving(NAME.format(worker), first=sooner, MAPAPP_WORKERS="2") as (port, main):
        until(lambda: len(web_processes(main.pid)) == 2, 20, "two web processes")
        time.sleep(5)  # each has said that it lives
        kept, stopped = sorted(web_processes(main.pid))
        os.kill(stopped, signal.SIGSTOP)
        until(lambda: not runs(stopped), 3 * SILENT_S, "the end of what stands still")
        until(lambda: set(web_processes(main.pid)) - {kept, stopped}, 20, "a new process")
        assert kept in web_processes(main.pid), "who works goes on"
        until(lambda: answers(port, "/readyz"), 20, "an answer")


@linux
def test_systemd_hears_that_the_service_answers_and_nothing_once_it_does_not(
    database: Engine, worker: str, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(3 * ASKED_EVERY_S)
        sooner = f"from mapapp.web import watchdog; watchdog.ASKED_EVERY_S = {ASKED_EVERY_S / 2}"
        with serving(NAME.format(worker), first=sooner, NOTIFY_SOCKET=str(tmp_path / "notify")) as (_port, main):
            assert systemd.recv(100) == b"WATCHDOG=1"
            assert systemd.recv(100) == b"WATCHDOG=1"
            for pid in web_processes(main.pid):
                os.kill(pid, signal.SIGSTOP)
            systemd.settimeout(ASKED_EVERY_S)
            assert _falls_silent(systemd)
            for pid in web_processes(main.pid):
                os.kill(pid, signal.SIGCONT)
            systemd.settimeout(5 * ASKED_EVERY_S)
            assert systemd.recv(100) == b"WATCHDOG=1"
            os.kill(main.pid, signal.SIGSTOP)
            systemd.settimeout(1.5 * ASKED_EVERY_S)
            assert _falls_silent(systemd)


def _falls_silent(systemd: socket.socket) -> bool:
    """Whether nothing more comes for as long as its timeout, after what was said before."""
    for _ in range(10):
        try:
            systemd.recv(100)
        except TimeoutError:
            return True
    return False


def test_who_is_silent_for_too_long_and_who_only_begins() -> None:
    heard = Listener(0.0)
    at = 0.0
    while at < SILENT_S + 2:
        at += 1
        heard.hear(1, at)
        if at < 2:
            heard.hear(2, at)
        found = heard.silent([1, 2, 3], at)
        assert found == ([2] if at > SILENT_S + 1 else [])
    while at < BEGINS_S:
        at += 1
        heard.hear(1, at)
        assert heard.silent([1, 3], at) == []
    at += 2
    heard.hear(1, at)
    assert heard.silent([1, 3], at) == [3]
    assert heard.silent([1], at + 10 * SILENT_S) == [], "the machine slept, and who listens with it"


@linux
def test_web_processes_end_with_the_one_that_made_them(database: Engine, worker: str) -> None:
    with serving(NAME.format(worker)) as (port, main):
        web = web_processes(main.pid)
        assert web
        main.kill()
        main.wait(10)
        until(lambda: not any(runs(pid) for pid in web), 15, "their end")
        assert not answers(port), "nobody keeps the port from the next one"


def test_the_check_tells_of_a_service_that_nobody_begins_anew(database: Engine, worker: str) -> None:
    with serving(NAME.format(worker)) as (port, main):
        settings = Config(port=port)
        assert supervision.supervisor(settings) == ""
        (told,) = [found for found in check._kept_running(settings) if found.level == "limits"]
        assert "docs/mapapp.service" in str(told.mend)
        assert list(check._kept_running(Config(port=port, mode="development"))) == []
        main.kill()
        until(lambda: supervision.supervisor(settings) is None, 10, "the end of a service that was killed")
    assert list(check._kept_running(settings)) == []
    with supervision.shown(Config(port=port, supervisor="systemd")):
        (told,) = check._kept_running(settings)
        assert (told.level, told.what.values) == ("ok", {"name": "systemd"})
    assert supervision.supervisor(settings) is None


def test_a_service_whose_folder_cannot_be_written_runs_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    monkeypatch.setattr(config, "ROOT", tmp_path)
    with supervision.shown(Config()):
        assert supervision.supervisor(Config()) is None


KEEP = f'set -euo pipefail; . "{config.ROOT}/script/lib/keep.sh"; web=""; sleep() {{ command sleep 0.05; }}; '


def test_the_script_begins_the_server_anew_until_it_ends_well(tmp_path: Path) -> None:
    tally, server = tmp_path / "tally", tmp_path / "server"
    server.write_text(f'#!/bin/sh\necho >>"{tally}"\n[ "$(wc -l <"{tally}")" -ge 4 ] || exit 7\n')
    server.chmod(0o755)
    script = KEEP + f'begin "{server}"; keep "{server}"; echo the end'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert tally.read_text().count("\n") == 4
    assert done.stdout == "the end\n"
    assert [line.split(" in ")[1] for line in done.stderr.splitlines()] == ["1 s.", "3 s.", "7 s."]


@linux
def test_the_script_leaves_nothing_of_a_server_that_died(tmp_path: Path) -> None:
    left, server = tmp_path / "left", tmp_path / "server"
    server.write_text(f'#!/bin/sh\n[ ! -e "{left}" ] || exit 0\nsleep 60 & echo $! >"{left}"\nkill -9 $$\n')
    server.chmod(0o755)
    script = KEEP + f'begin "{server}"; keep "{server}"'
    subprocess.run(["bash", "-c", script], capture_output=True, timeout=20, check=True)
    pid = int(left.read_text())
    until(lambda: not runs(pid), 5, "the end of what was left over")


@linux
def test_the_script_begins_anew_what_no_longer_answers(tmp_path: Path) -> None:
    tally, server = tmp_path / "tally", tmp_path / "server"
    server.write_text(f'#!/bin/sh\necho $$ >>"{tally}"\n[ "$(wc -l <"{tally}")" -lt 3 ] || exit 0\nexec sleep 300\n')
    server.chmod(0o755)
    script = (
        f'set -euo pipefail; . "{config.ROOT}/script/lib/keep.sh"; web=""; ask_every=1; patience=3; '
        f'answers() {{ false; }}; begin "{server}"; keep "{server}"; echo the end'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "the end\n"
    assert done.stderr.count("has not answered for 3 s") == 2
    pids = [int(line) for line in tally.read_text().split()]
    assert len(pids) == 3
    assert not any(runs(pid) for pid in pids)


@linux
def test_the_script_begins_a_service_anew_that_was_stopped(database: Engine, worker: str, tmp_path: Path) -> None:
    port = free_port()
    environment = {
        "PATH": "/usr/bin:/bin", "PYTHONPATH": str(config.ROOT), "MAPAPP_PORT": str(port), "MAPAPP_WORKERS": "1",
        "MAPAPP_DATABASE_URL": test_database_url(NAME.format(worker)), "MAPAPP_TILE_URL": "none",
        "MAPAPP_SECRET_KEYS": KEYS, "MAPAPP_AUDIT_HEADS": str(tmp_path),
    }  # fmt: skip
    python = f'"{sys.executable}"'
    script = (
        f'. "{config.ROOT}/script/lib/keep.sh"; web=""; ask_every=1; patience=8; '
        "trap 'unguard; kill -KILL -- \"-$web\"; exit 143' TERM; "
        f"answers() {{ {python} -c 'from mapapp.operations.readiness import main; main()' 127.0.0.1 {port}; }}; "
        f"begin {python} -m mapapp.cli serve; keep {python} -m mapapp.cli serve"
    )
    process = subprocess.Popen(["bash", "-c", script], env=environment, cwd=config.ROOT, stderr=subprocess.DEVNULL)
    try:
        until(lambda: answers(port), 60, "an answer")
        listed = web_processes(process.pid)
        (first,) = [pid for pid in listed if b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]
        for pid in (first, *web_processes(first)):
            os.kill(pid, signal.SIGSTOP)
        until(lambda: not runs(first), 60, "the end of what was stopped")
        until(lambda: answers(port), 60, "an answer again")
    finally:
        process.terminate()
        process.wait(20)
        (config.ROOT / "var" / f"serving-{port}").unlink(missing_ok=True)
    until(lambda: not answers(port), 20, "the end")


def test_the_script_hears_a_signal_while_it_waits_to_begin_again(tmp_path: Path) -> None:
    script = f'. "{config.ROOT}/script/lib/keep.sh"; web=""; trap "echo told; exit 143" TERM; begin false; keep false'
    process = subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    time.sleep(2.5)  # in the middle of its second pause, of three seconds
    process.terminate()
    assert process.communicate(timeout=2)[0] == "told\n"
