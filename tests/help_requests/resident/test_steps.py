"""Every step of the resident from every state, an expired claim's too; twice; and what else changes with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.core.actors import system
from mapapp.core.errors import Conflict, Invalid, NotFound
from mapapp.help_requests.labels import LEASED
from mapapp.help_requests.models import HelpRequest
from mapapp.help_requests.resident.steps import Step, take
from tests.conftest import NOON
from tests.help_requests.build import add_request, events_of, leases_of, needs_of
from tests.help_requests.resident.conftest import put

STATES = ("open", "claimed", "on_the_way", "there", "expired", "done", "helped", "cancelled")

LEADS = {
    "confirm": {"done": "helped"},
    "contest": {"done": "open", "helped": "open"},
    "helped_already": dict.fromkeys(("open", "claimed", "on_the_way", "there", "expired", "done"), "helped"),
    "cancel": dict.fromkeys(("open", "claimed", "on_the_way", "there", "expired", "done"), "cancelled"),
    "reopen": {"helped": "open", "cancelled": "open"},
}
"""Written out here once more, by hand: step → from → to."""

SAME = {("confirm", "helped"), ("helped_already", "helped"), ("cancel", "cancelled"), ("reopen", "open"),
        ("reopen", "expired")}  # fmt: skip
"""Already so: no error, and nothing changes."""

InState = Callable[..., HelpRequest]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", LEADS)
def test_every_step_from_every_state(session: Session, in_state: InState, step: Step, state: str) -> None:
    made = in_state(state)
    to = LEADS[step].get(state)
    if to is None:
        before = [(need.state, need.lease_ends_at) for need in needs_of(session, made.id)]
        if (step, state) in SAME:
            assert take(session, None, made.id, step, now=NOON) is False
        else:
            with pytest.raises(Conflict):
                take(session, None, made.id, step, now=NOON)
        assert [(need.state, need.lease_ends_at) for need in needs_of(session, made.id)] == before
        assert events_of(session, made.id) == []
        return
    assert take(session, None, made.id, step, now=NOON) is True
    [need] = needs_of(session, made.id)
    session.refresh(made)
    assert need.state == to
    assert need.lease_ends_at is None
    assert need.drops == (1 if state == "expired" else 0)
    assert need.contested == (1 if step == "contest" else 0)
    assert (made.closed_at is None) == (to == "open")
    assert (made.free_from is not None) == (to == "open")
    assert [lease.ended_at is None for lease in leases_of(session, made.id)] in ([], [False])
    if state in LEASED:
        assert [(lease.how_ended, lease.ended_at) for lease in leases_of(session, made.id)] == [("closed", NOON)]
    if state == "expired":
        assert [(lease.how_ended, lease.ended_at) for lease in leases_of(session, made.id)] == [
            ("expired", NOON - timedelta(hours=1))
        ]
    words = {"confirm": "confirmed", "contest": "contested", "cancel": "cancelled", "reopen": "reopened"}
    told = [words.get(step, step)]
    assert events_of(session, made.id) == (["expired", *told] if state == "expired" else told)
    # Twice is once.
    assert take(session, None, made.id, step, now=NOON) is False
    assert events_of(session, made.id)[-1:] == told
    assert len(needs_of(session, made.id)) == 1


def test_outcomes(session: Session, in_state: InState) -> None:
    def outcome(state: str, step: Step) -> str | None:
        made = in_state(state)
        take(session, None, made.id, step, now=NOON)
        session.refresh(made)
        return made.outcome

    assert outcome("done", "confirm") == "helped"
    assert outcome("done", "helped_already") == "helped"
    assert outcome("open", "helped_already") == "helped_already"
    assert outcome("claimed", "helped_already") == "helped_already"
    assert outcome("claimed", "cancel") == "cancelled"
    assert outcome("helped", "reopen") is None


def test_each_need_by_itself(session: Session, in_state: InState) -> None:
    made = in_state("open", needs=("food", "transport"))
    food, transport = needs_of(session, made.id)
    assert take(session, None, made.id, "cancel", need_id=food.id, now=NOON)
    session.refresh(made)
    assert made.closed_at is None
    assert take(session, None, made.id, "helped_already", need_id=transport.id, now=NOON)
    session.refresh(made)
    assert made.outcome == "helped_already"
    assert [need.state for need in needs_of(session, made.id)] == ["cancelled", "helped"]
    assert take(session, None, made.id, "reopen", need_id=food.id, now=NOON)
    session.refresh(made)
    assert [made.outcome, made.closed_at, made.done_at] == [None] * 3


def test_all_means_all_it_leads_from(session: Session, in_state: InState, helper: Person) -> None:
    made = in_state("open", needs=("food", "transport", "medicine"))
    food, transport, _medicine = needs_of(session, made.id)
    put(session, food, helper, "done")
    put(session, transport, helper, "on_the_way")
    assert take(session, None, made.id, "confirm", now=NOON)
    assert [need.state for need in needs_of(session, made.id)] == ["helped", "on_the_way", "open"]
    assert take(session, None, made.id, "cancel", now=NOON)
    session.refresh(made)
    assert [need.state for need in needs_of(session, made.id)] == ["helped", "cancelled", "cancelled"]
    assert made.outcome == "helped"


def test_whoever_did_it_stays_named_and_whoever_did_not_is_free(session: Session, in_state: InState) -> None:
    done, held = in_state("done"), in_state("claimed")
    take(session, None, done.id, "confirm", now=NOON)
    take(session, None, held.id, "cancel", now=NOON)
    assert needs_of(session, done.id)[0].holder_id is not None
    assert needs_of(session, held.id)[0].holder_id is None


@pytest.mark.parametrize("step", ["contest", "reopen"])
def test_what_closed_opens_again_for_seven_days(session: Session, in_state: InState, step: Step) -> None:
    early, late = in_state("helped"), in_state("helped")
    assert take(session, None, early.id, step, now=NOON + timedelta(days=7))
    with pytest.raises(Conflict):
        take(session, None, late.id, step, now=NOON + timedelta(days=7, seconds=1))


@pytest.mark.parametrize("outcome", ["duplicate", "out_of_area", "not_genuine"])
def test_what_an_officer_closed_stays_closed(session: Session, in_state: InState, outcome: str) -> None:
    made = in_state("cancelled")
    made.outcome = outcome
    session.flush()
    with pytest.raises(Conflict):
        take(session, None, made.id, "reopen", now=NOON)
    assert take(session, system(), made.id, "reopen", now=NOON)


def test_a_strange_need_or_request(session: Session, in_state: InState) -> None:
    made, other = in_state("open"), in_state("open")
    with pytest.raises(Invalid):
        take(session, None, made.id, "cancel", need_id=needs_of(session, other.id)[0].id, now=NOON)
    with pytest.raises(NotFound):
        take(session, None, other.id + 1, "cancel", now=NOON)
    assert needs_of(session, other.id)[0].state == "open"


def test_a_step_answers_the_question(session: Session, in_state: InState) -> None:
    later = NOON + timedelta(days=3)
    made = in_state("done", needs=("food", "transport"), asked_at=NOON)
    food, _transport = needs_of(session, made.id)
    take(session, None, made.id, "contest", need_id=food.id, now=later)
    session.refresh(made)
    assert (made.asked_at, made.confirmed_at) == (None, later)


def test_a_leader_that_closes_passes_the_lead_on(session: Session, in_state: InState) -> None:
    lead = in_state("open")
    second, third, over = (add_request(session, linked_to=lead.id) for _ in range(3))
    take(session, None, over.id, "cancel", now=NOON)
    take(session, None, lead.id, "cancel", now=NOON)
    for one in (lead, second, third, over):
        session.refresh(one)
    assert [lead.linked_to, second.linked_to, third.linked_to, over.linked_to] == [None, None, second.id, second.id]
    assert second.closed_at is None
    assert events_of(session, second.id) == ["unlinked"]
