"""What a list of records would do, row by row, beside what is recorded already. Reads only."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.core.errors import N_, FieldProblem, Message
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.entering import queries, service
from mapapp.survey.rounds.schemas import Round
from mapapp.survey.sheets.columns import plain
from mapapp.survey.sheets.reading import Line, Listing

Outcome = Literal["problem", "outside", "conflict", "new", "changed", "same"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("problem", "outside", "conflict", "new", "changed", "same")
"""In the order in which a person has to look at them."""

TAKEN: Final = frozenset({"conflict", "new", "changed"})

_KNOWN: Final = text("""
SELECT e.id, e.village_code, e.unit, e.household, e.revision, e.state,
    EXISTS (SELECT FROM survey_revisions AS r WHERE r.entry_id = e.id AND r.revision = e.revision
            AND r.by_person = :person)
        OR EXISTS (SELECT FROM survey_import_entries AS i WHERE i.entry_id = e.id AND i.revision = e.revision) AS ours,
    (SELECT jsonb_object_agg(f.target_group, jsonb_build_object('here', f.here, 'none', f."none", 'one', f.one,
        'two', f.two, 'more', f.more, 'unasked', f.unasked, 'refusing', f.refusing))
     FROM survey_figures AS f WHERE f.entry_id = e.id) AS figures
FROM survey_entries AS e
WHERE e.round_id = :round_id AND e.village_code = ANY(:villages) AND e.state IN ('counted','conflict','waiting')
ORDER BY e.twin, e.id
""")
_SENT: Final = text("""
SELECT r.key FROM survey_revisions AS r JOIN survey_entries AS e ON e.id = r.entry_id
WHERE r.key = ANY(:keys) AND NOT (e.state = 'refused' AND EXISTS (
    SELECT FROM survey_import_entries AS i JOIN survey_imports AS m ON m.id = i.import_id
    WHERE i.entry_id = e.id AND m.state = 'undone'))
""")


@dataclass
class Row:
    """One row of the list and what becomes of it."""

    line: Line
    outcome: Outcome
    entry_id: int | None = None
    """The record that it changes."""
    revision: int | None = None

    @property
    def people(self) -> int:
        """How many live there, by the row."""
        entry = self.line.entry
        return 0 if entry is None else sum(one["here"] for one in service.told_of(entry).values())


@dataclass
class Plan:
    """A list beside what is recorded, and the officer's area."""

    rows: list[Row] = field(default_factory=list)

    @property
    def counts(self) -> dict[Outcome, int]:
        """Rows by outcome."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def is_clean(self) -> bool:
        """Whether every row can be taken."""
        return not any(row.outcome in ("problem", "outside") for row in self.rows)


def places(session: Session, found: Round, area: str) -> dict[str, str]:
    """The names of the tambons of an area, and of its villages where one has the name alone, to find them by."""
    inside = area if found.covers(area) or area == "TH" else found.area_code
    if area == "TH":
        inside = found.area_code
    tambons = areas.listed(session, level="tambon", within=inside, limit=10_000)
    made: dict[str, str] = {}
    double: set[str] = set()

    def add(name: str, code: str) -> None:
        if made.setdefault(name, code) != code:
            double.add(name)

    for one in tambons:
        add(plain(one.name_th), one.code)
    if len(tambons) < 400:
        for village in assigning.villages(session, found.id, inside):
            if village.name_th:
                called = plain(village.name_th.removeprefix("บ้าน"))
                made[f"{village.tambon_code}{called}"] = village.code
                add(called, village.code)
    return {name: code for name, code in made.items() if name not in double}


def plan(session: Session, listing: Listing, found: Round, area: str, person: uuid.UUID | None) -> Plan:
    """Each row's outcome. ``area`` is the officer's: a row of a village outside it, or outside the round, is not
    taken."""
    good = [line for line in listing.lines if line.entry is not None]
    villages = {line.village for line in good}
    known = _known(session, found.id, villages, person)
    sent = _sent(session, [line.instance for line in good if line.instance is not None])
    tambons = areas.names(session, {code[:6] for code in villages})
    made = Plan()
    seen: dict[tuple[str, str | None], Line] = {}
    units: dict[str, str] = {}
    for line in listing.lines:
        row = Row(line, "problem")
        made.rows.append(row)
        if line.entry is None:
            continue
        if line.village[:6] not in tambons:
            _wrong(line, "village", N_("There is no tambon with this code."))
        elif not found.covers(line.village):
            _wrong(line, "village", N_("This village does not belong to this survey."))
        elif area != "TH" and not line.village.startswith(area):
            row.outcome = "outside"
        elif line.instance is not None and line.instance in sent:
            row.outcome = "same"
        elif line.instance is None and (before := seen.get((line.village, line.entry.household))) is not None:
            _wrong(line, "household", N_("The same household is already in row %(row)s."), row=before.number)
        elif units.setdefault(line.village, queries.unit(line.entry)) != queries.unit(line.entry):
            _wrong(line, "village", N_("This village is in the list in both ways: as households, and as a whole."))
        else:
            seen[line.village, line.entry.household] = line
            _beside(row, known.get(line.village, {}))
    return made


def _wrong(line: Line, name: str, sentence: str, **values: Any) -> None:
    line.problems.append(FieldProblem(name, Message(sentence, values), line.number))


def _known(
    session: Session, round_id: int, villages: Collection[str], person: uuid.UUID | None
) -> dict[str, dict[str | None, list[Any]]]:
    rows: Iterable[Any] = session.execute(
        _KNOWN, {"round_id": round_id, "villages": sorted(villages), "person": person}
    )
    made: dict[str, dict[str | None, list[Any]]] = {}
    for row in rows:
        made.setdefault(row.village_code, {}).setdefault(row.household, []).append(row)
    return made


def _sent(session: Session, keys: Collection[uuid.UUID]) -> set[uuid.UUID]:
    return set(session.scalars(_SENT, {"keys": list(keys)})) if keys else set()


def _beside(row: Row, village: Mapping[str | None, list[Any]]) -> None:
    """The row beside what is recorded of its household: nobody's record but our own is changed by a list, and ours
    only as long as nobody else has corrected it since."""
    entry = row.line.entry
    assert entry is not None
    told = service.told_of(entry)
    there = village.get(entry.household, [])
    if any(one.figures == told for one in there):
        row.outcome = "same"
        return
    counted = [one for one in there if one.state == "counted"]
    ours = [one for one in counted if one.ours]
    if len(counted) == 1 and ours and row.line.instance is None:
        row.outcome, row.entry_id, row.revision = "changed", ours[0].id, ours[0].revision
    else:
        other_way = any(one.state == "counted" and one.unit != queries.unit(entry) for all_ in village.values()
                        for one in all_)  # fmt: skip
        row.outcome = "conflict" if counted or other_way else "new"
