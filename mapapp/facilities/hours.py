"""Opening hours in OSM ``opening_hours`` syntax, in Asia/Bangkok, with Thailand's public holidays.

opening-hours-py reads the syntax (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification) but ships no
holidays for Thailand, so ``PH`` is written out as dates, those the package ``holidays`` knows, before it is parsed.
``SH`` (school holidays) is refused: they differ by school.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

import opening_hours
from opening_hours import OpeningHours, State

from mapapp.clock import BANGKOK
from mapapp.errors import N_, refuse

ParserError: type[Exception] = opening_hours.ParserError  # type: ignore[attr-defined]  # their stub forgets it

NO_DAY_OFF = ("National Children's Day", "National Labor Day")
"""Days of the list that close no government office: Children's Day is a Saturday to celebrate, and Labour Day (1 May,
or the Monday after) is for employees; the Prime Minister's Office does not announce it for officials."""

MAX_LENGTH = 300
"""Characters of an expression; the longest honest ones have about a hundred."""

FAR = timedelta(days=14)
"""A change further away than this is not told: “open until” three months hence helps nobody."""

_CENTRE = (13.75, 100.5)
"""For sunrise and sunset; within Thailand they differ from Bangkok's by less than half an hour."""

_SOME_DAY = "2026 Jan 1"
"""Stands for the holidays where only the syntax is looked at."""

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
    def closed_from(self) -> datetime | None: ...
    @property
    def closed_until(self) -> datetime | None: ...


def state(facility: FacilityLike, now: datetime) -> OpenState:
    """Whether the facility is open at a moment, from its status and its hours.

    A temporary closure whose end has passed counts no more, and a planned one not yet: the hours hold. Without hours
    the answer is “unknown”, for hospitals too: that one never closes is said by the data (``24/7``), not assumed.
    """
    return state_of(facility.status, facility.opening_hours, facility.closed_until, now, facility.closed_from)


def is_planned(status: str, closed_from: datetime | None, now: datetime) -> bool:
    """Whether a closure is announced that has not begun."""
    return status == "temporarily_closed" and closed_from is not None and now < closed_from


def state_of(
    status: str,
    expression: str | None,
    closed_until: datetime | None,
    now: datetime,
    closed_from: datetime | None = None,
) -> OpenState:
    """``state()`` from the values themselves, for rows that are no objects."""
    if status == "closed":
        return OpenState(False, reason="closed")
    planned = is_planned(status, closed_from, now)
    if status == "temporarily_closed" and not planned and (closed_until is None or closed_until > now):
        return OpenState(False, opens_at=_reopening(expression, closed_until), reason="temporarily_closed")
    # To the minute, as the syntax is: so all requests of a minute share one evaluation.
    by_hours = _by_hours(expression, now.astimezone(BANGKOK).replace(second=0, microsecond=0))
    if planned and closed_from is not None:
        return _until_closure(by_hours, expression, closed_from, closed_until, now)
    if status == "full" and by_hours.is_open is not False:
        return OpenState(by_hours.is_open, until=by_hours.until, reason="full")
    return by_hours


def _until_closure(
    by_hours: OpenState, expression: str | None, begins: datetime, ends: datetime | None, now: datetime
) -> OpenState:
    """The hours hold until a planned closure begins; what they promise beyond that does not."""
    if by_hours.is_open and begins - now <= FAR and (by_hours.until is None or by_hours.until > begins):
        return replace(by_hours, until=begins)
    if by_hours.opens_at is not None and by_hours.opens_at >= begins:
        return replace(by_hours, opens_at=_reopening(expression, ends))
    return by_hours


def _reopening(expression: str | None, closed_until: datetime | None) -> datetime | None:
    if closed_until is None:
        return None
    then = _by_hours(expression, closed_until.astimezone(BANGKOK).replace(second=0, microsecond=0))
    return closed_until if then.is_open is not False else then.opens_at


@lru_cache(maxsize=4096)
def _by_hours(expression: str | None, minute: datetime) -> OpenState:
    rules = _stored(expression, minute.year)
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


