"""Dates, numbers, durations and distances in the format of a language, by Babel. Days are those of Bangkok."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal
from babel.units import format_unit

from mapapp.core.clock import BANGKOK
from mapapp.core.languages import Language

NOTHING = "–"
"""Shown if there is no value."""

_FOREVER = 1e9  # a number of units that is never converted to the next larger unit


def day(value: date | datetime, here: Language) -> str:
    """``20 พ.ย. 2569`` or ``20 Nov 2026``; times are converted to Bangkok time first."""
    return _day(value, here.day, here)


def typed_day(value: date | datetime, here: Language) -> str:
    """A day as it is typed into a field: ``20/11/2569``, ``2026-11-20``."""
    return _day(value, here.typed_day, here)


def _day(value: date | datetime, pattern: str, here: Language) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(BANGKOK).date()
    # Babel counts years only in the common era, and not every Buddhist year number of a 29 February is a leap year.
    return format_date(value, pattern.replace("y", f"'{value.year + here.year_offset}'"), locale=here.locale)


def clock(value: datetime, here: Language) -> str:
    """``14:05 น.`` or ``14:05``, in Bangkok."""
    return here.clock % format_time(value.astimezone(BANGKOK).time(), "HH:mm", locale=here.locale)


def moment(value: datetime, here: Language) -> str:
    """``20 พ.ย. 2569 14:05 น.`` or ``20 Nov 2026 14:05``."""
    return f"{day(value, here)} {clock(value, here)}"


@lru_cache(maxsize=8192)
def number(value: float, digits: int, here: Language) -> str:
    """``12,345`` or ``12,345.6``, with this many digits after the point."""
    exact = Decimal(f"{value:.{digits}f}")
    return format_decimal(exact, "#,##0" + ("." + "0" * digits if digits else ""), locale=here.locale)


def percent(share: float, here: Language) -> str:
    """A share of 0–1 as ``87.5 %``; never 100 % or 0 % by rounding alone."""
    shown = round(share * 100, 1)
    if shown >= 100 and share < 1:
        return f"> {number(99.9, 1, here)} %"
    if shown <= 0 and share > 0:
        return f"< {number(0.1, 1, here)} %"
    return f"{number(shown, 1 if 0 < shown < 100 else 0, here)} %"


def distance(metres: float, here: Language) -> str:
    """``850 ม.`` / ``3.2 กม.`` or ``850 m`` / ``3.2 km``."""
    if metres < 995:
        whole = round(metres / 10) * 10 if metres >= 100 else round(metres)
        return format_unit(whole, "length-meter", "short", locale=here.locale)
    km = Decimal(f"{metres / 1000:.1f}")
    return format_unit(km, "length-kilometer", "short", format="#,##0.0", locale=here.locale)


def length(value: timedelta, here: Language) -> str:
    """A waiting time: ``15 seconds``, ``1 minute``, ``2 hours``; rounded up, so that a retry never comes too early."""
    seconds = max(1, math.ceil(value.total_seconds()))
    if seconds < 60:
        return _whole(timedelta(seconds=seconds), "second", here)
    if seconds <= 90 * 60:
        return _whole(timedelta(minutes=math.ceil(seconds / 60)), "minute", here)
    return _whole(timedelta(hours=math.ceil(seconds / 3600)), "hour", here)


def past(value: timedelta, here: Language) -> str:
    """The time since a moment: full minutes within the hour, hours within the day, then days; rounded down."""
    seconds = int(value.total_seconds())
    if seconds < 3600:
        return _whole(timedelta(minutes=seconds // 60), "minute", here)
    if seconds < 86400:
        return _whole(timedelta(hours=seconds // 3600), "hour", here)
    return _whole(timedelta(days=seconds // 86400), "day", here)


def _whole(value: timedelta, unit: str, here: Language) -> str:
    return format_timedelta(value, granularity=unit, threshold=_FOREVER, locale=here.locale)  # type: ignore[arg-type]
