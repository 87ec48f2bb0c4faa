"""What ``mapapp check`` says of the areas."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.areas.models import Area, AreaShape, Village
from mapapp.core.config import Config
from mapapp.core.declarations import Finding, limits, ok, stops
from mapapp.core.errors import N_


def areas(session: Session, _config: Config) -> Iterator[Finding]:
    """What areas are loaded, and what they lack."""
    counts: dict[str, int] = dict(session.execute(select(Area.level, func.count()).group_by(Area.level)).all())
    if not counts:
        yield stops(N_("There is no area data."), N_("Run mapapp seed for demo data, or mapapp areas import FILE…"))
        return
    yield ok(
        N_("There are %(provinces)s provinces, %(amphoe)s amphoe and %(tambons)s tambons."),
        provinces=counts.get("province", 0),
        amphoe=counts.get("amphoe", 0),
        tambons=counts.get("tambon", 0),
    )
    approximate = session.execute(select(func.count()).where(Area.level == "tambon", Area.approximate)).scalar_one()
    if approximate:
        yield limits(
            N_("%(count)s tambon boundaries are approximate."),
            N_("Import the official ones: mapapp areas import FILE… (README, “The whole country”)."),
            count=approximate,
        )
    bare = session.execute(select(func.count()).where(Area.level == "tambon", Area.population.is_(None))).scalar_one()
    if bare:
        yield limits(
            N_("%(count)s tambons have no population figure."),
            N_("Import one: mapapp areas population FILE --crosswalk FILE."),
            count=bare,
        )
    drawn = select(AreaShape.code).where(AreaShape.code == Area.code).exists()
    undrawn = session.execute(select(func.count()).select_from(Area).where(~drawn)).scalar_one()
    if undrawn:
        yield limits(
            N_("%(count)s areas have no shape for the map."), N_("Import the boundaries again."), count=undrawn
        )
    villages = session.execute(select(func.count()).select_from(Village)).scalar_one()
    if villages:
        yield ok(N_("There are %(count)s village names."), count=villages)
    else:
        yield ok(N_("There are no village names (mapapp areas villages imports them). Places are found by tambon."))
