"""Whether the service runs on this computer, and what restarts it when it ends. No Flask here.

The running service holds a lock on a small file. The operating system releases the lock however the service ends, so a
left-over file means nothing.
"""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mapapp.core import config
from mapapp.core.config import Config

log = logging.getLogger(__name__)


def _file(settings: Config) -> Path:
    return config.ROOT / "var" / f"serving-{settings.port}"


@contextmanager
def shown(settings: Config) -> Iterator[None]:
    """Context manager: marks the service on this port as running. If the file cannot be written, it runs without the
    mark."""
    try:
        _file(settings).parent.mkdir(exist_ok=True)
        held = _file(settings).open("a+", encoding="utf-8")
    except OSError as error:
        log.warning("mapapp check will not see that the service runs: %s", error.strerror)
        yield
        return
    with held:
        fcntl.flock(held, fcntl.LOCK_SH)
        held.truncate(0)
        held.write(settings.supervisor)
        held.flush()
        try:
            yield
        finally:
            _file(settings).unlink(missing_ok=True)


def supervisor(settings: Config) -> str | None:
    """What restarts the running service: a name, or an empty string if nothing does; None if no service runs."""
    try:
        with _file(settings).open(encoding="utf-8") as seen:
            try:
                fcntl.flock(seen, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return seen.read().strip()
    except OSError:
        pass
    return None
