"""Days and moments as people and spreadsheets write them, in the common or the Buddhist era."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator

from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import arabic_digits

_THAI_MONTHS = (
    ("ม.ค.", "มกราคม"), ("ก.พ.", "กุมภาพันธ์"), ("มี.ค.", "มีนาคม"), ("เม.ย.", "เมษายน"), ("พ.ค.", "พฤษภาคม"),
    ("มิ.ย.", "มิถุนายน"), ("ก.ค.", "กรกฎาคม"), ("ส.ค.", "สิงหาคม"), ("ก.ย.", "กันยายน"), ("ต.ค.", "ตุลาคม"),
    ("พ.ย.", "พฤศจิกายน"), ("ธ.ค.", "ธันวาคม"),
)  # fmt: skip
_MONTHS = {name.replace(".", ""): number for number, names in enumerate(_THAI_MONTHS, start=1) for name in names}
_MONTHS |= {re.sub("(คม|ยน|พันธ์)$", "", name): number for name, number in _MONTHS.items() if len(name) > 3}
_THAI_DAY = re.compile(
    r"(?:(?:เมื่อ|ใน)?วัน(?:ที่|[ก-๙]+ที่)? ?)?"
    r"(?P<day>\d{1,2})(?:[/.-](?P<number>\d{1,2})[/.-]|[ -/]?(?:เดือน)?(?P<name>[ก-๙.]+?)[ -/]?)"
    r"(?:พ\.?ศ\.? ?|ปี ?)?(?P<year>\d{4}|\d{2})"
    r"(?:[ ,]+(?:เวลา ?)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::\d{2})?(?: ?น\.?)?)?"
)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(.*)", re.DOTALL)


def parse_moment(value: object) -> datetime:
    """A date or time. A day without a time is its beginning in Bangkok; years over 2400 are Buddhist.

    Examples: “20/11/2569”, “20 พ.ย. 69 14:30 น.”, “2569-11-20”, Thai digits, a date cell of a spreadsheet.

    Raises:
        PydanticCustomError: it is not a date, or not in this century.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=BANGKOK)
    try:
        found = _written(arabic_digits(value).strip()) if isinstance(value, str) else value
        if not isinstance(found, datetime):
            raise ValueError
        found = found.replace(year=_common_era(found.year))
        if found.tzinfo is None:
            found = found.replace(tzinfo=BANGKOK)
        found = found.astimezone(BANGKOK)
    except (ValueError, OverflowError):
        raise refuse(N_("Enter the date as 2026-11-20 or 20/11/2569.")) from None
    if not 2000 <= found.year <= 2100:
        raise refuse(N_("Enter the date as 2026-11-20 or 20/11/2569."))
    return found


def parse_day(value: object) -> date:
    """The day in Bangkok of the moment that ``parse_moment`` reads."""
    return parse_moment(value).date()


_SERIAL: Final = date(1899, 12, 30)
"""Day 0 of spreadsheets."""


def from_cell(value: object) -> object:
    """A date of a list: what a spreadsheet made of what was typed, as the day that was meant.

    46376 is the serial number of 20 December 2026; 20/12/69 became 1969, and was 2569. Anything else comes back as
    it is.
    """
    if isinstance(value, str) and re.fullmatch(r"\s*\d{5}(\.\d+)?\s*", value):
        value = float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 36_526 <= value < 73_051:
        return datetime.combine(_SERIAL + timedelta(days=int(value)), time.min, BANGKOK)
    if isinstance(value, datetime) and 1943 <= value.year < 2000:
        return value.replace(year=value.year - 1900 + 2500 - 543)
    return value


Day = Annotated[date, BeforeValidator(parse_day)]
"""A day in Bangkok, in any common notation."""


def _written(text: str) -> datetime:
    """Converts the year first, because 29 February 2567 is a valid day.

    Raises:
        ValueError: it is not a date.
    """
    thai = _THAI_DAY.fullmatch(text)
    if thai is None:
        iso = _ISO_DAY.fullmatch(text)
        if iso is None:
            return datetime.fromisoformat(text)
        return datetime.fromisoformat(f"{_common_era(int(iso[1])):04}-{int(iso[2]):02}-{int(iso[3]):02}{iso[4]}")
    month = int(thai["number"]) if thai["number"] else _MONTHS.get(thai["name"].replace(".", ""), 0)
    # Two digits are the short form of a Buddhist year; 2000 is 43, so there is no ambiguity.
    year = int(thai["year"]) + (2500 if len(thai["year"]) == 2 else 0)
    clock = (int(thai["hour"]), int(thai["minute"])) if thai["hour"] else (0, 0)
    return datetime(_common_era(year), month, int(thai["day"]), *clock, tzinfo=BANGKOK)


def _common_era(year: int) -> int:
    return year - 543 if year > 2400 else year