def week_of(facility: FacilityLike, now: datetime, days: int = 7) -> list[Day]:
    """``week()`` of a facility, with what a temporary closure takes out of it."""
    found = week(facility.opening_hours, now, days)
    if facility.status == "closed":
        return [Day(one.day, ()) for one in found]
    if facility.status != "temporarily_closed":
        return found
    begins, ends = facility.closed_from, facility.closed_until
    return [Day(one.day, tuple(_outside(one.spans, begins, ends))) for one in found]


def _outside(
    spans: Iterable[tuple[datetime, datetime]], begins: datetime | None, ends: datetime | None
) -> Iterator[tuple[datetime, datetime]]:
    """What lies before or after a closure; None: it has begun long ago, or nobody knows its end."""
    for opens, closes in spans:
        if begins is not None and opens < begins:
            yield opens, min(closes, begins.astimezone(BANGKOK))
        if ends is not None and closes > ends and (begins is None or closes > begins):
            yield max(opens, ends.astimezone(BANGKOK)), closes


def week(expression: str | None, now: datetime, days: int = 7) -> list[Day]:
    """The opening times of today and the days after it; empty where the hours are unknown."""
    start = now.astimezone(BANGKOK).replace(hour=0, minute=0, second=0, microsecond=0)
    rules = _stored(expression, start.year)
    if rules is None:
        return []
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
        parse(expression, _SOME_DAY)
    except ValueError:
        raise refuse(N_("Write opening hours like this: Mo-Fr 08:30-16:30; PH off, or 24/7.")) from None
    return expression


def parse(expression: str, holidays: str) -> OpeningHours:
    """The rules of an expression, in Bangkok's time; ``holidays`` are OSM dates that stand for ``PH``.

    Raises:
        ValueError: it is not in the syntax, or uses ``PH`` in a way we cannot write out.
    """
    try:
        plain = _library(expression)
        # The library's own spelling is regular: one blank after each separator, selectors without blanks.
        return _library(_with_dates(str(plain), holidays)) if "PH" in expression else plain
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
def _stored(expression: str | None, year: int) -> OpeningHours | None:
    """Rules of what is in the database, for a year; None where there are none, or a newer library refuses what an
    older took."""
    if expression is None:
        return None
    try:
        return parse(expression, holidays(year) if "PH" in expression else "")
    except ValueError:
        return None


@lru_cache(maxsize=16)
def holidays(year: int) -> str:
    """The days off of government offices from the year before to the year after, as OSM dates.

    Fixed days, those that follow the moon, the working day in lieu of one on a weekend, and what the Cabinet
    announced for single years, as far as the library knows. A place that closes for a regional holiday is set to
    “temporarily closed”.
    """
    # Loads the lists of every country: 16 MB and a fifth of a second, so only where somebody writes “PH”.
    from holidays import country_holidays

    known = country_holidays("TH", years=(year - 1, year, year + 1), language="en_US")
    days = (day for day in sorted(known) if not all(name.startswith(NO_DAY_OFF) for name in known.get_list(day)))
    # None at all only in years no list reaches; “PH off” must not become a bare “off” then.
    return ",".join(f"{day.year} {day:%b} {day.day}" for day in days) or _SOME_DAY


def _with_dates(expression: str, holidays: str) -> str:
    """The expression with every ``PH`` written out as dates; comments in quotes stay as they are."""
    kept: list[str] = []

    def put_away(match: re.Match[str]) -> str:
        kept.append(match.group())
        return f'"{len(kept) - 1}"'

    parts = _SEPARATOR.split(_QUOTED.sub(put_away, expression))
    for place in range(0, len(parts), 2):
        parts[place] = _rule_with_dates(parts[place], parts[place - 1] if place else "; ", holidays)
    return _QUOTED.sub(lambda match: kept[int(match.group()[1:-1])], "".join(parts))


def _rule_with_dates(rule: str, separator: str, holidays: str) -> str:
    if not re.search(r"\bPH\b", rule):
        return rule
    found = _HOLIDAY_RULE.match(rule)
    if found is None:
        raise ValueError("PH with months, dates or an offset")
    others = [day for day in found["days"].split(",") if day != "PH"]
    rules = [holidays + found["rest"]]
    if others:
        # After a fallback or an additional rule, the second half must be of the same sort as the first.
        rules.insert(0, ",".join(others) + found["rest"])
    return separator.join(rules)
