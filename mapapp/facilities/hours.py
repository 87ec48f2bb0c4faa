"""Opening hours in OSM ``opening_hours`` syntax, in Asia/Bangkok, with Thailand's public holidays.

opening-hours-py reads the syntax (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification) but ships no
holidays for Thailand, so ``PH`` is written out as dates before it is parsed. ``SH`` (school holidays) is refused:
they differ by school.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

import opening_hours
from opening_hours import OpeningHours, State

from mapapp.errors import N_, refuse

ParserError: type[Exception] = opening_hours.ParserError  # type: ignore[attr-defined]  # their stub forgets it

BANGKOK = ZoneInfo("Asia/Bangkok")

FIXED_HOLIDAYS = "Jan 1,Apr 6,Apr 13-15,May 4,Jun 3,Jul 28,Aug 12,Oct 13,Oct 23,Dec 5,Dec 10,Dec 31"
"""Days off of government offices on fixed dates, as the Prime Minister's Office announces them: New Year, Chakri,
Songkran, Coronation, the Queen's and the King's birthday, Mother's Day, King Bhumibol, Chulalongkorn, National Day,
Constitution, New Year's Eve. Labour Day (1 May) is not among them."""

MOVING_HOLIDAYS = {
    2026: "Mar 3,May 31,Jun 1,Jul 29,Jul 30,Dec 7",
    2027: "Feb 21,Feb 22,May 20,Jul 18,Jul 19,Jul 20,Oct 25,Dec 6",
}
"""Makha Bucha, Visakha Bucha, Asanha Bucha and Khao Phansa, which follow the moon, and the working day after a
holiday on a weekend. Each year's list is added when the Cabinet announces it; regional and one-off days are not here:
a place that closes for one is set to “temporarily closed”."""

MAX_LENGTH = 300
"""Characters of an expression; the longest honest ones have about a hundred."""

FAR = timedelta(days=14)
"""A change further away than this is not told: “open until” three months hence helps nobody."""

_CENTRE = (13.75, 100.5)
"""For sunrise and sunset; within Thailand they differ from Bangkok's by less than half an hour."""

