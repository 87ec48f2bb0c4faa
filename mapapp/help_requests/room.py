"""Registration of the help requests room."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mapapp.accounts import signals as people
from mapapp.accounts.policy import OFFICERS
from mapapp.areas import signals as areas
from mapapp.core.config import Config
from mapapp.core.declarations import Action
from mapapp.core.errors import N_
from mapapp.database.scheduler import Chore
from mapapp.help_requests import cells, cli, reassignment, retention, seed
from mapapp.help_requests.asking import api as asking_api
from mapapp.help_requests.asking import duplicates, one_time_code
from mapapp.help_requests.asking import views as asking
from mapapp.help_requests.audit_words import AUDIT_WORDS
from mapapp.help_requests.board import measures_views
from mapapp.help_requests.board import request_views as _request_views  # noqa: F401 - its views join the blueprint
from mapapp.help_requests.board import views as board
from mapapp.help_requests.nearby import api as nearby_api
from mapapp.help_requests.nearby import daily_counts, live_views
from mapapp.help_requests.nearby import views as nearby
from mapapp.help_requests.resident import api as resident_api
from mapapp.help_requests.resident import page_key, reminders
from mapapp.help_requests.resident import views as resident
from mapapp.help_requests.working import api as working_api
from mapapp.help_requests.working import service as working
from mapapp.help_requests.working import views as working_views
from mapapp.volunteers import service as volunteers
from mapapp.web.room import MenuEntry, Room, Seeding, Serving


def _start(serving: Serving) -> None:
    live_views.init(serving.app, serving.reading, threaded=serving.threaded)
    serving.app.jinja_env.globals |= {
        "squares_in_a_degree": cells.HUNDREDTHS,
        "about_km": cells.about_km,
        "page_key_days": page_key.LASTS.days,
        "code_minutes": one_time_code.SHOWN_FOR // timedelta(minutes=1),
        "twice_within_hours": duplicates.WITHIN // timedelta(hours=1),
    }


def _boundaries(_sender: Any, session: Session, **_: Any) -> None:
    reassignment.reassign(session)


def _rights_ended(
    _sender: Any, session: Session, person_id: uuid.UUID, why: working.Why, now: datetime, **_: Any
) -> None:
    working.let_go(session, person_id, why, now)


def _chores(config: Config, _extensions: Mapping[str, Any]) -> list[Chore]:
    asking_again = reminders.Terms.of(
        ask_after_days=config.ask_after_days, close_after_days=config.close_after_days, confirm_days=config.confirm_days
    )

    def questions(session: Session, now: datetime) -> None:
        reminders.chores(session, asking_again, now)

    def closed_requests(session: Session, now: datetime) -> None:
        retention.erase_closed(session, now, after_days=config.erase_after_days)

    return [
        Chore("questions to residents", timedelta(minutes=10), questions),
        Chore("closed requests", timedelta(minutes=10), closed_requests),
        Chore("public counts of requests", timedelta(minutes=1), daily_counts.refresh),
        Chore("old requests", timedelta(days=1), retention.forget_links),
    ]


def _demo(session: Session, made: Seeding) -> None:
    if made.vault is None:
        return
    made.requests = seed.seed(session, made.vault, made.now)
    if made.requests:
        daily_counts.make(session, made.now)


room = Room(
    "help_requests",
    blueprints=(asking.pages, working_views.pages, nearby.pages, live_views.pages, resident.pages, board.pages),
    apis=(asking_api.api, working_api.api, nearby_api.api, resident_api.api, measures_views.api),
    start=_start,
    commands=(cli.requests,),
    chores=_chores,
    hears=(
        (areas.boundaries_changed, _boundaries),
        (people.rights_ended, _rights_ended),
        (volunteers.stopped, _rights_ended),
    ),
    demo=_demo,
    actions=(
        Action("requests.nearby", OFFICERS | {"volunteer"}, scope=N_("See help requests by area")),
        Action("requests.claim", OFFICERS | {"volunteer"}, personal=True, scope=N_("Accept help requests")),
        Action("requests.view", OFFICERS, personal=True),
        Action("requests.handle", OFFICERS, personal=True),
        Action("requests.measures", OFFICERS | {"auditor"}),
    ),
    audit=(AUDIT_WORDS,),
    menu=(
        MenuEntry("/officer/requests", N_("Requests"), 20, "requests.view", beside="help_requests/board/_waiting.html"),
        MenuEntry("/volunteer/nearby", N_("Nearby"), 100, menus=("volunteer",)),
        MenuEntry("/volunteer/tasks", N_("My tasks"), 110, menus=("volunteer",)),
    ),
    waiting={"requests_waiting": board.waiting},
)
