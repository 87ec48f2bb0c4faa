"""``mapapp coverage``: what reaches whom."""

from __future__ import annotations

import click
from rich.progress import TaskID

from mapapp import database
from mapapp.core.errors import N_
from mapapp.coverage import service
from mapapp.facilities.freshness import lifetimes
from mapapp.facilities.kinds import KINDS
from mapapp.web import command_line


@click.group()
def coverage() -> None:
    """What reaches whom: distance and reach of facilities, by tambon, amphoe and province."""


@coverage.command()
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only this kind; may be repeated.")
@click.option("--changed", is_flag=True, help="Only what changed facilities touch: seconds, fit for a timer.")
def refresh(kinds: tuple[str, ...], changed: bool) -> None:
    """Computes the figures again. Safe to repeat, and while the service runs.

    Changes of facilities and of population are followed at once; this is needed after boundaries were loaded. A
    facility that opens again on a date, or that nobody confirms any longer, is seen within a minute by the running
    service; --changed does the same by hand.

    \b
    mapapp coverage refresh
    mapapp coverage refresh --kind hospital
    mapapp coverage refresh --changed
    """
    known = lifetimes(command_line.settings())
    if changed and kinds:
        raise click.UsageError("--changed looks at every kind; leave --kind away.")
    with command_line.session() as session:
        if changed:
            report = service.begin(session, lifetimes=known)
        else:
            report = service.begin_all(session, kinds or None, lifetimes=known)
    _compute(sum(report.tambons.values()))
    if changed:
        pins, tambons = sum(report.pins.values()), sum(report.tambons.values())
        command_line.say(N_("%(pins)s facilities changed; %(areas)s figures calculated."), pins=pins, areas=tambons)
        return
    for kind in report.whole:
        command_line.say(N_("%(kind)s: %(areas)s tambons calculated."), kind=kind, areas=report.tambons[kind])


def _compute(total: int) -> None:
    """A transaction for each province: what is done stays, the last figures stay until then, and nobody waits long."""
    engine = command_line.engine()
    try:
        with command_line.progress() as bar:
            task: TaskID = bar.add_task("coverage", total=total)
            service.catch_up(database.sessions(engine), lambda left: bar.update(task, completed=max(0, total - left)))
    finally:
        engine.dispose()
