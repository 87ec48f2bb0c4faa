"""Appointing: down the tree, two administrators, no one twice; what has ended is over at once."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.accounts.appointing import rules
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.appointing.rules import Spell
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.policy import ROLES
from mapapp.accounts.signing_in import sessions
from mapapp.audit.models import AuditEntry
from mapapp.core.actors import Actor, command
from mapapp.core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, StepNeeded
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint, person, token_for

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)


def actor(session: Session, who: Person, **values: Any) -> Actor:
    """Somebody who has just signed in."""
    return Actor(
        **{
            "kind": "person", "person_id": who.id, "name": who.name, "second_factor": True, "confirmed_at": NOON,
            "standings": sessions.standings(session, who.id, NOON), **values,
        }
    )  # fmt: skip


def officer(session: Session, role: str, area: str, **values: Any) -> Actor:
    return actor(session, appoint(session, role, area, **values))


def put(session: Session, by: Actor, role: str, area: str, who: Person | None = None, **values: Any) -> int:
    found = who or person(session)
    return appointing.appoint(session, by, found.id, role, area, now=NOON, **values)


AREA_OF = {"ministry": "TH", "province_admin": "90", "amphoe_coordinator": "9001", "tambon_officer": "900101"}
MAY = {
    "ministry": {"province_admin", "amphoe_coordinator", "tambon_officer", "data_volunteer", "volunteer", "auditor"},
    "province_admin": {"amphoe_coordinator", "tambon_officer", "data_volunteer", "volunteer", "auditor"},
    "amphoe_coordinator": {"tambon_officer", "data_volunteer", "volunteer"},
    "tambon_officer": {"data_volunteer", "volunteer"},
    "data_volunteer": set[str](),
    "volunteer": set[str](),
    "auditor": set[str](),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("by", ROLES)
def test_down_the_tree_only(session: Session, by: str, role: str) -> None:
    who = officer(session, by, AREA_OF.get(by, "9001"))
    area = AREA_OF.get(role, "900101")
    if role in MAY[by]:
        made = session.get_one(Appointment, put(session, who, role, area))
        assert (made.role, made.area_code, made.appointed_by, made.starts_at) == (role, area, who.person_id, NOON)
    else:
        with pytest.raises(NotAllowed):
            put(session, who, role, area)


@pytest.mark.parametrize(("role", "area"), [("tambon_officer", "900201"), ("volunteer", "9002"), ("volunteer", "90")])
def test_only_inside_the_own_area(session: Session, role: str, area: str) -> None:
    with pytest.raises(NotAllowed, match="outside your area"):
        put(session, officer(session, "amphoe_coordinator", "9001"), role, area)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"second_factor": False}, StepNeeded),
        ({"confirmed_at": NOON - timedelta(minutes=16)}, StepNeeded),
        ({"confirmed_at": None}, StepNeeded),
        ({"suspended": True}, NotAllowed),
        ({"kind": "token", "scopes": frozenset({"people.appoint"})}, NotAllowed),
        ({"kind": "public", "person_id": None, "standings": ()}, NotSignedIn),
        ({"kind": "system", "person_id": None, "standings": ()}, NotSignedIn),
    ],
)
def test_what_is_asked_of_the_appointer(session: Session, change: dict[str, Any], error: type[Exception]) -> None:
    who = appoint(session, "province_admin", "90")
    with pytest.raises(error):
        put(session, actor(session, who, **change), "volunteer", "9001")


@pytest.mark.parametrize("papers", [{"confidentiality_on": None}, {"training_expires_on": date(2026, 11, 19)}])
def test_without_papers_nobody_appoints(session: Session, papers: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed, match="confidentiality"):
        put(session, officer(session, "province_admin", "90", **papers), "volunteer", "9001")


@pytest.mark.parametrize(
    ("role", "area", "values", "field"),
    [
        ("amphoe_coordinator", "900101", {}, "area"),
        ("tambon_officer", "9001", {}, "area"),
        ("province_admin", "TH", {}, "area"),
        ("ministry", "90", {}, "area"),
        ("volunteer", "TH", {}, "area"),
        ("tambon_officer", "909999", {}, "area"),
        ("emperor", "90", {}, "role"),
        ("volunteer", "9001", {"ends_at": NOON}, "until"),
        ("volunteer", "9001", {"starts_at": NOON - DAY}, "starts_at"),
        ("volunteer", "9001", {"confidentiality_on": date(2026, 11, 21)}, "confidentiality_on"),
    ],
)
def test_terms_that_do_not_fit(session: Session, role: str, area: str, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        put(session, command(), role, area, **values)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_nobody_who_is_not_there(session: Session) -> None:
    with pytest.raises(NotFound):
        appointing.appoint(session, command(), uuid.uuid4(), "volunteer", "9001", now=NOON)
    with pytest.raises(NotFound):
        put(session, command(), "volunteer", "9001", person(session, erased_at=NOON))
    with pytest.raises(Conflict):
        put(session, command(), "volunteer", "9001", person(session, suspended_at=NOON))


def test_nobody_appoints_or_renews_themselves(session: Session) -> None:
    who = appoint(session, "amphoe_coordinator", "9001")
    by = actor(session, who)
    with pytest.raises(NotAllowed, match="yourself"):
        put(session, by, "tambon_officer", "900101", who, training_expires_on=date(2099, 1, 1))
    lower = put(session, command(), "tambon_officer", "900102", who)
    with pytest.raises(NotAllowed, match="yourself"):
        appointing.amend(
            session, by, lower, ends_at=None, confidentiality_on=None, training_expires_on=date(2099, 1, 1), now=NOON
        )


def test_not_twice_the_same(session: Session) -> None:
    by, who = officer(session, "province_admin", "90"), person(session)
    first = put(session, by, "tambon_officer", "900101", who, ends_at=NOON + 10 * DAY)
    with pytest.raises(Conflict, match="already"):
        put(session, by, "tambon_officer", "900101", who, starts_at=NOON + 9 * DAY)
    put(session, by, "tambon_officer", "900101", who, starts_at=NOON + 10 * DAY)
    put(session, by, "tambon_officer", "900102", who)
    put(session, by, "volunteer", "900101", who)
    with pytest.raises(Conflict, match="already"):  # into the next one
        appointing.amend(
            session, by, first, ends_at=NOON + 11 * DAY, confidentiality_on=None, training_expires_on=None, now=NOON
        )


def test_two_administrators_at_any_moment(session: Session) -> None:
    put(session, command(), "province_admin", "90")
    until = put(session, command(), "province_admin", "90", ends_at=NOON + 10 * DAY)
    with pytest.raises(Conflict, match="two administrators"):
        put(session, command(), "province_admin", "90")
    with pytest.raises(Conflict, match="two administrators"):
        put(session, command(), "province_admin", "90", starts_at=NOON + 9 * DAY)
    after = put(session, command(), "province_admin", "90", starts_at=NOON + 10 * DAY)
    with pytest.raises(Conflict, match="two administrators"):  # the one to come counts too
        appointing.amend(
            session, command(), until, ends_at=None, confidentiality_on=None, training_expires_on=None, now=NOON
        )
    appointing.end(session, command(), after, "changed plans", NOON)
    appointing.amend(
        session, command(), until, ends_at=None, confidentiality_on=None, training_expires_on=None, now=NOON
    )


moments = st.integers(0, 20).map(lambda days: NOON + days * DAY)
lengths = st.one_of(st.none(), st.integers(1, 20))


@given(st.lists(st.tuples(moments, lengths), max_size=12))
def test_never_three_whatever_is_asked(asked: list[tuple[datetime, int | None]]) -> None:
    held: list[Spell] = []
    for start, days in asked:
        end = None if days is None else start + days * DAY
        new = Spell(uuid.uuid4(), "province_admin", "90", start, end)
        try:
            rules.check_room(new, held)
        except Conflict:
            crowd = [*held, new]
            counts = [
                sum(one.starts_at <= at and (one.ends_at is None or one.ends_at > at) for one in crowd)
                for at in (NOON + half * DAY / 2 for half in range(90))
            ]
            assert max(counts) > 2, "refused although there was room"
        else:
            held.append(new)
    for half in range(90):
        at = NOON + half * DAY / 2
        assert sum(one.starts_at <= at and (one.ends_at is None or one.ends_at > at) for one in held) <= 2


def test_ending_counts_at_once_and_takes_the_tokens_along(session: Session) -> None:
    who = appoint(session, "tambon_officer", "900101")
    row = session.scalars(select(Appointment).where(Appointment.person_id == who.id)).one()
    token = token_for(session, who, ["facilities.edit"])["Authorization"].split()[1]
    before = sessions.find_token(session, token, now=NOON, address=None)
    assert before is not None
    assert policy.may(before, "facilities.edit", "900101")
    appointing.end(session, officer(session, "amphoe_coordinator", "9001"), row.id, "moved away", NOON)
    assert sessions.standings(session, who.id, NOON) == ()
    assert sessions.find_token(session, token, now=NOON, address=None) is None
    with pytest.raises(Conflict, match="has already ended"):
        appointing.end(session, command(), row.id, None, NOON)


def test_who_may_end_it(session: Session) -> None:
    who = appoint(session, "tambon_officer", "900101")
    row = session.scalars(select(Appointment).where(Appointment.person_id == who.id)).one()
    for other in (
        officer(session, "amphoe_coordinator", "9002"),
        officer(session, "tambon_officer", "900101"),
        officer(session, "auditor", "TH"),
        officer(session, "volunteer", "900101"),
    ):
        with pytest.raises(NotAllowed):
            appointing.end(session, other, row.id, None, NOON)
    with pytest.raises(NotSignedIn):
        appointing.end(session, Actor("public"), row.id, None, NOON)
    appointing.end(session, actor(session, who), row.id, None, NOON)
    assert row.ended_by == who.id


def test_the_last_one_at_the_ministry_stays(session: Session) -> None:
    first = appoint(session, "ministry", "TH")
    row = session.scalars(select(Appointment).where(Appointment.person_id == first.id)).one()
    with pytest.raises(Conflict, match="last account"):
        appointing.end(session, actor(session, first), row.id, None, NOON)
    appoint(session, "ministry", "TH")
    appointing.end(session, actor(session, first), row.id, None, NOON)


def test_an_appointment_to_come_can_be_ended_before_it_begins(session: Session) -> None:
    who = person(session)
    made = put(session, command(), "volunteer", "9001", who, starts_at=NOON + DAY)
    appointing.end(session, command(), made, None, NOON)
    assert sessions.standings(session, who.id, NOON + 2 * DAY) == ()


def test_moving_is_ending_and_appointing(session: Session) -> None:
    who = person(session)
    by = officer(session, "province_admin", "90")
    papers = {"confidentiality_on": date(2026, 1, 2), "training_expires_on": date(2027, 1, 2)}
    old = put(session, by, "amphoe_coordinator", "9001", who, **papers)
    new = appointing.move(session, by, old, "9002", "asked for it", NOON)
    standing = sessions.standings(session, who.id, NOON)
    assert [(one.appointment_id, one.area_code, one.personal_data) for one in standing] == [(new, "9002", True)]
    mover = actor(session, who)
    assert policy.may(mover, "facilities.edit", "900101") is None
    assert policy.may(mover, "facilities.edit", "900201") is not None


def test_moving_out_of_ones_area_changes_nothing(session: Session) -> None:
    by = officer(session, "amphoe_coordinator", "9001")
    who = appoint(session, "tambon_officer", "900101")
    row = session.scalars(select(Appointment).where(Appointment.person_id == who.id)).one()
    session.commit()
    with pytest.raises(NotAllowed):
        appointing.move(session, by, row.id, "900201", None, NOON)
    session.rollback()
    assert [one.area_code for one in sessions.standings(session, who.id, NOON)] == ["900101"]
    with pytest.raises(Invalid):
        appointing.move(session, by, row.id, "900101", None, NOON)


def test_only_who_stands_above_all_of_it_locks_an_account(session: Session) -> None:
    """A volunteer of mine who is a coordinator elsewhere is not mine to lock out, nor to hand out links to."""
    who = appoint(session, "volunteer", "900101")
    officer_here = officer(session, "tambon_officer", "900101")
    appointing.suspend(session, officer_here, who.id, NOON)
    assert who.suspended_at == NOON
    appointing.suspend(session, officer_here, who.id, NOON, lift=True)
    session.refresh(who)
    assert not who.suspended_at
    appoint(session, "amphoe_coordinator", "9002", to=who)
    with pytest.raises(NotAllowed):
        appointing.suspend(session, officer_here, who.id, NOON)
    with pytest.raises(NotAllowed):
        appointing.suspend(session, officer(session, "amphoe_coordinator", "9001"), who.id, NOON)
    appointing.suspend(session, officer(session, "province_admin", "90"), who.id, NOON)
    assert who.suspended_at == NOON


def test_nobody_suspends_themselves_or_a_person_without_any_appointment(session: Session) -> None:
    who = appoint(session, "province_admin", "90")
    appoint(session, "volunteer", "9001", to=who)
    with pytest.raises(NotAllowed):
        appointing.suspend(session, actor(session, who), who.id, NOON)
    with pytest.raises(NotAllowed):
        appointing.suspend(session, actor(session, who), person(session).id, NOON)


def test_everything_is_on_record_without_personal_values(session: Session) -> None:
    by = officer(session, "province_admin", "90")
    who = person(session, "ชื่อลับ สุดยอด")
    made = put(session, by, "amphoe_coordinator", "9001", who)
    appointing.amend(
        session, by, made, ends_at=NOON + DAY, confidentiality_on=date(2026, 1, 1), training_expires_on=None, now=NOON
    )
    appointing.suspend(session, by, who.id, NOON)
    appointing.suspend(session, by, who.id, NOON, lift=True)
    appointing.end(session, by, made, "เหตุผลลับ", NOON)
    session.commit()
    rows = list(session.scalars(select(AuditEntry).order_by(AuditEntry.seq)))
    assert [row.action for row in rows] == [
        "appointment.add", "appointment.amend", "person.suspend", "person.unsuspend", "appointment.end",
    ]  # fmt: skip
    assert {row.area_code for row in rows} == {"9001"}
    assert {row.actor_id for row in rows} == {by.person_id}
    assert all(row.appointment_id == by.standings[0].appointment_id for row in rows)
    assert not any("ลับ" in str(row.details) for row in rows)
