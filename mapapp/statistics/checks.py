"""What ``mapapp check`` says of the statistics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from mapapp.core.config import Config
from mapapp.core.declarations import Finding, limits, ok
from mapapp.core.errors import N_
from mapapp.database.server_time import database_time
from mapapp.statistics import queries

LATE: Final = timedelta(hours=1)
"""A running service counts what changed within seconds."""


def statistics(session: Session, _config: Config) -> Iterator[Finding]:
    """Whether somebody counts what changes. Before the first start of the service nobody does yet."""
    standing = queries.standing(session)
    if standing.as_of is not None and standing.is_counting and database_time(session) - standing.as_of > LATE:
        yield limits(N_("The figures of the statistics are older than the data."), N_("Run mapapp statistics rebuild."))
    else:
        yield ok(N_("The figures of the statistics are up to date."))
