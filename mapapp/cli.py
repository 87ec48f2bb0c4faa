"""The ``mapapp`` command; each room adds its own group."""

from __future__ import annotations

import click

from mapapp import migrate, wiring
from mapapp.areas.cli import areas
from mapapp.coverage.cli import coverage
from mapapp.errors import N_
from mapapp.facilities.cli import facilities
from mapapp.web import console


@click.group(cls=console.Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """The map service for Thailand: help, volunteers and health facilities on one map.

    \b
    First time on a machine:   script/server
    The whole country:         mapapp areas import …, then facilities import, then coverage refresh
    Is everything right?       mapapp check

    Settings are MAPAPP_* variables; docs/configuration.md lists them.
    """
    wiring.connect()


@main.group()
def db() -> None:
    """The database: migrations and its address."""


@db.command()
@click.option("--to", default="head", show_default=True, help="Revision to go to.")
def upgrade(to: str) -> None:
    """Brings the database to the newest (or a named) revision. Safe to repeat."""
    engine = console.engine()
    migrate.upgrade(engine, to)
    with engine.connect() as connection:
        console.say(N_("The database is at revision %(revision)s."), revision=migrate.current(connection))
    engine.dispose()


@db.command()
def url() -> None:
    """Prints the database's address, for psql, QGIS or a backup."""
    click.echo(console.settings().database())


main.add_command(areas)
main.add_command(facilities)
main.add_command(coverage)

if __name__ == "__main__":
    main()
