"""Opening hours as an editor shows them, a week of plain choices, and the OSM ``opening_hours`` syntax they stand for.

The syntax says far more than a week of choices can (months, dates, fallbacks). ``read`` answers None for such an
expression; it is kept and edited as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from mapapp.core.errors import N_, refuse

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
END_OF_DAY = 24 * 60

Span = tuple[int, int]
"""From and to in minutes after midnight; where “to” is not after “from”, it is the next day's."""


@dataclass(frozen=True, slots=True)
class Day:
    """One weekday: closed without spans, open from midnight to midnight with the one of 24 hours, or one or two."""

    spans: tuple[Span, ...] = ()

    @property
    def choice(self) -> Literal["closed", "all_day", "spans"]:
        """What the editor's first choice for the day says."""
        if not self.spans:
            return "closed"
        return "all_day" if self.spans == ALL_DAY.spans else "spans"


ALL_DAY = Day(((0, END_OF_DAY),))


@dataclass(frozen=True, slots=True)
class Weekly:
    """A week, Monday first, and whether public holidays are closed."""

    days: tuple[Day, ...]
    holidays_off: bool = False

    @property
    def always(self) -> bool:
        """Never closed: ``24/7``."""
        return not self.holidays_off and all(day == ALL_DAY for day in self.days)

    @property
    def has_nights(self) -> bool:
        """Whether a time passes midnight."""
        return any(closes <= opens for day in self.days for opens, closes in day.spans)


def day(*spans: Span) -> Day:
    """A day with these spans, in order.

    Raises:
        PydanticCustomError: a span has no length, two overlap, or there are more than two.
    """
    if len(spans) > 2:
        raise refuse(N_("Give one or two times for a day."))
    end = 0
    for opens, closes in spans:
        if not (0 <= opens < END_OF_DAY and 0 <= closes <= END_OF_DAY) or opens == closes:
            raise refuse(N_("The closing time must differ from the opening time; for all day choose “open 24 hours”."))
        if opens < end:
            raise refuse(N_("The second time of a day must begin after the first has ended."))
        end = closes if closes > opens else closes + END_OF_DAY
    if len(spans) == 2 and spans[0][1] == spans[1][0]:
        return Day(((spans[0][0], spans[1][1]),))
    return Day(tuple(spans))


def clock(minutes: int) -> str:
    """``08:30``; ``24:00`` is midnight at the end."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def parse_clock(text: str) -> int:
    """Minutes after midnight of “8:30”, “08.30”, “0830” or “08:30 น.”.

    Raises:
        PydanticCustomError: it is no time of day.
    """
    found = re.fullmatch(r"(\d{1,2})\s?[:.]?\s?(\d{2})(?:\s?น\.?)?", text.strip())
    minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else -1
    if not 0 <= minutes <= END_OF_DAY:
        raise refuse(N_("Enter the time as 08:30."))
    return minutes


# To the syntax --------------------------------------------------------------------------------------------------


def write(week: Weekly) -> str:
    """The week in ``opening_hours`` syntax: ``Mo-Fr 08:30-16:30; Sa 08:30-12:00; PH off``.

    Behind ``;`` a day's rule would take away what is left of the night before; behind ``,`` it adds to it.
    """
    if week.always:
        return "24/7"
    rules = [f"{_names(numbers)} {times(week.days[numbers[0]])}" for numbers in groups(week)]
    if not rules:
        return "off"
    said = (", " if week.has_nights else "; ").join(rules)
    return f"{said}; PH off" if week.holidays_off else said


def groups(week: Weekly) -> list[list[int]]:
    """The open weekdays (0 is Monday) with the same times, together, by their first day."""
    found: dict[Day, list[int]] = {}
    for number, one in enumerate(week.days):
        if one.spans:
            found.setdefault(one, []).append(number)
    return list(found.values())


def runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """First and last of each row of days that follow one another."""
    for _key, group in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        row = [number for _place, number in group]
        yield row[0], row[-1]


def _names(numbers: list[int]) -> str:
    return ",".join(DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}" for first, last in runs(numbers))


def times(one: Day) -> str:
    """``08:30-12:00,13:00-16:30``; nothing where it is closed."""
    return ",".join(f"{clock(opens)}-{clock(closes)}" for opens, closes in one.spans)


# From the syntax ------------------------------------------------------------------------------------------------

_SEPARATOR = re.compile(r"(;|(?<=\d),(?=\s*[A-Z])|(?<=off),|(?<=closed),)")

_RULE = re.compile(
    r"(?P<days>(?:(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:\s?-\s?(?:Mo|Tu|We|Th|Fr|Sa|Su))?(?:\s?,\s?(?=[A-Z]))?)+)?\s*:?\s*"
    r"(?P<what>off|closed|24/7|\d{1,2}:\d{2}\s?-\s?\d{1,2}:\d{2}(?:\s?,\s?\d{1,2}:\d{2}\s?-\s?\d{1,2}:\d{2})?)?"
)


def read(expression: str | None) -> Weekly | None:
    """The week that an expression says; None where it says more than a week (or nothing)."""
    days: list[Day] = [Day()] * 7
    holidays_off = False
    separator = ";"
    for rule in _SEPARATOR.split((expression or "").strip().rstrip(";")):
        if rule in (";", ","):
            separator = rule
            continue
        found = _RULE.fullmatch(rule.strip())
        if found is None or not (found["days"] or found["what"]):
            return None
        numbers, holidays = _weekdays(found["days"])
        made = _day(found["what"])
        if made is None or (holidays and made.spans):
            return None
        # A weekday's rule behind “PH off” would open the holidays that fall on it again.
        if holidays_off and numbers and made.spans and not holidays:
            return None
        if holidays_off is False:
            holidays_off = holidays
        # Behind a comma a rule adds to the day, which a week of choices says only of a day without times.
        if separator == "," and made.spans and any(days[number].spans for number in numbers):
            return None
        for number in numbers:
            days[number] = made
    return Weekly(tuple(days), holidays_off and any(one.spans for one in days))


def _weekdays(text: str | None) -> tuple[list[int], bool]:
    if text is None:
        return list(range(7)), False
    numbers: list[int] = []
    parts = re.sub(r"\s", "", text).split(",")
    for part in filter(lambda part: part != "PH", parts):
        first, _, last = part.partition("-")
        start, end = DAYS.index(first), DAYS.index(last or first)
        numbers += [number % 7 for number in range(start, (end if end >= start else end + 7) + 1)]
    return numbers, "PH" in parts


def _day(text: str | None) -> Day | None:
    if text in ("off", "closed"):
        return Day()
    if text in (None, "24/7"):
        return ALL_DAY
    try:
        spans = [tuple(map(parse_clock, part.split("-"))) for part in re.sub(r"\s", "", text or "").split(",")]
        return day(*((opens, closes) for opens, closes in spans))
    except ValueError:
        return None  # times beyond midnight written as 26:00, overlapping ones: as text
