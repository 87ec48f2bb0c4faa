"""What ``mapapp check`` says of the coverage figures."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from mapapp.core.config import Config
from mapapp.core.declarations import Finding, limits, ok
from mapapp.core.errors import N_
from mapapp.coverage import service
from mapapp.facilities.freshness import lifetimes


def coverage(session: Session, config: Config) -> Iterator[Finding]:
    """Whether the figures are those of the data."""
    stale = service.stale(session, lifetimes=lifetimes(config))
    if stale:
        yield limits(N_("The coverage figures are older than the data."), N_("Run mapapp coverage refresh."))
    else:
        yield ok(N_("The coverage figures are up to date."))
