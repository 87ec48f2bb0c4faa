"""What of the figures of a Friday everyone may read: which figures, how they are protected, and how they are kept.

Of measures that count people everyone reads what disclosure control leaves; all others are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mapapp.statistics.disclosure.areas import Limit, all_areas, limited, protect
from mapapp.statistics.disclosure.rounding import offsets
from mapapp.statistics.disclosure.tables import share, totals
from mapapp.statistics.measures import Measure, Ratio, Sum
from mapapp.statistics.states import NOT_ENTERED, WITHHELD, Shown, State, shown

Values = Sequence[int | None]

LETTERS: Final[dict[str, tuple[State, str]]] = {
    "v": (State.VALUE, ""),
    "b": (State.VALUE, "below"),
    "a": (State.VALUE, "above"),
    "z": (State.ZERO, ""),
    "n": (State.NOT_ENTERED, ""),
    "w": (State.WITHHELD, ""),
}
"""How a state is kept → the state and the bound."""

_LETTER: Final = {told: letter for letter, told in LETTERS.items()}
_TAMBON: Final = 6

KNOWN: Final[dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]] = {
    "vaccination": tuple(
        ((f"{group}_refusing",), (f"{group}_none", f"{group}_one", f"{group}_two"))
        for group in ("bedridden", "migrant", "elderly", "adult", "student", "child")
    ),
    # A request that was sent in the last days is open, or has ended in them.
    "requests": (
        (
            ("waiting_24h",),
            ("claimed_1h", "claimed_4h", "claimed_24h", "claimed_later", "unclaimed"),
        ),
        (
            ("claimed_1h", "claimed_4h", "claimed_24h", "claimed_later", "unclaimed"),
            ("waiting_24h", "waiting_longer", "with_volunteer", "to_confirm", "helped_24h", "helped_72h",
             "helped_later", "not_helped"),
        ),
    ),
}  # fmt: skip
"""Measure → what everyone knows of its cells: these cannot be more than those. Other cells count other people."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is kept of an area."""

    area: str
    states: str
    numbers: list[int]


def figures(measure: Measure) -> list[str]:
    """The figures of a measure that everyone may read, in the order in which they are kept.

    Of those that count people none is made with another measure, and no mean of anything.
    """
    found: list[str] = []
    for key, one in measure.figures.items():
        is_own = isinstance(one, Sum) or (":" not in one.part + one.whole and one.unit == "share")
        if is_own or not measure.people:
            found.append(key)
    return found


def protected(measure: Measure, rows: Mapping[str, Values], secret: Callable[[str], bytes]) -> Iterator[Row]:
    """What is kept of each area.

    Args:
        rows: the cells by area; only those of tambons are read.
        secret: as of ``rounding.offsets``.
    """
    leaves = sorted(code for code in rows if len(code) == _TAMBON)
    if not leaves:
        return
    empty = [None] * len(measure.cells)
    known = [[number is not None for number in rows[leaf] or empty] for leaf in leaves]
    counts = np.array([[number or 0 for number in rows[leaf] or empty] for leaf in leaves], dtype=np.int64)
    areas = all_areas(leaves)
    at = {cell: number for number, cell in enumerate(measure.cells)}
    made = protect(leaves, counts, np.array(known), offsets(secret, measure.key, areas, measure.cells))
    made = limited(made, [
        Limit(tuple(at[cell] for cell in part), tuple(at[cell] for cell in whole))
        for part, whole in KNOWN.get(measure.key, ())
    ])  # fmt: skip
    columns = {one.key: [at[cell] for cell in one.cells] for one in measure.sums}
    keys = figures(measure)
    by_sum = {key: totals(made, cells) for key, cells in columns.items()}
    for number, area in enumerate(made.areas):
        sums = {key: column[number] for key, column in by_sum.items()}
        yield kept(area, [_figure(measure.figures[key], sums) for key in keys])


def _figure(one: Sum | Ratio, sums: Mapping[str, Shown]) -> Shown:
    return sums[one.key] if isinstance(one, Sum) else share(sums[one.part], sums[one.whole])


def kept(area: str, told: Sequence[Shown]) -> Row:
    """Figures as they are kept."""
    letters, numbers = [], []
    for one in told:
        letters.append(_LETTER[one.state, one.bound])
        value = one.value or 0
        numbers.append(round(value * 100) if isinstance(value, float) else int(value))
    return Row(area, "".join(letters), numbers)


def told(measure: Measure, keys: Sequence[str], states: str, numbers: Sequence[int]) -> dict[str, Shown]:
    """Figures as they were kept, by key."""
    found: dict[str, Shown] = {}
    for key, letter, number in zip(keys, states, numbers, strict=True):
        state, bound = LETTERS[letter]
        figure = measure.figures.get(key)
        is_share = isinstance(figure, Ratio)
        if state is State.VALUE:
            found[key] = shown(number / 100 if is_share else number, bound)  # type: ignore[arg-type]
        else:
            found[key] = {State.ZERO: shown(0), State.NOT_ENTERED: NOT_ENTERED, State.WITHHELD: WITHHELD}[state]
    return found
