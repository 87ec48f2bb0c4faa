"""What is published on Fridays tells of no one: rounding, withholding, and an attacker with everything at hand."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytauargus as argus
import pytest

from mapapp.statistics.disclosure import areas
from mapapp.statistics.disclosure.areas import Protected, all_areas, protect
from mapapp.statistics.disclosure.rounding import BASE, THRESHOLD, WIDTH, Ints, offsets, rounded
from mapapp.statistics.disclosure.tables import share, totals
from mapapp.statistics.states import NOT_ENTERED, WITHHELD, Shown, State, shown
from tests.statistics.attacker import attack

Table = Mapping[str, Sequence[int | None]]


def _secret(seed: object) -> Callable[[str], bytes]:
    return lambda text: hashlib.sha256(f"{seed}|{text}".encode()).digest()


def _protect(rows: Table, seed: object = 0) -> Protected:
    """A table by tambon; None: not entered."""
    leaves = list(rows)
    counts = np.array([[number or 0 for number in row] for row in rows.values()], dtype=np.int64)
    entered = np.array([[number is not None for number in row] for row in rows.values()])
    cells = [f"c{number}" for number in range(counts.shape[1])]
    return protect(leaves, counts, entered, offsets(_secret(seed), "m", all_areas(leaves), cells))


def _narrowest(*fridays: Table, seed: object = 0) -> float:
    made = [_protect(rows, seed) for rows in fridays]
    return min((width for _, width in attack(made, list(fridays[0]))), default=np.inf)


def total(found: Protected, row: int, cells: Sequence[int]) -> Shown:
    return totals(found, cells)[row]


def test_an_offset_is_of_its_cell_and_stays() -> None:
    """The same text gives the same offset; all are used; another area or cell has another."""
    found = offsets(_secret(1), "m", [f"50{n:04}" for n in range(400)], ["a", "b"])
    again = offsets(_secret(1), "m", ["500007"], ["a", "b"])
    assert (found.large[7] == again.large[0]).all()
    assert (found.small[7] == again.small[0]).all()
    assert set(np.unique(found.large)) == set(range(5))
    assert set(np.unique(found.small)) == set(range(10))
    assert (found.small[:, 0] != found.small[:, 1]).any()


def test_rounding_is_exact_on_average_and_never_far() -> None:
    """Over all offsets the mean is the count; one is at most 4 away, a withheld one counts as 0 or 10."""
    for count in range(200):
        if count < THRESHOLD:
            made = rounded(np.full(10, count), np.zeros(10, dtype=np.int64), np.arange(10))
            assert set(made.told) <= {0, 10}
            assert made.told.mean() == count
        else:
            made = rounded(np.full(5, count), np.arange(5), np.zeros(5, dtype=np.int64))
            assert (abs(made.told - count) <= 4).all()
            assert (made.told >= THRESHOLD).all()
            assert made.told.mean() == count
            assert (made.told % BASE == 0).all()
        # How far it could move without being rounded otherwise is what it says.
        near = np.arange(THRESHOLD) if count < THRESHOLD else np.arange(THRESHOLD, count + 10)
        for number, (told, down, up) in enumerate(zip(made.told, made.down, made.up, strict=True)):
            others = rounded(near, np.full(len(near), number % 5), np.full(len(near), number)).told
            same = near[others == told]
            assert (count - down, count + up) == (same.min(), same.max())


def test_the_four_states() -> None:
    """Nothing entered, a true zero, a withheld number and a shown one stay apart, in sums, too."""
    found = _protect({
        "100101": [None, None], "100102": [0, 0], "100103": [3, 0], "100104": [40, 2], "100201": [None, 60],
        "110101": [0, 0],
    })  # fmt: skip
    at = {code: row for row, code in enumerate(found.areas)}
    assert total(found, at["100101"], [0, 1]) is NOT_ENTERED
    assert total(found, at["100102"], [0]) == shown(0)
    # Of three people even the zero beside them is withheld: it would say that all three are of one kind.
    assert [total(found, at["100103"], cells) for cells in ([0], [1], [0, 1])] == [WITHHELD] * 3
    assert total(found, at["100104"], [0]).state is State.VALUE
    assert total(found, at["100104"], [1]) is WITHHELD
    assert total(found, at["100104"], [0, 1]).is_told
    assert total(found, at["100201"], [0]) is NOT_ENTERED
    assert total(found, at["1002"], [0]) is NOT_ENTERED
    assert total(found, at["100201"], [1]) == total(found, at["1002"], [1])
    assert total(found, at["11"], [0, 1]) == shown(0)


def test_no_sum_of_one_to_nine_people_is_shown() -> None:
    """Whatever cells are added, of whatever area, and however they are rounded."""
    chance = random.Random(3)
    for seed in range(80):
        rows = {f"10{a:02}{t:02}": [chance.choice([0, 0, 1, 2, 5, 9, 11]) for _ in range(4)]
                for a in (1, 2) for t in range(1, chance.randint(2, 8))}  # fmt: skip
        found = _protect(rows, seed)
        for row, area in enumerate(found.areas):
            for cells in ([0], [1, 2], [0, 1, 2, 3]):
                true = sum(
                    numbers[cell]
                    for code, numbers in rows.items()
                    if area == areas.COUNTRY or code.startswith(area)
                    for cell in cells
                )
                told = total(found, row, cells)
                assert true >= THRESHOLD or not told.value, (seed, area, cells)
                # And what is shown is the sum of what its cells count as: nothing in it comes from elsewhere.
                assert told.value in (None, found.told[row, cells].sum())


def test_shares_are_of_many_people_and_near_the_ends_only_bounds() -> None:
    """From 100 people, whole percent; below 5 and above 95 percent only that."""
    assert share(shown(10), shown(95)) is WITHHELD
    assert share(WITHHELD, shown(500)) is WITHHELD
    assert share(shown(335), shown(1000)) == shown(0.34) or share(shown(335), shown(1000)) == shown(0.33)
    assert (share(shown(10), shown(1000)).bound, share(shown(995), shown(1000)).bound) == ("below", "above")
    assert share(shown(1000), shown(1000)).value == 0.95
    assert share(shown(5), NOT_ENTERED) is NOT_ENTERED
    assert share(shown(0), shown(0)) is NOT_ENTERED


def test_a_part_never_tells_of_its_whole() -> None:
    """Those who refuse have few doses: where nearly all who could are said to refuse, they are not shown."""
    found = _protect({"100101": [9, 9, 9, 27], "100102": [80, 9, 9, 27], "100103": [0, 0, 0, 0]})
    limit = areas.Limit(part=(3,), whole=(0, 1, 2))
    made = areas.limited(found, [limit])
    assert made.is_shown[:3, 3].tolist() == [False, True, False]
    assert (made.is_shown[:, :3] == found.is_shown[:, :3]).all()
    assert areas.limited(found, []) is found


def test_another_program_finds_nothing_unsafe_that_is_not_withheld(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Tau-Argus, on one Friday: each cell that it calls unsafe is withheld here, and its best pattern of suppression
    leaves no more open than ours does."""
    rows = {"100101": [3, 40, 12], "100102": [20, 7, 30], "100201": [9, 15, 50], "100202": [25, 33, 18]}
    people = [
        (area, f"c{number}") for area, counts in rows.items() for number, count in enumerate(counts)
        for _ in range(count)
    ]  # fmt: skip
    table = {"Area": [area for area, _ in people], "Cell": [cell for _, cell in people], "People": [1.0] * len(people)}
    monkeypatch.chdir(tmp_path)  # its logs go where it is called
    made = argus.protect(
        table, ["Area", "Cell"], response="People", safety_rules=f"FREQ({THRESHOLD},20)", workdir=str(tmp_path)
    )
    audited, cells = made.engine.audit(0), made.tables[0].rows
    found = _protect(rows)
    unsafe = [(row["Area"], int(row["Cell"][1:])) for row in cells if row["status"] == "U"]
    assert sorted(unsafe) == [("100101", 0), ("100102", 1), ("100201", 0)]
    assert not any(found.is_shown[found.areas.index(area), cell] for area, cell in unsafe)
    theirs = [min(row["max"], THRESHOLD - 1) - row["min"] for row in audited if row["status"] == "u"]
    assert len(theirs) == len(unsafe)
    assert _narrowest(rows) >= min(theirs)


