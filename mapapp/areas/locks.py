"""One change of the areas at a time, and nobody who leans on them meanwhile. Light: web processes load it too."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

IMPORT_LOCK = 0x4D41_0001
"""Advisory lock (of our own choosing): two imports of areas run one after the other."""


def lock(session: Session) -> None:
    """Waits until nobody else changes areas or leans on them, until this transaction ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": IMPORT_LOCK})


def hold(session: Session) -> None:
    """Waits for an import of areas that runs, and keeps them as they are until this transaction ends.

    For what is written about areas: otherwise a facility that an import of boundaries cannot see yet keeps a tambon
    that has moved, and figures are written for a tambon that is gone. Taken before any other lock.
    """
    session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": IMPORT_LOCK})
