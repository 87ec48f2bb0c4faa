"""``mapapp statistics``: figures by area."""

from __future__ import annotations

import click

from mapapp.core.errors import N_
from mapapp.statistics import service
from mapapp.web import command_line


@click.group()
def statistics() -> None:
    """Figures by area: vaccination, completeness, facilities, help requests, volunteers."""


@statistics.command()
@click.option("--check", is_flag=True, help="Only compares: exit status 1 if a figure would change.")
def rebuild(check: bool) -> None:
    """Counts every figure from the records of the rooms. Safe to repeat, and while the service runs.

    The service updates the figures with each change; a rebuild gives the same figures. --check proves that.

    \b
    mapapp statistics rebuild
    mapapp statistics rebuild --check
    """
    settings = command_line.settings()
    with command_line.session() as session:
        changed = service.different(session, settings) if check else service.rebuild(session, settings)
    if not check:
        command_line.say(N_("All figures are counted; %(figures)s have changed."), figures=changed)
    elif changed:
        command_line.say(
            N_("%(figures)s figures differ from the records. Run mapapp statistics rebuild."), figures=changed
        )
        raise SystemExit(1)
    else:
        command_line.say(N_("All figures are the same as the records."))
