"""What opening hours mean: as the reference evaluator reads the syntax, and as people in Thailand write a week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapapp.core.clock import BANGKOK
from mapapp.facilities import formatting, hours, hours_text
from mapapp.facilities.editing import weekly
from mapapp.facilities.hours_rules import State, parse
from tests.facilities.editing.test_weekly import weeks
from tests.facilities.test_hours import at, opened

FRIDAY, SATURDAY = "2026-11-27", "2026-11-28"


def state(expression: str, moment: str) -> str:
    found = opened(expression, moment)
    return {True: "open", False: "closed", None: "unknown"}[found.is_open]


@pytest.mark.parametrize(
    ("expression", "moment", "meant"),
    [
        # A comment without a state says that one has to ask.
        ('"by appointment"', f"{FRIDAY}T10:00", "unknown"),
        ('Mo-Fr 08:30-16:30 "by appointment"', f"{FRIDAY}T10:00", "unknown"),
        ('Mo-Fr 08:30-16:30 "by appointment"', f"{SATURDAY}T10:00", "closed"),
        ('Mo-Fr 08:30-16:30; Sa "call; or || ask"', f"{SATURDAY}T10:00", "unknown"),
        ('Mo-Fr 08:30-16:30 open "ask at the gate"', f"{FRIDAY}T10:00", "open"),
        ('Mo-Fr 08:30-16:30; Sa closed "cleaning"', f"{SATURDAY}T10:00", "closed"),
        ('Mo-Fr 08:30-16:30; Sa OFF "cleaning"', f"{SATURDAY}T10:00", "closed"),
        # A fallback holds whenever nothing else does, also on a day that has a rule.
        ('Mo-Fr 08:30-16:30 || "call"', f"{FRIDAY}T10:00", "open"),
        ('Mo-Fr 08:30-16:30 || "call"', f"{FRIDAY}T20:00", "unknown"),
        ('Mo-Fr 08:30-16:30 || "call"', f"{SATURDAY}T10:00", "unknown"),
        ("Mo-Fr 08:30-16:30 || unknown", f"{FRIDAY}T07:00", "unknown"),
        ("Mo-Fr 08:30-16:30 || Sa 09:00-12:00", f"{SATURDAY}T10:00", "open"),
        ('Mo-Fr 08:30-16:30 || Sa 09:00-12:00 || "call"', f"{SATURDAY}T13:00", "unknown"),
        ('Mo-Fr 08:30-16:30 || off "we are shut"', f"{SATURDAY}T10:00", "closed"),
        ('Mo-Fr 08:30-16:30; PH off || "call"', "2026-12-10T10:00", "unknown"),
        ('Mo-Fr 08:30-16:30 || "call"; PH off', "2026-12-10T10:00", "closed"),
        # A night is whole, whatever the next day says for itself.
        ("Mo-Th 20:00-04:00; Fr 08:30-16:30", f"{FRIDAY}T02:00", "open"),
        ("Mo-Th 20:00-04:00; Fr 08:30-16:30", f"{FRIDAY}T04:00", "closed"),
        ("Mo-Th 20:00-04:00; Fr 08:30-16:30; PH off", f"{FRIDAY}T02:00", "open"),
        ("Mo-Th 20:00-04:00; Fr off", f"{FRIDAY}T02:00", "open"),
        ("Mo-Su 20:00-04:00; Fr 08:30-16:30", f"{FRIDAY}T22:00", "closed"),
        # Years of the Buddhist era.
        ("2569 Nov 20-2569 Dec 31 09:00-15:00", f"{FRIDAY}T10:00", "open"),
        ("2569 Nov 20-2569 Dec 31 09:00-15:00", "2027-01-05T10:00", "closed"),
        ("2568-2569 Mo-Fr 09:00-15:00", f"{FRIDAY}T10:00", "open"),
        # Off is off behind a comma too.
        ("Mo-Fr 08:30-16:30, PH off", "2026-12-10T10:00", "closed"),
        ("Mo-Fr 08:30-16:30, PH off", f"{FRIDAY}T10:00", "open"),
        ("Mo[1,3] 09:00-12:00", "2026-11-16T10:00", "open"),
        ("Mo[1,3] 09:00-12:00", "2026-11-23T10:00", "closed"),
    ],
)
def test_the_syntax_means_what_the_reference_says(expression: str, moment: str, meant: str) -> None:
    assert state(hours.check(expression), moment) == meant
    assert state(expression, moment) == meant  # what was stored before it was mended on its way in


def test_royal_ploughing_day_closes_government_offices() -> None:
    assert state("Mo-Fr 08:30-16:30; PH off", "2026-05-13T10:00") == "closed"
    assert state("Mo-Fr 08:30-16:30", "2026-05-13T10:00") == "open"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Mo–Fr 08:30–16:30", "Mo-Fr 08:30-16:30"),
        ("Mo-Fr 08:30-16:30;", "Mo-Fr 08:30-16:30"),
        ("Mo-Fr 08.30-16.30 ; ", "Mo-Fr 08:30-16:30"),
        ("๒๔/๗", "24/7"),
        ("จันทร์-ศุกร์ 08.30-16.30 น.", "Mo-Fr 08:30-16:30"),
        ("จ.-ศ. ๐๘.๓๐–๑๖.๓๐ น.", "Mo-Fr 08:30-16:30"),
        ("วันจันทร์ ถึง วันศุกร์ เวลา 8.30 น. ถึง 16.30 น.", "Mo-Fr 08:30-16:30"),
        ("จันทร์-ศุกร์ 08.30-16.30 น. เสาร์ 08.30-12.00 น.", "Mo-Fr 08:30-16:30; Sa 08:30-12:00"),
        ("จันทร์-เสาร์ 08.00-16.00 อาทิตย์ปิด", "Mo-Sa 08:00-16:00; Su off"),
        ("จ,พ,ศ 9.00-12.00 และ 13.00-16.00 น.", "Mo,We,Fr 09:00-12:00,13:00-16:00"),
        ("จันทร์-ศุกร์ 08.30-16.30 น. (หยุดวันหยุดราชการ)", "Mo-Fr 08:30-16:30; PH off"),
        ("ทุกวัน ยกเว้นวันอาทิตย์ 08.30-16.30", "Mo-Su 08:30-16:30; Su off"),
        ("ทุกวันจันทร์ 09.00-12.00 น.", "Mo 09:00-12:00"),
        ("ทุกวัน 08.30-16.30 น.", "Mo-Su 08:30-16:30"),
        ("08.30-16.30 น.", "08:30-16:30"),
        ("24 ชั่วโมง", "24/7"),
        ("เปิดบริการตลอด 24 ชม.", "24/7"),
        ("ในวันและเวลาราชการ", "Mo-Fr 08:30-16:30; PH off"),
        ("Mon to Fri 8.30-16.30, closed on public holidays", None),
        ("Monday - Friday 8:30 - 16:30", "Mo-Fr 08:30-16:30"),
        ("daily 20.00-04.00", "Mo-Su 20:00-04:00"),
    ],
)
def test_a_week_is_read_as_people_write_it(typed: str, read: str | None) -> None:
    if read is None:
        assert hours_text.read(typed) is None
        return
    found = hours.check(typed)
    assert weekly.read(found) == weekly.read(read) is not None
    assert hours.check(found) == found


@pytest.mark.parametrize(
    "typed",
    [
        "จ-ศ 8:30",
        "โทรถามก่อน",
        "นัดหมายล่วงหน้า",
        "ปิดวันอาทิตย์",
        "ทุกวันพุธที่ 1 ของเดือน 9.00-12.00",
        "หยุดวันเสาร์ จันทร์ 9.00-12.00",
        "เช้า-เย็น",
    ],
)
def test_words_that_are_not_a_week_are_not_guessed(typed: str) -> None:
    assert hours_text.read(typed) is None


def test_a_comment_keeps_its_own_signs() -> None:
    typed = 'Mo–Fr 08.30–16.30 open "โทร 08.30 – ๒๕๖๙";'
    assert hours.check(typed) == 'Mo-Fr 08:30-16:30 open "โทร 08.30 – ๒๕๖๙"'


# What was drawn is what is open ----------------------------------------------------------------------------------

HOLIDAYS = {5, 7, 10}
"""Of December 2026: a Saturday, the Monday in lieu of it, and a Thursday."""

START = datetime(2026, 12, 4, tzinfo=BANGKOK)


def drawn(week: weekly.Weekly, moment: datetime) -> bool:
    """What the editor's choices say of a minute: a day's own times, and what is left of the night before."""

    def off(day: datetime) -> bool:
        return week.holidays_off and day.month == 12 and day.day in HOLIDAYS

    if off(moment):
        return False
    minute, before = moment.hour * 60 + moment.minute, moment - timedelta(days=1)
    own = week.days[moment.weekday()].spans
    left = () if off(before) else week.days[before.weekday()].spans
    return any(opens <= minute < (closes if closes > opens else weekly.END_OF_DAY) for opens, closes in own) or any(
        closes <= opens and minute < closes for opens, closes in left
    )


@settings(deadline=None, max_examples=60)
@given(weeks, st.data())
def test_what_was_drawn_is_what_is_open_minute_by_minute(week: weekly.Weekly, data: st.DataObject) -> None:
    end = START + timedelta(days=9)
    spans = list(parse(weekly.write(week), 2026).spans(START, end))
    assert (spans[0].start, spans[-1].end) == (START, end)
    for span in spans:
        # Times are drawn on five minutes: between two of them nothing changes, on both sides.
        for number in range(int((span.end - span.start) / timedelta(minutes=5))):
            for minute in (0, 4):
                moment = span.start + timedelta(minutes=5 * number + minute)
                assert (span.state == State.OPEN) == drawn(week, moment), (weekly.write(week), moment)
    asked = START + timedelta(minutes=data.draw(st.integers(0, 9 * 24 * 60 - 1)))
    assert hours.state_of("open", weekly.write(week), None, asked.astimezone(UTC)).is_open is drawn(week, asked)


@given(weeks)
def test_the_editor_reads_back_what_it_wrote(week: weekly.Weekly) -> None:
    assert weekly.read(hours.check(weekly.write(week))) == week


# What is told ----------------------------------------------------------------------------------------------------


def test_times_at_which_one_has_to_ask_are_not_told_as_closed() -> None:
    moment = at(f"{FRIDAY}T18:00")
    week = hours.week('Mo-Fr 08:30-16:30 || "call"', moment)
    assert formatting.times(week[0]) == "08:30–16:30; ถามก่อนไป: 00:00–08:30, 16:30–24:00"
    assert formatting.times(week[1]) == "ถามก่อนไป"
    assert {formatting.times(day) for day in hours.week('"by appointment"', moment)} == {"ถามก่อนไป"}


def test_when_it_opens_for_certain_is_told_where_one_has_to_ask() -> None:
    found = opened('Mo-Fr 08:30-16:30 || "call"', f"{SATURDAY}T10:00")
    assert found == hours.OpenState(None, opens_at=at("2026-11-30T08:30"), reason="hours_unknown")
    assert not found.takes_people
    assert opened('Mo-Fr 08:30-16:30 || "call"', f"{FRIDAY}T10:00").until == at(f"{FRIDAY}T16:30")


def test_a_closed_place_opens_when_it_is_known_to() -> None:
    assert opened('Mo-Fr 08:30-16:30; Sa 09:00-12:00 "call"', f"{FRIDAY}T20:00").opens_at == at("2026-11-30T08:30")
