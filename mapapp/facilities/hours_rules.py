"""An ``opening_hours`` expression as rules that can be asked. Around opening-hours-py, which reads the syntax:

- It ships no holidays for Thailand: ``PH`` is written out as dates, those the package ``holidays`` knows.
- It takes a comment without a state for open; the specification says unknown (``"by appointment"``).
- It asks a fallback (``||``) only on days that no rule names; the specification asks it whenever nothing else holds.
- A night that passes midnight ends where the next day has a rule of its own. By the letter of ``;`` that is so, but
  nobody who writes ``Mo-Th 20:00-04:00; Fr 08:30-16:30`` means it: a plain week is read with its nights whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

import opening_hours
from opening_hours import OpeningHours, State

from mapapp.core.clock import BANGKOK
from mapapp.facilities.editing import weekly

__all__ = ["Rules", "Span", "State", "days_off", "parse"]

ParserError: type[Exception] = opening_hours.ParserError  # type: ignore[attr-defined]  # their stub forgets it

NO_DAY_OFF: Final = ("National Children's Day", "National Labor Day")
"""Days of the list that close no government office: Children's Day is a Saturday to celebrate, and Labour Day (1 May,
or the Monday after) is for employees; the Prime Minister's Office does not announce it for officials."""

_CENTRE = (13.75, 100.5)
"""For sunrise and sunset; within Thailand they differ from Bangkok's by less than half an hour."""

_SOME_DAY = "2026 Jan 1"
"""Stands for the holidays where only the syntax is looked at."""

_QUOTED = re.compile(r'"[^"]*"')
_COMMENT = re.compile(
    r'(?P<before>\s*)(?P<state>\b(?:open|off|closed|unknown)\s*)?(?P<text>"[^"]*")(?P<colon>\s*:)?', re.IGNORECASE
)
_SEPARATOR = re.compile(r"(; |, (?=[A-Z0-9])| \|\| )")
_HOLIDAY_RULE = re.compile(r"^(?P<days>[A-Za-z,-]*\bPH\b[A-Za-z,-]*)(?P<rest>(?: (?![+-]\d).*)?)$", re.DOTALL)


class Span(NamedTuple):
    """From a moment to another, in one state."""

    start: datetime
    end: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules, and what is asked where they say closed, one behind the other."""

    groups: tuple[OpeningHours, ...]

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The states between two moments in Bangkok, without gaps; neighbours differ. Reckoned as far as is asked."""
        last: Span | None = None
        for span in self._spans(start, end, 0):
            if last is not None and last.state == span.state:
                last = last._replace(end=span.end)
                continue
            if last is not None:
                yield last
            last = span
        if last is not None:
            yield last

    def _spans(self, start: datetime, end: datetime, group: int) -> Iterator[Span]:
        """What a group says, and where it says closed, what those behind it say."""
        for opens, closes, state, _comment in self.groups[group].intervals(start, end):
            span = Span(max(opens, start), min(closes or end, end), state)
            if state == State.CLOSED and group + 1 < len(self.groups):
                yield from self._spans(span.start, span.end, group + 1)
            elif span.start < span.end:
                yield span


def parse(expression: str, year: int | None) -> Rules:
    """The rules of an expression, in Bangkok's time, with the holidays around a year (None: only the syntax counts).

    Raises:
        ValueError: it is not in the syntax, or uses ``PH`` in a way we cannot write out.
    """
    week = weekly.read(expression)
    if week is not None and week.has_nights:
        return Rules((_library(_with_nights(week, year)),))
    try:
        # The library's own spelling is regular: one blank after each separator, selectors without blanks.
        text = str(_library(_COMMENT.sub(_unknown, expression)))
        if re.search(r"\bPH\b", text):
            text = _with_dates(text, _SOME_DAY if year is None else holidays(year))
        return Rules(tuple(_library(group) for group in _groups(text)))
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


def _unknown(found: re.Match[str]) -> str:
    if found["state"] or found["colon"]:
        return found.group()
    return f"{' ' if found['before'] else ''}unknown {found['text']}"


