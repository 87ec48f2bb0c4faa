"""What ``mapapp check`` says of the facilities."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.areas.models import Area
from mapapp.core.config import Config
from mapapp.core.declarations import Finding, limits, ok
from mapapp.core.errors import N_
from mapapp.facilities.models import Facility


def facilities(session: Session, _config: Config) -> Iterator[Finding]:
    """Whether any are loaded, and which stand where they should not."""
    total = session.execute(select(func.count()).select_from(Facility)).scalar_one()
    if not total:
        yield limits(N_("There are no facilities."), N_("Run mapapp seed, or mapapp facilities import FILE."))
        return
    yield ok(N_("There are %(count)s facilities."), count=total)
    examples = session.execute(select(func.count()).where(Facility.is_example)).scalar_one()
    real = session.execute(
        select(func.count()).select_from(Area).where(Area.level == "province", ~Area.approximate)
    ).scalar_one()
    if examples and real:
        yield limits(
            N_("%(count)s example facilities are mixed with real data."),
            N_("Delete them with: mapapp facilities remove-examples."),
            count=examples,
        )
    outside = session.execute(select(func.count()).where(Facility.tambon_code.is_(None))).scalar_one()
    if outside:
        yield limits(
            N_("%(count)s facilities lie in no tambon."),
            N_("Import the boundaries of their provinces, or correct their coordinates and import them again."),
            count=outside,
        )
