"""The policy by itself: who may do what where, which steps are asked for, and who may appoint whom."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.policy import ROLES
from mapapp.accounts.signing_in import sessions
from mapapp.core.actors import Actor, Standing, command, system
from mapapp.core.declarations import Action
from mapapp.core.errors import NotAllowed, NotSignedIn, StepNeeded
from tests.conftest import NOON
from tests.people import appoint, token_for

DAY = timedelta(days=1)


PERSONAL = {
    "people.view", "people.appoint", "requests.claim", "requests.view", "requests.handle", "volunteers.vet",
    "survey.enter", "survey.manage", "survey.follow_up", "survey.follow_ups", "statistics.contact",
}  # fmt: skip
"""What shows people, or where they are: written down once more."""


def standing(role: str, area: str, *, papers: bool = True, number: int = 1) -> Standing:
    return Standing(number, role, area, papers)


def somebody(*standings: Standing, **values: Any) -> Actor:
    return Actor(
        **{
            "kind": "person", "person_id": uuid.UUID(int=1), "standings": standings, "second_factor": True,
            "confirmed_at": NOON, **values,
        }
    )  # fmt: skip


# Prefixes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "asked", "allowed"),
    [
        ("10", "10", True),
        ("10", "1001", True),
        ("10", "100101", True),
        ("10", "1", False),
        ("10", "01", False),
        ("10", "1101", False),
        ("10", "010101", False),
        ("1001", "100101", True),
        ("1001", "10", False),
        ("1001", "1010", False),
        ("1001", "101001", False),
        ("100101", "1001", False),
        ("100101", "100101", True),
        ("100101", "100110", False),
        ("50", "TH", False),
        ("50", None, False),
        ("TH", "TH", True),
        ("TH", None, True),
        ("TH", "50", True),
        ("TH", "500101", True),
    ],
)
def test_an_area_covers_what_lies_in_it(mine: str, asked: str | None, allowed: bool) -> None:
    actor = somebody(standing("ministry", mine))
    assert (policy.may(actor, "facilities.edit", asked) is not None) == allowed


codes = st.one_of(
    st.just("TH"),
    st.sampled_from([2, 4, 6]).flatmap(lambda n: st.text("0123", min_size=n, max_size=n)),
)
people = st.lists(
    st.builds(standing, st.sampled_from(ROLES), codes, papers=st.booleans(), number=st.integers(1, 9)), max_size=4
)


def inside(inner: str, outer: str) -> bool:
    """Written down once more, digit by digit, so that a slip in the policy is told."""
    if outer == "TH":
        return True
    return inner != "TH" and [*inner][: len(outer)] == [*outer]


@given(people, st.sampled_from(sorted(policy.actions())), codes)
def test_may_is_role_and_area_and_papers(held: list[Standing], action: str, area: str) -> None:
    fitting = [
        one
        for one in held
        if one.role in policy.roles_of(action)
        and inside(area, one.area_code)
        and (one.personal_data or action not in PERSONAL)
    ]
    found = policy.may(somebody(*held), action, area)
    assert (found is not None) == bool(fitting)
    if found is not None:
        assert found in fitting
        assert all(len(one.within or "") <= len(found.within or "") for one in fitting), "the nearest one speaks"


@given(people, st.sampled_from(sorted(policy.actions())), codes)
def test_areas_of_are_exactly_where_one_may(held: list[Standing], action: str, area: str) -> None:
    actor = somebody(*held)
    areas = policy.areas_of(actor, action)
    assert any(inside(area, one) for one in areas) == (policy.may(actor, action, area) is not None)
    assert not any(one != other and inside(one, other) for one in areas for other in areas), "none inside another"
    assert list(areas) == sorted(areas, key=lambda code: (len(code), code))


@given(people, codes, st.sampled_from(ROLES))
def test_appointing_goes_down_only(held: list[Standing], area: str, role: str) -> None:
    found = policy.may_appoint(somebody(*held), role, area)
    if found is not None:
        assert ROLES.index(found.role) < ROLES.index(role) or role == "auditor"
        assert found.role not in ("auditor", "volunteer", "data_volunteer")
        assert found.role != role
        assert inside(area, found.area_code)
        assert found.personal_data


@given(people, st.sampled_from(sorted(policy.actions())), codes)
def test_suspended_anonymous_and_auditors_change_nothing(held: list[Standing], action: str, area: str) -> None:
    assert policy.may(somebody(*held, suspended=True), action, area) is None
    assert policy.areas_of(somebody(*held, suspended=True), action) == ()
    assert policy.may_appoint(somebody(*held, suspended=True), "volunteer", area) is None
    assert policy.may(Actor("public", standings=tuple(held)), action, area) is None
    reads = (
        "facilities.view", "facilities.export", "people.view", "audit.read", "audit.export", "requests.measures",
        "survey.view", "statistics.view",
    )  # fmt: skip
    auditor = somebody(*(standing("auditor", one.area_code) for one in held))
    if action not in reads:
        assert policy.may(auditor, action, area) is None
    assert all(policy.may_appoint(auditor, role, area) is None for role in ROLES)


@given(people, st.sampled_from(sorted(policy.actions())), codes, st.sets(st.sampled_from(sorted(policy.actions()))))
def test_a_token_may_what_its_person_may_and_its_scopes_name(
    held: list[Standing], action: str, area: str, scopes: set[str]
) -> None:
    token = somebody(*held, kind="token", scopes=frozenset(scopes))
    person = policy.may(somebody(*held), action, area)
    assert policy.may(token, action, area) == (person if action in scopes else None)
    assert all(policy.may_appoint(token, role, area) is None for role in ROLES)


def test_every_action_is_known_and_an_unknown_one_is_loud() -> None:
    with pytest.raises(KeyError):
        policy.may(somebody(standing("ministry", "TH")), "facilities.explode", "10")
    # A volunteer's program takes requests on as its person does: held by one, counted, and the resident sees it. A data
    # volunteer's sends counts of households, and reads what is recorded of the villages given to them;
    # of people who agreed to a follow-up, only those that the data volunteer wrote down.
    own = {"requests.claim", "survey.enter", "survey.follow_up"}
    beyond = {name for name, one in policy.actions().items() if one.personal or one.delicate} - own
    assert not set(policy.scopes()) & beyond, "no program reads or appoints people"
    with pytest.raises(ValueError, match=r"facilities\.edit"):
        policy.register([Action("facilities.edit", frozenset({"volunteer"}))])
    with pytest.raises(ValueError, match=r"facilities\.sing"):
        policy.register([Action("facilities.sing", frozenset({"tenor"}))])
    assert set(policy.BELOW) <= set(ROLES)


# Demand ---------------------------------------------------------------------------------------------------------


def test_demand_names_the_appointment_it_goes_by() -> None:
    wide, near = standing("province_admin", "90", number=1), standing("tambon_officer", "900101", number=2)
    actor = somebody(wide, near)
    assert policy.demand(actor, "facilities.edit", "900101", NOON).by == near
    assert policy.demand(actor, "facilities.edit", "900102", NOON).by == wide
    assert policy.demand(command(), "people.appoint", "TH", NOON).by is None
    assert policy.demand(system(), "facilities.edit", "90", NOON).by is None


@pytest.mark.parametrize(
    ("actor", "action", "area", "error", "told"),
    [
        (Actor("public"), "facilities.view", "90", NotSignedIn, "Sign in"),
        (somebody(), "facilities.view", "90", NotAllowed, "does not allow"),
        (somebody(standing("volunteer", "90")), "facilities.edit", "90", NotAllowed, "does not allow"),
        (somebody(standing("tambon_officer", "900101")), "facilities.edit", "900102", NotAllowed, "outside your area"),
        (somebody(standing("ministry", "TH"), suspended=True), "facilities.edit", "90", NotAllowed, "suspended"),
        (somebody(standing("ministry", "TH", papers=False)), "people.view", "90", NotAllowed, "confidentiality"),
        (somebody(standing("volunteer", "90", papers=False)), "requests.claim", None, NotAllowed, "confidentiality"),
        (
            somebody(standing("ministry", "TH"), second_factor=False),
            "people.view",
            "90",
            StepNeeded,
            "two-step sign-in",
        ),
        (
            somebody(standing("ministry", "TH"), confirmed_at=NOON - timedelta(minutes=15, seconds=1)),
            "people.appoint",
            "90",
            StepNeeded,
            "password",
        ),
    ],
)
def test_demand_says_what_is_missing(
    actor: Actor, action: str, area: str | None, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        policy.demand(actor, action, area, NOON)


def test_fifteen_minutes_to_the_second() -> None:
    actor = somebody(standing("ministry", "TH"), confirmed_at=NOON - timedelta(minutes=15))
    assert policy.demand(actor, "people.appoint", "90", NOON).by is not None


# Time, from the database ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({}, True),
        ({"starts_at": NOON}, True),
        ({"starts_at": NOON + timedelta(seconds=1)}, False),
        ({"ends_at": NOON + timedelta(seconds=1)}, True),
        ({"ends_at": NOON}, False),
        ({"ended_at": NOON}, False),
        ({"ended_at": NOON - DAY}, False),
        ({"ended_at": NOON + timedelta(seconds=1)}, True),
        ({"ends_at": NOON - DAY, "ended_at": None}, False),
    ],
)
def test_an_appointment_counts_from_its_beginning_to_its_end(
    session: Session, values: dict[str, Any], counts: bool
) -> None:
    who = appoint(session, "tambon_officer", "900101", **values)
    assert bool(sessions.standings(session, who.id, NOON)) == counts


@pytest.mark.parametrize(
    ("values", "at_noon", "after_midnight"),
    [
        ({}, True, True),
        ({"confidentiality_on": None}, False, False),
        ({"confidentiality_on": date(2026, 11, 20)}, True, True),
        ({"confidentiality_on": date(2026, 11, 21)}, False, True),
        ({"confidentiality_on": date(2026, 11, 22)}, False, False),
        ({"training_expires_on": None}, False, False),
        ({"training_expires_on": date(2026, 11, 21)}, True, True),
        ({"training_expires_on": date(2026, 11, 20)}, True, False),
        ({"training_expires_on": date(2026, 11, 19)}, False, False),
    ],
)
def test_papers_by_bangkoks_day(session: Session, values: dict[str, Any], at_noon: bool, after_midnight: bool) -> None:
    who = appoint(session, "tambon_officer", "900101", **values)
    late = NOON + timedelta(hours=12, minutes=1)  # 00:01 of the next day in Bangkok, still the 20th in UTC
    for moment, papers in ((NOON, at_noon), (late, after_midnight)):
        (found,) = sessions.standings(session, who.id, moment)
        assert found.personal_data == papers


def test_ended_or_moved_counts_with_the_next_request(session: Session) -> None:
    who = appoint(session, "amphoe_coordinator", "9001")
    token = sessions.start(session, who.id, now=NOON, device="", address="", second_factor=True)

    def areas() -> tuple[str, ...]:
        return policy.areas_of(sessions.find(session, token, now=NOON, address=None), "facilities.edit")

    assert areas() == ("9001",)
    (held,) = sessions.standings(session, who.id, NOON)
    # The small country is not needed for this: an operator moves them by ending and appointing.
    appointing.end(session, command(), held.appointment_id, None, NOON)
    assert areas() == ()
    appoint(session, "amphoe_coordinator", "9002", to=who)
    assert areas() == ("9002",)
    appoint(session, "tambon_officer", "900201", to=who)
    assert areas() == ("9002",), "none inside another"


def test_a_token_goes_by_its_own_appointment_only(session: Session) -> None:
    who = appoint(session, "tambon_officer", "900101")
    appoint(session, "province_admin", "90", to=who)
    key = token_for(session, who, ["facilities.edit"])["Authorization"].split()[1]
    token = sessions.find_token(session, key, now=NOON, address=None)
    assert token is not None
    assert policy.areas_of(token, "facilities.edit") == ("900101",)
    assert policy.may(token, "facilities.edit", "900102") is None
    assert policy.may(token, "facilities.import", "900101") is None
