"""``mapapp areas import``: official boundaries over what is there, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas import area_references, boundary_files, layer_recognition, population, shapes, signals, store
from mapapp.areas.layer_recognition import Collected, Found, Problems
from mapapp.areas.models import Area
from mapapp.areas.progress import Progress, silent
from mapapp.areas.store import NewArea
from mapapp.core.errors import N_, invalid
from mapapp.database import locks

FIELDS = layer_recognition.FIELDS


@dataclass(frozen=True)
class ImportOptions:
    """How to read the files and what to do.

    Attributes:
        columns: our field (``code``, ``name_th``, ``name_en``) → the file's column, where it is not recognised.
        crs: used where a file does not say its own.
        encoding: of a Shapefile's table; detected where it is not given.
        source: where the boundaries come from, as pages tell it.
        as_of: the day they stand for.
        dry_run: do everything, then undo it.
        drop_vanished: let areas go that are not in the files although something refers to them.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    crs: str | None = None
    encoding: str | None = None
    source: str = "COD-AB"
    as_of: date | None = None
    dry_run: bool = False
    drop_vanished: bool = False


@dataclass
class ImportReport:
    """What an import did, for the operator."""

    counts: dict[str, int] = field(default_factory=dict)
    new: int = 0
    replaced: int = 0
    dissolved: dict[str, int] = field(default_factory=dict)
    vanished: list[str] = field(default_factory=list)
    let_go: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    childless: list[str] = field(default_factory=list)
    overlapping: list[str] = field(default_factory=list)
    without_population: list[str] = field(default_factory=list)


def import_boundaries(
    session: Session, sources: Sequence[Path], options: ImportOptions, progress: Progress = silent
) -> ImportReport:
    """Replaces the areas of the provinces that the files cover by what is in them.

    Levels that the files lack above their lowest one are dissolved from it; levels below it stay as they are.
    Population figures stay where the code stays, and are added up anew. Repeating an import changes nothing.

    Raises:
        Invalid: something about the files, each problem named; the database is as it was.
    """
    report = ImportReport()
    collected = _collected(sources, options, report, progress)
    lengths = {len(code) for code in collected.areas}
    lowest = max(lengths)
    _check_orphans(collected, lengths)
    _note_overlaps(collected, lengths, report)
    locks.take(session, locks.AREAS)
    areas = _with_dissolved(session, collected, lengths, lowest, report)
    outer = session.begin_nested()
    try:
        _replace(session, areas, lowest, options, report, progress)
        if options.dry_run:
            outer.rollback()
        else:
            signals.tell(signals.boundaries_changed, session)
            outer.commit()
            database.mark_changed(session, "areas")
    except BaseException:
        if outer.is_active:
            outer.rollback()
        raise
    return report


def _collected(sources: Sequence[Path], options: ImportOptions, report: ImportReport, progress: Progress) -> Collected:
    if unknown := set(options.columns) - set(FIELDS):
        raise invalid("--map", N_("Unknown field %(field)s. The fields are code, name_th and name_en."),
                      field=sorted(unknown)[0])  # fmt: skip
    collected = Collected()
    for done, path in enumerate(sources):
        progress(N_("Files"), done, len(sources))
        for layer in boundary_files.layers(path, crs=options.crs, encoding=options.encoding):
            layer_recognition.collect(collected, path.name, layer, options.columns)
    progress(N_("Files"), len(sources), len(sources))
    report.repaired, report.ignored = sorted(collected.repaired), collected.ignored
    if not collected.areas:
        raise invalid("", N_("There are no provinces, amphoe or tambon in these files."))
    return collected


def _check_orphans(collected: Collected, lengths: set[int]) -> None:
    problems = Problems()
    for code in sorted(collected.areas):
        for length in sorted(lengths):
            if length < len(code) and code[:length] not in collected.areas:
                problems.add(code, N_("%(code)s is in %(parent)s, which is not in the files."), code=code,
                             parent=code[:length])  # fmt: skip
                break
    problems.stop()


def _note_overlaps(collected: Collected, lengths: set[int], report: ImportReport) -> None:
    """Neighbours that overlap or do not meet edge to edge: kept, but told."""
    for length in sorted(lengths):
        level = collected.level(length)
        codes = np.array(sorted(level))
        geometries = np.array([level[str(code)].boundary for code in codes], dtype=object)
        if shapely.coverage_is_valid(geometries):
            continue
        edges = shapely.coverage_invalid_edges(geometries)
        report.overlapping += codes[~shapely.is_empty(edges)].tolist()
    for upper, lower in pairwise(sorted(lengths)):
        with_children = {code[:upper] for code in collected.level(lower)}
        report.childless += sorted(set(collected.level(upper)) - with_children)


def _with_dissolved(
    session: Session, collected: Collected, lengths: set[int], lowest: int, report: ImportReport
) -> list[NewArea]:
    """The areas of the files and, for each level missing above the lowest, the union of the level below."""
    made = {
        code: NewArea(code, found.name_th, found.name_en, found.boundary) for code, found in collected.areas.items()
    }
    base: dict[str, Found] = collected.level(lowest)
    codes = sorted(base)
    geometries = np.array([base[code].boundary for code in codes], dtype=object)
    for length in (4, 2):
        if length >= lowest or length in lengths:
            continue
        for code, boundary in shapes.dissolved(codes, geometries, length).items():
            names = collected.names.get(code) or _stored_names(session, code) or layer_recognition.known_names(code)
            if names is None:
                raise invalid(code, N_("The name of this area is unknown. Add a file of its level."))
            made[code] = NewArea(code, *names, boundary)
        report.dissolved[layer_recognition.level_of("0" * length)] = sum(1 for code in made if len(code) == length)
    return [made[code] for code in sorted(made)]


def _stored_names(session: Session, code: str) -> tuple[str, str] | None:
    row = session.execute(select(Area.name_th, Area.name_en).where(Area.code == code)).one_or_none()
    return (row.name_th, row.name_en) if row else None


def _replace(
    session: Session,
    areas: Sequence[NewArea],
    lowest: int,
    options: ImportOptions,
    report: ImportReport,
    progress: Progress,
) -> None:
    codes = {area.code for area in areas}
    provinces = sorted({code[:2] for code in codes})
    here = session.scalars(select(Area.code).where(Area.code.op("~")(f"^({'|'.join(provinces)})"))).all()
    stored = set(here)
    vanished = {code for code in stored - codes if len(code) <= lowest}
    # What lies below an area that vanishes has nowhere to be, even where its own level was not in the files.
    vanished |= {code for code in stored - codes if code[:2] in vanished or code[:4] in vanished}
    report.vanished = sorted(vanished)
    found = area_references.to(session, report.vanished)
    if found and not options.drop_vanished:
        area_references.refuse(found)
    store.put(
        session,
        areas,
        approximate=False,
        source=options.source,
        as_of=options.as_of,
        progress=progress,
    )
    report.let_go = area_references.let_go(session, found)
    store.remove(session, report.vanished)
    population.add_up(session, provinces)
    report.counts = {
        layer_recognition.level_of("0" * n): sum(1 for code in codes if len(code) == n)
        for n in (2, 4, 6)
        if n <= lowest
    }
    report.new, report.replaced = len(codes - stored), len(codes & stored)
    missing = select(Area.code).where(Area.code.in_(codes), Area.population.is_(None), Area.level == "tambon")
    report.without_population = list(session.scalars(missing.order_by(Area.code)))
