"""Which room is told of which change. Rooms below know nothing of those above; here they are joined."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from mapapp.areas import signals as areas
from mapapp.coverage import service as coverage
from mapapp.facilities import service as facilities


def connect() -> None:
    """Joins the rooms' signals; calling it again changes nothing. Listeners run inside the change's transaction."""
    areas.boundaries_changed.connect(_boundaries)
    areas.population_changed.connect(_population)
    facilities.facilities_changed.connect(_facilities)


def _boundaries(_sender: Any, session: Session, **_: Any) -> None:
    facilities.reassign_tambons(session)
    coverage.on_boundaries_changed(session)


def _population(_sender: Any, session: Session, **_: Any) -> None:
    coverage.on_population_changed(session)


def _facilities(_sender: Any, session: Session, ids: set[int] | None = None, **_: Any) -> None:
    coverage.on_facilities_changed(session, ids=ids)
