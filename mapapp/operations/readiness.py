"""``mapapp-ready HOST PORT``: exit status 0 when the service answers there. Imports little, so that a script can run it
often."""

from __future__ import annotations

import sys

from mapapp.web.watchdog import answers


def main() -> None:
    """Requests ``/healthz`` once."""
    raise SystemExit(not answers(sys.argv[1], int(sys.argv[2])))
