"""What ``mapapp check`` says of the statistics."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.core.config import Config
from mapapp.core.declarations import Finding, limits, ok
from mapapp.core.errors import N_
from mapapp.statistics import measures
from mapapp.statistics.models import StatisticsMeasure


def statistics(session: Session, _config: Config) -> Iterator[Finding]:
    """Whether every measure has been counted."""
    counted = session.scalars(select(func.count()).select_from(StatisticsMeasure)).one()
    if counted < len(measures.all_measures()):
        yield limits(N_("The figures of the statistics are not counted yet."), N_("Run mapapp statistics rebuild."))
    else:
        yield ok(N_("The figures of the statistics are counted."))
