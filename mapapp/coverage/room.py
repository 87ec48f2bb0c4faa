"""The room of coverage."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mapapp.areas import signals as areas
from mapapp.core import config as settings
from mapapp.core.config import Config
from mapapp.coverage import checks, cli, compare_views, days, one_more_views, service, views
from mapapp.coverage.api import api
from mapapp.database import scheduler
from mapapp.database.scheduler import Chore
from mapapp.facilities import service as facilities
from mapapp.facilities.freshness import Lifetimes, lifetimes
from mapapp.web import command_line
from mapapp.web.room import Room, Seeding, Serving

_known: Lifetimes | None = None


def _start(serving: Serving) -> None:
    global _known
    _known = lifetimes(serving.config)


def _boundaries(_sender: Any, session: Session, **_: Any) -> None:
    service.on_boundaries_changed(session)


def _population(_sender: Any, session: Session, **_: Any) -> None:
    service.on_population_changed(session)


def _facilities(_sender: Any, session: Session, ids: set[int] | None = None, **_: Any) -> None:
    # A person at a form does not wait for figures: the scheduler computes them a moment after the commit. A command
    # that has imported a long list records what must be computed, commits, and then computes one province at a time.
    if scheduler.poke_after_commit(session):
        return
    known = _known or lifetimes(settings.load(os.environ))
    if command_line.afterwards(session, service.catch_up):
        service.begin(session, ids=ids, lifetimes=known)
    else:
        service.on_facilities_changed(session, ids=ids, lifetimes=known)


def _chores(config: Config, _extensions: Mapping[str, Any]) -> list[Chore]:
    known = lifetimes(config)

    def figures(session: Session, now: datetime) -> str | None:
        return scheduler.MORE if service.step(session, now=now, lifetimes=known) else None

    def day(session: Session, now: datetime) -> None:
        days.keep(session, now, days=config.coverage_days)

    return [
        Chore("coverage", timedelta(minutes=1), figures, poked=True),
        Chore("coverage of the day", timedelta(hours=1), day),
    ]


def _seed(session: Session, made: Seeding) -> None:
    if made.tambons:
        service.refresh_all(session, lifetimes=lifetimes(made.config))


room = Room(
    "coverage",
    blueprints=(views.pages, one_more_views.pages, compare_views.pages),
    apis=(api,),
    start=_start,
    commands=(cli.coverage,),
    chores=_chores,
    hears=(
        (areas.boundaries_changed, _boundaries),
        (areas.population_changed, _population),
        (facilities.facilities_changed, _facilities),
    ),
    checks=(checks.coverage,),
    seed=_seed,
)
