"""The room of facilities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mapapp.accounts.policy import OFFICERS
from mapapp.areas import signals as areas
from mapapp.core.clock import today
from mapapp.core.config import Config
from mapapp.core.declarations import Action
from mapapp.core.errors import N_
from mapapp.database.scheduler import Chore
from mapapp.facilities import changes, checks, cli, service, view_counts, views
from mapapp.facilities.api_writes import api
from mapapp.facilities.audit_words import AUDIT_WORDS
from mapapp.facilities.console import views as console
from mapapp.facilities.console.queries import PLANNED_DAYS
from mapapp.facilities.editing import lifecycle
from mapapp.facilities.editing import views as editing
from mapapp.facilities.freshness import lifetimes
from mapapp.facilities.imports import views as imports
from mapapp.facilities.imports.jobs import forget_files
from mapapp.facilities.reports import service as reports
from mapapp.facilities.reports import views as report_views
from mapapp.facilities.view_counts import Uses
from mapapp.web.room import MenuEntry, Room, Seeding, Serving

USES_KEPT = timedelta(days=400)

_READERS = OFFICERS | {"auditor"}


def _start(serving: Serving) -> None:
    serving.app.extensions["mapapp_uses"] = Uses()
    serving.app.extensions["mapapp_tambon_of"] = changes.tambon_of
    serving.app.jinja_env.globals["planned_days"] = PLANNED_DAYS


def _boundaries(_sender: Any, session: Session, **_: Any) -> None:
    service.reassign_tambons(session)


def _chores(_config: Config, extensions: Mapping[str, Any]) -> list[Chore]:
    def write_uses(session: Session, now: datetime) -> None:
        extensions["mapapp_uses"].write(session, now)

    def old_uses(session: Session, now: datetime) -> None:
        view_counts.forget_before(session, today(now - USES_KEPT))

    return [
        Chore("uses", timedelta(minutes=1), write_uses, everywhere=True),
        Chore("old uploads", timedelta(hours=1), forget_files),
        Chore("old uses", timedelta(days=1), old_uses),
        Chore("senders of reports", timedelta(days=1), reports.forget_senders),
        Chore("notes of reports", timedelta(days=1), reports.forget_notes),
    ]


def _seed(session: Session, made: Seeding) -> None:
    service.seed(session, made.now, leave_out=made.left_alone)


room = Room(
    "facilities",
    blueprints=(
        views.pages,
        editing.pages,
        lifecycle.pages,
        imports.pages,
        console.pages,
        report_views.pages,
    ),
    apis=(api,),
    start=_start,
    settings=lifetimes,
    commands=(cli.facilities,),
    chores=_chores,
    hears=((areas.boundaries_changed, _boundaries),),
    checks=(checks.facilities,),
    seed=_seed,
    actions=(
        Action("facilities.view", _READERS),
        Action("facilities.export", _READERS),
        Action(
            "facilities.capacity",
            OFFICERS,
            scope=N_("Update free beds, doses, tests and spaces, and open or full"),
        ),
        Action("facilities.edit", OFFICERS, scope=N_("Add, change and close facilities")),
        Action("facilities.import", OFFICERS),
        Action("facilities.reports", OFFICERS, scope=N_("Resolve reports from the public")),
    ),
    audit=(AUDIT_WORDS,),
    menu=(
        MenuEntry("/officer", N_("To do"), 10, "facilities.view"),
        MenuEntry("/officer/facilities", N_("Facilities"), 40, "facilities.view"),
        MenuEntry("/officer/facilities/stale", N_("To check"), 50, "facilities.edit"),
        MenuEntry("/officer/facilities/reports", N_("Reports"), 60, "facilities.reports"),
        MenuEntry("/officer/facilities/import", N_("Import"), 70, "facilities.import"),
    ),
)
