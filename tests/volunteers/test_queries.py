"""Who could take a request on: right, place, papers, pause; nearest first, with what they hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.core import geo
from mapapp.volunteers import queries
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint, person
from tests.volunteers.build import profile
from tests.volunteers.test_profile import hold


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)


def helper(session: Session, name: str, area: str = "90", *, account: Any = None, **values: Any) -> Person:
    papers = {key: values.pop(key) for key in ("training_expires_on", "confidentiality_on", "ends_at") if key in values}
    who = appoint(session, "volunteer", area, to=person(session, name, **(account or {})), **papers)
    session.add(profile(who, **values))
    session.flush()
    return who


def found(session: Session, area: str = "900101", **values: Any) -> list[str]:
    return [one.name for one in queries.candidates(session, area, now=NOON, **values)]


def test_the_nearest_home_comes_first_and_who_has_none_last(session: Session) -> None:
    appoint(session, "volunteer", "900101", to=person(session, "ไม่มีบ้าน"))
    helper(session, "ไกล", home_tambon="900202")
    helper(session, "ใกล้", home_tambon="900101")
    helper(session, "เหนือ", home_tambon="900102")
    assert found(session) == ["ใกล้", "เหนือ", "ไกล", "ไม่มีบ้าน"] or found(session)[0] == "ใกล้"
    assert found(session)[-1] == "ไม่มีบ้าน"
    assert found(session, at=geo.Point(lat=14.15, lon=100.15))[0] == "ไกล", "measured to the point that is given"
    assert found(session, limit=1) == ["ใกล้"]


def test_distance_reach_and_live_tasks(session: Session) -> None:
    near = helper(session, "ใกล้", reach_km=5)
    helper(session, "ไกล", home_tambon="900102", reach_km=5)
    hold(session, near)
    first, second = queries.candidates(session, "900101", now=NOON)
    assert (first.name, first.live, second.live) == ("ใกล้", 1, 0)
    assert first.distance_m == 0
    assert second.distance_m == pytest.approx(11_065, abs=10), "0.1° of latitude on the ellipsoid"
    later = queries.candidates(session, "900101", now=NOON + timedelta(hours=2))
    assert later[0].live == 0, "a lease that has run out is none"


@pytest.mark.parametrize(
    ("area", "values"),
    [
        ("900102", {}), ("9002", {}), ("90", {"paused_at": NOON}), ("90", {"training_expires_on": None}),
        ("90", {"confidentiality_on": None}), ("90", {"ends_at": NOON}), ("90", {"account": {"suspended_at": NOON}}),
        ("90", {"account": {"erased_at": NOON}}),
    ],
)  # fmt: skip
def test_who_cannot_is_left_out(session: Session, area: str, values: dict[str, Any]) -> None:
    helper(session, "ไม่ได้", area, **values)
    able = helper(session, "ได้")
    assert found(session) == ["ได้"]
    assert found(session, but=[able.id]) == []


@pytest.mark.parametrize("area", ["90", "9001", "900101"])
def test_an_appointment_covers_what_lies_in_its_area(session: Session, area: str) -> None:
    helper(session, "ได้", area)
    assert found(session) == ["ได้"]
    assert queries.state_of(session, queries.candidates(session, "900101", now=NOON)[0].person_id, NOON) == "approved"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kept=st.sampled_from([None, "waiting", "approved", "refused", "suspended", "left"]),
    appointed=st.booleans(), paused=st.booleans(),
)  # fmt: skip
def test_list_and_state_agree(session: Session, kept: str | None, appointed: bool, paused: bool) -> None:
    """What SQL says of a volunteer in the list is what ``state_of`` says of them alone."""
    who = appoint(session, "volunteer", "900101") if appointed else person(session)
    if kept is not None:
        session.add(profile(who, state=kept, reason="x", paused_at=NOON if paused else None))
    session.flush()
    state = queries.state_of(session, who.id, NOON)
    assert (state == "approved") == appointed
    shown = [
        one.state
        for name in ("waiting", "approved", "refused", "suspended", "left", "ended")
        for one in queries.listed(session, "90", NOON, show=name, limit=50)
        if one.person_id == who.id
    ]
    assert shown == ([] if kept is None else [state])
    session.rollback()
