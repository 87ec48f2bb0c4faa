"""What official figures say against each other. Nothing is mended or left out: who reads a figure reads this, too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from mapapp.core.errors import N_

KINDS: Final[dict[str, str]] = {
    "order": N_("More people with the later dose than with the one before it"),
    "population": N_("More people vaccinated than people"),
    "share": N_("The percentage is not that of the people"),
    "falls": N_("Fewer people than on an earlier day"),
    "part": N_("More people in a group than in all groups"),
    "base": N_("Another number of people than on an earlier day"),
}
"""Kind of a contradiction → what it is."""

POPULATION: Final = "Vac Population"
OFF: Final = 1.0
"""So many points a percentage may be off: it is rounded, and its day may be the one before."""

_DOSE: Final = re.compile(r"Vac (Given|Group .+?) (\d) Cum")
_SHARE: Final = re.compile(r"Vac Given (\d) %")

Figures = Mapping[tuple[date, str], float]
"""Of one province: day and measure → value."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two figures of a province that cannot both be right."""

    kind: str
    """A key of ``KINDS``."""
    day: date
    measure: str
    value: float
    against: float
    """The figure that says otherwise."""
    since: date | None = None
    """Its day, where it is another."""


def found(figures: Figures) -> list[Contradiction]:
    """All contradictions among the figures of one province, by day."""
    made = [*_on_one_day(figures), *_between_days(figures)]
    return sorted(made, key=lambda one: (one.day, one.measure, one.kind))


def _on_one_day(figures: Figures) -> Iterable[Contradiction]:
    for (day, measure), value in figures.items():
        if dose := _DOSE.fullmatch(measure):
            who, number = dose[1], int(dose[2])
            before = figures.get((day, f"Vac {who} {number - 1} Cum"))
            if before is not None and value > before:
                yield Contradiction("order", day, measure, value, before)
            whole = figures.get((day, f"Vac Given {number} Cum")) if who != "Given" else None
            if whole is not None and value > whole:
                yield Contradiction("part", day, measure, value, whole)
            people = figures.get((day, POPULATION))
            if people is not None and value > people:
                yield Contradiction("population", day, measure, value, people)
        if share := _SHARE.fullmatch(measure):
            given, people = figures.get((day, f"Vac Given {share[1]} Cum")), figures.get((day, POPULATION))
            if given is not None and people and abs(value - 100 * given / people) > OFF:
                yield Contradiction("share", day, measure, value, round(100 * given / people, 1))


def _between_days(figures: Figures) -> Iterable[Contradiction]:
    days: dict[str, list[date]] = {}
    for day, measure in sorted(figures):
        days.setdefault(measure, []).append(day)
    for measure, some in days.items():
        kind = "base" if measure == POPULATION else "falls" if _DOSE.fullmatch(measure) else None
        for earlier, later in pairwise(some) if kind else ():
            before, value = figures[earlier, measure], figures[later, measure]
            if value < before or (kind == "base" and value != before):
                yield Contradiction(str(kind), later, measure, value, before, earlier)
