"""A database cluster and a service of their own, to be killed: nobody else's tests run on them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from mapapp import database
from mapapp.core import config
from mapapp.database import migrate
from tests.conftest import KEYS

_CLUSTER = "set -euo pipefail; root=$1; . script/lib/say.sh; . script/lib/cluster.sh; "


def until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Waits for something to become true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            if true():
                return
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds:.0f} s")


class Cluster:
    """PostgreSQL as script/server makes it: durable, on a socket only."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._home = Path()
        self.start()
        self.engine = self._migrated()

    def _shell(self, words: str) -> str:
        command = ["bash", "-c", _CLUSTER + words, "bash", str(config.ROOT)]
        done = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def start(self) -> None:
        """Starts it; after a kill its last processes may still be about to go."""
        for attempt in range(40):
            try:
                self._home = Path(self._shell(f'cluster_start {self.name}; printf "%s" "$pg_home"'))
                return
            except subprocess.CalledProcessError:
                if attempt == 39:
                    raise
                time.sleep(0.25)

    @property
    def address(self) -> str:
        """As the service's own role."""
        return config.private_database_url(self.name, user=config.APP_ROLE)

    def _migrated(self) -> Engine:
        engine = database.engine(make_url(config.private_database_url(self.name)))
        migrate.upgrade(engine)
        return engine

    def kill_postmaster(self) -> None:
        """kill -9, as the kernel does when memory runs out; then what a service manager does."""
        os.kill(int((self._home / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        self.start()

    def kill_backends(self) -> None:
        """kill -9 of what works for the service; PostgreSQL then restarts itself."""
        ask = text("SELECT pid FROM pg_stat_activity WHERE application_name = 'mapapp' AND pid <> pg_backend_pid()")
        with self.engine.connect() as connection:
            found = connection.execute(ask).scalars().all()
        for pid in found[:3]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        self.engine.dispose()
        self._shell(f"cluster_stop {self.name}")
        shutil.rmtree(self._home, ignore_errors=True)
        link = config.ROOT / "var" / self.name
        if link.is_symlink():
            link.unlink()
        (config.ROOT / "var" / f"{self.name}.socket").unlink(missing_ok=True)


class Service:
    """``mapapp serve`` with two web processes, as script/server runs it."""

    def __init__(self, cluster: Cluster, heads: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MAPAPP_")},
            "MAPAPP_DATABASE_URL": cluster.address, "MAPAPP_PORT": str(self.port), "MAPAPP_TILE_URL": "none",
            "MAPAPP_SECRET_KEYS": KEYS, "MAPAPP_AUDIT_HEADS": str(heads), "MAPAPP_LOG_LEVEL": "error",
            "PYTHONPATH": str(config.ROOT), **settings,
        }  # fmt: skip
        self.start()

    def start(self) -> None:
        self._spawn()
        self.ready()

    def _spawn(self) -> None:
        command = [sys.executable, "-m", "mapapp.cli", "serve"]
        self._process = subprocess.Popen(
            command, env=self._environ, cwd=config.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def ready(self) -> None:
        """Waits until it answers from the database again."""

        def answers() -> bool:
            assert self._process.poll() is None, "the service ended over the end of one of its processes"
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)

        until(answers, 40, "the service's return")

    def workers(self) -> list[int]:
        """The processes under the first one."""
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return [int(pid) for pid in listed]

    def kill_worker(self) -> None:
        """kill -9 of one web process; the first process replaces it."""
        for pid in self.workers()[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """kill -9 of all of it, then what a service manager does."""
        workers = self.workers()
        for pid in (self._process.pid, *workers):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(10)
        until(lambda: not any(Path(f"/proc/{pid}").exists() and _runs(pid) for pid in workers), 10, "their end")
        self.start()

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill_all()

    def kill_all(self) -> None:
        """The last resort after a test."""
        for pid in (*self.workers(), self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(10)


def _runs(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
