"""The ``mapapp`` command; each room adds its own group."""

from __future__ import annotations

import logging
import os
import socket

import click

from mapapp import rooms
from mapapp.areas.service import renew_names
from mapapp.core.errors import N_, Unavailable
from mapapp.database import migrate
from mapapp.operations import check as checks
from mapapp.operations import seeding, supervision
from mapapp.operations.translations import translations
from mapapp.web import command_line, concurrency, idle_connections, server, watchdog
from mapapp.web.i18n import tell


@click.group(cls=command_line.Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """The map service for Thailand: help requests, volunteers and health facilities on one map.

    \b
    First time on a machine:   script/server
    Data of the whole country: mapapp areas import …, then facilities import, then coverage refresh
    Check the installation:    mapapp check

    Settings are MAPAPP_* variables; docs/configuration.md lists them.
    """
    rooms.connect()


@main.group()
def db() -> None:
    """Database: migrations and connection address."""


@db.command()
@click.option("--to", default="head", show_default=True, help="Target revision.")
def upgrade(to: str) -> None:
    """Migrates the database to the newest revision, or to a given one. Safe to repeat."""
    engine = command_line.engine()
    migrate.upgrade(engine, to)
    with engine.connect() as connection:
        revision = migrate.current(connection)
    engine.dispose()
    command_line.say(N_("The database is at revision %(revision)s."), revision=revision)
    if revision == migrate.head():
        _fitting_keys()
    if to == "head":
        with command_line.session() as session:
            renew_names(session)


def _fitting_keys() -> None:
    """Leaves a probe of the master keys in a database that has none, and stops where they are another one's."""
    with command_line.session() as session:
        command_line.vault(session)


@db.command()
def url() -> None:
    """Prints the connection address of the database, for psql, QGIS or a backup."""
    click.echo(command_line.settings().database())


@main.command()
@click.option("--if-empty", is_flag=True, help="Do nothing if the database already has areas.")
def seed(if_empty: bool) -> None:
    """Imports the demo data: Chiang Mai and Roi Et, their hospitals and example facilities. Safe to repeat."""
    with command_line.session() as session:
        if if_empty and not seeding.is_empty(session):
            command_line.say(N_("The database already has data. Nothing was changed."))
            return
        left_alone = seeding.seed_all(session, command_line.settings())
    if left_alone:
        command_line.say(
            N_("There is official data for these areas, so they were not changed: %(codes)s."),
            codes=", ".join(left_alone),
        )
    command_line.say(N_("The demo data was imported."))


@main.command()
def prepare() -> None:
    """Runs the migrations, and imports demo data into an empty database. script/server runs this before it serves."""
    engine = command_line.engine()
    migrate.upgrade(engine)
    engine.dispose()
    _fitting_keys()
    with command_line.session() as session:
        if seeding.is_empty(session):
            seeding.seed_all(session, command_line.settings())
            command_line.say(N_("The demo data was imported."))
        else:
            renew_names(session)
            command_line.say(N_("Ready. The existing data was kept."))
        if command_line.settings().mode == "development":
            seeding.demo(session, command_line.settings(), command_line.vault(session))


def _check_port(host: str, port: int) -> None:
    """Granian's workers would die one by one over a port that is taken, each with a trace."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        text = N_("%(host)s:%(port)s cannot be used: %(why)s. MAPAPP_PORT and MAPAPP_HOST choose another.")
        raise Unavailable(text, host=host, port=port, why=error.strerror or "?") from None


@main.command()
def serve() -> None:
    """Serves the pages and the API until it is stopped (Ctrl-C, SIGTERM)."""
    settings = command_line.settings()
    # A missing database and a setting that a room refuses are told here, once, and not by every worker.
    settings.database()
    rooms.check_settings(settings)
    _check_port(settings.host, settings.port)
    # It warns of more threads than cores; ours wait on lines that say little, and few work (``web/concurrency.py``).
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    concurrency.share_heaps()
    idle_connections.allow_files(server.FILES)
    made = server.server(settings)
    watchdog.watch(made.running)
    watchdog.tell_systemd(settings.host, settings.port, os.environ.get("NOTIFY_SOCKET", ""))
    with supervision.shown(settings):
        made.serve()


@main.command()
def check() -> None:
    """Checks settings, database, migrations, data and assets, and explains how to fix what is wrong.

    Exit status: 0 OK, 1 works with limits, 2 cannot run.
    """
    worst = 0
    marks = {"ok": "✓", "limits": "!", "stops": "✗"}
    for finding in checks.run():
        worst = max(worst, ["ok", "limits", "stops"].index(finding.level))
        command_line.out.print(f"{marks[finding.level]} {tell(finding.what, command_line.lang())}", markup=False)
        if finding.mend:
            command_line.out.print(f"    → {tell(finding.mend, command_line.lang())}", markup=False)
    raise SystemExit(worst)


for room in rooms.ROOMS:
    for group in room.commands:
        main.add_command(group)
main.add_command(translations)

if __name__ == "__main__":
    main()
