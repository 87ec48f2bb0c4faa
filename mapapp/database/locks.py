"""Every advisory lock there is, in one list: no two mean different things under one number.

PostgreSQL has two worlds of advisory locks that never meet: one number, and a pair of two. A lock of the first kind
(``Single``) is of the whole service; it has no key, so nothing can fall on it by chance. A lock with keys (``Keyed``)
is a pair, of its own number and 32 bits of a key: two keys of one lock may fall together, and then one only waits for
the other; a key of another lock cannot. All are the transaction's, so that none outlives its owner behind a pooler.

**Order.** Whoever takes several takes them in the order of ``ORDER``, so that nobody waits in a circle; those up to
``STATISTICS`` before any row. Keys of one lock are sorted here.

**Numbers stay.** While a new version comes in, old and new processes serve side by side, and a lock whose number has
changed is two locks for that time. No number of a lock that stands alone against a fault may ever change (the audit
chain, appointments, areas, imports, chores, a person's claims); where one only keeps a count exact, a change lets as
many more through for a minute. A number that is given up is not used again.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session


class Single(NamedTuple):
    """A lock of the whole service."""

    number: int
    what: str


class Keyed(NamedTuple):
    """A lock for each key."""

    number: int
    what: str


MIGRATION: Final = Single(0x4D41_0000, "one process migrates at a time")
CHORES: Final = Single(0x6D61_706B, "one process keeps house, for one chore")
AREAS: Final = Single(0x4D41_0001, "areas change, one import at a time; shared: they stay as they are")
"""Shared by all that write about areas: otherwise a facility that an import of boundaries cannot see yet keeps a tambon
that has moved, and figures are written for a tambon that is gone."""
APPOINTMENTS: Final = Single(0x4D41_0007, "appointments change one after the other, so that nobody is counted past")
IMPORTS: Final = Single(0x4D41_0002, "one list of facilities is taken in at a time")
COVERAGE: Final = Single(0x6D61_7063, "one computation of coverage at a time")
STATISTICS: Final = Single(0x4D41_000B, "figures of the statistics are counted by one at a time")
PROGRAM_REFS: Final = Keyed(0x4D41_0009, "a program's own number for a pin is looked up and taken")
NAMES: Final = Keyed(0x4D41_000A, "a telephone number, address or user name is taken by one account")
COUNTED: Final = Keyed(0x4D41_0008, "what one phone, address or person did is counted (``database.counters``)")
REPORTS: Final = Keyed(0x4D41_0006, "one sender's reports of facilities are counted")
PERSON: Final = Keyed(0x4D41_0021, "what one person holds and has seen is counted and changed")
AUDIT_CHAIN: Final = Single(0x4D41_0005, "the chain grows, from here to the commit")

ORDER: Final[tuple[Single | Keyed, ...]] = (
    MIGRATION,  # alone
    CHORES,  # tried, never waited for; the chore's own come after it
    AREAS,
    APPOINTMENTS,
    IMPORTS,
    COVERAGE,
    STATISTICS,
    PROGRAM_REFS,
    COUNTED,
    NAMES,
    REPORTS,
    PERSON,
    AUDIT_CHAIN,  # last, after all rows: it is held through the commit
)
"""All there are, as they are taken."""

IN_THE_DATABASE: Final = {"claim_help": PERSON, "hold_survey_village": COUNTED}
"""Functions of the database that take one, which they are given the number of. The key of ``PERSON`` is therefore what
``hashtext`` makes of a person's id; that of ``COUNTED`` is its ``place``."""

PERSON_FOR_THE_DRIVER: Final = f"SELECT pg_advisory_xact_lock({PERSON.number}, hashtext(%(person)s))"
"""A statement that takes ``PERSON``, for those that go to the driver in one round trip with others."""

_SINGLE: Final = text("SELECT pg_advisory_xact_lock(:number)")
_SHARED: Final = text("SELECT pg_advisory_xact_lock_shared(:number)")
_TRIED: Final = text("SELECT pg_try_advisory_xact_lock(:number)")
_KEYED: Final = text("SELECT pg_advisory_xact_lock(:number, key) FROM unnest(cast(:keys AS integer[])) AS key")
_PERSON: Final = text("SELECT pg_advisory_xact_lock(:number, hashtext(:person))")


def take(session: Session | Connection, lock: Single | Keyed, *keys: bytes | str) -> None:
    """Waits for a lock and holds it until the transaction ends.

    Args:
        keys: of a ``Keyed`` one: a keyed hash as it is, at least four bytes; or words, which are hashed here.
    """
    if isinstance(lock, Single):
        session.execute(_SINGLE, {"number": lock.number})
    elif lock is PERSON:
        for person in sorted(map(str, keys)):
            session.execute(_PERSON, {"number": lock.number, "person": person})
    else:
        session.execute(_KEYED, {"number": lock.number, "keys": sorted({place(key) for key in keys})})


def share(session: Session | Connection, lock: Single) -> None:
    """Waits until no one has the exclusive lock, then shares it until the transaction ends."""
    session.execute(_SHARED, {"number": lock.number})


def try_take(session: Session | Connection, lock: Single) -> bool:
    """Takes a lock until the transaction ends where it is free; returns whether it was."""
    return bool(session.execute(_TRIED, {"number": lock.number}).scalar_one())


def place(key: bytes | str) -> int:
    """The 32 bits of a key that stand beside the number of its lock."""
    made = key if isinstance(key, bytes) else hashlib.sha256(key.encode()).digest()
    return int.from_bytes(made[:4], "big", signed=True)