def _with_nights(week: weekly.Weekly, year: int | None) -> str:
    """A week whose nights are whole. A holiday is closed from midnight to midnight, and what would be left of its own
    night is not open either: the day behind it has its own times alone."""
    text = weekly.write(replace(week, holidays_off=False))
    off = () if year is None or not week.holidays_off else days_off(year)
    behind: dict[str, list[date]] = {}
    for day in (one + timedelta(days=1) for one in off):
        if day not in off and any(closes <= opens for opens, closes in week.days[day.weekday() - 1].spans):
            behind.setdefault(weekly.times(week.days[day.weekday()]) or "off", []).append(day)
    rules = [f"{_dates(days)} {times}" for times, days in behind.items()]
    return "; ".join([text, *rules, *([f"{_dates(off)} off"] if off else [])])


def holidays(year: int) -> str:
    """``days_off`` as OSM dates."""
    # None at all only in years no list reaches; “PH off” must not become a bare “off” then.
    return _dates(days_off(year)) or _SOME_DAY


def _dates(days: Iterable[date]) -> str:
    return ",".join(f"{day.year} {day:%b} {day.day}" for day in days)


@lru_cache(maxsize=16)
def days_off(year: int) -> tuple[date, ...]:
    """The days off of government offices from the year before to the year after, in order.

    Fixed days, those that follow the moon, the working day in lieu of one on a weekend, what the Cabinet announced for
    single years, and the Royal Ploughing Day, on which only government rests; as far as the library knows. A place
    that closes for a regional holiday is set to “temporarily closed”.
    """
    # Loads the lists of every country: 16 MB and a fifth of a second, so only where somebody writes “PH”.
    from holidays import GOVERNMENT, PUBLIC, country_holidays

    years = (year - 1, year, year + 1)
    known = country_holidays("TH", years=years, language="en_US", categories=(PUBLIC, GOVERNMENT))
    return tuple(day for day in sorted(known) if not all(name.startswith(NO_DAY_OFF) for name in known.get_list(day)))


# Rule by rule ---------------------------------------------------------------------------------------------------


def _parts(expression: str) -> tuple[list[str], list[str]]:
    """Rules with the separators between them, comments put away; and the comments."""
    kept: list[str] = []

    def put_away(match: re.Match[str]) -> str:
        kept.append(match.group())
        return f'"{len(kept) - 1}"'

    return _SEPARATOR.split(_QUOTED.sub(put_away, expression)), kept


def _put_back(expression: str, kept: list[str]) -> str:
    return _QUOTED.sub(lambda match: kept[int(match.group()[1:-1])], expression)


def _groups(expression: str) -> list[str]:
    """The rules without the fallbacks, then each fallback with what comes behind it: a rule that follows holds there
    too."""
    parts, kept = _parts(expression)
    separators, rules = ["; ", *parts[1::2]], parts[::2]
    fallbacks = [number for number, separator in enumerate(separators) if separator == " || "]
    groups = []
    for first in [0, *fallbacks]:
        chosen = [first, *(number for number in range(first + 1, len(rules)) if number not in fallbacks)]
        text = rules[first] + "".join(separators[number] + rules[number] for number in chosen[1:])
        groups.append(_put_back(text, kept))
    return groups


def _with_dates(expression: str, days: str) -> str:
    """The expression with every ``PH`` written out as dates; comments in quotes stay as they are."""
    parts, kept = _parts(expression)
    for place in range(0, len(parts), 2):
        parts[place] = _rule_with_dates(parts[place], parts[place - 1] if place else "; ", days)
    return _put_back("".join(parts), kept)


def _rule_with_dates(rule: str, separator: str, days: str) -> str:
    if not re.search(r"\bPH\b", rule):
        return rule
    found = _HOLIDAY_RULE.match(rule)
    if found is None:
        raise ValueError("PH with months, dates or an offset")
    others = [day for day in found["days"].split(",") if day != "PH"]
    rules = [days + found["rest"]]
    if others:
        # After a fallback or an additional rule, the second half must be of the same sort as the first.
        rules.insert(0, ",".join(others) + found["rest"])
    return separator.join(rules)
