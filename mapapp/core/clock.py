"""Time: the database stores UTC, days are those of Bangkok."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")


def today(now: datetime) -> date:
    """The current day in Thailand."""
    return now.astimezone(BANGKOK).date()


def midnight(day: date, later: int = 0) -> datetime:
    """The moment at which a day begins in Thailand, or the one this many days later."""
    return datetime.combine(day + timedelta(days=later), time(), BANGKOK)


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds from now to then, rounded up so that a retry never comes too early; at least 1."""
    return max(1, math.ceil((moment - now).total_seconds()))
