"""Commands of the Fridays."""

from __future__ import annotations

from datetime import datetime

import click

from mapapp.core.errors import N_
from mapapp.database.server_time import database_time
from mapapp.statistics.cli import statistics as statistics  # the room's group, with these commands
from mapapp.statistics.fridays import service
from mapapp.web import command_line


@statistics.command()
@click.option("--friday", type=click.DateTime(["%Y-%m-%d"]), help="Which Friday; without it the last one.")
def snapshot(friday: datetime | None) -> None:
    """Saves the figures of the last Friday, with what everyone may read of them. Safe to repeat.

    The service does this automatically (MAPAPP_STATISTICS_HOUR). A Friday that was saved never changes.

    \b
    mapapp statistics snapshot
    mapapp statistics snapshot --friday 2026-11-27
    """
    settings = command_line.settings()
    with command_line.told(), command_line.session() as session:
        asked = None if friday is None else friday.date()
        vault = command_line.vault(session)
        made, is_new = service.freeze(session, settings, vault, database_time(session), asked)
        day, digest = made.friday.isoformat(), service.check_code(vault, made.digest)
    text = N_("Friday %(day)s is saved: %(digest)s") if is_new else N_("Friday %(day)s was saved before: %(digest)s")
    command_line.say(text, day=day, digest=digest)


@statistics.command()
def verify() -> None:
    """Checks that no saved Friday was changed: each has a hash of its figures and of the Friday before it.

    Exit status 1 if one was.

    \b
    mapapp statistics verify
    """
    with command_line.session() as session:
        count, broken = service.verify(session)
    for one in broken:
        command_line.say(one.what)
        click.echo(one.friday.isoformat())
    if broken:
        raise SystemExit(1)
    command_line.say(N_("Fridays that are as they were saved: %(count)s."), count=count)
