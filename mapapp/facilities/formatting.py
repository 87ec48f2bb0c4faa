"""Facilities in words, for the pages: kinds, whether one is open and until when, phone numbers, the way there."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from urllib.parse import quote

from mapapp.core import phones
from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_
from mapapp.facilities import fields, hours
from mapapp.facilities.freshness import confirmed_by
from mapapp.facilities.hours import Day, OpenState
from mapapp.facilities.labels import HOURS_LABELS, KIND_LABELS, STATUS_LABELS
from mapapp.facilities.queries import Pin
from mapapp.web.i18n import ago, clock, day, gettext, name_of

KINDS = KIND_LABELS
"""In the order people ask for them; letters L1.3 and L4.2."""

WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


def kind(code: str) -> str:
    """The kind's name in the page's language."""
    return gettext(KINDS[code])


def status(code: str) -> str:
    """What a status is called, in the page's language."""
    return gettext(STATUS_LABELS[code])


def by_hours(code: str) -> str:
    """Whether it is open at this moment, in the page's language."""
    return gettext(HOURS_LABELS[code])


def badge(state: OpenState) -> str:
    """The class of the badge: ``open``, ``full``, ``closed`` or ``unknown``."""
    if state.reason == "full":
        return "full"
    if state.is_open is None:
        return "unknown"
    return "open" if state.is_open else "closed"


def opening(state: OpenState, now: datetime) -> str:
    """Whether it is open, and until when or from when."""
    if state.reason == "closed":
        return status("closed")
    if state.reason == "temporarily_closed":
        if state.opens_at is None:
            return status("temporarily_closed")
        closed = status("temporarily_closed")
        return gettext("%(status)s, opens %(when)s", status=closed, when=_when(state.opens_at, now))
    if state.reason == "full":
        return status("full")
    if state.is_open is None and state.opens_at is not None:
        return gettext(
            "Ask whether it is open now. It is certainly open from %(when)s", when=_when(state.opens_at, now)
        )
    if state.is_open is None:
        return by_hours("unknown")
    if state.is_open:
        return gettext("Open until %(when)s", when=_when(state.until, now)) if state.until else by_hours("open")
    if state.opens_at is None:
        return by_hours("closed")
    return gettext("Closed, opens %(when)s", when=_when(state.opens_at, now))


class Dated(Protocol):
    """What stands on a pin about of when it is."""

    @property
    def confirmed_at(self) -> datetime | None: ...
    @property
    def verified_at(self) -> datetime | None: ...


def of_when(pin: Dated, now: datetime) -> str:
    """Of when a pin is and who stands for it, in one sentence; every page says it with this one.

    “Confirmed 2 hours ago”, “From a list of 1 April 2020; nobody has confirmed it since”.
    """
    by = confirmed_by(pin.confirmed_at, pin.verified_at)
    if by == "person":
        return gettext("Confirmed %(when)s", when=ago(pin.verified_at, now))
    if by is None or pin.confirmed_at is None:
        return gettext("From a list without a date; not confirmed by anyone")
    listed = day(pin.confirmed_at)
    if pin.verified_at is None:
        return gettext("From a list dated %(day)s; not confirmed since then", day=listed)
    return gettext(
        "From a list dated %(day)s; last confirmed by a person %(when)s", day=listed, when=ago(pin.verified_at, now)
    )


def closure(pin: Pin, now: datetime) -> str | None:
    """A planned closure that has not begun, in words: from when, until when."""
    if pin.closed_from is None or not hours.is_planned(pin.status, pin.closed_from, now):
        return None
    if pin.closed_until is None:
        return gettext("Will close on %(day)s", day=_moment(pin.closed_from))
    return gettext(
        "Will close on %(day)s, opens again on %(again)s",
        day=_moment(pin.closed_from),
        again=_moment(pin.closed_until),
    )


def _moment(value: datetime) -> str:
    """The day alone where it is midnight in Bangkok: closures are said by days."""
    local = value.astimezone(BANGKOK)
    return day(local) if local.time() == datetime.min.time() else f"{day(local)} {clock(local)}"


