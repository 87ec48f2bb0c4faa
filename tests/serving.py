"""``mapapp serve`` on a port of its own, for what only a real server shows."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mapapp.core import config
from tests.conftest import KEYS, test_database_url


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(database: str, *, first: str = "", **settings: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The service with one web process, on a free port; ``settings`` may say otherwise. ``first``: Python that its
    first process runs before it serves, so that it waits for shorter times."""
    port = free_port()
    with tempfile.TemporaryDirectory() as heads:
        environment = {
            "PATH": "/usr/bin:/bin", "PYTHONPATH": str(config.ROOT), "MAPAPP_DATABASE_URL": test_database_url(database),
            "MAPAPP_PORT": str(port), "MAPAPP_WORKERS": "1", "MAPAPP_TILE_URL": "none", "MAPAPP_AUDIT_HEADS": heads,
            "MAPAPP_SECRET_KEYS": KEYS, **settings,
        }  # fmt: skip
        command = [sys.executable, "-c", f"{first}\nfrom mapapp.cli import main\nmain()", "serve"]
        process = subprocess.Popen(command, env=environment, cwd=config.ROOT, stderr=subprocess.DEVNULL)
        try:
            for _ in range(150):
                assert process.poll() is None
                if answers(port):
                    break
                time.sleep(0.2)
            yield port, process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            (config.ROOT / "var" / f"serving-{port}").unlink(missing_ok=True)


def answers(port: int, path: str = "/healthz") -> bool:
    """Whether it answers 200 there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
"""The header a form comes with."""


def took(port: int, path: str, *, method: str = "GET", body: bytes | None = None) -> tuple[int, float]:
    """The status of one request on a connection of its own, and the seconds until it was all there."""
    began = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request(method, path, body, FORM if body is not None else {})
        answer = line.getresponse()
        answer.read()
        return answer.status, time.monotonic() - began
    finally:
        line.close()


def web_processes(main: int) -> list[int]:
    """The processes under the first one."""
    listed = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return [int(pid) for pid in listed]


def runs(pid: int) -> bool:
    """Whether there is such a process, and not only what is left of one."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def until(true: object, seconds: float, what: str) -> None:
    """Waits until ``true()`` is."""
    assert callable(true)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds:.0f} s")
