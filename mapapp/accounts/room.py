"""Registration of the accounts room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from mapapp.accounts import checks, cli, demo
from mapapp.accounts.appointing import bulk_views
from mapapp.accounts.appointing.api import api
from mapapp.accounts.audit_words import PEOPLE, SIGNING_IN
from mapapp.accounts.people import account_views as _account_views  # noqa: F401 - its views join the room's blueprint
from mapapp.accounts.people import self_service, tree
from mapapp.accounts.people import views as people
from mapapp.accounts.policy import OFFICERS
from mapapp.accounts.signing_in import join_views as _join_views  # noqa: F401 - as above
from mapapp.accounts.signing_in import passwords, sessions
from mapapp.accounts.signing_in import view_helpers as signing_in
from mapapp.accounts.signing_in import views as _views  # noqa: F401 - as above
from mapapp.accounts.tokens import views as tokens
from mapapp.core.config import Config
from mapapp.core.declarations import Action
from mapapp.core.errors import N_
from mapapp.database.scheduler import Chore
from mapapp.web.room import MenuEntry, Room, Seeding, Serving


def _chores(_config: Config, _extensions: Mapping[str, Any]) -> list[Chore]:
    return [Chore("old sign-ins", timedelta(days=1), self_service.purge)]


def _start(serving: Serving) -> None:
    serving.app.jinja_env.globals |= {
        "password_shortest": passwords.SHORTEST,
        "password_longest": passwords.LONGEST,
        "session_days": sessions.LASTS.days,
        "ending_days": tree.ENDING.days,
    }


def _demo(session: Session, made: Seeding) -> None:
    made.people = demo.make(session, made.now)


room = Room(
    "accounts",
    blueprints=(signing_in.pages, people.pages, bulk_views.pages, tokens.pages),
    apis=(api,),
    commands=(cli.accounts,),
    start=_start,
    chores=_chores,
    checks=(checks.administrators,),
    demo=_demo,
    actions=(
        Action("people.view", OFFICERS | {"auditor"}, personal=True),
        Action("people.appoint", OFFICERS, personal=True, delicate=True),
        Action("tokens.manage", OFFICERS, delicate=True),
    ),
    audit=(PEOPLE, SIGNING_IN),
    menu=(
        MenuEntry("/officer/people", N_("Officers"), 80, "people.view"),
        MenuEntry("/account", N_("My account"), 200, menus=("officer", "volunteer")),
    ),
)
