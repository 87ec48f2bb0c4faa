"""The part of ``mapapp check`` about accounts."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.models import Person
from mapapp.core.config import Config
from mapapp.core.declarations import Finding, limits, ok
from mapapp.core.errors import N_
from mapapp.database.server_time import database_time


def administrators(session: Session, config: Config) -> Iterator[Finding]:
    """Whether at least one person who may appoint others can sign in."""
    able = appointing.able(session, ("ministry", "province_admin"), database_time(session))
    demo = set(session.scalars(select(Person.id).where(Person.is_demo)))
    counted = able if config.mode == "development" else able - demo
    if counted:
        yield ok(N_("%(count)s administrators can sign in."), count=len(counted))
        return
    yield limits(
        N_("No administrator can sign in, so no one can be appointed."),
        N_("Run mapapp accounts invite-admin --role ministry --name NAME --phone PHONE, and open the link it prints."),
    )
