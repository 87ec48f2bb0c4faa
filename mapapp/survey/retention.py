"""What time alone takes away: house numbers of surveys that closed long ago. Figures and sums stay as they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

BATCH: Final = 5_000
"""Entries of one run: each holds its row until the run ends."""

_FORGET: Final = text("""
UPDATE survey_entries SET household = '#' || id
WHERE id IN (
    SELECT e.id FROM survey_entries AS e JOIN survey_rounds AS r ON r.id = e.round_id
    WHERE r.closed_at < :before AND e.household NOT LIKE '#%' LIMIT :batch FOR UPDATE OF e SKIP LOCKED)
""")


def forget_households(session: Session, now: datetime, *, days: int) -> None:
    """Puts a mere number in the place of each house number, once its round is closed for so many days: with the figures
    of a household it could be linked to people (letter L3.5)."""
    session.execute(_FORGET, {"before": now - timedelta(days=days), "batch": BATCH})
