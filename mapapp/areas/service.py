"""Writes and rules of the areas room: what other rooms and the commands call.

The work is in ``boundaries.py``, ``population.py``, ``villages.py`` and ``seed.py``; nothing here commits.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas import store
from mapapp.areas.boundaries import ImportOptions, ImportReport, import_boundaries
from mapapp.areas.population import PopulationReport, import_population
from mapapp.areas.seed import SeedReport, seed
from mapapp.areas.signals import boundaries_changed, population_changed
from mapapp.areas.villages import VillagesReport, import_villages
from mapapp.database import locks

__all__ = [
    "ImportOptions",
    "ImportReport",
    "PopulationReport",
    "SeedReport",
    "VillagesReport",
    "boundaries_changed",
    "import_boundaries",
    "import_population",
    "import_villages",
    "population_changed",
    "renew_names",
    "seed",
]


def renew_names(session: Session) -> bool:
    """Brings the names that areas are found under up to what this version knows; True where they were not."""
    locks.take(session, locks.AREAS)
    renewed = store.renew_names(session)
    if renewed:
        database.mark_changed(session, "areas")
    return renewed