# The attacker ---------------------------------------------------------------------------------------------------


def _random_tables(seed: int) -> tuple[Table, Table]:
    chance = random.Random(seed)
    kind = [(0, 9), (0, 30), (10, 99)][seed % 3]
    leaves = [
        f"{province}{amphoe:02}{tambon:02}"
        for province in range(10, 10 + chance.randint(1, 2))
        for amphoe in range(1, 1 + chance.randint(1, 2))
        for tambon in range(1, 1 + chance.choice([1, 2, 4]))
    ]
    before: Table = {
        leaf: [chance.randint(*kind) for _ in range(3)] if chance.random() < 0.9 else [None] * 3 for leaf in leaves
    }
    after: Table = {
        leaf: [None if number is None else max(0, number + chance.choice([0, 0, 1, 3, -4])) for number in row]
        for leaf, row in before.items()
    }
    return before, after


@pytest.mark.parametrize("seed", range(6))
def test_an_attacker_learns_no_count_and_no_change(seed: int) -> None:
    """All levels, all cells, two Fridays at once, random hierarchies: every withheld count and every change keeps its
    width."""
    assert _narrowest(*_random_tables(seed), seed=seed) >= WIDTH


_HARD: dict[str, list[Table]] = {
    "all nines": [{f"1001{n:02}": [9, 9] for n in range(1, 6)}] * 2,
    "one tambon in everything": [{"100101": [7, 120]}, {"100101": [8, 121]}],
    "one person": [{"100101": [1, 0], "100102": [0, 0]}, {"100101": [2, 0], "100102": [0, 0]}],
    "one person in a province's group": [
        {"100101": [1, 90], "100102": [0, 400], "100201": [0, 55]},
        {"100101": [0, 91], "100102": [0, 400], "100201": [0, 55]},
    ],
    "a hidden pair dominated by one": [
        {"100101": [9, 40], "100102": [1, 40], "100103": [80, 40]},
        {"100101": [9, 41], "100102": [0, 40], "100103": [80, 40]},
    ],
    "only one tambon reported": [
        {"100101": [12, 60], "100102": [None, None], "110101": [None, None]},
        {"100101": [13, 60], "100102": [None, None], "110101": [None, None]},
    ],
    "one household between two Fridays": [
        {f"1001{n:02}": [100, 50] for n in range(1, 6)},
        {f"1001{n:02}": [100 + 4 * (n == 3), 50] for n in range(1, 6)},
    ],
    "corrected to fewer": [{"100101": [30, 12], "100102": [40, 60]}, {"100101": [9, 12], "100102": [40, 55]}],
    "almost all zero": [{f"1001{n:02}": [0, 200] for n in range(1, 7)} | {"100107": [2, 200]}] * 2,
}


