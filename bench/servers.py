"""The service under measurement: started as an operator starts it, on a free port of loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import national


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


@dataclass(frozen=True)
class Served:
    """A running service."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def resident_mb(self) -> list[float]:
        """Resident memory of each web process in MB (10⁶ bytes), largest first."""
        found = []
        for pid in _children(self.process.pid):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    found.append(int(line.split()[1]) * 1024 / 1e6)
        # The resource tracker of multiprocessing is a child too, and none of ours.
        return [size for size in sorted(found, reverse=True) if size > 40]


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


@contextmanager
def serving(**settings: str) -> Iterator[Served]:
    """Runs ``mapapp serve`` with these ``MAPAPP_`` settings until the block ends."""
    port = free_port()
    environment = {
        **os.environ,
        "MAPAPP_DATABASE_URL": national.address(),
        "MAPAPP_PORT": str(port),
        "MAPAPP_TILE_URL": "none",
        **{f"MAPAPP_{name.upper()}": value for name, value in settings.items()},
    }
    process = subprocess.Popen([Path(sys.executable).parent / "mapapp", "serve"], env=environment)
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError("the service did not start")
        yield Served(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
