"""``mapapp areas population``: registration figures by tambon; amphoe and provinces are their sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas import csv_tables, signals, store
from mapapp.areas.layer_recognition import Problems
from mapapp.areas.models import Area
from mapapp.areas.progress import Progress, silent
from mapapp.core.errors import N_
from mapapp.database import locks

_COLUMNS = {
    "code": ("code", "dopa_code", "tambon_code", "area_code"),
    "population": ("population", "total", "people"),
    "households": ("households", "houses"),
}
_CROSSWALK = {"new": ("dopa_code", "new_code", "from"), "old": ("cod_code", "old_code", "to")}

# The sum where every tambon has a figure, unknown where one has none: a sum of some would be told as that of all.
# Where none has, a database with amphoe alone keeps what it was given.
_ADD_UP = text("""
WITH sums AS (
    SELECT left(t.code, up.length) AS code,
           CASE WHEN count(t.population) = count(*) THEN sum(t.population) END AS population,
           CASE WHEN count(t.households) = count(*) THEN sum(t.households) END AS households,
           string_agg(DISTINCT t.population_source, '; ') AS source, min(t.population_as_of) AS as_of
    FROM areas t CROSS JOIN (VALUES (2), (4)) AS up(length)
    WHERE t.level = 'tambon' AND left(t.code, 2) = ANY(:provinces)
    GROUP BY 1 HAVING count(t.population) > 0
)
UPDATE areas a SET population = s.population, households = s.households,
    population_source = CASE WHEN s.population IS NOT NULL THEN s.source END,
    population_as_of = CASE WHEN s.population IS NOT NULL THEN s.as_of END
FROM sums s WHERE a.code = s.code
""")

_PUT = text("""
UPDATE areas a SET population = n.population, households = n.households,
    population_source = :source, population_as_of = cast(:as_of AS date)
FROM new_population n WHERE a.code = n.code
""")


@dataclass(frozen=True, slots=True)
class Difference:
    """An amphoe or province whose tambons do not add up to the file's own figure for it."""

    code: str
    added_up: int
    in_file: int


@dataclass
class PopulationReport:
    """What loading figures did. ``people`` is the sum over all tambons that got one."""

    tambons: int = 0
    people: int = 0
    households: int = 0
    elsewhere: int = 0
    """Rows of provinces that are not loaded here; left out."""
    joined: list[str] = field(default_factory=list)
    """“new code → boundary”, by the crosswalk."""
    without: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Figure:
    people: int
    households: int | None


def import_population(
    session: Session,
    path: Path,
    crosswalk: Path | None = None,
    *,
    source: str = "DOPA",
    as_of: date | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> PopulationReport:
    """Sets the figures of every tambon that the file names and the database has; all others keep theirs.

    A code that is newer than our boundaries is added to the one it lies in, by the crosswalk. Tambons of these
    provinces that have no figure now, neither by this file nor from before, are named; what lies above them is
    unknown. All or nothing.

    Raises:
        Invalid: every problem with its row; the database is as it was.
    """
    locks.take(session, locks.AREAS)
    known = set(session.scalars(select(Area.code)))
    provinces = {code[:2] for code in known}
    figures = _figures(path)
    newer = _crosswalk(crosswalk) if crosswalk else {}
    report = PopulationReport()
    by_tambon = _assigned(figures, newer, known, provinces, path.name, report)
    covered = sorted({code[:2] for code in by_tambon})
    progress(N_("Population"), 0, len(by_tambon))
    outer = session.begin_nested()
    rows = ((code, figure.people, figure.households) for code, figure in sorted(by_tambon.items()))
    store.copy_in(session, "new_population", ("code", "population", "households"), rows)
    session.execute(_PUT, {"source": source, "as_of": as_of})
    session.execute(text("DROP TABLE new_population"))
    add_up(session, covered)
    unknown = select(Area.code).where(Area.level == "tambon", Area.population.is_(None)).order_by(Area.code)
    report.without = [code for code in session.scalars(unknown) if code[:2] in covered]
    progress(N_("Population"), len(by_tambon), len(by_tambon))
    report.tambons = len(by_tambon)
    report.people = sum(figure.people for figure in by_tambon.values())
    report.households = sum(figure.households or 0 for figure in by_tambon.values())
    report.differences = _differences(session, figures, covered)
    if dry_run:
        outer.rollback()
        return report
    signals.tell(signals.population_changed, session)
    outer.commit()
    database.mark_changed(session, "areas")
    return report


def add_up(session: Session, provinces: Sequence[str]) -> None:
    """Makes amphoe and provinces the sums of their tambons."""
    session.execute(_ADD_UP, {"provinces": list(provinces)})


def _figures(path: Path) -> dict[str, _Figure]:
    problems = Problems()
    found: dict[str, _Figure] = {}
    for row in csv_tables.rows(path, _COLUMNS, optional=("households",)):
        place, line = path.name, int(row["_row"])
        code = row["code"].upper().removeprefix("TH")
        if code in {"", "0", "00"}:  # the country's own line
            continue
        people = csv_tables.whole(row["population"])
        households = csv_tables.whole(row["households"]) if row["households"] else None
        if not (code.isascii() and code.isdigit() and len(code) in (2, 4, 6)):
            problems.add(place, N_("“%(value)s” is not an area code of 2, 4 or 6 digits."), row=line, value=code[:40])
        elif code in found:
            problems.add(place, N_("The code %(code)s occurs twice."), row=line, code=code)
        elif people is None:
            problems.add(place, N_("The population must be a whole number, 0 or more."), row=line)
        elif row["households"] and households is None:
            problems.add(place, N_("The number of households must be a whole number, 0 or more."), row=line)
        else:
            found[code] = _Figure(people, households)
    problems.stop()
    return found


def _crosswalk(path: Path) -> dict[str, str]:
    return {row["new"]: row["old"] for row in csv_tables.rows(path, _CROSSWALK)}


def _assigned(
    figures: dict[str, _Figure],
    newer: dict[str, str],
    known: set[str],
    provinces: set[str],
    name: str,
    report: PopulationReport,
) -> dict[str, _Figure]:
    problems = Problems()
    people: dict[str, int] = defaultdict(int)
    households: dict[str, list[int]] = defaultdict(list)
    for code, figure in figures.items():
        if len(code) != 6:
            continue
        if code[:2] not in provinces:
            report.elsewhere += 1
            continue
        target = code if code in known else newer.get(code)
        if target is None:
            problems.add(
                f"{name}, {code}",
                N_("There is no boundary for this tambon. Name the boundary around it in a --crosswalk table."),
            )
            continue
        if target not in known or len(target) != 6:
            problems.add(
                f"{name}, {code}", N_("The crosswalk leads to %(code)s, which is no tambon here."), code=target
            )
            continue
        if target != code:
            report.joined.append(f"{code} → {target}")
        people[target] += figure.people
        if figure.households is not None:
            households[target].append(figure.households)
    if not people:
        problems.add(name, N_("No tambon in this file is known. Import the boundaries first."))
    problems.stop()
    return {c: _Figure(n, sum(households[c]) if c in households else None) for c, n in people.items()}


def _differences(session: Session, figures: dict[str, _Figure], provinces: Sequence[str]) -> list[Difference]:
    statement = select(Area.code, Area.population).where(Area.level != "tambon").order_by(Area.code)
    return [
        Difference(row.code, row.population or 0, figures[row.code].people)
        for row in session.execute(statement)
        if row.code in figures and row.code[:2] in provinces and row.population not in (None, figures[row.code].people)
    ]
