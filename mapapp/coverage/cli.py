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
    """Coverage figures: how many people live near a facility, by tambon, amphoe and province."""


@coverage.command()
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(KINDS), help=("Only this type of facility; can be repeated.")
)
@click.option(
    "--changed", is_flag=True, help="Only areas that changed facilities affect. Takes seconds, so a timer can run it."
)
def refresh(kinds: tuple[str, ...], changed: bool) -> None:
    """Computes the coverage figures again. Safe to repeat, and while the service runs.

    The service updates the figures when facilities or population change. Run this command after an import of
    boundaries. A facility that reopens on a date, or that becomes out of date, is noticed within a minute by the
    running service; --changed does the same once.

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
    """One transaction per province: finished provinces are kept, the old figures stay visible until then, and locks are
    short."""
    engine = command_line.engine()
    try:
        with command_line.progress() as bar:
            task: TaskID = bar.add_task("coverage", total=total)
            service.catch_up(database.sessions(engine), lambda left: bar.update(task, completed=max(0, total - left)))
    finally:
        engine.dispose()
