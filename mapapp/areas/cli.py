"""``mapapp areas``: boundaries, population figures and village names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from mapapp.areas import service
from mapapp.areas.boundaries import FIELDS
from mapapp.areas.progress import Progress
from mapapp.core.errors import N_
from mapapp.web import command_line
from mapapp.web.i18n import translate

_FILE = click.Path(path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def areas() -> None:
    """Boundaries, population figures and village names."""


@contextmanager
def _progress() -> Iterator[Progress]:
    with command_line.progress() as bar:
        tasks: dict[str, object] = {}

        def step(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(translate(name, command_line.lang()), total=total)
            bar.update(tasks[name], completed=done, total=total)  # type: ignore[arg-type]  # rich's TaskID is an int

        yield step


@areas.command("import")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--map", "columns", multiple=True, callback=command_line.mapping(FIELDS), metavar="FIELD=COLUMN",
              help="Column of a field whose header is not recognised: code, name_th or name_en.")  # fmt: skip
@click.option("--crs", help="Coordinate system, if a file does not name one, for example EPSG:32647.")
@click.option("--encoding", help="Encoding of a Shapefile's attribute table, for example cp874. Default: detected.")
@click.option(
    "--source",
    default="COD-AB",
    show_default=True,
    help="Source of the boundaries with its licence, for example “RTSD, CC BY 4.0”; shown on pages and saved maps.",
)
@click.option("--as-of", type=_DAY, help="Date of the data, YYYY-MM-DD.")
@click.option(
    "--drop-vanished",
    is_flag=True,
    help="Delete areas that are not in the new files, even if other rows refer to them.",
)
@click.option("--dry-run", is_flag=True, help="Run the import, print what would change, and roll back.")
def import_(
    files: tuple[Path, ...],
    columns: dict[str, str],
    crs: str | None,
    encoding: str | None,
    source: str,
    as_of: datetime | None,
    drop_vanished: bool,
    dry_run: bool,
) -> None:
    """Imports boundaries: GeoJSON, GeoPackage or zipped Shapefile, any level, any number of FILES.

    \b
    The official boundaries of the whole country (COD-AB), all three levels at once:
      mapapp areas import tha_adm1.geojson tha_adm2.geojson tha_adm3.geojson --as-of 2022-01-22

    The files replace the provinces they cover, in one transaction. If a higher level is missing, its boundaries are
    dissolved from the lowest level. Population figures are kept. Afterwards run: mapapp coverage refresh.
    """
    options = service.ImportOptions(
        columns=columns,
        crs=crs,
        encoding=encoding,
        source=source,
        as_of=as_of.date() if as_of else None,
        dry_run=dry_run,
        drop_vanished=drop_vanished,
    )
    with command_line.session() as session, _progress() as progress:
        report = service.import_boundaries(session, files, options, progress)
    _tell_import(report, dry_run)


def _tell_import(report: service.ImportReport, dry_run: bool) -> None:
    for level, count in report.counts.items():
        command_line.say(N_("%(level)s: %(count)s"), level=_word(level), count=f"{count:,}")
    command_line.say(N_("New: %(new)s, replaced: %(replaced)s."), new=report.new, replaced=report.replaced)
    for level, count in report.dissolved.items():
        command_line.say(N_("Dissolved from the level below: %(level)s (%(count)s)."), level=_word(level), count=count)
    _list(N_("Deleted: no longer in the boundaries"), report.vanished)
    _list(N_("References removed, or moved by their coordinates"), report.let_go)
    _list(N_("Boundaries repaired"), report.repaired)
    _list(N_("Neighbours that overlap or do not meet"), report.overlapping)
    _list(N_("Areas with nothing in the next level"), report.childless)
    _list(N_("Layers skipped (the country)"), report.ignored)
    _list(N_("Tambons without a population figure"), report.without_population)
    if dry_run:
        command_line.say(N_("Dry run: nothing was changed."))
    else:
        command_line.say(N_("Now run: mapapp coverage refresh"))


_LEVEL_WORDS = {"province": N_("Province"), "amphoe": N_("Amphoe"), "tambon": N_("Tambon")}


def _word(level: str) -> str:
    return translate(_LEVEL_WORDS[level], command_line.lang())


def _list(title: str, items: Sequence[str]) -> None:
    if items:
        shown = ", ".join(items[:20]) + (" …" if len(items) > 20 else "")
        command_line.say(N_("%(title)s (%(count)s): %(items)s"), title=translate(title, command_line.lang()),
                    count=len(items), items=shown)  # fmt: skip


@areas.command()
@click.argument("file", type=_FILE)
@click.option(
    "--crosswalk",
    type=_FILE,
    help="CSV with the columns dopa_code,cod_code: the area of the boundaries "
    "for each code that is newer than they are.",
)
@click.option("--source", default="DOPA", show_default=True, help="Source of the figures; shown on pages.")
@click.option("--as-of", type=_DAY, help="Date of the data, YYYY-MM-DD.")
@click.option("--dry-run", is_flag=True, help="Run the import, print what would change, and roll back.")
def population(file: Path, crosswalk: Path | None, source: str, as_of: datetime | None, dry_run: bool) -> None:
    """Imports registered people and households by tambon from a CSV FILE (columns code, total, households).

    The figures of amphoe and provinces are the sums of their tambons; a file with other sums is reported.
    """
    with command_line.session() as session, _progress() as progress:
        report = service.import_population(
            session,
            file,
            crosswalk,
            source=source,
            as_of=as_of.date() if as_of else None,
            dry_run=dry_run,
            progress=progress,
        )
    command_line.say(
        N_("%(tambons)s tambons, %(people)s people, %(households)s households."),
        tambons=f"{report.tambons:,}",
        people=f"{report.people:,}",
        households=f"{report.households:,}",
    )
    if report.elsewhere:
        command_line.say(N_("%(count)s rows were skipped: their provinces were not imported."), count=report.elsewhere)
    _list(N_("Added to the boundary around them"), report.joined)
    _list(N_("Tambons without a population figure"), report.without)
    _list(
        N_("Sums that differ from the file's own figure"),
        [f"{d.code}: {d.added_up:,} ≠ {d.in_file:,}" for d in report.differences],
    )
    if dry_run:
        command_line.say(N_("Dry run: nothing was changed."))


@areas.command()
@click.argument("file", type=_FILE)
@click.option("--source", default="", help="Source of the names. Default: the name of the file.")
@click.option("--valid-only", is_flag=True, help="Import the valid rows and report the others.")
@click.option("--dry-run", is_flag=True, help="Run the import, print what would change, and roll back.")
def villages(file: Path, source: str, valid_only: bool, dry_run: bool) -> None:
    """Imports village names from a CSV FILE (columns code8, name_th, name_en, tambon_code, lat, lon)."""
    with command_line.session() as session, _progress() as progress:
        report = service.import_villages(
            session, file, source=source, valid_only=valid_only, dry_run=dry_run, progress=progress
        )
    command_line.say(N_("%(count)s villages."), count=f"{report.villages:,}")
    if report.elsewhere:
        command_line.say(N_("%(count)s rows were skipped: their provinces were not imported."), count=report.elsewhere)
    for problem in report.problems:
        command_line.out.print(command_line.told_problem(problem), markup=False)
    if dry_run:
        command_line.say(N_("Dry run: nothing was changed."))
