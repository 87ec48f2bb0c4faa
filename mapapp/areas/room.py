"""The room of areas."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mapapp.areas import checks, cli, service, views
from mapapp.areas.api import api
from mapapp.web.room import Room, Seeding


def _seed(session: Session, made: Seeding) -> None:
    report = service.seed(session)
    made.left_alone = report.skipped
    made.tambons = report.tambons


room = Room(
    "areas",
    blueprints=(views.pages,),
    apis=(api,),
    commands=(cli.areas,),
    checks=(checks.areas,),
    seed=_seed,
)
