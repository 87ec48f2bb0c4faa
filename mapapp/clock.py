"""Time where people live: the database keeps UTC, days are Bangkok's."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")


def today(now: datetime) -> date:
    """The day it is in Thailand at this moment."""
    return now.astimezone(BANGKOK).date()
