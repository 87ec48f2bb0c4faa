"""Asking again after 14 days, closing after 21, and “done” that nobody contests after 7: by a moved clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mapapp import rooms
from mapapp.accounts.models import Person
from mapapp.core.config import Config
from mapapp.facilities.view_counts import Uses
from mapapp.help_requests.models import HelpLease, HelpRequest
from mapapp.help_requests.resident import reminders, service
from mapapp.help_requests.resident.reminders import Found, Terms, chores
from mapapp.help_requests.resident.steps import take
from tests.conftest import KEYS, NOON
from tests.help_requests.build import add_request, events_of, leases_of, needs_of
from tests.help_requests.resident.conftest import hold, put

TERMS = Terms.of(ask_after_days=14, close_after_days=21, confirm_days=7)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

InState = Callable[..., HelpRequest]


def after(session: Session, request: HelpRequest, moment: datetime) -> tuple[str | None, datetime | None]:
    """Outcome and question of a request after a run at that moment."""
    chores(session, TERMS, moment)
    session.refresh(request)
    return request.outcome, request.asked_at


def test_asked_at_14_and_closed_at_21(session: Session, in_state: InState) -> None:
    made = in_state("open")
    assert after(session, made, NOON + 14 * DAY - SECOND) == (None, None)
    asked = NOON + 14 * DAY
    assert after(session, made, asked) == (None, asked)
    assert after(session, made, asked + DAY) == (None, asked)
    assert after(session, made, NOON + 21 * DAY - SECOND) == (None, asked)
    assert after(session, made, NOON + 21 * DAY) == ("no_answer", None)
    assert made.closed_at == NOON + 21 * DAY
    assert needs_of(session, made.id)[0].state == "cancelled"
    assert events_of(session, made.id) == ["asked", "closed"]
    assert chores(session, TERMS, NOON + 22 * DAY) == Found()


def test_an_answer_starts_the_days_anew(session: Session, in_state: InState) -> None:
    made = in_state("open")
    after(session, made, NOON + 14 * DAY)
    service.extend(session, None, made.id, NOON + 20 * DAY)
    assert after(session, made, NOON + 21 * DAY) == (None, None)
    assert after(session, made, NOON + 34 * DAY) == (None, NOON + 34 * DAY)


def test_who_was_never_asked_is_asked_first(session: Session, in_state: InState) -> None:
    """The chores stood still for a month: the resident has their seven days all the same."""
    made = in_state("open")
    asked = NOON + 40 * DAY
    assert after(session, made, asked) == (None, asked)
    assert after(session, made, asked + 7 * DAY - SECOND) == (None, asked)
    assert after(session, made, asked + 7 * DAY) == ("no_answer", None)


def test_a_life_in_danger_is_never_closed_in_silence(session: Session, in_state: InState) -> None:
    made = in_state("open", urgency="life")
    asked = NOON + 14 * DAY
    assert after(session, made, asked) == (None, asked)
    assert after(session, made, NOON + 60 * DAY) == (None, asked)


def test_what_somebody_holds_or_has_just_given_back_stays_open(
    session: Session, in_state: InState, helper: Person
) -> None:
    made = in_state("open")
    after(session, made, NOON + 14 * DAY)
    [need] = needs_of(session, made.id)
    hold(session, need, helper, at=NOON + 20 * DAY, ends=NOON + 22 * DAY)
    assert after(session, made, NOON + 21 * DAY)[0] is None
    assert after(session, made, NOON + 23 * DAY)[0] is None
    assert after(session, made, NOON + 29 * DAY)[0] == "no_answer"
    assert needs_of(session, made.id)[0].drops == 1
    assert [lease.how_ended for lease in leases_of(session, made.id)] == ["expired"]


def test_done_is_asked_about_and_counts_as_helped_after_seven_days(session: Session, in_state: InState) -> None:
    made = in_state("done")
    done_at = needs_of(session, made.id)[0].done_at
    assert done_at is not None
    assert after(session, made, NOON) == (None, NOON)
    assert after(session, made, done_at + 7 * DAY - SECOND) == (None, NOON)
    assert after(session, made, done_at + 7 * DAY) == ("helped", None)
    assert events_of(session, made.id) == ["asked", "confirmed"]
    assert take(session, None, made.id, "contest", now=NOON + 10 * DAY)


def test_done_is_never_closed_before_it_was_asked_about(session: Session, in_state: InState) -> None:
    made = in_state("done")
    asked = NOON + 30 * DAY
    assert after(session, made, asked) == (None, asked)
    assert after(session, made, asked + DAY - SECOND) == (None, asked)
    assert after(session, made, asked + DAY) == ("helped", None)


def test_one_need_done_and_another_open(session: Session, in_state: InState, helper: Person) -> None:
    made = in_state("open", needs=("food", "transport"))
    put(session, needs_of(session, made.id)[0], helper, "done")
    after(session, made, NOON)
    after(session, made, NOON + 8 * DAY)
    assert [need.state for need in needs_of(session, made.id)] == ["helped", "open"]
    assert made.outcome is None
    assert after(session, made, NOON + 14 * DAY) == (None, NOON + 14 * DAY)
    # What was helped counts, whatever else was left.
    assert after(session, made, NOON + 21 * DAY) == ("helped", None)


@pytest.mark.parametrize("state", ["helped", "cancelled"])
def test_what_is_closed_is_left_alone(session: Session, in_state: InState, state: str) -> None:
    made = in_state(state)
    assert chores(session, TERMS, NOON + 60 * DAY) == Found()
    assert events_of(session, made.id) == []


def test_a_leader_that_nobody_answers_for_leaves_nobody_behind(session: Session, in_state: InState) -> None:
    lead = in_state("open")
    second = add_request(session, linked_to=lead.id, confirmed_at=NOON + 10 * DAY)
    after(session, lead, NOON + 14 * DAY)
    after(session, lead, NOON + 21 * DAY)
    session.refresh(second)
    assert (lead.outcome, second.linked_to, second.closed_at) == ("no_answer", None, None)


def test_a_run_takes_a_batch_and_the_next_one_the_rest(
    session: Session, in_state: InState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "BATCH", 2)
    in_state("open")
    for _ in range(4):
        add_request(session)
    later = NOON + 15 * DAY
    assert [chores(session, TERMS, later).asked for _ in range(4)] == [2, 2, 1, 0]


def test_the_scheduler_asks_with_the_services_own_days(session: Session, in_state: InState) -> None:
    made = in_state("open")
    settings = Config(secret_keys=KEYS, ask_after_days=3, close_after_days=5, confirm_days=2)
    [chore] = [one for one in rooms.chores(settings, {"mapapp_uses": Uses()}) if one.name == "questions to residents"]
    chore.work(session, NOON + 3 * DAY)
    session.refresh(made)
    assert made.asked_at == NOON + 3 * DAY
    chore.work(session, NOON + 5 * DAY)
    session.refresh(made)
    assert made.outcome == "no_answer"
    assert session.query(HelpLease).count() == 0
