"""Two phones, a server and answers that get lost, against a small model: whatever is sent in whatever order, each
record is taken in once, of one household one record counts, and the sums are those of what counts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.core.errors import Conflict
from mapapp.survey import sums
from mapapp.survey.deciding import service as deciding
from mapapp.survey.deciding.schemas import DecideIn
from mapapp.survey.entering import queries, service
from mapapp.survey.entering.schemas import EntryIn
from mapapp.survey.entering.service import Stale
from mapapp.survey.models import SurveyEntry, SurveyRevision, SurveyRound, SurveySum, SurveyVillage
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint, person
from tests.survey.build import VILLAGE, actor, add_round, entry

PHONES = st.integers(0, 1)
HOUSES = st.sampled_from(["1", "2", None])
"""Two households, and the whole village."""
PEOPLE = st.integers(0, 3)


@dataclass
class Record:
    """A record, as the model knows it."""

    house: str | None
    people: int
    state: str
    by: int
    twin: int = 1
    revision: int = 1


@dataclass
class Waiting:
    """A record in a phone's outbox: it stays there until its receipt is there."""

    key: uuid.UUID
    data: EntryIn
    corrects: int | None = None


@dataclass
class Phone:
    """What a phone has: its outbox, and what it has seen of the server's records (number → revision)."""

    outbox: list[Waiting] = field(default_factory=list)
    seen: dict[int, int] = field(default_factory=dict)


