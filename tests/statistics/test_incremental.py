"""What is counted step by step is what counting everything anew gives, whatever happens in whatever order: entries,
corrections, deletions, rounds that open, villages that move, areas that go and come, facilities, requests, volunteers.

The vaccination cells are counted a third time here, from the entries, so that both ways cannot be wrong together.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Select, delete, inspect, select, text, update
from sqlalchemy.orm import Session

from mapapp.areas.models import Area, Village
from mapapp.core.config import Config
from mapapp.core.errors import DomainError
from mapapp.facilities.models import Facility
from mapapp.help_requests.models import HelpRequest
from mapapp.statistics import measures, service
from mapapp.statistics.models import StatisticsFigure
from mapapp.statistics.registered.vaccination import CELLS
from mapapp.survey import sums
from mapapp.survey.entering import service as entering
from mapapp.survey.entering.schemas import EntryIn
from mapapp.survey.groups import CODES, PARTS
from mapapp.survey.models import SurveyEntry, SurveyFigures, SurveyRound, SurveyVillage
from mapapp.volunteers.models import Volunteer
from tests.conftest import NOON
from tests.data import TAMBONS, add_area, add_facility, small_country
from tests.help_requests.build import add_request
from tests.people import appoint
from tests.survey.build import actor, add_round, assign, entry
from tests.volunteers.build import profile

CONFIG = Config()
Row = TypeVar("Row")


class Happening:
    """Things that happen, by chance but always the same for a seed."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.chance = session, random.Random(seed)
        small_country(session)
        self.officer = actor(session, appoint(session, "province_admin", "90"))
        self.rounds = [add_round(session).id]
        self.actions: list[Callable[[], None]] = [
            *[self.records] * 6, *[self.corrects] * 2, self.drops, self.opens_a_round,
            self.ends_a_round, self.moves_a_village, self.merges_a_tambon, self.counts_people, self.facility,
            self.request, self.volunteer, self.coverage, self.assigns,
        ]  # fmt: skip

    def records(self) -> None:
        parts = {part: self.chance.randint(0, 3) for part in PARTS}
        groups = {
            code: {**parts, "here": sum(parts.values()), "refusing": min(1, parts["none"])}
            for code in self.chance.sample(CODES, 2)
        }
        data = entry(
            self.chance.choice(self.rounds), str(self.chance.randint(1, 9)), self._tambon() + "03", groups=groups
        )
        self._sent(data)

    def _sent(self, data: EntryIn) -> None:
        try:
            with self.session.begin_nested():
                entering.submit(self.session, self.officer, uuid.uuid4(), data, NOON)
        except DomainError:
            pass  # its tambon is gone, or somebody has recorded the household

    def corrects(self) -> None:
        known = self._some(select(SurveyEntry).where(SurveyEntry.state == "counted"))
        if known is not None:
            data = entry(
                known.round_id, known.household, known.village_code, entry=known.id, revision=known.revision,
                groups={self.chance.choice(CODES): {"here": 1, "one": 1}},
            )  # fmt: skip
            self._sent(data)

    def drops(self) -> None:
        known = self._some(select(SurveyEntry).where(SurveyEntry.state == "counted"))
        if known is not None:
            sums.take(self.session, known.id, known.round_id, known.village_code)
            self.session.execute(update(SurveyEntry).where(SurveyEntry.id == known.id).values(state="refused"))

    def opens_a_round(self) -> None:
        area = self.chance.choice(["TH", "90", "9001", "900201"])
        starts = date(2026, 11, self.chance.randint(1, 20))
        made = add_round(self.session, area, starts_on=starts, is_example=self.chance.random() < 0.3)
        self.rounds.append(made.id)

    def ends_a_round(self) -> None:
        known = self.chance.choice(self.rounds)
        if len(self.rounds) > 1 and self.chance.random() < 0.5:
            self.session.execute(delete(SurveyRound).where(SurveyRound.id == known))
            self.rounds.remove(known)
        else:
            self.session.execute(update(SurveyRound).where(SurveyRound.id == known).values(closed_at=NOON))

    def moves_a_village(self) -> None:
        code = self._tambon()
        known = self._some(select(Village))
        if known is not None and self.chance.random() < 0.5:
            self.session.execute(delete(Village).where(Village.code == known.code))
        elif self.session.get(Village, f"{code}01") is None and self.session.get(Area, code) is not None:
            self.session.add(Village(code=f"{code}01", tambon_code=code, name_th="บ้าน", source="test"))
            self.session.flush()

    def merges_a_tambon(self) -> None:
        code = "900202"
        if self.session.get(Area, code) is None:
            add_area(self.session, code, (100.1, 14.1, 100.2, 14.2), name_th="กลับมา", name_en="Back", population=7)
        else:
            self.session.execute(delete(Village).where(Village.tambon_code == code))
            self.session.execute(delete(Area).where(Area.code == code))
            self.session.expire_all()

    def counts_people(self) -> None:
        people = self.chance.choice([None, 10, 2000])
        self.session.execute(update(Area).where(Area.code == self._tambon()).values(population=people))

    def facility(self) -> None:
        known = self._some(select(Facility))
        if known is None or self.chance.random() < 0.4:
            lat = 14 + self.chance.random() / 10
            add_facility(self.session, "hospital", lat=lat, lon=100.05, tambon_code="900101", name_th="ใหม่")
            return
        change = self.chance.choice([{"status": "full"}, {"status": "closed"}, {"tambon_code": "900102"}])
        self.session.execute(update(Facility).where(Facility.id == known.id).values(**change))

    def request(self) -> None:
        known = self._some(select(HelpRequest))
        if known is None or self.chance.random() < 0.5:
            hours = self.chance.randint(1, 300)
            add_request(self.session, posted_at=NOON - timedelta(hours=hours), tambon_code=self._tambon())
        else:
            done = {"closed_at": NOON, "done_at": NOON, "outcome": self.chance.choice(["helped", "duplicate"])}
            self.session.execute(update(HelpRequest).where(HelpRequest.id == known.id).values(**done))

    def volunteer(self) -> None:
        who = appoint(self.session, "volunteer", "90")
        self.session.add(profile(who, home_tambon=self._tambon(), state=self.chance.choice(["approved", "waiting"])))
        self.session.flush()
        self.session.execute(update(Volunteer).where(Volunteer.home_tambon == "900101").values(state="left"))

    def assigns(self) -> None:
        village = f"{self._tambon()}0{self.chance.randint(5, 9)}"
        assign(self.session, self.chance.choice(self.rounds), village, appoint(self.session, "data_volunteer", "90"))

    def coverage(self) -> None:
        code = self._tambon()
        if self.session.get(Area, code) is None:
            return
        self.session.execute(delete_coverage, {"code": code})
        self.session.execute(insert_coverage, {"code": code, "share": self.chance.random(), "now": NOON})

    def _tambon(self) -> str:
        return self.chance.choice(sorted(TAMBONS))

    def _some(self, asked: Select[Row]) -> Row | None:
        rows = self.session.scalars(asked).all()
        return self.chance.choice(sorted(rows, key=lambda row: str(inspect(row).identity))) if rows else None


