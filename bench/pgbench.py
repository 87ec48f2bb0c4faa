"""The bare database under load: what PostgreSQL's own pgbench makes of a script."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import urllib.parse

from bench import national


def rate(script: str, *, seconds: float, clients: int = 4) -> float:
    """Transactions a second of a pgbench script."""
    socket = re.search(r"host=([^&]+)", national.address())
    assert socket
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        words = [os.environ["PGBENCH"], "-n", "-c", str(clients), "-j", "1", "-T", str(int(seconds)), "-f", file.name,
                 "-h", urllib.parse.unquote(socket[1]), "-p", "54329", "-U", "mapapp", "mapapp_bench"]  # fmt: skip
        environment = {**os.environ, "PGOPTIONS": "-c jit=off"}
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    found = re.search(r"tps = ([\d.]+) \(without", done.stdout)
    if not found:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1])
