"""Opening hours in OSM ``opening_hours`` syntax, in Asia/Bangkok, with Thailand's public holidays.

opening-hours-py reads the syntax (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification). What it does
otherwise than the specification and its reference evaluator (opening_hours.js) is put right in ``hours_rules``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, refuse
from mapapp.facilities import hours_text
from mapapp.facilities.hours_rules import Rules, Span, State, parse

MAX_LENGTH = 300
"""Characters of an expression; the longest honest ones have about a hundred."""

FAR = timedelta(days=14)
"""Changes later than this are not shown: “open until” in three months helps no one."""

_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class OpenState:
    """Whether a place takes people at a moment.

    ``is_open`` is None where nobody told us the hours, or they leave this moment open (“by appointment”). ``until`` is
    when an open place closes, ``opens_at`` when one that is not known to be open is; None where that is unknown, far
    off or never. ``reason``: ``hours``, ``hours_unknown``,
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
    spans = rules.spans(minute, minute + FAR)
    found = next(spans).state
    if found == State.OPEN:
        return OpenState(True, until=next((span.start for span in spans if span.state != State.OPEN), None))
    # Not when somebody may be there, but when it is known to open.
    opens_at = next((span.start for span in spans if span.state == State.OPEN), None)
    if found == State.UNKNOWN:
        return OpenState(None, opens_at=opens_at, reason="hours_unknown")
    return OpenState(False, opens_at=opens_at)


@dataclass(frozen=True, slots=True)
class Day:
    """One day's opening times in Bangkok; ``spans`` is empty where it is closed. In ``maybe`` nobody knows."""

    day: date
    spans: tuple[tuple[datetime, datetime], ...]
    maybe: tuple[tuple[datetime, datetime], ...] = ()

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
    return [
        Day(one.day, tuple(_outside(one.spans, begins, ends)), tuple(_outside(one.maybe, begins, ends)))
        for one in found
    ]


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
        spans = list(rules.spans(begin, begin + timedelta(days=1)))
        found.append(Day(begin.date(), _times(spans, State.OPEN), _times(spans, State.UNKNOWN)))
    return found


def _times(spans: Iterable[Span], state: State) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((span.start, span.end) for span in spans if span.state == state)


def plain(expression: str) -> str:
    """What a person typed, in the syntax where it can be read: words, dots, long dashes and Buddhist years are mended.

    What cannot be read comes back as it is, for ``check`` to say so.
    """
    mended = hours_text.plain(expression)
    if _reads(mended):
        return mended
    told = hours_text.read(expression)
    return told if told is not None and _reads(told) else expression


def _reads(expression: str) -> bool:
    try:
        parse(expression, None)
    except ValueError:
        return False
    return True


def check(expression: str) -> str:
    """An expression that can be stored: what was typed, mended by ``plain``.

    Raises:
        PydanticCustomError: it is not in the syntax, or leans on school holidays.
    """
    if len(expression) > MAX_LENGTH:
        raise refuse(N_("These opening hours are too long: use at most %(most)s characters."), most=MAX_LENGTH)
    expression = plain(expression)
    if re.search(r"\bSH\b", _QUOTED.sub("", expression)):
        raise refuse(N_("School holidays (SH) differ by school. Enter the months or dates instead."))
    if not _reads(expression):
        raise refuse(N_("Enter opening hours like this: Mon-Fri 08:30-16:30, or: every day, 24 hours."))
    return expression


@lru_cache(maxsize=4096)
def _stored(expression: str | None, year: int) -> Rules | None:
    """Rules of what is in the database, for a year; None where there are none, or a newer library refuses what an
    older took."""
    if expression is None:
        return None
    try:
        return parse(plain(expression), year)
    except ValueError:
        return None