_QUOTED = re.compile(r'"[^"]*"')
_SEPARATOR = re.compile(r"(; |, (?=[A-Z0-9])| \|\| )")
_HOLIDAY_RULE = re.compile(r"^(?P<days>[A-Za-z,-]*\bPH\b[A-Za-z,-]*)(?P<rest>(?: (?![+-]\d).*)?)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class OpenState:
    """Whether a place takes people at a moment.

    ``is_open`` is None where nobody told us the hours. ``until`` is when an open place closes, ``opens_at`` when a
    closed one opens; None where that is unknown, far off or never. ``reason``: ``hours``, ``hours_unknown``,
    ``full`` (open by its hours but takes nobody more), ``temporarily_closed``, ``closed``.
    """

    is_open: bool | None
    until: datetime | None = None
    opens_at: datetime | None = None
    reason: str = "hours"

    @property
    def takes_people(self) -> bool:
        """Known to be open, and not full: what “open now” means to a person on the way."""
        return self.is_open is True and self.reason != "full"


class FacilityLike(Protocol):
    """What the state hangs on."""

    @property
    def status(self) -> str: ...
    @property
    def opening_hours(self) -> str | None: ...
    @property
    def closed_until(self) -> datetime | None: ...


def state(facility: FacilityLike, now: datetime) -> OpenState:
    """Whether the facility is open at a moment, from its status and its hours.

    A temporary closure whose end has passed counts no more: the hours hold again. Without hours the answer is
    “unknown”, for hospitals too: that one never closes is said by the data (``24/7``), not assumed.
    """
    return state_of(facility.status, facility.opening_hours, facility.closed_until, now)


def state_of(status: str, expression: str | None, closed_until: datetime | None, now: datetime) -> OpenState:
    """``state()`` from the three values themselves, for rows that are no objects."""
    if status == "closed":
        return OpenState(False, reason="closed")
    if status == "temporarily_closed" and (closed_until is None or closed_until > now):
        return OpenState(False, opens_at=_reopening(expression, closed_until), reason="temporarily_closed")
    # To the minute, as the syntax is: so all requests of a minute share one evaluation.
    by_hours = _by_hours(expression, now.astimezone(BANGKOK).replace(second=0, microsecond=0))
    if status == "full" and by_hours.is_open is not False:
        return OpenState(by_hours.is_open, until=by_hours.until, reason="full")
    return by_hours


def _reopening(expression: str | None, closed_until: datetime | None) -> datetime | None:
    if closed_until is None:
        return None
    then = _by_hours(expression, closed_until.astimezone(BANGKOK).replace(second=0, microsecond=0))
    return closed_until if then.is_open is not False else then.opens_at


@lru_cache(maxsize=4096)
def _by_hours(expression: str | None, minute: datetime) -> OpenState:
    rules = _stored(expression)
    if rules is None:
        return OpenState(None, reason="hours_unknown")
    found, _comment = rules.state(minute)
    if found == State.UNKNOWN:
        return OpenState(None, reason="hours_unknown")
    change = _next_change(rules, minute, found)
    if found == State.OPEN:
        return OpenState(True, until=change)
    return OpenState(False, opens_at=change)


def _next_change(rules: OpeningHours, minute: datetime, found: State) -> datetime | None:
    """When the state next becomes another one: neighbouring spans of one state but two comments are one."""
    for start, _end, then, _comment in rules.intervals(minute, minute + FAR):
        if then != found:
            return start if isinstance(start, datetime) else None
    return None


@dataclass(frozen=True, slots=True)
class Day:
    """One day's opening times in Bangkok; ``spans`` is empty where it is closed."""

    day: date
    spans: tuple[tuple[datetime, datetime], ...]

    @property
    def all_day(self) -> bool:
        """Open from midnight to midnight."""
        return len(self.spans) == 1 and self.spans[0][1] - self.spans[0][0] >= timedelta(days=1)


def week(expression: str | None, now: datetime, days: int = 7) -> list[Day]:
    """The opening times of today and the days after it; empty where the hours are unknown."""
    rules = _stored(expression)
    if rules is None:
        return []
    start = now.astimezone(BANGKOK).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for number in range(days):
        begin = start + timedelta(days=number)
        end = begin + timedelta(days=1)
        spans: list[tuple[datetime, datetime]] = []
        for opens, closes, then, _comment in rules.intervals(begin, end):
            if then != State.OPEN:
                continue
            span = (max(opens, begin), min(closes or end, end))
            if spans and spans[-1][1] == span[0]:
                spans[-1] = (spans[-1][0], span[1])
            else:
                spans.append(span)
        found.append(Day(begin.date(), tuple(spans)))
    return found


def check(expression: str) -> str:
    """An expression that can be stored, as it was typed.

    Raises:
        PydanticCustomError: it is not in the syntax, or leans on school holidays.
    """
    if len(expression) > MAX_LENGTH:
        raise refuse(N_("These opening hours are too long: use at most %(most)s characters."), most=MAX_LENGTH)
    bare = _QUOTED.sub("", expression)
    if re.search(r"\bSH\b", bare):
        raise refuse(N_("School holidays (SH) differ by school: write the months or dates instead."))
    try:
        parse(expression)
    except ValueError:
        raise refuse(N_("Write opening hours like this: Mo-Fr 08:30-16:30; PH off, or 24/7.")) from None
    return expression


@lru_cache(maxsize=4096)
def parse(expression: str) -> OpeningHours:
    """The rules of an expression, in Bangkok's time with Thailand's holidays.

    Raises:
        ValueError: it is not in the syntax, or uses ``PH`` in a way we cannot write out.
    """
    try:
        plain = _library(expression)
        # The library's own spelling is regular: one blank after each separator, selectors without blanks.
        return _library(_with_dates(str(plain))) if "PH" in expression else plain
    except ParserError as error:
        raise ValueError("not opening hours") from error


def _library(expression: str) -> OpeningHours:
    return OpeningHours(
        expression,
        timezone=BANGKOK,
        coords=_CENTRE,
        auto_country=False,
        max_interval_days=366,
    )


@lru_cache(maxsize=4096)
def _stored(expression: str | None) -> OpeningHours | None:
    """Rules of what is in the database; None where there are none, or a newer library refuses what an older took."""
    if expression is None:
        return None
    try:
        return parse(expression)
    except ValueError:
        return None


def holidays() -> str:
    """Every public holiday we know, as OSM dates."""
    moving = [f"{year} {part}" for year, days in sorted(MOVING_HOLIDAYS.items()) for part in days.split(",")]
    return ",".join([FIXED_HOLIDAYS, *moving])


def _with_dates(expression: str) -> str:
    """The expression with every ``PH`` written out as dates; comments in quotes stay as they are."""
    kept: list[str] = []

    def put_away(match: re.Match[str]) -> str:
        kept.append(match.group())
        return f'"{len(kept) - 1}"'

    parts = _SEPARATOR.split(_QUOTED.sub(put_away, expression))
    for place in range(0, len(parts), 2):
        parts[place] = _rule_with_dates(parts[place], parts[place - 1] if place else "; ")
    return _QUOTED.sub(lambda match: kept[int(match.group()[1:-1])], "".join(parts))


def _rule_with_dates(rule: str, separator: str) -> str:
    if not re.search(r"\bPH\b", rule):
        return rule
    found = _HOLIDAY_RULE.match(rule)
    if found is None:
        raise ValueError("PH with months, dates or an offset")
    others = [day for day in found["days"].split(",") if day != "PH"]
    rules = [holidays() + found["rest"]]
    if others:
        # After a fallback or an additional rule, the second half must be of the same sort as the first.
        rules.insert(0, ",".join(others) + found["rest"])
    return separator.join(rules)