@pytest.mark.parametrize("name", _HARD)
def test_an_attacker_fails_where_it_is_easiest(name: str) -> None:
    """Tables in which hardly anybody is uncertain."""
    assert min(_narrowest(*_HARD[name], seed=seed) for seed in range(3)) >= WIDTH


def test_the_attacker_can_break_what_is_not_protected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each level is rounded for itself without looking at the others, the same attacker does find counts; and
    where sums are exact beside one withheld cell, it finds that cell."""
    monkeypatch.setattr(areas, "MAKES_UP", 0)
    tables = [_HARD["one tambon in everything"], _HARD["one household between two Fridays"], _HARD["all nines"]]
    found = [min(_narrowest(*table, seed=seed) for seed in range(3)) for table in tables]
    assert max(found) < WIDTH, found


def test_what_is_published_depends_on_nothing_that_the_attacker_could_tell_apart() -> None:
    """The proof behind the width: where an exact sum is told, a count inside it could be any other one with the same
    rounding, and the others make up for it, without any published number changing."""
    chance = random.Random(11)
    for seed in range(40):
        rows = {f"1001{n:02}": [chance.randint(0, 40)] for n in range(1, 9)}
        found = _protect(rows, seed)
        above = found.areas.index("1001")
        if not found.is_exact[above, 0]:
            continue
        counts: Ints = np.array(list(rows.values()))
        offset = offsets(_secret(seed), "m", list(rows), ["c0"])
        made = rounded(counts, offset.large, offset.small)
        for leaf in range(len(rows)):
            others = [number for number in range(len(rows)) if number != leaf]
            assert made.down[others].sum() >= 9 or (counts.sum(axis=1) == 0).any()
            assert made.up[others].sum() >= 9
