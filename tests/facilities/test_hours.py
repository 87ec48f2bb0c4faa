"""Opening hours: the syntax, Thai holidays, midnight, and how they join with the status."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from mapapp.core.clock import BANGKOK
from mapapp.facilities import hours
from mapapp.facilities.hours import OpenState


def at(text: str) -> datetime:
    """A moment in Bangkok."""
    return datetime.fromisoformat(text).replace(tzinfo=BANGKOK)


def opened(
    expression: str | None, moment: str, status: str = "open", closed_until: datetime | None = None
) -> OpenState:
    return hours.state_of(status, expression, closed_until, at(moment).astimezone(UTC))


OFFICE = "Mo-Fr 08:30-16:30; PH off"


@pytest.mark.parametrize(
    ("moment", "is_open", "until", "opens_at"),
    [
        ("2026-11-20T08:29", False, None, "2026-11-20T08:30"),
        ("2026-11-20T08:30", True, "2026-11-20T16:30", None),
        ("2026-11-20T16:29:59", True, "2026-11-20T16:30", None),
        ("2026-11-20T16:30", False, None, "2026-11-23T08:30"),  # Friday evening → Monday
        ("2026-12-04T17:00", False, None, "2026-12-08T08:30"),  # 5 Dec on a Saturday, so Monday is off too
        ("2026-12-07T10:00", False, None, "2026-12-08T08:30"),
        ("2027-04-13T10:00", False, None, "2027-04-16T08:30"),  # Songkran
        ("2026-07-29T10:00", False, None, "2026-07-31T08:30"),  # Asanha Bucha, Khao Phansa
        ("2026-01-02T10:00", False, None, "2026-01-05T08:30"),  # what the Cabinet added for one year
        ("2026-05-01T10:00", True, "2026-05-01T16:30", None),  # Labour Day is not for officials,
        ("2027-05-03T10:00", True, "2027-05-03T16:30", None),  # nor the Monday in lieu of it
        ("2028-12-29T17:00", False, None, "2029-01-03T08:30"),  # New Year's Eve on a Sunday, seen from the year before
        ("2031-10-23T10:00", False, None, "2031-10-24T08:30"),  # years that nobody has announced yet
    ],
)
def test_office_hours(moment: str, is_open: bool, until: str | None, opens_at: str | None) -> None:
    found = opened(OFFICE, moment)
    assert found == OpenState(is_open, at(until) if until else None, at(opens_at) if opens_at else None)


def test_past_midnight_and_across_a_holiday() -> None:
    assert opened("22:00-06:00", "2026-11-20T02:00") == OpenState(True, at("2026-11-20T06:00"))
    assert opened("22:00-06:00", "2026-11-20T23:59").until == at("2026-11-21T06:00")
    assert opened("22:00-06:00; PH off", "2026-12-05T23:00").is_open is False


def test_a_change_of_comment_is_no_change_of_state() -> None:
    assert opened('08:00-12:00 open "a", 12:00-16:00 open "b"', "2026-11-20T09:00").until == at("2026-11-20T16:00")


def test_hours_on_holidays_only_and_with_weekdays() -> None:
    assert opened("Mo-Fr,PH 09:00-12:00", "2026-12-05T10:00").is_open is True  # a Saturday, but a holiday
    assert opened("Mo-Fr,PH 09:00-12:00", "2026-12-12T10:00").is_open is False
    assert opened('Mo-Fr 09:00-12:00, PH 10:00-11:00 open "PH; SH"', "2026-12-05T10:30").is_open is True


def test_childrens_day_is_no_day_off() -> None:
    assert opened("Mo-Sa 09:00-12:00; PH off", "2027-01-09T10:00").is_open is True


def test_a_year_without_a_list_has_no_holidays() -> None:
    assert opened(OFFICE, "2150-11-20T09:00").is_open is True


def test_no_end_is_told_where_there_is_none_or_it_is_far() -> None:
    assert opened("24/7", "2026-11-20T09:00") == OpenState(True)
    assert opened("2026 Nov 01-2027 Mar 31", "2026-11-20T09:00") == OpenState(True)
    assert opened("2027 Mar", "2026-11-20T09:00") == OpenState(False)


def test_nobody_knows() -> None:
    for expression in (None, "not hours at all", "Fr 10:00-13:00 unknown"):
        assert opened(expression, "2026-11-20T11:00") == OpenState(None, reason="hours_unknown")


def test_the_status_goes_before_the_hours() -> None:
    noon = "2026-11-20T12:00"
    assert opened("24/7", noon, "closed") == OpenState(False, reason="closed")
    assert opened("24/7", noon, "temporarily_closed") == OpenState(False, reason="temporarily_closed")
    full = opened(OFFICE, noon, "full")
    assert (full.is_open, full.reason, full.takes_people) == (True, "full", False)
    assert opened(OFFICE, "2026-11-20T20:00", "full").reason == "hours"
    assert opened(OFFICE, noon).takes_people
    assert not opened(None, noon).takes_people


def test_a_closure_ends() -> None:
    end = at("2026-11-21T00:00")  # a Saturday
    before = opened(OFFICE, "2026-11-20T12:00", "temporarily_closed", end)
    assert (before.is_open, before.opens_at) == (False, at("2026-11-23T08:30"))
    assert opened("24/7", "2026-11-20T12:00", "temporarily_closed", end).opens_at == end
    assert opened(OFFICE, "2026-11-23T09:00", "temporarily_closed", end).is_open is True


def test_week_in_days() -> None:
    week = hours.week("Mo-Fr 08:00-12:00,13:00-16:00; Sa 18:00-20:00; PH off", at("2026-12-04T12:00"))
    shown = [[f"{start:%H:%M}-{end:%H:%M}" for start, end in day.spans] for day in week]
    assert [day.day.isoformat() for day in week][:2] == ["2026-12-04", "2026-12-05"]
    # The 5th and the 7th are holidays; the Saturday after the next is not shown.
    assert shown == [["08:00-12:00", "13:00-16:00"], [], [], [], *[["08:00-12:00", "13:00-16:00"]] * 2, []]
    assert all(day.all_day for day in hours.week("24/7", at("2026-12-04T12:00")))
    assert hours.week(None, at("2026-12-04T12:00")) == []


@pytest.mark.parametrize(
    "bad", ["nonsense", "จ-ศ 8:30", "Mo-Fr 25:00-26:99", "SH off", "Apr-Oct PH off", "PH -1 day off", "x" * 301]
)
def test_what_cannot_be_read_is_refused(bad: str) -> None:
    with pytest.raises(PydanticCustomError):
        hours.check(bad)


@given(
    st.text(max_size=60)
    | st.from_regex(r"(Mo|Tu|PH|SH|24/7|off|;|,| |-|08:00|\"|\|\||2026|Nov|1|sunrise){1,12}", fullmatch=True)
)
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    try:
        hours.check(text)
    except PydanticCustomError:
        return
    moment = at("2026-11-20T12:00")
    found = hours.state_of("open", text, None, moment)
    for change in (found.until, found.opens_at):
        assert change is None or moment < change <= moment + hours.FAR + timedelta(days=1)
    assert len(hours.week(text, moment)) == 7
