"""``mapapp survey``: what an operator does about the survey."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import text

from mapapp import database
from mapapp.core.errors import N_
from mapapp.survey import sums
from mapapp.survey.reference.cli import reference
from mapapp.survey.rounds import queries as rounds
from mapapp.survey.sheets import forms
from mapapp.web import command_line


@click.group()
def survey() -> None:
    """Vaccination survey: figures by village, and official figures beside them."""


survey.add_command(reference)


@survey.command()
@click.option("--check", is_flag=True, help="Only compares; exit status 1 where a figure differs.")
def rebuild(check: bool) -> None:
    """Computes the figures by village again from all entries, one amphoe after the other.

    Safe to repeat, and while the service runs. The result must be what was there before: the command says how many
    figures differed.
    """
    engine = command_line.engine()
    try:
        new_session = database.sessions(engine)
        with new_session() as session:
            codes = sums.amphoe(session)
        differed = 0
        for code in codes:
            with new_session() as session:
                differed += sums.different(session, code) if check else sums.rebuild(session, code)
                session.commit()
        if differed and not check:
            with new_session() as session:  # rows are new: planned for as it is now
                session.execute(text("ANALYZE survey_sums, survey_villages"))
                session.commit()
    finally:
        engine.dispose()
    command_line.say(N_("%(amphoe)s amphoe compared; %(count)s figures differed."), amphoe=len(codes), count=differed)
    if check and differed:
        raise SystemExit(1)


@survey.command()
@click.argument("number", metavar="ROUND", type=int)
@click.option("--area", help="Amphoe, tambon or province, as a code. Default: the area of the survey.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file.")
def xlsform(number: int, area: str | None, output: Path) -> None:
    """Writes a survey (its number) as an XLSForm for ODK Collect or Kobo.

    \b
    mapapp survey xlsform 1 --area 5001 -o survey.xlsx
    """
    with command_line.session() as session:
        found = rounds.get(session, number)
        output.write_bytes(forms.of_round(session, found, area or found.area_code))
    command_line.say(N_("%(file)s: %(kb)s kB"), file=output.name, kb=-(-output.stat().st_size // 1000))
