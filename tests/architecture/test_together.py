"""Rooms that work at the same time, and demo data beside real data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mapapp.areas import service as areas
from mapapp.areas.models import Area
from mapapp.coverage import service as coverage
from mapapp.database import locks
from mapapp.facilities import service as facilities
from mapapp.facilities.models import Facility
from mapapp.operations import seeding
from tests.areas.drawing import write


@pytest.mark.parametrize(
    "work",
    [
        lambda session: facilities.import_facilities(session, []),
        lambda session: coverage.update(session),
        lambda session: coverage.refresh_all(session, ["hospital"]),
    ],
    ids=["facilities import", "coverage update", "coverage refresh"],
)
def test_what_leans_on_areas_waits_for_an_import_of_them(engine: Engine, work: Callable[[Session], object]) -> None:
    with Session(engine) as importing, Session(engine) as other:
        other.execute(text("SET LOCAL lock_timeout = '200ms'"))
        work(other)
        other.rollback()
        locks.take(importing, locks.AREAS)
        other.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            work(other)


def test_what_leans_on_areas_does_not_wait_for_each_other(engine: Engine) -> None:
    with Session(engine) as one, Session(engine) as other:
        locks.share(one, locks.AREAS)
        other.execute(text("SET LOCAL lock_timeout = '200ms'"))
        locks.share(other, locks.AREAS)


def _official_chiang_mai(session: Session, folder: Path) -> None:
    path = write(folder / "a.geojson", {"500101": shapely.box(97.3, 17.2, 99.6, 20.3)})
    areas.import_boundaries(session, [path], areas.ImportOptions())


def test_demo_data_keep_out_of_provinces_with_real_data(session: Session, tmp_path: Path) -> None:
    _official_chiang_mai(session, tmp_path)
    assert seeding.seed_all(session) == ["50"]
    inside = func.count().filter(Facility.tambon_code.like("50%"))
    assert session.execute(select(inside)).scalar_one() == 0
    assert session.execute(select(func.count()).select_from(Facility)).scalar_one() > 20
    assert seeding.seed_all(session) == ["50"]


def test_seeding_again_keeps_newer_population_figures(session: Session) -> None:
    areas.seed(session)
    tambon = session.get_one(Area, "450101")
    tambon.population, tambon.population_source = 12_345, "DOPA registration 2026"
    session.flush()
    areas.seed(session)
    session.expire_all()
    assert session.get_one(Area, "450101").population == 12_345
