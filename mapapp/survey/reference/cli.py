"""``mapapp survey reference``: official figures from a file."""

from __future__ import annotations

from pathlib import Path

import click

from mapapp.core.errors import N_, FieldProblem, Invalid, Message
from mapapp.core.files import checked, decoded
from mapapp.database.server_time import database_time
from mapapp.survey.reference import contradictions, schemas, service
from mapapp.web import command_line

MOST_BYTES = 50_000_000


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="Whose figures these are; shown beside them.")
@click.option("--dry-run", is_flag=True, help="Only checks and reports.")
def reference(file: Path, source: str, dry_run: bool) -> None:
    """Loads official vaccination figures by province and day, shown to officers beside the survey's own.

    FILE is a CSV with the columns date, province_en, measure, value. All rows are loaded or none; loading a file again
    changes nothing. Figures that contradict each other are loaded as they are, and reported here and on the pages.

    \b
    mapapp survey reference figures.csv --source "Department of Disease Control"
    """
    with command_line.told(), command_line.session() as session:
        text = decoded(checked(file, MOST_BYTES).read_bytes())
        if text is None:
            raise Invalid([FieldProblem("", Message(N_("This file is not text.")))])
        loaded = service.load(session, schemas.read(text), source.strip(), database_time(session))
        if dry_run:
            session.rollback()
        command_line.say(
            N_("%(new)s figures are new, %(changed)s changed, %(unchanged)s were there already."),
            new=loaded.new, changed=loaded.changed, unchanged=loaded.unchanged,
        )  # fmt: skip
        _tell(loaded)
        if dry_run:
            command_line.say(N_("Nothing was written (--dry-run)."))


def _tell(loaded: schemas.Loaded) -> None:
    """Each kind of contradiction with how often it is there, and the first one."""
    every = [(code, one) for code, some in loaded.contradictions.items() for one in some]
    for kind, label in contradictions.KINDS.items():
        some = [(code, one) for code, one in every if one.kind == kind]
        if some:
            code, one = some[0]
            command_line.say(label)
            command_line.say(
                N_("%(count)s times, first in province %(province)s, %(day)s, %(measure)s: %(value)s, not %(against)s"),
                count=len(some), province=code, day=one.day.isoformat(), measure=one.measure, value=f"{one.value:g}",
                against=f"{one.against:g}",
            )  # fmt: skip
