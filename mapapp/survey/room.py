"""The room of the vaccination survey."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mapapp.accounts.policy import OFFICERS
from mapapp.core.config import Config
from mapapp.core.declarations import Action
from mapapp.core.errors import N_
from mapapp.database.scheduler import Chore
from mapapp.help_requests import signals as help_requests
from mapapp.help_requests.board import origins
from mapapp.survey import cli, retention, seed
from mapapp.survey.assigning import views as assigning
from mapapp.survey.audit_words import AUDIT_WORDS
from mapapp.survey.entering import api as entering_api
from mapapp.survey.entering import views as entering
from mapapp.survey.followups import api as followups_api
from mapapp.survey.followups import asking, hearing
from mapapp.survey.followups import retention as followups_retention
from mapapp.survey.followups import seed as followups_seed
from mapapp.survey.followups import views as followups
from mapapp.survey.offline import views as offline
from mapapp.survey.overview import views as overview
from mapapp.survey.publishing import api as publishing_api
from mapapp.survey.publishing import views as publishing_views
from mapapp.survey.reference import api as reference_api
from mapapp.survey.rounds import views as rounds
from mapapp.survey.sheets import service as sheets
from mapapp.survey.sheets import views as sheets_pages
from mapapp.web.room import MenuEntry, Room, Seeding


def _chores(config: Config, _extensions: Mapping[str, Any]) -> list[Chore]:
    def old_households(session: Session, now: datetime) -> None:
        retention.forget_households(session, now, days=config.survey_days)

    def old_lists(session: Session, now: datetime) -> None:
        sheets.forget_files(session, now)

    def old_follow_ups(session: Session, now: datetime) -> None:
        followups_retention.delete_old(session, now, days=config.survey_follow_up_days)

    return [
        Chore("house numbers of old surveys", timedelta(hours=1), old_households),
        Chore("old lists of surveys", timedelta(hours=1), old_lists),
        Chore("old follow-ups", timedelta(hours=1), old_follow_ups),
    ]


def _connect() -> None:
    if asking.origin not in origins.finders:
        origins.finders.append(asking.origin)


def _demo(session: Session, made: Seeding) -> None:
    seed.make(session, made.now)
    if made.vault is not None:
        followups_seed.make(session, made.vault, made.now)


room = Room(
    "survey",
    blueprints=(
        entering.pages,
        offline.pages,
        followups.pages,
        rounds.pages,
        assigning.pages,
        overview.pages,
        publishing_views.pages,
        sheets_pages.pages,
    ),
    apis=(entering_api.api, followups_api.api, reference_api.api, publishing_api.api),
    commands=(cli.survey,),
    chores=_chores,
    hears=((help_requests.moved, hearing.moved), (help_requests.erased, hearing.erased)),
    connect=_connect,
    demo=_demo,
    actions=(
        Action("survey.enter", OFFICERS | {"data_volunteer"}, personal=True, scope=N_("Record the vaccination survey")),
        Action("survey.view", OFFICERS | {"auditor"}),
        Action("survey.manage", OFFICERS, personal=True),
        Action(
            "survey.follow_up",
            OFFICERS | {"data_volunteer"},
            personal=True,
            scope=N_("Write down follow-ups of the survey, and work on your own"),
        ),
        Action("survey.follow_ups", OFFICERS, personal=True),
    ),
    audit=(AUDIT_WORDS,),
    menu=(
        MenuEntry("/officer/survey", N_("Survey"), 40, "survey.view", beside="survey/_waiting.html"),
        MenuEntry("/volunteer/survey", N_("My villages"), 90, "survey.enter", menus=("volunteer",)),
    ),
    waiting={
        "survey_waiting": overview.waiting,
        "survey_follow_ups": followups.waiting,
        "survey_twice": overview.twice,
        "survey_late": overview.late,
        "survey_untouched": overview.untouched,
    },
)
