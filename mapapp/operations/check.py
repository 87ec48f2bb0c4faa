"""``mapapp check``: problems of this installation, and how to fix them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core import config
from mapapp.core.declarations import Finding, limits, ok, stops
from mapapp.core.errors import N_
from mapapp.core.languages import LANGUAGES
from mapapp.database import keyring, migrate, roles
from mapapp.database.server_time import SKEW, database_time, machine_time
from mapapp.operations import supervision
from mapapp.rooms import ROOMS, check_settings
from mapapp.web import assets, catalogues

POSTGRESQL, POSTGIS = 15, (3, 3)
ASSETS = (
    "leaflet/leaflet.js",
    "protomaps/protomaps-leaflet.js",
    "htmx/htmx.min.js",
    "sarabun/sarabun-thai-400-normal.woff2",
    "land/neighbours.json",
    "pictures/sarabun-thai-400.ttf",
)
"""One file of each kind of asset that an installation for this code has."""


def run() -> Iterator[Finding]:
    """Runs all checks in the order in which they depend on each other; stops early if the rest cannot be checked."""
    try:
        settings = config.load(os.environ)
        check_settings(settings)
        address = settings.database()
    except config.BadConfig as error:
        yield stops(
            N_("Settings: %(problem)s"),
            N_("Correct the variable; docs/configuration.md lists them."),
            problem=str(error),
        )
        return
    yield ok(N_("The settings are valid."))
    yield from _service(settings)
    yield from _files()
    engine = database.engine(address, pool_size=1)
    try:
        yield from _database(engine, settings)
    finally:
        engine.dispose()


def _service(settings: config.Config) -> Iterator[Finding]:
    """How the service runs: who could read the keys, who could sign in with a demo account, where signed checkpoints
    go."""
    reached = [settings.host, urlsplit(settings.public_url).hostname or settings.host]
    elsewhere = [host for host in reached if host not in config.LOOPBACK]
    if settings.mode == "development" and elsewhere:
        yield limits(
            N_("Development mode allows demo accounts, and the service is reachable at %(host)s."),
            N_("Set MAPAPP_MODE=production, or MAPAPP_HOST=127.0.0.1 and no MAPAPP_PUBLIC_URL."),
            host=elsewhere[0],
        )
    if settings.mode == "production" and not settings.public_url:
        yield limits(
            N_("MAPAPP_PUBLIC_URL is not set: links on printed sheets and in messages may lead to %(address)s."),
            N_("Set it to the address people reach the service at, for example https://map.province.go.th."),
            address=settings.own_address(),
        )
    if settings.mode == "production" and not settings.service_owner:
        yield limits(
            N_("MAPAPP_SERVICE_OWNER is not set: saved maps do not say whose they are."),
            N_("Set it to the name of your authority or organisation, and MAPAPP_SERVICE_CONTACT to a public contact."),
        )
    yield from _kept_running(settings)
    keys = config.KEY_FILE
    if not settings.secret_keys and keys.is_file() and keys.stat().st_mode & 0o077:
        yield limits(
            N_("Other users of this computer can read the encryption keys in %(file)s."),
            N_("Run chmod 600 %(file)s. If someone may have read them, change them: mapapp accounts keys."),
            file=keys,
        )
    else:
        yield ok(N_("Only the service can read the encryption keys."))
    folder = settings.heads_folder()
    if _can_be_written(folder):
        yield ok(N_("Signed checkpoints of the audit log are written to %(folder)s."), folder=folder)
    else:
        yield limits(
            N_("The signed checkpoints of the audit log cannot be written to %(folder)s."),
            N_("Create the folder for the user of the service, or set another in MAPAPP_AUDIT_HEADS."),
            folder=folder,
        )


def _kept_running(settings: config.Config) -> Iterator[Finding]:
    """Whether something restarts the service when it ends. If no service runs, this is unknown."""
    found = supervision.supervisor(settings)
    if found:
        yield ok(N_("The service runs. If it stops, %(name)s restarts it."), name=found)
    elif found is not None and settings.mode == "production":
        yield limits(
            N_("The service runs, but nothing restarts it if it stops."),
            N_("Run it with docs/mapapp.service, or name in MAPAPP_SUPERVISOR what restarts it (docs/operations.md)."),
        )


def _can_be_written(folder: Path) -> bool:
    """Whether files can be written to the folder, or to the one in which it would be created."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _files() -> Iterator[Finding]:
    vendor = config.ROOT / "static" / "vendor"
    missing = [name for name in ASSETS if not (vendor / name).is_file()]
    if missing:
        yield stops(N_("Browser assets are missing: %(names)s"), N_("Run script/setup."), names=", ".join(missing))
    elif not (vendor / (ASSETS[0] + ".gz")).is_file():
        yield limits(N_("Browser assets are not compressed."), N_("Run script/setup."))
    else:
        yield ok(N_("Browser assets are in place."))
    stale = assets.stale(assets.STATIC)
    if stale:
        yield limits(
            N_("%(count)s compressed browser assets are older than their files and are still served: %(names)s"),
            N_("Run script/setup."),
            count=len(stale),
            names=", ".join(str(path.relative_to(assets.STATIC)) for path in stale[:5]),
        )
    if all(catalogues.compiled(one.code).is_file() for one in LANGUAGES if one.has_catalogue):
        yield ok(N_("Translations are compiled."))
    else:
        yield limits(N_("Translations are not compiled: pages would be in English."), N_("Run script/setup."))


