"""``mapapp-ready HOST PORT``: exit status 0 when the service answers there. Light, so that a script may ask often."""

from __future__ import annotations

import http.client
import sys


def main() -> None:
    """Asks ``/healthz`` once."""
    host, port = sys.argv[1], int(sys.argv[2])
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    try:
        connection = http.client.HTTPConnection(host, port, timeout=2)
        connection.request("GET", "/healthz")
        raise SystemExit(connection.getresponse().status != 200)
    except OSError:
        raise SystemExit(1) from None
