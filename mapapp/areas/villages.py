"""``mapapp areas villages``: village names, so that people can say where they are as they say it at home."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pydantic_core import PydanticCustomError
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas import csv_tables, store
from mapapp.areas.layer_recognition import MAX_NAME, Problems
from mapapp.areas.models import Area, Village
from mapapp.areas.progress import Progress, silent
from mapapp.core import geo
from mapapp.core.errors import N_, FieldProblem, Invalid
from mapapp.core.fields import clean
from mapapp.database import locks

_COLUMNS = {
    "code": ("code8", "code", "village_code"),
    "name_th": ("name_th", "name"),
    "name_en": ("name_en",),
    "tambon": ("tambon_code", "tambon"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "longitude", "lng"),
}


@dataclass
class VillagesReport:
    """What loading villages did; ``problems`` are the rows left out with ``valid_only``."""

    villages: int = 0
    elsewhere: int = 0
    """Rows of provinces that are not loaded here; left out."""
    problems: list[FieldProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    tambon: str
    name_th: str
    name_en: str | None
    point: geo.Point | None


def import_villages(
    session: Session,
    path: Path,
    *,
    source: str = "",
    valid_only: bool = False,
    dry_run: bool = False,
    progress: Progress = silent,
) -> VillagesReport:
    """Replaces the villages of the provinces that the file and the database share.

    Raises:
        Invalid: every problem with its row, unless ``valid_only``; the database is as it was.
    """
    locks.take(session, locks.AREAS)
    known = set(session.scalars(select(Area.code)))
    report = VillagesReport()
    found = _rows(path, known, report, valid_only)
    progress(N_("Villages"), 0, len(found))
    outer = session.begin_nested()
    provinces = sorted({row.code[:2] for row in found})
    session.execute(delete(Village).where(func.left(Village.code, 2).in_(provinces)))
    store.copy_in(
        session,
        "villages",
        ("code", "tambon_code", "name_th", "name_en", "point", "source"),
        (
            (r.code, r.tambon, r.name_th, r.name_en, r.point.ewkt if r.point else None, source or path.name)
            for r in found
        ),
    )
    store.put_village_names(session, ((r.code, r.tambon, r.name_th, r.name_en) for r in found))
    session.execute(text("ANALYZE villages, place_names"))
    progress(N_("Villages"), len(found), len(found))
    report.villages = len(found)
    if dry_run:
        outer.rollback()
    else:
        outer.commit()
        database.mark_changed(session, "areas")
    return report


def _rows(path: Path, known: set[str], report: VillagesReport, valid_only: bool) -> list[_Row]:
    provinces = {code[:2] for code in known}
    seen: set[str] = set()
    made: list[_Row] = []
    found: list[FieldProblem] = []
    for row in csv_tables.rows(path, _COLUMNS, optional=("name_en", "tambon", "lat", "lon")):
        if row["code"][:2].isdigit() and row["code"][:2] not in provinces:
            report.elsewhere += 1
            continue
        problems = Problems()
        try:
            made.append(_row(row, path.name, known, seen, problems))
        except Invalid as error:
            found += error.problems
    if found and not valid_only:
        shown = Problems()
        for problem in found:
            shown.take(problem)
        shown.stop()
    if not made:
        problems = Problems()
        problems.add(path.name, N_("No village in this file is in a known area."))
        problems.stop()
    report.problems = found
    return made


def _row(row: dict[str, str], file: str, known: set[str], seen: set[str], problems: Problems) -> _Row:
    code = row["code"]
    wrong = partial(problems.add, file, row=int(row["_row"]))
    tambon = row["tambon"] or code[:6]
    if not (code.isascii() and code.isdigit() and len(code) == 8):
        wrong(N_("A village code has 8 digits."), column="code")
    elif code in seen:
        wrong(N_("The code %(code)s occurs twice."), column="code", code=code)
    seen.add(code)
    if tambon not in known or len(tambon) != 6:
        wrong(N_("There is no tambon %(code)s here."), column="tambon", code=tambon[:20])
    names = ["", ""]
    for number, key in enumerate(("name_th", "name_en")):
        try:
            names[number] = str(clean(row[key]))
        except PydanticCustomError:
            wrong(N_("The name contains characters that cannot be stored."), column=key)
    if not names[0]:
        wrong(N_("The village has no Thai name."), column="name")
    if max(map(len, names)) > MAX_NAME:
        wrong(N_("Enter at most %(max_length)s characters."), column="name", max_length=MAX_NAME)
    point = None
    if row["lat"] or row["lon"]:
        try:
            point = geo.point(lat=row["lat"], lon=row["lon"])
        except PydanticCustomError as error:
            context = error.context or {}
            wrong(str(context.get("text", "")), column="lat/lon", **dict(context.get("values", {})))
    problems.stop()
    return _Row(code, tambon, names[0], names[1] or None, point)
