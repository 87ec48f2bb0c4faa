"""The room of statistics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mapapp.accounts.policy import OFFICERS
from mapapp.core.config import Config
from mapapp.core.declarations import Action
from mapapp.core.errors import N_
from mapapp.database import scheduler
from mapapp.database.scheduler import Chore
from mapapp.facilities import service as facilities
from mapapp.help_requests import signals as help_requests
from mapapp.statistics import api, checks, measures, service, views
from mapapp.statistics.audit_words import AUDIT_WORDS
from mapapp.statistics.ending import views as ending
from mapapp.statistics.fridays import api as published_api
from mapapp.statistics.fridays import seed as fridays_seed
from mapapp.statistics.fridays import service as fridays
from mapapp.statistics.fridays import views as published_views
from mapapp.statistics.fridays.cli import statistics as commands
from mapapp.statistics.parallel import service as parallel
from mapapp.statistics.parallel import views as parallel_views
from mapapp.statistics.registered import completeness, requests, vaccination, volunteers
from mapapp.statistics.registered import facilities as of_facilities
from mapapp.statistics.sharing import views as sharing
from mapapp.statistics.weeks import views as weeks
from mapapp.survey import signals as survey
from mapapp.web.room import MenuEntry, Room, Seeding


def _changed(_sender: Any, session: Session, **_: Any) -> None:
    # What changed is noted by the database; here is only said that somebody waits for the figures.
    scheduler.poke_after_commit(session, service.CHORE)


def _connect() -> None:
    for measure in (
        completeness.MEASURE,
        vaccination.MEASURE,
        requests.MEASURE,
        of_facilities.MEASURE,
        of_facilities.REACH,
        volunteers.MEASURE,
    ):
        measures.register(measure)


def _chores(config: Config, _extensions: Mapping[str, Any]) -> list[Chore]:
    def count(session: Session, now: datetime) -> str | None:
        return scheduler.MORE if service.step(session, config, now) else None

    def old_forms(session: Session, now: datetime) -> None:
        parallel.forget(session, now)

    def friday(session: Session, now: datetime) -> None:
        fridays.freeze(session, config, config.vault(), now)

    return [
        Chore(service.CHORE, timedelta(minutes=1), count, poked=True),
        Chore("Friday of the statistics", timedelta(minutes=5), friday),
        Chore("exports of old forms", timedelta(hours=1), old_forms),
    ]


def _demo(session: Session, made: Seeding) -> None:
    service.settle(session, made.config, made.now)
    if made.vault is not None:
        fridays_seed.make(session, made.config, made.vault, made.now)


room = Room(
    "statistics",
    blueprints=(
        views.pages,
        ending.pages,
        parallel_views.pages,
        weeks.pages,
        sharing.pages,
        published_views.pages,
    ),
    apis=(api.api, published_api.api),
    commands=(commands,),
    chores=_chores,
    hears=(
        (survey.figures_changed, _changed),
        (help_requests.moved, _changed),
        (facilities.facilities_changed, _changed),
    ),
    connect=_connect,
    checks=(checks.statistics,),
    demo=_demo,
    actions=(
        Action("statistics.view", OFFICERS | {"auditor"}, scope=N_("Read live statistics")),
        Action("statistics.contact", OFFICERS, personal=True),
        Action("statistics.end", frozenset({"ministry", "province_admin"})),
        Action("statistics.compare", OFFICERS),
        Action("statistics.confirm", frozenset({"province_admin"})),
    ),
    audit=(AUDIT_WORDS,),
    menu=(MenuEntry("/officer/statistics", N_("Statistics"), 45, "statistics.view"),),
)
