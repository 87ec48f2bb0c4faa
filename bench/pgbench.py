"""The bare database under load: what PostgreSQL's own pgbench makes of scripts."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import urllib.parse
from pathlib import Path

from bench import national


def rate(*scripts: str, seconds: float, clients: int = 4) -> float:
    """Transactions a second of pgbench scripts, of which each transaction runs one by chance; 128 at most."""
    socket = re.search(r"host=([^&]+)", national.address())
    assert socket
    with tempfile.TemporaryDirectory() as folder:
        files: list[str] = []
        for number, script in enumerate(scripts):
            path = Path(folder) / f"{number}.sql"
            path.write_text(script)
            files += ["-f", str(path)]
        words = [os.environ["PGBENCH"], "-n", "-c", str(clients), "-j", "1", "-T", str(int(seconds)), *files,
                 "-h", urllib.parse.unquote(socket[1]), "-p", "54329", "-U", "mapapp", "mapapp_bench"]  # fmt: skip
        environment = {**os.environ, "PGOPTIONS": "-c jit=off"}
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    found = re.search(r"tps = ([\d.]+) \(without", done.stdout)
    if not found:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1])
