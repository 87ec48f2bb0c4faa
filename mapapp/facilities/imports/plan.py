"""What an import would do, row by row, before it does anything. Reads only; a few statements for the whole list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.core.errors import N_, FieldProblem, Message
from mapapp.facilities import comparison, said_places, service
from mapapp.facilities.list_rows import Checked
from mapapp.facilities.schemas import FacilityIn

Outcome = Literal["new", "changed", "same", "problem", "outside"]
OUTCOMES: tuple[Outcome, ...] = ("problem", "outside", "new", "changed", "same")
"""In the order in which a person has to look at them."""

DUPLICATE_M = 100
"""A pin of the same kind nearer than this, from another source, may be the same place."""

_TWINS = text("""
    SELECT given.number, near.id, near.name_th
    FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[]), CAST(:kinds AS text[]), CAST(:sources AS text[]))
        WITH ORDINALITY AS given (lon, lat, kind, source, number)
    CROSS JOIN LATERAL (
        SELECT f.id, f.name_th
        FROM facilities AS f
        WHERE ST_DWithin(f.point, ST_SetSRID(ST_MakePoint(given.lon, given.lat), 4326)::geography, :metres)
          -- Joined to '', so that the index of kinds, a quarter of all pins, is not read once for each row.
          AND f.kind || '' = given.kind AND f.source <> given.source AND f.status <> 'closed'
        ORDER BY f.id
        LIMIT 1
    ) AS near
""")


@dataclass
class PlannedRow:
    """One row of the list and what becomes of it."""

    number: int
    outcome: Outcome
    name: str
    facility: FacilityIn | None = None
    facility_id: int | None = None
    """The pin it speaks of, where we have one and the officer may see to it."""
    changes: dict[str, list[Any]] = field(default_factory=dict)
    """Field → [before, after], of a changed one."""
    problems: list[FieldProblem] = field(default_factory=list)
    notes: list[FieldProblem] = field(default_factory=list)
    tambon: str | None = None
    twin: int | None = None
    """A pin nearby of the same kind, from another source."""


@dataclass
class Plan:
    """A list beside the pins we have and the officer's area."""

    rows: list[PlannedRow]
    columns: set[str]
    ignored: list[str]
    places: dict[str, areas.AreaName]
    """Names of the tambons of rows that lie outside."""
    remarks: list[Message] = field(default_factory=list)
    """What is said of rows that are no data."""

    @property
    def counts(self) -> dict[Outcome, int]:
        """Rows by outcome."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def accepted(self) -> list[FacilityIn]:
        """The rows that would be loaded, those that change nothing too."""
        return [
            row.facility for row in self.rows if row.facility is not None and row.outcome in ("new", "changed", "same")
        ]

    @property
    def is_clean(self) -> bool:
        """Whether every row can be taken."""
        return not any(row.outcome in ("problem", "outside") for row in self.rows)


def plan(session: Session, checked: Checked, area: str) -> Plan:
    """Each row's outcome.

    Args:
        session: where the pins are.
        checked: the list.
        area: the officer's: a code of 2, 4 or 6 digits, or ``TH``. A row outside it is not taken, and neither is one
            whose source and reference belong to a pin outside it.
    """
    given = service.given_columns(checked.columns)
    checked.valid = comparison.as_known(session, checked.valid)
    compared = comparison.compare(session, checked.valid, given)
    tambons = service.tambons_at(session, [one.point for one in checked.valid])
    rows = [
        _outcome(number, one, tambon, area)
        for number, one, tambon in zip(checked.numbers, compared, tambons, strict=True)
    ]
    _twins(session, [row for row in rows if row.outcome == "new"])
    checked.notes += said_places.contradictions(
        session, checked.said_places, zip(checked.numbers, tambons, strict=True), checked.place_columns
    )
    by_number = {row.number: row for row in rows}
    for number, name in checked.names.items():
        if number not in by_number:
            by_number[number] = PlannedRow(number, "problem", name)
    for problem in checked.problems:
        by_number[problem.row or 0].problems.append(problem)
    for note in checked.notes:
        by_number[note.row or 0].notes.append(note)
    outside = {row.tambon for row in rows if row.outcome == "outside" and row.tambon is not None}
    return Plan(
        [by_number[number] for number in sorted(by_number)],
        checked.columns,
        checked.ignored,
        areas.names(session, outside),
        checked.remarks,
    )


def within(area: str, tambon: str | None) -> bool:
    """Whether a tambon lies in the area; a place in no tambon lies in none."""
    return tambon is not None and (area == "TH" or tambon.startswith(area))


def _outcome(number: int, one: comparison.Compared, tambon: str | None, area: str) -> PlannedRow:
    row = PlannedRow(number, "new", one.row.name_th, one.row, tambon=tambon)
    known = one.known
    if not within(area, tambon):
        row.outcome = "outside"
    elif known is not None and area != "TH" and not within(area, known["tambon_code"]):
        # Somebody else's pin: the row may not pull it over the border.
        row.outcome, row.tambon = "outside", known["tambon_code"]
        row.notes.append(_note(number, N_("A facility with this source and reference is outside your area.")))
    elif one.problem is not None:
        row.outcome, row.facility_id = "problem", known["id"] if known else None
        row.problems.append(replace(one.problem, row=number))
    elif known is not None:
        row.facility_id = known["id"]
        row.outcome = "changed" if one.changes else "same"
        row.changes = one.changes
        if one.is_merged:
            row.facility_id = known["merged_into"]
            row.notes.append(_note(number, N_("This facility was merged into another one. The row changes nothing.")))
    return row


def _note(number: int, sentence: str, **values: Any) -> FieldProblem:
    return FieldProblem("", Message(sentence, values), number)


def _twins(session: Session, rows: Sequence[PlannedRow]) -> None:
    made = [row.facility for row in rows if row.facility is not None]
    if not made:
        return
    values = {
        "lons": [one.lon for one in made],
        "lats": [one.lat for one in made],
        "kinds": [one.kind for one in made],
        "sources": [one.source for one in made],
        "metres": DUPLICATE_M,
    }
    for number, twin, name in session.execute(_TWINS, values):
        row = rows[number - 1]
        row.twin = twin
        row.notes.append(
            _note(
                row.number,
                N_("Possible duplicate of “%(name)s”, less than %(metres)s m away. Check before you import."),
                name=name,
                metres=DUPLICATE_M,
            )
        )
