"""The end of one process is not the end of the service, and the end of the service is not for long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from mapapp import check, config, running
from mapapp.config import Config
from tests.conftest import migrated_database
from tests.serving import answers, runs, serving, until, web_processes

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
        assert running.supervisor(settings) == ""
        (told,) = [found for found in check._kept_running(settings) if found.level == "limits"]
        assert "docs/mapapp.service" in str(told.mend)
        assert list(check._kept_running(Config(port=port, mode="development"))) == []
        main.kill()
        until(lambda: running.supervisor(settings) is None, 10, "the end of a service that was killed")
    assert list(check._kept_running(settings)) == []
    with running.shown(Config(port=port, supervisor="systemd")):
        (told,) = check._kept_running(settings)
        assert (told.level, told.what.values) == ("ok", {"name": "systemd"})
    assert running.supervisor(settings) is None


def test_a_service_whose_folder_cannot_be_written_runs_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    monkeypatch.setattr(config, "ROOT", tmp_path)
    with running.shown(Config()):
        assert running.supervisor(Config()) is None


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


def test_the_script_hears_a_signal_while_it_waits_to_begin_again(tmp_path: Path) -> None:
    script = f'. "{config.ROOT}/script/lib/keep.sh"; web=""; trap "echo told; exit 143" TERM; begin false; keep false'
    process = subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    time.sleep(2.5)  # in the middle of its second pause, of three seconds
    process.terminate()
    assert process.communicate(timeout=2)[0] == "told\n"
