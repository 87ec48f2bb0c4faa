"""Time where people live: the database keeps UTC, days are Bangkok's."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")


def today(now: datetime) -> date:
    """The day it is in Thailand at this moment."""
    return now.astimezone(BANGKOK).date()


def midnight(day: date, later: int = 0) -> datetime:
    """The moment at which a day begins in Thailand, or the day so many days later."""
    return datetime.combine(day + timedelta(days=later), time(), BANGKOK)


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds from now to then, rounded up so that a retry never comes too early; at least 1."""
    return max(1, math.ceil((moment - now).total_seconds()))
