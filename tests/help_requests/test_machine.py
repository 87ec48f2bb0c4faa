"""Request × lease × resident × clock against a small model: whatever people do in whatever order, at most one of them
holds a need, the rows agree with each other, and every change has its event."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.core.errors import Conflict, TooMany
from mapapp.help_requests import events, states
from mapapp.help_requests.labels import FINISHED, LEASED
from mapapp.help_requests.models import HelpEvent, HelpLease, HelpNeed, HelpOffer, HelpRequest
from mapapp.help_requests.working import service
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.build import VAULT, add_request
from tests.help_requests.working.conftest import TERMS, actor_of
from tests.people import appoint, person

PEOPLE = st.integers(0, 2)
REQUESTS = st.integers(0, 4)
LIMIT = 2
"""Fewer than requests, so that it is reached; the last two requests are linked."""

FEW = service.Terms(TERMS.hours, LIMIT, TERMS.renewals)


@dataclass
class Thing:
    """A need, as the model knows it."""

    state: str = "open"
    holder: int | None = None
    ends: datetime | None = None
    renewals: int = 0
    drops: int = 0

    def now(self, at: datetime) -> str:
        return "open" if self.state in LEASED and self.ends is not None and self.ends <= at else self.state


@dataclass
class Model:
    """What ought to be true."""

    groups: list[dict[int, Thing]]
    """Of each group (a lead and those linked with it): its needs by id."""
    told: Counter[str] = field(default_factory=Counter)

    def held(self, group: int, who: int | None, at: datetime) -> dict[int, Thing]:
        return {
            key: one
            for key, one in self.groups[group].items()
            if one.now(at) in LEASED and (who is None or one.holder == who)
        }

    def free(self, group: int, at: datetime) -> dict[int, Thing]:
        return {key: one for key, one in self.groups[group].items() if one.now(at) == "open"}

    def count(self, who: int, at: datetime, but: int) -> int:
        return sum(1 for group in range(len(self.groups)) if group != but and self.held(group, who, at))


class Helping(RuleBasedStateMachine):
    """One database, three volunteers, five requests in four groups."""

    engine: Engine

    @initialize()
    def begin(self) -> None:
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.session = Session(self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        small_country(self.session)
        self.now = NOON
        self.people = [
            actor_of(self.session, appoint(self.session, "volunteer", "9001", to=person(self.session, f"คน {number}")))
            for number in range(3)
        ]
        self.officer = actor_of(self.session, appoint(self.session, "tambon_officer", "900101"), "requests.handle")
        needs: list[tuple[str, ...]] = [("food", "medicine"), ("transport",), ("equipment",), ("food",)]
        made = [add_request(self.session, needs=kinds, urgency="life") for kinds in needs]
        made.append(add_request(self.session, needs=("food", "other"), urgency="life", linked_to=made[3].id))
        self.requests = [one.id for one in made]
        self.group_of = [0, 1, 2, 3, 3]
        groups: list[dict[int, Thing]] = [{} for _ in range(4)]
        for row in self.session.execute(select(HelpNeed.id, HelpNeed.request_id)):
            groups[self.group_of[self.requests.index(row.request_id)]][row.id] = Thing()
        self.model = Model(groups)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
            self.outer.rollback()
            self.connection.close()

    def expect(self, allowed: bool, do: Any) -> Any:
        """Does it, and wants it refused where the model refuses it; what is refused leaves nothing behind."""
        point = self.session.begin_nested()
        try:
            made = do()
        except (Conflict, TooMany):
            point.rollback()
            assert not allowed, "the model allows this"
            return None
        point.commit()
        assert allowed, "the model refuses this"
        return made

    def tell(self, action: str, times: int = 1) -> None:
        self.model.told[action] += times

    # What people do ---------------------------------------------------------------------------------------------

    @rule(who=PEOPLE, which=REQUESTS)
    def claim(self, who: int, which: int) -> None:
        group = self.group_of[which]
        mine, free = self.model.held(group, who, self.now), self.model.free(group, self.now)
        has_room = self.model.count(who, self.now, group) < LIMIT
        takes = free if has_room else {}
        made = self.expect(
            bool(takes or mine),
            lambda: service.claim(self.session, self.people[who], self.requests[which], terms=FEW, now=self.now),
        )
        if made is None or not takes:
            assert made is None or not made.is_new
            return
        assert made.is_new
        assert set(made.needs) == set(takes)
        ran_out = sum(one.state in LEASED for one in takes.values())
        for one in takes.values():
            one.drops += one.state in LEASED
            one.state, one.holder, one.ends, one.renewals = "claimed", who, self.now + timedelta(hours=2), 0
        self.tell("claimed", len(takes))
        self.tell("expired", ran_out)
        self.tell("place_shown", self._of_requests(takes))

    @rule(who=PEOPLE, which=REQUESTS)
    def renew(self, who: int, which: int) -> None:
        group, ends = self.group_of[which], self.now + timedelta(hours=2)
        mine = self.model.held(group, who, self.now)
        late = [one for one in mine.values() if one.ends is not None and ends - one.ends >= timedelta(minutes=1)]
        used = max((one.renewals for one in late), default=0)
        made = self.expect(
            bool(mine) and (not late or used < FEW.renewals),
            lambda: service.renew(self.session, self.people[who], self.requests[which], terms=FEW, now=self.now),
        )
        first = min((one.ends for one in mine.values() if one.ends is not None), default=self.now)
        if made is not None and late and first - self.now <= timedelta(hours=1):  # half of the time has passed
            for one in mine.values():
                one.ends, one.renewals = ends, one.renewals + 1
            self.tell("renewed", len(mine))

    @rule(who=PEOPLE, which=REQUESTS, step=st.sampled_from(["on_the_way", "there", "done"]), first=st.booleans())
    def progress(self, who: int, which: int, step: Any, first: bool) -> None:
        group = self.group_of[which]
        only = [min(self.model.groups[group])] if first else None
        mine = {key: one for key, one in self.model.held(group, who, self.now).items() if only is None or key in only}
        again = [
            key for key, one in self.model.groups[group].items()
            if one.state == "done" and one.holder == who and (only is None or key in only)
        ]  # fmt: skip
        changing = {key: one for key, one in mine.items() if one.state != step}
        legal = all(one.state in states.STEPS[step].from_ for one in changing.values())
        made = self.expect(
            (bool(mine) and legal) or (not mine and step == "done" and bool(again)),
            lambda: service.progress(
                self.session, self.people[who], self.requests[which], step=step, needs=only, now=self.now
            ),
        )
        if made is not None and changing:
            for one in changing.values():
                one.state = step
                one.ends = None if step == "done" else one.ends
            self.tell(step, len(changing))

    @rule(who=PEOPLE, which=REQUESTS)
    def release(self, who: int, which: int) -> None:
        group = self.group_of[which]
        mine = self.model.held(group, who, self.now)
        if not mine:
            return  # a second tap: whether it is one hangs on what came between, which the pages' tests look at
        self.expect(
            True,
            lambda: service.release(
                self.session, self.people[who], self.requests[which], reason="cannot_go", now=self.now
            ),
        )
        for one in mine.values():
            one.state, one.holder, one.ends, one.drops = "open", None, None, one.drops + 1
        self.tell("released", len(mine))

    @rule(which=REQUESTS)
    def take_back(self, which: int) -> None:
        group = self.group_of[which]
        held = self.model.held(group, None, self.now)
        made = self.expect(
            bool(held or self.model.free(group, self.now)),
            lambda: service.take_back(self.session, self.officer, self.requests[which], reason="x", now=self.now),
        )
        if made is not None:
            for one in held.values():
                one.state, one.holder, one.ends = "open", None, None
            self.tell("taken_back", len(held))

    @rule(giver=PEOPLE, taker=PEOPLE, which=REQUESTS)
    def hand_over(self, giver: int, taker: int, which: int) -> None:
        to = self.people[taker].person_id
        if giver == taker or to is None:
            return
        group = self.group_of[which]
        mine = self.model.held(group, giver, self.now)
        before = self._waiting()
        offered = self.expect(
            bool(mine),
            lambda: service.offer(
                self.session, self.people[giver], self.requests[which], to, kind="hand_over", now=self.now,
            ),
        )  # fmt: skip
        if offered is None:
            return
        assert offered.is_new or offered.offer_id in before
        has_room = self.model.count(taker, self.now, group) < LIMIT
        made = self.expect(
            has_room,
            lambda: service.answer_offer(
                self.session, self.people[taker], offered.offer_id, accept=True, terms=FEW, now=self.now
            ),
        )
        if made is not None:
            for one in mine.values():
                one.state, one.holder, one.ends, one.renewals = "claimed", taker, self.now + timedelta(hours=2), 0
            self.tell("handed_over", len(mine))
            self.tell("place_shown", self._of_requests(mine))

    def _of_requests(self, needs: dict[int, Thing]) -> int:
        """Of how many requests these needs are."""
        of = select(func.count(func.distinct(HelpNeed.request_id))).where(HelpNeed.id.in_(needs))
        return self.session.scalar(of) or 0

    def _waiting(self) -> set[int]:
        return set(self.session.scalars(select(HelpOffer.id).where(HelpOffer.answered_at.is_(None))))

    @rule(who=PEOPLE)
    def let_go(self, who: int) -> None:
        actor = self.people[who]
        assert actor.person_id is not None
        held = [self.model.held(group, who, self.now) for group in range(4)]
        service.let_go(self.session, actor.person_id, "left", self.now)
        for mine in held:
            for one in mine.values():
                one.state, one.holder, one.ends, one.drops = "open", None, None, one.drops + 1
            self.tell("released", len(mine))

    @rule(which=REQUESTS, back=st.booleans())
    def resident_answers(self, which: int, back: bool) -> None:
        """Confirms or contests what is done: as the resident's page does it, by the rules of the state machine."""
        done = {key: one for key, one in self.model.groups[self.group_of[which]].items() if one.state == "done"}
        if not done:
            return
        step = "contest" if back else "confirm"
        self.session.execute(
            HelpNeed.__table__.update().where(HelpNeed.id.in_(done)).values(  # type: ignore[attr-defined]  # a Table
                state=states.STEPS[step].to, holder_id=None if back else HelpNeed.holder_id,
            )
        )  # fmt: skip
        for one in done.values():
            one.state, one.holder = states.STEPS[step].to, None if back else one.holder
        for request in self.requests:
            events.record(self.session, None, request, "contested" if back else "confirmed", now=self.now)
        states.settle(self.session, self.requests, self.now)
        self.tell("contested" if back else "confirmed", len(self.requests))

    @rule(minutes=st.sampled_from([0.5, 1, 30, 119, 120, 24 * 60]))
    def time_passes(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: any(self.model.held(group, None, self.now) for group in range(4)))
    @rule(who=PEOPLE)
    def runs_out_and_is_claimed(self, who: int) -> None:
        """The lease that ends first runs out, to the second, and somebody takes the request on."""
        held = [(one.ends, group) for group in range(4) for one in self.model.held(group, None, self.now).values()]
        ends, group = min((ends, group) for ends, group in held if ends is not None)
        self.now = ends
        self.claim(who, group)

    @precondition(lambda self: any(self.model.held(group, 0, self.now) for group in range(4)))
    @rule()
    def first_looks(self) -> None:
        """Opens a contact: counted, never more than the limits; the place stays what it is."""
        group = next(number for number in range(4) if self.model.held(number, 0, self.now))
        request = self.requests[group]
        since = [select(func.count(HelpEvent.id)).where(
            HelpEvent.action == "contact_shown", HelpEvent.person_id == self.people[0].person_id,
            HelpEvent.at > self.now - timedelta(hours=hours)) for hours in (1, 24)]  # fmt: skip
        point = self.session.begin_nested()
        try:
            service.reveal(self.session, VAULT, self.people[0], request, reason="agree", now=self.now)
            point.commit()
        except TooMany:
            point.rollback()
        assert [self.session.scalar(one) or 0 for one in since] <= [10, 30]

    # What is true at any time -----------------------------------------------------------------------------------

    @invariant()
    def rows_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        self.session.expire_all()
        needs = {need.id: need for need in self.session.scalars(select(HelpNeed))}
        live = list(self.session.scalars(select(HelpLease).where(HelpLease.ended_at.is_(None))))
        by_need = {lease.need_id: lease for lease in live}
        assert len(by_need) == len(live), "two live leases of one need"
        for key, one in itertools.chain.from_iterable(group.items() for group in self.model.groups):
            need = needs[key]
            holder = None if one.holder is None else self.people[one.holder].person_id
            assert (need.state, need.lease_ends_at, need.drops) == (one.state, one.ends, one.drops)
            assert (need.holder_id == holder) or need.state in ("open", "helped")
            lease = by_need.get(key)
            assert (lease is not None) == (one.state in LEASED)
            if lease is not None:
                assert (lease.holder_id, lease.ends_at, lease.renewals) == (holder, one.ends, one.renewals)
        self._requests_agree(needs)

    def _requests_agree(self, needs: dict[int, HelpNeed]) -> None:
        for request in self.session.scalars(select(HelpRequest)):
            own = [need for need in needs.values() if need.request_id == request.id]
            free = [request.posted_at if need.state == "open" else need.lease_ends_at for need in own
                    if need.state == "open" or need.state in LEASED]  # fmt: skip
            assert request.free_from == min((at for at in free if at is not None), default=None)
            assert (request.closed_at is None) == any(need.state not in FINISHED for need in own)
            assert (request.done_at is None) == any(need.state not in (*FINISHED, "done") for need in own)

    @invariant()
    def everything_is_told(self) -> None:
        if not hasattr(self, "model"):
            return
        rows = self.session.execute(select(HelpEvent.action, func.count()).group_by(HelpEvent.action))
        told = {row[0]: row[1] for row in rows if row[0] not in ("offered", "withdrawn", "contact_shown")}
        assert told == {action: count for action, count in self.model.told.items() if count}

    @invariant()
    def nobody_holds_too_much(self) -> None:
        for who in range(3) if hasattr(self, "model") else ():
            assert self.model.count(who, self.now, -1) <= LIMIT


@pytest.fixture
def machine(engine: Engine) -> type[Helping]:
    """The machine on this worker's database; each run rolls back."""
    return type("HelpingHere", (Helping,), {"engine": engine})


def test_request_lease_resident_and_clock(machine: type[Helping]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_actors_of_the_machine_are_volunteers(session: Session) -> None:
    small_country(session)
    actor: Actor = actor_of(session, appoint(session, "volunteer", "9001"))
    assert actor.by is not None
    assert actor.by.role == "volunteer"
