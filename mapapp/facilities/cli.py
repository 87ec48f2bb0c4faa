"""``mapapp facilities``: lists of facilities in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from mapapp.core.clock import today
from mapapp.core.errors import N_, invalid
from mapapp.database.server_time import database_time
from mapapp.facilities import comparison, list_rows, said_places, service
from mapapp.facilities.kinds import KINDS
from mapapp.lists import tables
from mapapp.web import command_line


@click.group()
def facilities() -> None:
    """Facilities: import lists, remove examples."""


@facilities.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), help="Type of facility for rows that do not name one.")
@click.option("--source", help="Source of the list, for example publisher and title. Default: the name of the file.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Date of the data. Without it the age of the rows is unknown, and they count as out of date.",
)
@click.option(
    "--map",
    "mapping",
    multiple=True,
    callback=command_line.mapping(list_rows.HEADERS),
    metavar="FIELD=COLUMN",
    help="Column of a field, for example lat=Y; can be repeated.",
)
@click.option("--sheet", help="Sheet of a workbook. Default: the first with headings.")
@click.option("--encoding", help="Encoding of a CSV. Default: UTF-8, otherwise cp874.")
@click.option("--separator", type=click.Choice(list(tables.SEPARATORS)), help="Of a CSV. Default: as it looks.")
@click.option("--heading-row", type=click.IntRange(1), help="Row that heads the columns. Default: as it looks.")
@click.option("--valid-only", is_flag=True, help="Import the valid rows and report the others.")
@click.option("--dry-run", is_flag=True, help="Check and count, change nothing.")
def import_(
    file: Path,
    kind: str | None,
    source: str | None,
    as_of: datetime | None,
    mapping: dict[str, str],
    sheet: str | None,
    encoding: str | None,
    separator: str | None,
    heading_row: int | None,
    valid_only: bool,
    dry_run: bool,
) -> None:
    """Imports a list of facilities: CSV, XLSX, XLS, ODS or GeoJSON, with Thai or English headers.

    \b
    A facility is identified by its source and its reference (a code or id column), so a list can be
    imported again: differences are updated, the rest stays. Without --valid-only one row with errors
    stops the whole import. Exit status 1 if nothing was imported.

    \b
    mapapp facilities import hospitals.csv --kind hospital --source "MOPH hospital list" --valid-only
    mapapp facilities import sites.xlsx --map name_th="ชื่อจุด" --map lat=Y --map lon=X --dry-run
    """
    day = as_of.date() if as_of else None
    if day is not None:
        with command_line.session() as session:
            has_come = day <= today(database_time(session))
        if not has_come:
            raise invalid("--as-of", N_("This day has not come yet."))
    how = tables.How(sheet, encoding, separator, heading_row)
    table = tables.read(file, how=how, is_heading=list_rows.is_heading)
    checked = list_rows.check(table, source=source or file.stem, kind=kind, mapping=mapping, as_of=day)
    with command_line.session() as session:
        beside(session, checked)
    _report(checked)
    if checked.problems and not valid_only:
        raise invalid(
            "",
            N_("Nothing was imported: %(bad)s of %(all)s rows have errors. Correct them, or use --valid-only."),
            bad=checked.refused,
            all=checked.rows,
        )
    with command_line.session() as session, command_line.progress() as progress:
        task = progress.add_task(file.name, total=len(checked.valid))
        done = service.import_facilities(
            session, checked.valid, columns=checked.columns, step=lambda count: progress.advance(task, count)
        )
        if dry_run:
            session.rollback()
    text = (
        N_("Dry run, nothing was changed: %(new)s new, %(changed)s changed, %(same)s the same, %(bad)s with errors.")
        if dry_run
        else N_("Imported: %(new)s new, %(changed)s changed, %(same)s the same, %(bad)s with errors.")
    )
    command_line.say(text, new=done.new, changed=done.changed, same=done.same, bad=checked.refused)
    if day is None:
        command_line.say(N_("The date of this list was not given (--as-of), so its rows count as out of date."))
    if done.outside:
        command_line.say(
            N_("%(count)s of them are in no known tambon. Were the boundaries imported?"), count=done.outside
        )


def beside(session: Session, checked: list_rows.Checked) -> None:
    """Takes out the rows that cannot be, beside what we know of their pins; says why."""
    checked.valid = comparison.as_known(session, checked.valid)
    compared = comparison.compare(session, checked.valid, service.given_columns(checked.columns))
    bad = {at: one.problem for at, one in enumerate(compared) if one.problem is not None}
    checked.problems += [replace(problem, row=checked.numbers[at]) for at, problem in bad.items()]
    for at in sorted(bad, reverse=True):
        del checked.valid[at], checked.numbers[at]
    tambons = service.tambons_at(session, [row.point for row in checked.valid])
    checked.notes += said_places.contradictions(
        session, checked.said_places, zip(checked.numbers, tambons, strict=True), checked.place_columns
    )


def _report(checked: list_rows.Checked) -> None:
    for found, sign in ((checked.problems, "✗"), (checked.notes, "!")):
        for problem in found:
            command_line.err.print(f"{sign} {command_line.told_problem(problem)}", markup=False)
    for remark in checked.remarks:
        command_line.say(remark.text, **remark.values)
    if checked.ignored:
        command_line.say(N_("Columns not used: %(names)s."), names=", ".join(checked.ignored))


@facilities.command()
def remove_examples() -> None:
    """Deletes the example facilities, once real ones were imported."""
    with command_line.session() as session:
        removed = service.remove_examples(session)
    command_line.say(N_("%(count)s example facilities were deleted."), count=removed)
