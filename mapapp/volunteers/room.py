"""Registration of the volunteers room."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mapapp.accounts import signals as people
from mapapp.accounts.people import self_service
from mapapp.accounts.policy import OFFICERS
from mapapp.core.config import Config
from mapapp.core.declarations import Action, AuditWords
from mapapp.core.errors import N_
from mapapp.database.scheduler import Chore
from mapapp.volunteers import retention, seed, service, vetting_views, views
from mapapp.web.room import MenuEntry, Room, Seeding


def _rights_ended(_sender: Any, session: Session, person_id: uuid.UUID, why: people.Why, **_: Any) -> None:
    if why == "erased":
        service.forget(session, person_id)


def _connect() -> None:
    self_service.also_kept["volunteer"] = service.kept_about


def _chores(config: Config, _extensions: Mapping[str, Any]) -> list[Chore]:
    def old_sign_ups(session: Session, now: datetime) -> None:
        retention.sweep(session, now, days=config.sign_up_days)

    return [Chore("sign-ups nobody approved", timedelta(hours=1), old_sign_ups)]


def _demo(session: Session, made: Seeding) -> None:
    seed.make(session, made.now)


room = Room(
    "volunteers",
    blueprints=(views.pages, vetting_views.pages),
    chores=_chores,
    hears=((people.rights_ended, _rights_ended),),
    connect=_connect,
    demo=_demo,
    actions=(Action("volunteers.vet", OFFICERS, personal=True),),
    audit=(
        AuditWords(
            group=N_("Volunteers"),
            actions={
                "volunteer.approve": N_("Approved a volunteer"),
                "volunteer.refuse": N_("Refused a volunteer"),
                "volunteer.suspend": N_("Suspended a volunteer"),
                "volunteer.sweep": N_("Deleted an old sign-up without an approval"),
            },
        ),
    ),
    menu=(
        MenuEntry("/officer/volunteers", N_("Volunteers"), 30, "volunteers.vet", beside="volunteers/_waiting.html"),
        MenuEntry("/volunteer", N_("My profile"), 120, menus=("volunteer",)),
    ),
    waiting={"volunteers_waiting": vetting_views.waiting},
)
