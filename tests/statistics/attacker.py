"""An attacker on published figures: a linear program over everything that was published at once.

The attacker knows the method (but no offset) and is told more than the public: what withheld cells count as in sums,
and which sums of larger areas are exact ones. Whatever they can conclude of a count is an interval; so is what they can
conclude of its change from one Friday to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from mapapp.statistics.disclosure.areas import COUNTRY, Protected

_OPEN = 10**6


def leaves_in(area: str, leaves: list[str]) -> list[str]:
    """The smallest areas in an area."""
    return [leaf for leaf in leaves if area == COUNTRY or leaf.startswith(area)]


@dataclass
class Attacker:
    """What is known of one table on some Fridays: a variable for each count, rows for what must hold of them."""

    leaves: list[str]
    cells: int
    weeks: int
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float]] = field(default_factory=list)
    """Coefficients by variable, and what their sum is at most."""

    def __post_init__(self) -> None:
        size = len(self.leaves) * self.cells * self.weeks
        self.low, self.high = [0.0] * size, [float(_OPEN)] * size

    def at(self, week: int, leaf: str, cell: int) -> int:
        """The variable of a count."""
        return (week * len(self.leaves) + self.leaves.index(leaf)) * self.cells + cell

    def between(self, terms: dict[int, float], low: float, high: float) -> None:
        """Learns that a sum is between two numbers."""
        self.rows.append((terms, high))
        self.rows.append(({variable: -factor for variable, factor in terms.items()}, -low))

    def learn(self, week: int, told: Protected) -> None:
        """Everything of one Friday."""
        for row, area in enumerate(told.areas):
            if area in self.leaves:
                self._learn_leaf(week, area, row, told)
                continue
            for cell in np.flatnonzero(told.is_exact[row]):
                terms = {self.at(week, leaf, int(cell)): 1.0 for leaf in leaves_in(area, self.leaves)}
                number = int(told.told[row, cell])
                self.between(terms, max(10, number - 4), number + 4)

    def _learn_leaf(self, week: int, leaf: str, row: int, told: Protected) -> None:
        for cell in range(self.cells):
            variable, number = self.at(week, leaf, cell), int(told.told[row, cell])
            if told.is_empty[row] or not told.is_entered[row, cell]:
                bounds = (0, 0)
            elif told.is_shown[row, cell]:
                bounds = (max(10, number - 4), number + 4)
            else:
                bounds = (1 if number else 0, 9)
            self.low[variable], self.high[variable] = bounds
        if told.is_entered[row].any() and not told.is_empty[row]:
            self.between({self.at(week, leaf, cell): 1.0 for cell in range(self.cells)}, 1, _OPEN)

    def compare(self, first: int, second: int, before: Protected, after: Protected) -> None:
        """The offsets of a cell are the same on both Fridays: two roundings are as far apart as the counts, give or
        take 4; a withheld one that counts as ten and then as none has become smaller."""
        for row, area in enumerate(before.areas):
            inside = leaves_in(area, self.leaves)
            for cell in range(self.cells):
                terms = {self.at(second, leaf, cell): 1.0 for leaf in inside}
                terms |= {self.at(first, leaf, cell): -1.0 for leaf in inside}
                apart = int(after.told[row, cell]) - int(before.told[row, cell])
                is_leaf = area in self.leaves
                same = (before.is_shown & after.is_shown) if is_leaf else (before.is_exact & after.is_exact)
                if same[row, cell]:
                    self.between(terms, apart - 4, apart + 4)
                elif is_leaf and not before.is_shown[row, cell] and not after.is_shown[row, cell] and apart:
                    self.between(terms, 1 if apart > 0 else -9, 9 if apart > 0 else -1)

    @cached_property
    def _matrix(self) -> Any:
        entries = [(number, *entry) for number, (row, _) in enumerate(self.rows) for entry in row.items()]
        down, across, factors = zip(*entries, strict=True)
        return coo_array((factors, (down, across)), shape=(len(self.rows), len(self.low))).tocsr()

    def interval(self, terms: dict[int, float]) -> tuple[float, float]:
        """What a sum of counts can be, at least and at most."""
        variables = np.zeros(len(self.low))
        for variable, factor in terms.items():
            variables[variable] = factor
        found = []
        for sign in (1.0, -1.0):
            answer = linprog(
                sign * variables, A_ub=self._matrix, b_ub=[limit for _, limit in self.rows],
                bounds=np.column_stack([self.low, self.high]), method="highs",
            )  # fmt: skip
            assert answer.status == 0, answer.message  # the truth itself must be possible
            found.append(sign * answer.fun)
        return found[0], found[1]


def attack(fridays: list[Protected], leaves: list[str]) -> Iterator[tuple[str, float]]:
    """Every withheld count and every change of a count: what it is, and how many numbers are left open (the highest
    possible one minus the lowest)."""
    cells = fridays[0].told.shape[1]
    attacker = Attacker(leaves, cells, len(fridays))
    for week, told in enumerate(fridays):
        attacker.learn(week, told)
    for week in range(1, len(fridays)):
        attacker.compare(week - 1, week, fridays[week - 1], fridays[week])
    for name, terms in _targets(attacker, fridays):
        low, high = attacker.interval(terms)
        yield name, high - low


def _targets(attacker: Attacker, fridays: list[Protected]) -> Iterator[tuple[str, dict[int, float]]]:
    for row, area in enumerate(fridays[0].areas):
        inside = leaves_in(area, attacker.leaves)
        for cell in range(attacker.cells):
            known = [told.is_empty[row] or not told.is_entered[row, cell] for told in fridays]
            for week, told in enumerate(fridays):
                if not told.is_shown[row, cell] and not known[week]:
                    terms = {attacker.at(week, leaf, cell): 1.0 for leaf in inside}
                    yield f"{area}, cell {cell}, Friday {week}", terms
            for week in range(1, len(fridays)):
                if not known[week] and not known[week - 1]:
                    terms = {attacker.at(week, leaf, cell): 1.0 for leaf in inside}
                    terms |= {attacker.at(week - 1, leaf, cell): -1.0 for leaf in inside}
                    yield f"{area}, cell {cell}, change to Friday {week}", terms