class Surveying(RuleBasedStateMachine):
    """One village, two phones, an officer."""

    engine: Engine

    @initialize()
    def begin(self) -> None:
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.session = Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        small_country(self.session)
        names = ("หนึ่ง", "สอง")
        people = [appoint(self.session, "data_volunteer", "900101", to=person(self.session, name)) for name in names]
        self.actors: list[Actor] = [actor(self.session, one) for one in people]
        self.officer = actor(self.session, appoint(self.session, "tambon_officer", "900101"))
        self.round = add_round(self.session).id
        self.session.commit()
        self.phones = [Phone(), Phone()]
        self.records: dict[int, Record] = {}
        self.taken: dict[uuid.UUID, int] = {}
        """Key → the record that came of it."""
        self.is_closed = False
        self.steps = 0

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
            self.outer.rollback()
            self.connection.close()

    # What people do -------------------------------------------------------------------------------------------------

    @rule(phone=PHONES, house=HOUSES, people=PEOPLE)
    def writes_down(self, phone: int, house: str | None, people: int) -> None:
        self.phones[phone].outbox.append(Waiting(uuid.uuid4(), self._data(house, people)))

    @rule(phone=PHONES, which=st.integers(0, 9), people=PEOPLE)
    def corrects(self, phone: int, which: int, people: int) -> None:
        mine = self.phones[phone]
        if not mine.seen:
            self._read(phone)
        seen = sorted(mine.seen)
        if not seen:
            return
        number = seen[which % len(seen)]
        data = self._data(self.records[number].house, people, entry=number, revision=mine.seen[number])
        mine.outbox.append(Waiting(uuid.uuid4(), data, number))

    @rule(phone=PHONES, is_lost=st.booleans(), which=st.integers(0, 9))
    def sends(self, phone: int, is_lost: bool, which: int) -> None:
        """The server does its part; the answer may get lost, and then the record stays in the outbox."""
        mine = self.phones[phone]
        if not mine.outbox:
            return
        one = mine.outbox[which % len(mine.outbox)]
        refused = self._send(phone, one)
        if refused or not is_lost:
            mine.outbox.remove(one)

    @rule(phone=PHONES)
    def reads(self, phone: int) -> None:
        self._read(phone)

    def _read(self, phone: int) -> None:
        self.phones[phone].seen = {
            one.id: one.revision for one in queries.households(self.session, self.round, VILLAGE)
        }

    @rule(which=st.integers(0, 9), do=st.sampled_from(["this", "other", "another", "accept", "refuse"]), who=PHONES)
    def decides(self, which: int, do: Any, who: int) -> None:
        open_ones = [one for one, known in sorted(self.records.items()) if known.state in ("conflict", "waiting")]
        if not open_ones:
            return
        number = open_ones[which % len(open_ones)]
        known = self.records[number]
        fits = (do in ("accept", "refuse")) == (known.state == "waiting")
        impossible = do == "another" and (known.house is None or self._unit() != "household")
        try:
            with self.session.begin_nested():
                data = DecideIn(do=do, seen=known.revision)
                deciding.decide(self.session, self.officer, number, data, self._now())
        except Conflict:
            assert not fits or impossible
            return
        assert fits
        assert not impossible
        self._decided(number, known, do)

    @rule()
    def closes_or_reopens(self) -> None:
        self.is_closed = not self.is_closed
        at = NOON if self.is_closed else None
        self.session.execute(update(SurveyRound).values(closed_at=at).execution_options(synchronize_session=False))

    # The model --------------------------------------------------------------------------------------------------------

    def _now(self) -> Any:
        self.steps += 1
        return NOON + timedelta(minutes=self.steps)

    def _data(self, house: str | None, people: int, **values: Any) -> EntryIn:
        return entry(self.round, house, groups={"adult": {"here": people, "two": people}}, **values)

    def _unit(self) -> str | None:
        houses = {one.house is None for one in self.records.values() if one.state == "counted"}
        assert len(houses) < 2, "a village is counted one way or the other"
        return None if not houses else "village" if houses.pop() else "household"

    def _state_of(self, house: str | None, twin: int = 1) -> str:
        """What a new record of this household is."""
        unit = self._unit()
        if unit is not None and unit != ("village" if house is None else "household"):
            return "conflict"
        return "conflict" if self._counted(house, twin) is not None else "counted"

    def _counted(self, house: str | None, twin: int) -> int | None:
        same = [
            number
            for number, one in self.records.items()
            if one.state == "counted" and (one.house, one.twin) == (house, twin)
        ]
        assert len(same) < 2
        return same[0] if same else None

    def _send(self, phone: int, one: Waiting) -> bool:
        """Sends one record; True where the server refuses it for good."""
        people = one.data.groups.adult.here  # type: ignore[attr-defined]  # made from the rows of groups
        known = None if one.corrects is None else self.records[one.corrects]
        try:
            with self.session.begin_nested():
                receipt = service.submit(self.session, self.actors[phone], one.key, one.data, self._now())
        except Stale as told:
            assert known is not None
            assert known.revision != one.data.revision or known.state in ("refused", "set_aside")
            return told.current.revision == known.revision
        if one.key in self.taken:
            assert receipt.entry == self.taken[one.key], "a second try is the same record"
            return False
        self.taken[one.key] = receipt.entry
        if known is not None and not self.is_closed:
            assert receipt.entry == one.corrects
            assert (known.revision, receipt.revision) == (one.data.revision, known.revision + 1)
            known.revision, known.people = receipt.revision, people
            return False
        twin = known.twin if known is not None else 1
        state = "waiting" if self.is_closed else self._state_of(one.data.household, twin)
        assert receipt.state == state
        assert receipt.entry not in self.records
        self.records[receipt.entry] = Record(one.data.household, people, state, phone, twin)
        return False

    def _decided(self, number: int, known: Record, do: str) -> None:
        known.revision += 1
        if do in ("other", "refuse"):
            known.state = "set_aside" if do == "other" else "refused"
        elif do == "accept":
            known.state = self._state_of(known.house, known.twin)
        elif do == "another":
            twins = [one.twin for one in self.records.values() if one.house == known.house]
            known.twin, known.state = max(twins) + 1, "counted"
        else:
            others = self._unit() not in (None, "village" if known.house is None else "household")
            for other in self.records.values():
                same = (other.house, other.twin) == (known.house, known.twin)
                if other.state == "counted" and (others or same):
                    other.state, other.revision = "set_aside", other.revision + 1
            known.state = "counted"

    # What always holds ------------------------------------------------------------------------------------------------

    @invariant()
    def the_records_are_the_model_s(self) -> None:
        if not hasattr(self, "records"):
            return
        rows = self.session.execute(select(SurveyEntry.id, SurveyEntry.state, SurveyEntry.revision, SurveyEntry.twin))
        found = {row.id: (row.state, row.revision, row.twin) for row in rows}
        assert found == {number: (one.state, one.revision, one.twin) for number, one in self.records.items()}
        steps = self.session.scalar(select(func.count()).select_from(SurveyRevision))
        assert steps == sum(one.revision for one in self.records.values()), "every step has its row"

    @invariant()
    def the_sums_are_those_of_what_counts(self) -> None:
        if not hasattr(self, "records"):
            return
        counted = [one for one in self.records.values() if one.state == "counted"]
        here = self.session.scalar(select(func.coalesce(func.sum(SurveySum.here), 0)))
        assert here == sum(one.people for one in counted)
        assert (self.session.scalar(select(SurveyVillage.counted)) or 0) == len(counted)
        assert sums.different(self.session) == 0


@pytest.fixture
def machine(engine: Engine) -> type[Surveying]:
    """The machine on this worker's database; each run rolls back."""
    return type("SurveyingHere", (Surveying,), {"engine": engine})


def test_two_phones_a_server_and_lost_answers(machine: type[Surveying]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
