"""Whatever is done to the record is found: ten thousand random tamperings in memory, some dozens in the real table."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from mapapp.audit import verification
from mapapp.audit.chain import Link, digest
from mapapp.audit.signatures import Head
from mapapp.audit.verification import Report, Walk
from mapapp.core.vault import Vault, new_key, parse_keys
from tests.audit.build import START, chain, write

VAULT = Vault(parse_keys(new_key("here")))
KEYS = [VAULT.public_key]
TAMPERINGS = 10_000


def head_of(row: Any, day: int = 0, vault: Vault = VAULT) -> Head:
    at = START + timedelta(days=day)
    loose = Head(at.date(), row.seq, row.hash, at, b"")
    return replace(loose, signature=vault.sign(loose.message))


def walk(rows: list[Link], heads: list[Head]) -> Report:
    """As ``verify`` does with what the database streams."""
    going = Walk(KEYS, heads)
    for row in rows:
        going.step(row)
    return going.end()


def rehashed(rows: list[Link], start: int) -> list[Link]:
    """What a tamperer who knows how the chain is made does: every hash from here on made anew."""
    made = rows[:start]
    for row in rows[start:]:
        fitting = row._replace(seq=len(made) + 1, previous=made[-1].hash if made else bytes(32))
        made.append(fitting._replace(hash=digest(fitting)))
    return made


def _edited(dice: random.Random, rows: list[Link]) -> list[Link]:
    at = dice.randrange(len(rows))
    column = dice.choice(Link._fields)
    before = getattr(rows[at], column)
    others: dict[str, list[Any]] = {
        "seq": [rows[at].seq + dice.choice([-1, 1, 1000]), 0, -5],
        "at": ["2026-11-01T03:00:00.000000+00:00", "-infinity", None],
        "details": ["{}", '{"version":1.0}', "[]", "null", "no json", '{"version":' + "9" * 5000 + "}", "[" * 90_000],
        "previous": [dice.randbytes(32), b"", before[::-1] if isinstance(before, bytes) else b""],
        "hash": [dice.randbytes(32), b"", before[::-1] if isinstance(before, bytes) else b""],
        "appointment_id": [None, dice.randrange(10**6), "1"],
    }
    new = dice.choice([value for value in others.get(column, [None, "", "x", f"{before} "]) if value != before])
    return [*rows[:at], rows[at]._replace(**{column: new}), *rows[at + 1 :]]


def _deleted(dice: random.Random, rows: list[Link]) -> list[Link]:
    start = dice.randrange(len(rows))
    return rows[:start] + rows[start + dice.choice([1, 1, 2, 10]) :]


def _cut(dice: random.Random, rows: list[Link]) -> list[Link]:
    return rows[: dice.randrange(len(rows))]


def _beheaded(dice: random.Random, rows: list[Link]) -> list[Link]:
    return rows[dice.randrange(1, len(rows)) :]


def _doubled(dice: random.Random, rows: list[Link]) -> list[Link]:
    at, to = dice.randrange(len(rows)), dice.randrange(len(rows) + 1)
    return [*rows[:to], rows[at], *rows[to:]]


def _swapped(dice: random.Random, rows: list[Link]) -> list[Link]:
    one, other = dice.sample(range(len(rows)), 2)
    made = list(rows)
    made[one], made[other] = made[other], made[one]
    return made


def _contents_swapped(dice: random.Random, rows: list[Link]) -> list[Link]:
    one, other = dice.sample(range(len(rows)), 2)
    made = list(rows)
    made[one] = rows[other]._replace(seq=rows[one].seq)
    made[other] = rows[one]._replace(seq=rows[other].seq)
    return made


def _inserted(dice: random.Random, rows: list[Link]) -> list[Link]:
    at = dice.randrange(len(rows))
    forged = rows[at]._replace(subject_id="forged")
    return [*rows[:at], forged._replace(hash=digest(forged)), *rows[at:]]


def _shuffled(dice: random.Random, rows: list[Link]) -> list[Link]:
    made = list(rows)
    while made == rows:
        start = dice.randrange(len(rows) - 3)
        part = made[start : start + 4]
        dice.shuffle(part)
        made[start : start + 4] = part
    return made


def _written_anew(dice: random.Random, rows: list[Link]) -> list[Link]:
    at = dice.randrange(len(rows) - 20, len(rows))
    match dice.randrange(3):
        case 0:
            made = [*rows[:at], rows[at]._replace(subject_id="changed"), *rows[at + 1 :]]
        case 1:
            made = rows[:at] + rows[at + 1 :]
        case _:
            made = [*rows[:at], rows[at]._replace(action="forged"), *rows[at:]]
    return rehashed(made, at)


WAYS: list[Callable[[random.Random, list[Link]], list[Link]]] = [
    _edited, _edited, _edited, _deleted, _cut, _beheaded, _doubled, _swapped, _contents_swapped, _inserted, _shuffled,
    _written_anew,
]  # fmt: skip


def test_ten_thousand_random_tamperings(monkeypatch: pytest.MonkeyPatch) -> None:
    # The same rows come again and again: what their hash should be is worked out once.
    monkeypatch.setattr(verification, "digest", lru_cache(maxsize=50_000)(digest))
    rows = chain(200)
    heads = [head_of(rows[99], 0), head_of(rows[-1], 1)]
    assert walk(rows, heads).is_whole
    dice = random.Random(20261120)
    found = dict.fromkeys((way.__name__ for way in WAYS), 0)
    for number in range(TAMPERINGS):
        way = WAYS[number % len(WAYS)]
        tampered = way(dice, rows)
        assert tampered != rows
        assert not walk(tampered, heads).is_whole, f"tampering {number} by {way.__name__} was not found"
        found[way.__name__] += 1
    assert sum(found.values()) == TAMPERINGS
    print(f"tamperings found: {found}")


def said(report: Report) -> list[str]:
    return [str(problem) for problem in report.problems]


def test_it_says_what_and_where() -> None:
    rows = chain(40)
    heads = [head_of(rows[-1])]
    assert said(walk([*rows[:9], rows[9]._replace(address="::1"), *rows[10:]], heads)) == [
        "Entry 10 was changed after it was recorded."
    ]
    assert said(walk(rows[:9] + rows[12:], heads)) == ["Entries are missing before entry 13."]
    assert said(walk(rows[:30], heads)) == ["The end of the audit log is missing: on 2026-11-01 it had 40 entries."]
    assert said(walk(rows[3:], heads)) == ["The beginning of the audit log is missing: it starts at entry 4."]
    assert said(walk(rehashed(rows[:20] + rows[21:] + rows[-1:], 20), heads)) == [
        "Entry 40 is not the entry that was signed on 2026-11-01."
    ]
    assert said(walk([], heads)) == ["The end of the audit log is missing: on 2026-11-01 it had 40 entries."]


def test_two_things_are_both_told() -> None:
    rows = chain(30)
    rows[4] = rows[4]._replace(action="x")
    rows[20] = rows[20]._replace(area_code="50")
    report = walk(rows, [])
    assert report.count == 2
    assert "5" in said(report)[0]
    assert "21" in said(report)[1]


def test_of_thousands_of_problems_the_first_are_told_and_all_are_counted() -> None:
    rows = [row._replace(action="x") for row in chain(500)]
    report = walk(rows, [])
    assert (report.count, len(report.problems)) == (500, verification.TOLD)


def test_a_head_that_somebody_else_signed_proves_nothing() -> None:
    rows = chain(10)
    stranger = head_of(rows[4], vault=Vault(parse_keys(new_key("there"))))
    assert said(walk(rows, [stranger])) == ["The checkpoint of 2026-11-01 is not signed with our key."]
    signed = head_of(rows[4])
    assert not walk(rows, [replace(signed, day=signed.day + timedelta(days=1))]).is_whole
    assert not walk(rows, [replace(signed, signed_at=signed.signed_at + timedelta(microseconds=1))]).is_whole
    assert walk(rows, [signed]).is_whole


def test_it_says_how_many_entries_no_head_stands_for() -> None:
    rows = chain(30)
    report = walk(rows, [head_of(rows[9]), head_of(rows[19], 1)])
    assert (report.beyond, report.heads, report.first, report.last) == (10, 2, 1, 30)
    assert walk(rows, []).beyond == 30


# The real table -----------------------------------------------------------------------------------------------------


@pytest.fixture
def written(owned: Session) -> tuple[Session, list[Head]]:
    write(owned, 60)
    last = list(verification.stream(owned))[-1]
    return owned, [head_of(last)]


TAMPER = [
    *(
        f"UPDATE audit_log SET {change} WHERE seq = 30"
        for change in (
            "seq = 1000", "at = at + interval '1 microsecond'", "at = 'infinity'", "at = at - interval '4052 years'",
            "actor_id = NULL", "actor_id = gen_random_uuid()", "actor_kind = 'system'", "appointment_id = 12",
            "appointment_id = NULL", "action = 'facility.view'", "subject_kind = 'person'", "subject_id = '1'",
            "area_code = NULL", "area_code = '900102'", "details = '{}'", "details = 'null'",
            "details = details || '{\"x\":1}'", "details = jsonb_set(details, '{changes,beds_free,0}', '29.0')",
            "details = details - 'note'", "details = jsonb_set(details, '{note}', '\"\"')", "address = NULL",
            "address = '2001:db8::8'", "previous = sha256('x')", "hash = sha256('x')", "hash = previous",
        )
    ),
    "DELETE FROM audit_log WHERE seq = 1",
    "DELETE FROM audit_log WHERE seq = 30",
    "DELETE FROM audit_log WHERE seq BETWEEN 20 AND 40",
    "DELETE FROM audit_log WHERE seq = 60",
    "DELETE FROM audit_log WHERE seq > 10",
    "DELETE FROM audit_log",
    "TRUNCATE audit_log",
    "UPDATE audit_log SET seq = CASE seq WHEN 1030 THEN 31 ELSE 30 END WHERE seq IN (1030, 1031)",
    "INSERT INTO audit_log SELECT 0, at, actor_id, actor_kind, appointment_id, action, subject_kind, subject_id,"
    " area_code, details, address, previous, hash FROM audit_log WHERE seq = 5",
    "INSERT INTO audit_log SELECT 61, at, actor_id, actor_kind, appointment_id, action, subject_kind, subject_id,"
    " area_code, details, address, previous, hash FROM audit_log WHERE seq = 60",
    "UPDATE audit_log AS one SET details = other.details FROM audit_log AS other"
    " WHERE (one.seq, other.seq) IN ((10, 11), (11, 10))",
    "ALTER TABLE audit_log DROP CONSTRAINT pk_audit_log; INSERT INTO audit_log SELECT * FROM audit_log WHERE seq = 7",
    "ALTER TABLE audit_log ALTER address TYPE varchar(3) USING left(address, 3)",
    "ALTER TABLE audit_log ALTER details TYPE text; UPDATE audit_log SET details = '{' WHERE seq = 7",
]  # fmt: skip


@pytest.mark.parametrize("statement", TAMPER)
def test_the_owner_tampers_with_the_table(written: tuple[Session, list[Head]], statement: str) -> None:
    session, heads = written
    assert verification.verify(session, KEYS, heads).is_whole
    if "1030" in statement:
        session.execute(text("UPDATE audit_log SET seq = seq + 1000 WHERE seq IN (30, 31)"))
    session.connection().exec_driver_sql(statement)
    report = verification.verify(session, KEYS, heads)
    assert report.count >= 1, statement


def test_a_stretch_can_be_looked_at_alone(written: tuple[Session, list[Head]]) -> None:
    session, heads = written
    session.execute(text("UPDATE audit_log SET action = 'x' WHERE seq IN (10, 50)"))
    assert verification.verify(session, KEYS, heads).count == 2
    assert verification.verify(session, KEYS, heads, since=40).count == 1
    assert verification.verify(session, KEYS, heads, since=60).is_whole


def test_it_reads_with_a_cursor_and_tells_how_far_it_is(
    written: tuple[Session, list[Head]], connection: Connection
) -> None:
    session, heads = written
    told: list[int] = []
    assert verification.verify(session, KEYS, heads, progress=told.append).entries == 60
    assert told[-1] == verification.total(session) == 60
