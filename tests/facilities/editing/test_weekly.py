"""The weekly editor writes opening_hours syntax, reads it again, and says it back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from mapapp.facilities import hours
from mapapp.facilities.editing import formatting, weekly
from mapapp.facilities.formatting import WEEKDAYS
from mapapp.web.i18n import translate

MONDAY = datetime(2026, 11, 15, 17, 0, tzinfo=UTC)
"""Midnight in Bangkok, the start of a week without a public holiday."""


@st.composite
def days(draw: st.DrawFn) -> weekly.Day:
    choice = draw(st.sampled_from(["closed", "all_day", "one", "two", "night"]))
    if choice == "closed":
        return weekly.Day()
    if choice == "all_day":
        return weekly.ALL_DAY
    cuts = draw(st.lists(st.integers(0, 24 * 12), min_size=4, max_size=4, unique=True))
    one, two, three, four = (cut * 5 for cut in sorted(cuts))
    if choice == "one":
        return weekly.day((one, four))
    if choice == "two":
        return weekly.day((one, two), (three, four))
    return weekly.day((four % weekly.END_OF_DAY, one)) if four % weekly.END_OF_DAY > one else weekly.Day()


weeks = st.builds(weekly.Weekly, st.tuples(*[days()] * 7), st.booleans()).map(
    # “Closed on holidays” says nothing about a place that is never open.
    lambda week: week if any(day.spans for day in week.days) else weekly.Weekly(week.days)
)


@given(weeks)
def test_written_and_read_again_it_is_the_same_week(week: weekly.Weekly) -> None:
    assert weekly.read(weekly.write(week)) == week


@given(weeks)
def test_what_is_written_is_opening_hours(week: weekly.Weekly) -> None:
    expression = weekly.write(week)
    assert hours.check(expression) == expression


@settings(deadline=None)  # the first one loads the library
@given(weeks.filter(lambda week: all(end > start for day in week.days for start, end in day.spans)))
def test_the_library_opens_when_the_week_does(week: weekly.Weekly) -> None:
    shown = hours.week(weekly.write(week), MONDAY)
    assert len(shown) == 7
    for one, meant in zip(shown, week.days, strict=True):
        midnight = one.spans[0][0].replace(hour=0, minute=0) if one.spans else None
        found = tuple(
            (int((start - midnight) / timedelta(minutes=1)), int((end - midnight) / timedelta(minutes=1)))
            for start, end in one.spans
            if midnight is not None
        )
        assert found == meant.spans


def named(text: str, lang: str) -> set[int]:
    """The weekdays a sentence names, ranges from their first to their last day."""
    names = [translate(name, lang).removeprefix("วัน") for name in WEEKDAYS]
    if text == translate("Closed every day", lang):
        return set()
    if translate("Every day", lang) in text or translate("Open 24 hours every day", lang) in text:
        return set(range(7))
    one = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    found: set[int] = set()
    for match in re.finditer(rf"({one})(?:–({one}))?", text):
        first, last = names.index(match[1]), names.index(match[2] or match[1])
        found |= set(range(first, last + 1))
    return found


@given(weeks, st.sampled_from(["th", "en"]))
def test_every_open_day_is_named_and_no_other(week: weekly.Weekly, lang: str) -> None:
    text = formatting.hours(weekly.write(week), lang)
    assert text
    assert named(text, lang) == {number for number, day in enumerate(week.days) if day.spans}


def test_said_in_english() -> None:
    assert formatting.hours("Mo-Fr 08:30-16:30; PH off", "en") == "Monday–Friday 08:30–16:30, closed on public holidays"
    assert formatting.hours("24/7", "en") == "Open 24 hours every day"
    assert formatting.hours("Mo,We 09:00-12:00,13:00-15:00", "en") == "Monday, Wednesday 09:00–12:00, 13:00–15:00"
    assert formatting.hours("Jan-Mar 08:00-16:00", "en") == "Jan-Mar 08:00-16:00"
    assert formatting.hours(None, "en") == ""
    assert formatting.hours("off", "en") == "Closed every day"


@pytest.mark.parametrize(
    ("expression", "as_written"),
    [
        ("Mo-Fr 09:00-12:00,13:00-15:30; PH,Sa,Su off", "Mo-Fr 09:00-12:00,13:00-15:30; PH off"),
        ("08:00-20:00", "Mo-Su 08:00-20:00"),
        ("Mo-Su", "24/7"),
        ("Mo-Fr 8:30-16:30; Sa closed", "Mo-Fr 08:30-16:30"),
        ("Fr-Mo 10:00-12:00", "Mo,Fr-Su 10:00-12:00"),
        ("24/7; PH off", "Mo-Su 00:00-24:00; PH off"),
        ("Mo-Su 08:00-16:00; We 08:00-12:00", "Mo-Tu,Th-Su 08:00-16:00; We 08:00-12:00"),
    ],
)
def test_other_spellings_of_a_week(expression: str, as_written: str) -> None:
    week = weekly.read(expression)
    assert week is not None
    assert weekly.write(week) == as_written


@pytest.mark.parametrize(
    "expression",
    [
        None,
        "",
        "Jan-Mar 08:00-16:00",
        "Mo-Fr 08:00-16:00; PH 09:00-12:00",
        "PH off; Mo-Fr 08:00-16:00",
        "Mo-Fr sunrise-sunset",
        "Mo-Fr 08:00-10:00,11:00-12:00,13:00-14:00",
        'Mo-Fr 08:00-16:00 "call first"',
        "2026 Nov 20 08:00-16:00",
        "Mo[1] 08:00-16:00",
        "Mo-Fr 20:00-26:00",
        "Mo-Fr 08:00-16:00 || off",
        "nonsense",
        ";",
    ],
)
def test_what_is_more_than_a_week_is_left_as_text(expression: str | None) -> None:
    assert weekly.read(expression) is None


@pytest.mark.parametrize(
    ("text", "minutes"), [("8:30", 510), ("08.30", 510), ("0830", 510), ("08:30 น.", 510), ("24:00", 1440), ("0:00", 0)]
)
def test_times_as_people_write_them(text: str, minutes: int) -> None:
    assert weekly.parse_clock(text) == minutes


@pytest.mark.parametrize("text", ["", "8", "25:00", "08:60", "24:01", "noon", "08:30:00", "-1:00"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(PydanticCustomError, match="Enter the time as"):
        weekly.parse_clock(text)


def test_spans_that_cannot_be() -> None:
    with pytest.raises(PydanticCustomError, match="must differ"):
        weekly.day((480, 480))
    with pytest.raises(PydanticCustomError, match="after the first"):
        weekly.day((480, 720), (700, 900))
    with pytest.raises(PydanticCustomError, match="after the first"):
        weekly.day((1200, 120), (600, 700))
    with pytest.raises(PydanticCustomError, match="one or two"):
        weekly.day((0, 60), (120, 180), (240, 300))
    assert weekly.day((480, 720), (720, 960)) == weekly.Day(((480, 960),))
