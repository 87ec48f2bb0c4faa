"""``mapapp-ready HOST PORT``: exit status 0 when the service answers there. Light, so that a script may ask often."""

from __future__ import annotations

import sys

from mapapp.web.watchdog import answers


def main() -> None:
    """Asks ``/healthz`` once."""
    raise SystemExit(not answers(sys.argv[1], int(sys.argv[2])))
