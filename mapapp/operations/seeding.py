"""Demo data for an empty database: every room's own seed, then the figures that follow from them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts import demo
from mapapp.areas import service as areas
from mapapp.areas.models import Area
from mapapp.core.vault import Vault
from mapapp.coverage import service as coverage
from mapapp.database.server_time import database_time
from mapapp.facilities import service as facilities
from mapapp.facilities.freshness import DEFAULT, Lifetimes
from mapapp.help_requests import seed as requests
from mapapp.help_requests.nearby import daily_counts
from mapapp.volunteers import seed as volunteers


def is_empty(session: Session) -> bool:
    """Whether nobody has loaded any area yet."""
    return session.execute(select(Area.code).limit(1)).first() is None


def seed_all(session: Session, lifetimes: Lifetimes = DEFAULT) -> list[str]:
    """Chiang Mai and Roi Et: areas, hospitals, example sites, coverage. Repeating it changes nothing.

    Returns:
        the provinces that were left alone, because official boundaries are loaded there and real data with them.
    """
    report = areas.seed(session)
    facilities.seed(session, database_time(session), leave_out=report.skipped)
    if report.tambons:
        coverage.refresh_all(session, lifetimes=lifetimes)
    return report.skipped


def demo_people(session: Session) -> int:
    """One person for each role, where nobody has an account yet; ``mapapp accounts demo-passwords`` lets them in.

    Returns:
        how many were made.
    """
    made = demo.make(session, database_time(session))
    volunteers.make(session, database_time(session))
    return made


def demo_requests(session: Session, vault: Vault) -> int:
    """Example requests in every state, where there are demo people and no examples yet.

    Returns:
        how many were made.
    """
    made = requests.seed(session, vault, database_time(session))
    if made:
        daily_counts.make(session, database_time(session))
    return made
