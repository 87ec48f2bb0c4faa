"""Advisory locks: one list of them, none of which can be taken for another."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator
from itertools import product

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core.config import ROOT
from mapapp.database import locks
from mapapp.help_requests.working import holding

ADVISORY = re.compile(r"pg_(try_)?advisory", re.IGNORECASE)
KEYED = [lock for lock in locks.ORDER if isinstance(lock, locks.Keyed)]
SINGLE = [lock for lock in locks.ORDER if isinstance(lock, locks.Single)]


@pytest.fixture
def two(engine: Engine) -> Iterator[tuple[Session, Session]]:
    """Two transactions; the second gives up after a moment."""
    with Session(engine) as one, Session(engine) as other:
        other.execute(text("SET LOCAL lock_timeout = '200ms'"))
        yield one, other


def same_bits(lock: locks.Keyed) -> bytes:
    """A key whose 32 bits are another lock's number."""
    return lock.number.to_bytes(4, "big") + b"and what follows"


def test_no_lock_is_taken_past_the_list() -> None:
    elsewhere = {
        str(path.relative_to(ROOT))
        for folder in ("mapapp", "migrations", "bench", "script", "seed")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".sql", ".sh", ""} and path.is_file() and ADVISORY.search(path.read_text("utf-8"))
    }
    assert "mapapp/database/locks.py" in elsewhere, "the search finds nothing"
    functions = "".join((ROOT / path).read_text("utf-8") for path in elsewhere - {"mapapp/database/locks.py"})
    made = re.split(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)", functions)[1:]
    named = {name for name, body in zip(made[::2], made[1::2], strict=True) if ADVISORY.search(body)}
    assert elsewhere - {"mapapp/database/locks.py"} == {
        "migrations/versions/0019_claim_in_the_database.py",
        "migrations/versions/0032_keys_and_survey_records_in_the_database.py",
    }
    assert named == set(locks.IN_THE_DATABASE), "a function that takes a lock stands in the list"


def test_the_functions_of_the_database_that_take_locks_are_in_the_list(session: Session) -> None:
    found = session.execute(
        text(
            "SELECT proname FROM pg_proc JOIN pg_language ON pg_language.oid = prolang"
            " WHERE lanname IN ('sql', 'plpgsql') AND prosrc ~* 'pg_(try_)?advisory'"
        )
    )
    assert {row.proname for row in found} == set(locks.IN_THE_DATABASE)


def test_every_lock_has_a_number_of_its_own_and_a_place_in_the_order() -> None:
    listed = {one for one in vars(locks).values() if isinstance(one, (locks.Single, locks.Keyed))}
    assert listed == set(locks.ORDER)
    assert len({lock.number for lock in locks.ORDER}) == len(locks.ORDER)
    assert all(0 < lock.number < 2**31 for lock in locks.ORDER)


@pytest.mark.parametrize(("one_lock", "other_lock"), [(a, b) for a, b in product(KEYED, KEYED) if a != b])
def test_one_key_under_two_locks_does_not_meet(
    two: tuple[Session, Session], one_lock: locks.Keyed, other_lock: locks.Keyed
) -> None:
    one, other = two
    for key in (hashlib.sha256(b"0812345678").digest(), same_bits(other_lock), "words", str(uuid.UUID(int=1))):
        locks.take(one, one_lock, key)
        locks.take(other, other_lock, key)


@pytest.mark.parametrize("single", SINGLE)
def test_no_key_falls_on_a_lock_of_the_whole_service(two: tuple[Session, Session], single: locks.Single) -> None:
    one, other = two
    locks.take(one, single)
    for lock in KEYED:
        locks.take(other, lock, single.number.to_bytes(8, "big"), single.number.to_bytes(4, "big"))


@pytest.mark.parametrize("lock", locks.ORDER)
def test_each_lock_is_held_until_the_transaction_ends(
    two: tuple[Session, Session], lock: locks.Single | locks.Keyed
) -> None:
    one, other = two
    keys = ("somebody",) if isinstance(lock, locks.Keyed) else ()
    locks.take(one, lock, *keys)
    with pytest.raises(OperationalError, match="lock timeout"):
        locks.take(other, lock, *keys)
    other.rollback()
    one.rollback()
    locks.take(other, lock, *keys)


def test_a_lock_is_shared_tried_and_free_again(two: tuple[Session, Session]) -> None:
    one, other = two
    locks.share(one, locks.AREAS)
    locks.share(other, locks.AREAS)
    assert not locks.try_take(other, locks.AREAS)
    one.rollback()
    assert locks.try_take(other, locks.AREAS)


def test_a_persons_lock_is_the_same_from_python_the_driver_and_the_database(two: tuple[Session, Session]) -> None:
    one, other = two
    person = uuid.uuid4()
    holding.lock_person(one, person)
    one.connection()
    for take in (
        lambda: database.driver_rows(other, f"{locks.PERSON_FOR_THE_DRIVER}; SELECT 1", {"person": str(person)}),
        lambda: other.execute(
            text("SELECT * FROM claim_help(:space, :person, 0, now(), '{1}', 1, true, NULL, NULL, 'person', NULL)"),
            {"space": locks.PERSON.number, "person": person},
        ),
    ):
        other.connection()
        other.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(Exception, match="lock timeout"):
            take()
        other.rollback()