def _when(moment: datetime, now: datetime) -> str:
    """“16:30”, “tomorrow 08:30”, “Monday 08:30”, or the date from a week on."""
    local, today = moment.astimezone(BANGKOK), now.astimezone(BANGKOK).date()
    at = clock(local)
    away = (local.date() - today).days
    if away == 0:
        return at
    if away == 1:
        return gettext("tomorrow %(time)s", time=at)
    if away < 7:
        return f"{gettext(WEEKDAYS[local.weekday()])} {at}"
    return f"{day(local)} {at}"


def weekday(one: Day) -> str:
    """The day's name."""
    return gettext(WEEKDAYS[one.day.weekday()])


def times(one: Day) -> str:
    """“08:30–12:00, 13:00–16:30”, “open all day”, “closed”, or at what times one has to ask."""
    if one.all_day:
        return gettext("open all day")
    known = ", ".join(f"{start:%H:%M}–{_end(start, end)}" for start, end in one.spans)
    if not one.maybe:
        return known or gettext("closed")
    if not known and one.maybe[0][1] - one.maybe[0][0] >= timedelta(days=1):
        return gettext("ask first")
    asked = ", ".join(f"{start:%H:%M}–{_end(start, end)}" for start, end in one.maybe)
    told = gettext("ask first: %(times)s", times=asked)
    return f"{known}; {told}" if known else told


def _end(start: datetime, end: datetime) -> str:
    ends_at_midnight = end.time() == datetime.min.time() and end - start <= timedelta(days=1)
    return "24:00" if ends_at_midnight else f"{end:%H:%M}"


def phone(number: str) -> str:
    """As people in Thailand write it: +6653920300 → 053 920 300; a hotline stays as it is."""
    return phones.spoken(number)


def further(pin: Pin) -> list[tuple[str, str | None]]:
    """The extension and further numbers of a pin, each with what a phone dials (None: text between them)."""
    return phones.dialled(pin.phone or "", pin.phone_more) if pin.phone_more else []


class Fact(NamedTuple):
    """A field of the table as a page shows it: a text, or a count; what of it is free, and when that was said."""

    label: str
    text: str | None = None
    number: int | None = None
    free: int | None = None
    at: datetime | None = None


def facts(pin: Pin) -> list[Fact]:
    """What is known of a pin, a count together with what of it is free."""
    made = []
    for row in (row for row in fields.MADE if row.of is None):
        value = getattr(pin, row.name)
        part = next((other for other in fields.MADE if other.of is not None and other.of.field == row.name), None)
        free = None if part is None else getattr(pin, part.name)
        said = (row if part is None else part).said
        at = None if said is None or (value if part is None else free) is None else getattr(pin, said.at)
        if row.value == "text" and value:
            made.append(Fact(row.label, text=value, at=at))
        elif row.value == "count" and not (value is None and free is None):
            made.append(Fact(row.label, number=value, free=free, at=at))
    return made


def geo_link(pin: Pin) -> str:
    """For the phone's own choice of map program (RFC 5870, with the label most of them read)."""
    place = f"{pin.lat:.6f},{pin.lon:.6f}"
    return f"geo:{place}?q={place}({quote(name_of(pin), safe='')})"


def directions_link(pin: Pin) -> str:
    """A map page with the way there. Where the person is stays out of it: that page asks for it itself."""
    return f"https://www.openstreetmap.org/directions?to={pin.lat:.6f}%2C{pin.lon:.6f}"


OWN_SOURCES = {
    "officer": N_("An officer of the area"),
    "api": N_("The facility's own system"),
    "ตัวอย่าง (example)": N_("Made-up examples"),
    "MOPH hospital list, April 2020 (via away-covid)": N_("MOPH hospital list, April 2020 (via away-covid)"),
}


def source(stored: str) -> str:
    """Where a facility's facts come from, for people: what is stored besides keeps apart the lists of two areas."""
    own = OWN_SOURCES.get(stored)
    return gettext(own) if own else re.sub(r" \[\d{2,6}\]$", "", stored)
