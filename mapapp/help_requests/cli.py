"""``mapapp requests``: commands for system operators about help requests."""

from __future__ import annotations

import click

from mapapp import database
from mapapp.core.errors import N_
from mapapp.help_requests import recelling
from mapapp.web import command_line


@click.group()
def requests() -> None:
    """Help requests: grid cells."""


@requests.command()
def recell() -> None:
    """Computes the grid cells of all requests again, after the size of the grid was changed.

    Safe to repeat, and while the service runs. A request never gets a smaller cell than its resident was told.
    """
    engine = command_line.engine()
    try:
        *_before, changed = recelling.recell_all(database.sessions(engine))
    finally:
        engine.dispose()
    command_line.say(N_("%(count)s requests have another cell now."), count=f"{changed:,}")