def _database(engine: Engine, settings: config.Config) -> Iterator[Finding]:
    try:
        connection = engine.connect()
    except SQLAlchemyError as error:
        problem = str(getattr(error, "orig", error)).strip().splitlines()[0]
        yield stops(
            N_("The database does not answer: %(problem)s"),
            N_("Start script/server, or check MAPAPP_DATABASE_URL."),
            problem=problem,
        )
        return
    with connection:
        for first in (_versions, database_roles):  # if these fail, the other checks are not possible
            found = list(first(connection))
            yield from found
            if any(finding.level == "stops" for finding in found):
                return
        with Session(connection) as session:
            for look in (_clock, _writing, _keys):
                yield from look(session)
            for room in ROOMS:
                for check in room.checks:
                    yield from check(session, settings)


def _versions(connection: Connection) -> Iterator[Finding]:
    server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000
    if server < POSTGRESQL:
        yield limits(
            N_("PostgreSQL is version %(found)s; the service is tested with %(needed)s and newer."),
            N_("Upgrade to PostgreSQL %(needed)s or newer."),
            found=server,
            needed=POSTGRESQL,
        )
    installed: dict[str, str] = dict(connection.execute(text("SELECT extname, extversion FROM pg_extension")).all())
    for name in ("postgis", "pg_trgm"):
        if name not in installed:
            yield stops(
                N_("The database extension %(name)s is missing."),
                N_("Run mapapp db upgrade as a role that may create extensions."),
                name=name,
            )
    if "postgis" in installed:
        version = tuple(int(part) for part in installed["postgis"].split(".")[:2])
        if version < POSTGIS:
            yield stops(
                N_("PostGIS is version %(found)s."), N_("Install PostGIS 3.3 or newer."), found=installed["postgis"]
            )
        else:
            yield ok(
                N_("PostgreSQL %(server)s with PostGIS %(postgis)s answers."),
                server=server,
                postgis=installed["postgis"],
            )
    standing = migrate.standing(connection)
    if standing.is_newer:
        yield limits(
            N_("The database is at revision %(current)s, newer than the code (%(head)s), and still works with it."),
            N_("Install the version of the service that upgraded the database."),
            current=standing.current,
            head=standing.head,
        )
    elif standing.serves:
        yield ok(N_("The database is at revision %(revision)s."), revision=standing.head)
    else:
        yield stops(
            N_("The database is at revision %(current)s, the code needs %(head)s."),
            N_("Run mapapp db upgrade."),
            current=standing.current or "–",
            head=standing.head,
        )


def database_roles(connection: Connection) -> Iterator[Finding]:
    """Whether the service's database role has the rights it needs, and none that would allow it to change the audit
    log."""
    seen = roles.seen(connection)
    if seen.too_much:
        yield limits(
            N_("The service's database role %(role)s can alter tables and change the audit log."),
            N_(
                "As a database administrator: CREATE ROLE %(owner)s NOLOGIN; CREATE ROLE %(app)s LOGIN PASSWORD '…'; "
                "GRANT %(owner)s TO %(role)s; Then mapapp db upgrade, name %(app)s in MAPAPP_DATABASE_URL and "
                "%(role)s in MAPAPP_OWNER_DATABASE_URL (docs/configuration.md, “Database roles”)."
            ),
            role=seen.role,
            owner=roles.OWNER_ROLE,
            app=config.APP_ROLE,
        )
    elif seen.missing:
        yield stops(
            N_("The service's database role %(role)s has no rights on: %(names)s"),
            N_("Run mapapp db upgrade as the role that owns the tables (MAPAPP_OWNER_DATABASE_URL)."),
            role=seen.role,
            names=", ".join(seen.missing),
        )
    else:
        yield ok(N_("The service's database role %(role)s can only add to the audit log."), role=seen.role)


def _clock(session: Session) -> Iterator[Finding]:
    skew = (machine_time() - database_time(session)).total_seconds()
    if abs(skew) <= SKEW.total_seconds():
        yield ok(N_("This computer's clock agrees with the database's."))
        return
    yield limits(
        N_("This computer's clock is %(seconds)s seconds ahead of the database's.")
        if skew > 0
        else N_("This computer's clock is %(seconds)s seconds behind the database's."),
        N_(
            "Synchronise both clocks by network time (timedatectl set-ntp true). Until then, the "
            "database's clock is used."
        ),
        seconds=f"{abs(skew):.0f}",
    )


def _writing(session: Session) -> Iterator[Finding]:
    if database.only_reads(session):
        yield stops(
            N_("The database is read-only: no one can ask for help, sign in or save anything."),
            N_(
                "If it is a standby, set the primary in MAPAPP_DATABASE_URL or promote it. Otherwise check "
                "whether its disk is full, free some space, and reset default_transaction_read_only."
            ),
        )
    else:
        yield ok(N_("The database accepts changes."))


def _keys(session: Session) -> Iterator[Finding]:
    wrong = keyring.problem(session, config.load(os.environ).vault())
    if wrong is None:
        yield ok(N_("The encryption keys match the data in the database."))
        return
    yield stops(
        N_("The encryption key %(name)s does not match the data in the database. The service accepts no new data."),
        N_(
            "Restore the keys that belong to this database: MAPAPP_SECRET_KEYS, or %(file)s, from the same "
            "backup. Put new keys before them. Do not replace them."
        ),
        name=wrong,
        file=config.KEY_FILE,
    )