delete_coverage = text("DELETE FROM coverage WHERE area_code = :code AND kind = 'hospital'")
insert_coverage = text("""
INSERT INTO coverage (area_code, kind, within_share_5, within_share_10, within_share_20, facilities, population,
    computed_at)
VALUES (:code, 'hospital', 0, :share, 1, 1, 1000, :now)
""")


def _from_entries(session: Session) -> Counter[str]:
    """The whole country's cells, from the entries of each tambon's round."""
    rounds = session.scalars(select(SurveyRound).where(SurveyRound.opened_at.is_not(None))).all()
    found: Counter[str] = Counter()
    counted = select(SurveyEntry, SurveyFigures).join(SurveyFigures, SurveyFigures.entry_id == SurveyEntry.id)
    for one, figures in session.execute(counted.where(SurveyEntry.state == "counted")):
        fitting = [r for r in rounds if r.area_code == "TH" or one.village_code.startswith(r.area_code)]
        newest = max(fitting, key=lambda r: (not r.is_example, r.starts_on, r.id), default=None)
        if newest is not None and newest.id == one.round_id:
            for part in (*PARTS, "refusing"):
                found[f"{figures.target_group}_{part}"] += getattr(figures, part)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_step_by_step_is_what_a_rebuild_gives(session: Session, seed: int) -> None:
    happening = Happening(session, seed)
    for _ in range(4):
        happening.records()
    service.settle(session, CONFIG, NOON)
    changed = 0
    for number in range(40):
        happening.chance.choice(happening.actions)()
        session.flush()
        if number % 4:
            continue
        service.settle(session, CONFIG, NOON)
        assert service.pending(session) == 0
        assert service.different(session, CONFIG, NOON) == 0, f"step {number}"
        country = session.get(StatisticsFigure, ("vaccination", "TH"))
        expected = _from_entries(session)
        told = {cell: number for cell, number in zip(CELLS, country.values if country else [], strict=False) if number}
        assert told == {cell: count for cell, count in expected.items() if count}
        changed += len(told)
    assert changed, "nothing was recorded"
    assert session.scalars(select(SurveyVillage)).first() is not None


