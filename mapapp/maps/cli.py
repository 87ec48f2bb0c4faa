"""``mapapp maps``: maps as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError
from sqlalchemy.orm import Session

from mapapp.areas import origins
from mapapp.core.errors import N_, Invalid
from mapapp.core.fields import problems_of
from mapapp.core.languages import BY_CODE, CODES, DEFAULT
from mapapp.coverage import files, labels, queries, unconfirmed
from mapapp.coverage.metrics import METRICS
from mapapp.coverage.models import RADII_KM
from mapapp.coverage.schemas import FigureQuery
from mapapp.database.server_time import database_time
from mapapp.facilities import files as facility_files
from mapapp.facilities import nearest as near
from mapapp.facilities.freshness import lifetimes
from mapapp.facilities.kinds import KINDS, USUAL
from mapapp.facilities.query_params import FileForm, NearestQuery
from mapapp.lists import geopackages
from mapapp.maps import printing, saved
from mapapp.web import command_line

FORMS = (".html", ".png", ".pdf", ".geojson", ".csv", ".gpkg")
_TABLES: dict[str, FileForm] = {".csv": "csv", ".geojson": "geojson", ".gpkg": "gpkg"}
_NEXT = {0: "province", 2: "tambon", 4: "tambon"}


@click.group()
def maps() -> None:
    """Maps as files that open without a network."""


@maps.command()
@click.option("--coverage", "what", flag_value="coverage", help="A figure by area, as on /coverage.")
@click.option("--nearest", "what", flag_value="nearest", help="The nearest facilities to a place, as on /nearest.")
@click.option("--area", help="Only inside this area: a code of 2 or 4 digits.")
@click.option("--level", type=click.Choice(["province", "amphoe", "tambon"]), help="Areas to show.")
@click.option("--kind", type=click.Choice(KINDS), help="Type of facility.")
@click.option("--metric", type=click.Choice(list(METRICS)), default="within_share", help="The figure.")
@click.option("--radius-km", type=click.Choice([str(km) for km in RADII_KM]), default="10", help="Of that figure.")
@click.option("--at", metavar="LAT,LON", help="With --nearest: the place.")
@click.option("--stale/--confirmed", default=None, help="Count facilities not confirmed recently, too, or not.")
@click.option("--lang", type=click.Choice(CODES), default=DEFAULT.code, help="Language of its words.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file.")
def export(what: str | None, output: Path, **asked: Any) -> None:
    """Saves a map: .html (one file with everything), .png and .pdf (with a Chromium), .geojson, .csv, .gpkg.

    \b
    mapapp maps export --coverage --area 50 --kind hospital -o chiang-mai.html
    mapapp maps export --nearest --at 18.79,98.98 -o nearest.html
    """
    if what is None:
        raise click.UsageError("Say --coverage or --nearest.")
    if output.suffix not in FORMS:
        raise click.UsageError(f"The file's name says its form: one of {', '.join(FORMS)}.")
    with command_line.session() as session:
        try:
            made = _coverage(session, output, asked) if what == "coverage" else _nearest(session, output, asked)
        except ValidationError as error:
            raise Invalid(problems_of(error)) from None
    if output.suffix in (".png", ".pdf"):
        printing.written(made.decode(), output)
    else:
        output.write_bytes(made)
    command_line.say(N_("%(file)s: %(kb)s kB"), file=output.name, kb=-(-output.stat().st_size // 1000))


def _about(session: Session, asked: dict[str, Any], *notes: str) -> saved.About:
    config = command_line.settings()
    return saved.About(database_time(session), lifetimes(config), BY_CODE[asked["lang"]], config.signature, notes)


def _coverage(session: Session, output: Path, asked: dict[str, Any]) -> bytes:
    kind = asked["kind"] or USUAL
    left = unconfirmed.by_kind(session, [kind])[kind]
    query = FigureQuery.model_validate(
        {
            "level": asked["level"] or _NEXT.get(len(asked["area"] or ""), "tambon"),
            "kind": kind,
            "metric": asked["metric"],
            "radius_km": asked["radius_km"],
            "within": asked["area"] or None,
            "stale": left.counted(asked["stale"]),
        }
    )
    note = labels.of_unconfirmed(left, BY_CODE[asked["lang"]], counted=query.stale)
    if output.suffix in (".html", ".png", ".pdf"):
        return saved.coverage(session, query, _about(session, asked, note)).encode()
    found, about = queries.table(session, query), _about(session, asked)
    credit = origins.credit(session, query.within, about.lang, as_of=found.computed_at, owner=about.owner)
    if output.suffix == ".csv":
        return files.as_csv(found, note, credit)
    shapes = queries.shapes(session, query)
    if output.suffix == ".geojson":
        return files.as_geojson(found, shapes, credit).encode()
    return geopackages.written([files.layer(found, shapes)], credit)


def _nearest(session: Session, output: Path, asked: dict[str, Any]) -> bytes:
    lat, _, lon = (asked["at"] or "").partition(",")
    query = NearestQuery.model_validate({"lat": lat, "lon": lon, "kind": asked["kind"], "stale": bool(asked["stale"])})
    about = _about(session, asked)
    wanted = near.Wanted.of(query)
    if asked["stale"] is None:
        found, _ = near.nearest_or_old(session, query.point, wanted, limit=20, lifetimes=about.lifetimes, now=about.now)
    else:
        found = near.nearest(session, query.point, wanted, limit=20, lifetimes=about.lifetimes, now=about.now)
    near.refuse_outside(session, query.point, found)
    if (form := _TABLES.get(output.suffix)) is not None:
        kept = facility_files.About(about.now, about.lifetimes, about.lang, about.owner)
        return facility_files.nearest(found, query.point, form, kept)
    return saved.nearest(session, found, query.point, about).encode()
