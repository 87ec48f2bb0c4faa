"""Planned closures: until one begins the hours hold, on every page, in nearest and on the map."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from mapapp.core import geo
from mapapp.facilities import hours, nearest
from tests.conftest import NOON
from tests.facilities.build import add

BANGKOK = ZoneInfo("Asia/Bangkok")
BEGINS = datetime(2026, 11, 20, 15, 0, tzinfo=BANGKOK)  # a Friday; three hours after the tests' noon
ENDS = datetime(2026, 11, 24, 0, 0, tzinfo=BANGKOK)  # a Tuesday


def state(expression: str | None, now: datetime, begins: datetime | None = BEGINS) -> hours.OpenState:
    return hours.state_of("temporarily_closed", expression, ENDS, now, begins)


def test_open_until_the_closure_begins() -> None:
    weekdays = "Mo-Fr 08:30-16:30"
    assert state(weekdays, NOON) == hours.OpenState(True, until=BEGINS)
    assert state("24/7", NOON) == hours.OpenState(True, until=BEGINS)
    assert state(None, NOON).is_open is None
    begun = state(weekdays, BEGINS)
    assert (begun.is_open, begun.reason) == (False, "temporarily_closed")
    assert begun.opens_at == datetime(2026, 11, 24, 8, 30, tzinfo=BANGKOK)
    assert state(weekdays, datetime(2026, 11, 24, 9, 0, tzinfo=BANGKOK)).is_open is True


def test_closed_now_opens_only_after_the_closure() -> None:
    evening = datetime(2026, 11, 19, 20, 0, tzinfo=BANGKOK)
    early = datetime(2026, 11, 20, 8, 0, tzinfo=BANGKOK)
    assert state("Mo-Fr 08:30-16:30", evening, early).opens_at == datetime(2026, 11, 24, 8, 30, tzinfo=BANGKOK)
    assert state("Mo-Fr 08:30-16:30", evening).opens_at == datetime(2026, 11, 20, 8, 30, tzinfo=BANGKOK)


def test_a_closure_months_away_is_not_told_as_closing_time() -> None:
    far = BEGINS + timedelta(days=60)
    assert hours.state_of("temporarily_closed", "24/7", None, NOON, far) == hours.OpenState(True)


@given(
    begins=st.integers(-400, 400),
    lasts=st.one_of(st.none(), st.integers(1, 400)),
    at=st.integers(-500, 1000),
    expression=st.sampled_from([None, "24/7", "Mo-Fr 08:30-16:30", "Sa-Su 09:00-12:00"]),
)
def test_at_every_moment(begins: int, lasts: int | None, at: int, expression: str | None) -> None:
    """Outside the closure as if there were none; inside it closed; nothing is promised for inside it."""
    first = NOON + timedelta(hours=begins)
    last = None if lasts is None else first + timedelta(hours=lasts)
    now = NOON + timedelta(hours=at)
    found = hours.state_of("temporarily_closed", expression, last, now, first)
    plain = hours.state_of("open", expression, None, now)
    if now < first:
        assert found.is_open == plain.is_open
    elif last is not None and now >= last:
        assert found == plain
    else:
        assert (found.is_open, found.reason) == (False, "temporarily_closed")
    if found.is_open and now < first and found.until is not None:
        assert found.until <= first
    if found.opens_at is not None:
        assert found.opens_at < first or (last is not None and found.opens_at >= last)


class Pin(NamedTuple):
    """What the hours hang on."""

    status: str
    opening_hours: str | None
    closed_from: datetime | None
    closed_until: datetime | None


def spans(pin: Pin) -> list[list[str]]:
    """Friday to Wednesday: the opening times as text."""
    return [[f"{a:%H:%M}-{b:%H:%M}" for a, b in day.spans] for day in hours.week_of(pin, NOON, days=6)]


def test_the_week_is_without_the_closure() -> None:
    daily = "Mo-Su 08:00-20:00"
    whole, part = ["08:00-20:00"], ["08:00-15:00"]
    assert spans(Pin("open", daily, None, None)) == [whole] * 6
    assert spans(Pin("temporarily_closed", daily, BEGINS, ENDS)) == [part, [], [], [], whole, whole]
    assert spans(Pin("temporarily_closed", daily, BEGINS, None)) == [part, [], [], [], [], []]
    assert spans(Pin("temporarily_closed", daily, None, ENDS)) == [[], [], [], [], whole, whole]
    assert spans(Pin("temporarily_closed", daily, None, None)) == [[]] * 6
    again = ENDS.replace(hour=10)
    assert spans(Pin("temporarily_closed", daily, BEGINS, again))[4] == ["10:00-20:00"]
    short = Pin("temporarily_closed", daily, BEGINS, BEGINS + timedelta(hours=2))
    assert spans(short)[0] == ["08:00-15:00", "17:00-20:00"]
    assert spans(Pin("closed", daily, None, None)) == [[]] * 6
    assert hours.week_of(Pin("closed", None, None, None), NOON) == []


def test_nearest_gives_it_until_then(session: Session) -> None:
    made = add(
        session, lat=18.8, lon=99, status="temporarily_closed", closed_from=BEGINS, closed_until=ENDS,
        opening_hours="24/7", confirmed_at=NOON,
    )  # fmt: skip

    def found(now: datetime, **more: bool) -> list[int]:
        wanted = nearest.Wanted(**more)  # type: ignore[arg-type]  # only flags are given
        answer = nearest.nearest(session, geo.Point(lat=18.8, lon=99), wanted, now=now)
        return [one.pin.id for one in answer.found]

    assert found(NOON) == found(NOON, open_now=True) == [made]
    assert found(BEGINS) == found(ENDS - timedelta(seconds=1)) == []
    assert found(ENDS) == [made]


def test_pages_say_from_when_until_when_and_why(client: FlaskClient, session: Session) -> None:
    made = add(
        session, lat=18.8, lon=99, status="temporarily_closed", closed_from=ENDS, opening_hours="24/7",
        closed_until=datetime(2026, 11, 28, 8, 30, tzinfo=BANGKOK), closed_reason="ซ่อม <b>หลังคา</b>",
    )  # fmt: skip
    session.commit()
    page = client.get(f"/facilities/{made}?lang=en").text
    assert "Will close on 24 Nov 2026, opens again on 28 Nov 2026 08:30" in page
    assert "ซ่อม &lt;b&gt;หลังคา&lt;/b&gt;" in page
    assert "Open until 24 Nov" not in page  # four days away: it is Tuesday
    assert "Open until Tuesday 00:00" in page
    listed = client.get("/nearest?lat=18.8&lon=99&lang=en").text
    assert "Will close on 24 Nov 2026" in listed
    facts = client.get(f"/api/v1/facilities/{made}").get_json()["properties"]
    assert (facts["open"]["is_open"], facts["closed_reason"]) == (True, "ซ่อม <b>หลังคา</b>")
    assert datetime.fromisoformat(facts["closed_from"]) == ENDS