def test_a_rebuild_finds_figures_that_are_wrong(session: Session) -> None:
    """The comparison itself can fail."""
    Happening(session, 1).records()
    service.settle(session, CONFIG, NOON)
    session.execute(update(StatisticsFigure).where(StatisticsFigure.area_code == "TH").values(values=[1]))
    assert service.different(session, CONFIG, NOON) > 0
    assert service.rebuild(session, CONFIG, NOON) > 0
    assert service.different(session, CONFIG, NOON) == 0


def test_levels_are_the_sums_of_what_lies_in_them(session: Session) -> None:
    happening = Happening(session, 2)
    for _ in range(25):
        happening.records()
    service.settle(session, CONFIG, NOON)
    for measure in measures.all_measures():
        rows = session.scalars(select(StatisticsFigure).where(StatisticsFigure.measure == measure.key)).all()
        by_code = {row.area_code: row.values for row in rows}
        assert set(by_code) == {"TH", "90", "9001", "9002", *TAMBONS}
        for at, cell in enumerate(measure.cells):
            parts = [by_code[code][at] for code in TAMBONS]
            known = [number for number in parts if number is not None]
            is_whole = len(known) == len(parts) or (known and cell not in measure.strict)
            assert by_code["TH"][at] == by_code["90"][at] == (sum(known) if is_whole else None), cell


def test_nothing_entered_stays_apart_from_a_zero_at_every_level(session: Session) -> None:
    small_country(session)
    made = add_round(session)
    officer = actor(session, appoint(session, "province_admin", "90"))
    nobody = {"adult": {"here": 0}}
    entering.submit(session, officer, uuid.uuid4(), entry(made.id, "1", "90010103", groups=nobody), NOON)
    service.settle(session, CONFIG, NOON)
    vaccination = measures.get("vaccination")

    def told(code: str, figure: str) -> str:
        row = session.get_one(StatisticsFigure, ("vaccination", code))
        return str(vaccination.shown(figure, vaccination.cells_of(row.values)).state)

    assert {code: told(code, "adult.here") for code in ("900101", "9001", "TH", "900201", "9002")} == {
        "900101": "zero", "9001": "zero", "TH": "zero", "900201": "not_entered", "9002": "not_entered",
    }  # fmt: skip
    assert told("900101", "child.here") == told("TH", "child.here") == "not_entered"
    assert told("TH", "adult.share") == "not_entered"


def test_people_of_a_tambon_that_left_the_list_stay_in_its_amphoe(session: Session) -> None:
    small_country(session)
    made = add_round(session)
    officer = actor(session, appoint(session, "province_admin", "90"))
    entering.submit(session, officer, uuid.uuid4(), entry(made.id, "1", "90020203"), NOON)
    session.execute(delete(Area).where(Area.code == "900202"))
    service.settle(session, CONFIG, NOON)
    vaccination = measures.get("vaccination")
    for code in ("900202", "9002", "90", "TH"):
        row = session.get_one(StatisticsFigure, ("vaccination", code))
        assert vaccination.value("here", vaccination.cells_of(row.values)) == 2
    tambons = session.get_one(StatisticsFigure, ("completeness", "90")).values[2]
    assert tambons == 3
