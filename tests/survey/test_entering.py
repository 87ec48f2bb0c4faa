"""Records come in once, however often and from wherever they are sent; nothing is dropped, nothing is added twice."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts.models import Person
from mapapp.areas.models import Village
from mapapp.core.errors import Conflict, Invalid, NotAllowed
from mapapp.survey import retention, sums
from mapapp.survey.deciding import service as deciding
from mapapp.survey.deciding.schemas import DecideIn
from mapapp.survey.entering import queries, service
from mapapp.survey.entering.schemas import EntryIn, house_number
from mapapp.survey.entering.service import Stale
from mapapp.survey.models import SurveyEnding, SurveyEntry, SurveyRevision, SurveySum, SurveyVillage
from tests.conftest import NOON
from tests.data import small_country
from tests.people import appoint, person
from tests.survey.build import ADULTS, VILLAGE, actor, add_round, assign, entry, record

Sums = dict[str, tuple[int, int, int]]


@pytest.fixture
def here(session: Session) -> Session:
    small_country(session)
    return session


@pytest.fixture
def somchai(here: Session) -> Person:
    return appoint(here, "data_volunteer", "900101", to=person(here, "สมชาย"))


@pytest.fixture
def malee(here: Session) -> Person:
    return appoint(here, "data_volunteer", "900101", to=person(here, "มาลี"))


@pytest.fixture
def officer(here: Session) -> Person:
    return appoint(here, "amphoe_coordinator", "9001")


def _sums(session: Session) -> Sums:
    """Group → entries, people, people with a dose."""
    session.expire_all()
    assert sums.different(session) == 0
    rows = session.scalars(select(SurveySum))
    return {row.target_group: (row.entries, row.here, row.one + row.two + row.more) for row in rows}


def _decide(session: Session, who: Person, entry_id: int, do: Any, seen: int = 1) -> None:
    deciding.decide(session, actor(session, who), entry_id, DecideIn(do=do, seen=seen), NOON)


# Once -----------------------------------------------------------------------------------------------------------


def test_a_lost_answer_and_a_second_try_count_once(here: Session, somchai: Person) -> None:
    round_id = add_round(here).id
    key = uuid.uuid4()
    first = record(here, somchai, entry(round_id), key=key)
    again = record(
        here, somchai, entry(round_id, sent_at=NOON + timedelta(minutes=3)), key=key, at=NOON + timedelta(minutes=3)
    )
    assert (again.entry, again.state, again.received_at) == (first.entry, "counted", NOON)
    assert _sums(here) == {"adult": (1, 2, 2)}
    assert here.scalar(select(func.count()).select_from(SurveyRevision)) == 1


def test_a_key_is_no_other_record_s_and_nobody_else_s(here: Session, somchai: Person, malee: Person) -> None:
    round_id = add_round(here).id
    key = uuid.uuid4()
    first = record(here, somchai, entry(round_id), key=key)
    for who, other in (
        (somchai, entry(round_id, "99")),
        (malee, entry(round_id)),
        (somchai, entry(round_id, village="90010104")),
    ):
        with pytest.raises(Conflict) as refused:
            record(here, who, other, key=key)
        assert refused.value.kind.slug == "key-reused"
    correction = entry(round_id, entry=first.entry, revision=1)
    used = uuid.uuid4()
    record(here, somchai, correction, key=used)
    with pytest.raises(Conflict):
        record(here, somchai, entry(round_id, "5"), key=used)  # a correction's key for a new household
    assert _sums(here) == {"adult": (1, 2, 2)}


def test_a_correction_that_is_sent_twice_is_one(here: Session, somchai: Person) -> None:
    round_id = add_round(here).id
    first = record(here, somchai, entry(round_id))
    change = entry(round_id, groups={"elderly": {"here": 1, "none": 1}}, entry=first.entry, revision=1)
    key = uuid.uuid4()
    made = [record(here, somchai, change, key=key) for _ in range(2)]
    assert [one.revision for one in made] == [2, 2]
    assert _sums(here) == {"elderly": (1, 1, 0)}
    assert [one.step for one in queries.history(here, first.entry)] == ["changed", "recorded"]
    assert queries.history(here, first.entry)[1].figures["adult"]["here"] == 2


@pytest.mark.parametrize("same_key", [True, False])
def test_two_phones_at_the_same_moment(apart: Engine, same_key: bool) -> None:
    """Real transactions: with one key one record, with two keys a conflict, and never both in the sums."""
    new_session = database.sessions(apart)
    with new_session() as session:
        small_country(session)
        who = [appoint(session, "data_volunteer", "900101", to=person(session, name)) for name in ("ก", "ข")]
        round_id = add_round(session).id
        session.commit()
        actors = [actor(session, one) for one in who]
    key = uuid.uuid4()

    def send(number: int) -> str:
        with new_session() as session:
            by = actors[0] if same_key else actors[number % 2]
            made = service.submit(session, by, key if same_key else uuid.uuid4(), entry(round_id), NOON)
            session.commit()
            return made.state

    with ThreadPoolExecutor(6) as pool:
        states = sorted(pool.map(send, range(12)))
    assert states == (["counted"] * 12 if same_key else ["conflict"] * 11 + ["counted"])
    with new_session() as session:
        assert session.scalar(select(func.count()).select_from(SurveyEntry)) == (1 if same_key else 12)
        assert _sums(session) == {"adult": (1, 2, 2)}


def test_the_first_records_of_a_village_come_at_the_same_moment(apart: Engine) -> None:
    """Its row is made by whoever is first; nobody else is told of an error."""
    new_session = database.sessions(apart)
    with new_session() as session:
        small_country(session)
        round_id = add_round(session).id
        session.commit()
    villages = [f"{tambon}{number:02}" for tambon in ("900101", "900102", "900201") for number in range(1, 100)]
    together = Barrier(6)

    def send(_phone: int) -> None:
        with new_session() as session:
            for village in villages:
                session.connection()
                together.wait(10)
                queries.held(session, entry(round_id, village=village), None, None, NOON)
                session.commit()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, range(6)))
    with new_session() as session:
        assert set(session.scalars(select(SurveyVillage.village_code))) == set(villages)


def _until_it_waits(engine: Engine) -> None:
    """Until somebody waits for another's transaction, for at most 10 s."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
    for _ in range(200):
        with engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
        time.sleep(0.05)
    raise AssertionError("nobody waited")


@pytest.mark.parametrize("first", ["correction", "new"])
def test_one_key_in_two_villages_at_the_same_moment(apart: Engine, first: str) -> None:
    """The second waits for the first, and is told that its key is used; nothing of it stays."""
    new_session = database.sessions(apart)
    with new_session() as session:
        small_country(session)
        somchai = appoint(session, "data_volunteer", "900101", to=person(session, first))
        round_id = add_round(session).id
        seen = record(session, somchai, entry(round_id)).entry
        session.commit()
        by = actor(session, somchai)
    correction = entry(round_id, groups={"adult": {"here": 9, "two": 9}}, entry=seen, revision=1)
    sent = [correction, entry(round_id, village="90010104")]
    key = uuid.uuid4()

    def send(data: EntryIn) -> str:
        with new_session() as session:
            try:
                service.submit(session, by, key, data, NOON)
            except Conflict as told:
                return told.kind.slug
            session.commit()
            return "taken"

    with new_session() as session, ThreadPoolExecutor(1) as pool:
        ahead, behind = sent if first == "correction" else sent[::-1]
        service.submit(session, by, key, ahead, NOON)
        second = pool.submit(send, behind)
        _until_it_waits(apart)
        session.commit()
        assert second.result() == "key-reused"
    with new_session() as session:
        here = session.scalar(select(func.sum(SurveySum.here)).where(SurveySum.round_id == round_id))
        assert here == (9 if first == "correction" else 4)
        assert sums.different(session) == 0


# Conflicts ------------------------------------------------------------------------------------------------------


def test_the_same_household_by_two_phones_is_kept_twice_and_counted_once(
    here: Session, somchai: Person, malee: Person
) -> None:
    round_id = add_round(here).id
    first = record(here, somchai, entry(round_id, "บ้านเลขที่ ๑๒ / ๓"))
    second = record(here, malee, entry(round_id, "12/3", groups={"adult": {"here": 5, "none": 5}}))
    assert (second.state, second.rival) == ("conflict", first.entry)
    assert _sums(here) == {"adult": (1, 2, 2)}


@pytest.mark.parametrize(
    ("do", "left", "states"),
    [
        ("this", {"adult": (1, 5, 0)}, ["set_aside", "counted"]),
        ("other", {"adult": (1, 2, 2)}, ["counted", "set_aside"]),
        ("another", {"adult": (2, 7, 2)}, ["counted", "counted"]),
    ],
)
@pytest.mark.parametrize("by", ["first", "second", "officer"])
def test_either_writer_or_an_officer_chooses(
    here: Session, somchai: Person, malee: Person, officer: Person, do: str, left: Sums, states: list[str], by: str
) -> None:
    round_id = add_round(here).id
    first = record(here, somchai, entry(round_id))
    second = record(here, malee, entry(round_id, groups={"adult": {"here": 5, "none": 5}}))
    _decide(here, {"first": somchai, "second": malee, "officer": officer}[by], second.entry, do)
    assert _sums(here) == left
    found = queries.some(here, [first.entry, second.entry])
    assert [found[one.entry].state for one in (first, second)] == states
    with pytest.raises(Conflict):  # decided is decided: a page that was open before does not decide again
        _decide(here, officer, second.entry, do)
    assert _sums(here) == left


def test_nobody_else_chooses(here: Session, somchai: Person, malee: Person) -> None:
    round_id = add_round(here).id
    record(here, somchai, entry(round_id))
    second = record(here, malee, entry(round_id))
    stranger = appoint(here, "data_volunteer", "9001", to=person(here, "คนอื่น"))
    outside = appoint(here, "amphoe_coordinator", "9002")
    for who in (stranger, outside):
        with pytest.raises(NotAllowed):
            _decide(here, who, second.entry, "this")


def test_a_stale_correction_is_told_with_the_record_as_it_is(here: Session, somchai: Person, malee: Person) -> None:
    round_id = add_round(here).id
    first = record(here, somchai, entry(round_id))
    record(here, malee, entry(round_id, groups={"adult": {"here": 3, "two": 3}}, entry=first.entry, revision=1))
    with pytest.raises(Stale) as told:
        record(here, somchai, entry(round_id, groups={"adult": {"here": 9, "none": 9}}, entry=first.entry, revision=1))
    assert told.value.current.revision == 2
    assert told.value.current.figures["adult"]["two"] == 3
    assert _sums(here) == {"adult": (1, 3, 3)}


def test_a_village_is_counted_one_way_or_the_other(
    here: Session, somchai: Person, malee: Person, officer: Person
) -> None:
    round_id = add_round(here).id
    record(here, somchai, entry(round_id, "1"))
    record(here, somchai, entry(round_id, "2"))
    whole = record(here, malee, entry(round_id, None, groups={"adult": {"here": 90, "more": 90}}))
    assert (whole.state, whole.marks) == ("conflict", ["other_way"])
    assert _sums(here) == {"adult": (2, 4, 4)}
    with pytest.raises(NotAllowed):  # it concerns all households of the village
        _decide(here, malee, whole.entry, "this")
    _decide(here, officer, whole.entry, "this")
    assert _sums(here) == {"adult": (1, 90, 90)}
    late = record(here, somchai, entry(round_id, "3"))
    assert late.state == "conflict"
    _decide(here, officer, late.entry, "this")
    assert _sums(here) == {"adult": (1, 2, 2)}


def test_the_tables_themselves_refuse_to_count_twice(here: Session, somchai: Person) -> None:
    round_id = add_round(here).id
    record(here, somchai, entry(round_id, "1"))
    for household, unit in (("'1'", "household"), ("NULL", "village")):
        with pytest.raises(IntegrityError), here.begin_nested():
            here.execute(
                text(
                    "INSERT INTO survey_entries (key, round_id, village_code, unit, household, state, version,"
                    " observed_at, received_at, changed_at) SELECT gen_random_uuid(), round_id, village_code,"
                    f" '{unit}', {household}, 'counted', 1, now(), now(), now() FROM survey_entries"
                )
            )


# Late, elsewhere, unknown ---------------------------------------------------------------------------------------


def _close(session: Session, round_id: int, _who: Person) -> None:
    session.execute(text("UPDATE survey_rounds SET closed_at = :at"), {"at": NOON - timedelta(hours=1)})


def _end(session: Session, round_id: int, _who: Person) -> None:
    session.add(SurveyEnding(round_id=round_id, area_code="9001", reason="ประกาศ", at=NOON - timedelta(hours=1)))
    session.flush()


def _older(session: Session, round_id: int, _who: Person) -> None:
    session.execute(text("UPDATE survey_rounds SET version = 2"))


def _others(session: Session, round_id: int, _who: Person) -> None:
    assign(session, round_id, VILLAGE, person(session, "เจ้าของ"))


def _withdrawn(session: Session, round_id: int, who: Person) -> None:
    assign(session, round_id, VILLAGE, who, ended_at=NOON - timedelta(hours=1))


def _listed(session: Session, round_id: int, _who: Person) -> None:
    session.add(Village(code="90010101", tambon_code="900101", name_th="บ้านเดียว", source="test"))
    session.flush()


@pytest.mark.parametrize(
    ("happens", "mark"),
    [(_close, "closed"), (_end, "ended"), (_older, "version"), (_others, "not_assigned"), (_withdrawn, "withdrawn"),
     (_listed, "unlisted")],
)  # fmt: skip
def test_what_comes_late_or_from_elsewhere_is_taken_in_and_waits_for_an_officer(
    here: Session, somchai: Person, officer: Person, happens: Callable[[Session, int, Person], None], mark: str
) -> None:
    round_id = add_round(here).id
    happens(here, round_id, somchai)
    key = uuid.uuid4()
    made = record(here, somchai, entry(round_id), key=key)
    assert (made.state, made.marks) == ("waiting", [mark])
    assert record(here, somchai, entry(round_id), key=key).entry == made.entry
    assert _sums(here) == {}
    with pytest.raises(NotAllowed):
        _decide(here, somchai, made.entry, "accept")
    _decide(here, officer, made.entry, "accept")
    assert _sums(here) == {"adult": (1, 2, 2)}


def test_what_an_officer_does_not_accept_stays_readable(here: Session, somchai: Person, officer: Person) -> None:
    round_id = add_round(here).id
    _close(here, round_id, somchai)
    made = record(here, somchai, entry(round_id))
    _decide(here, officer, made.entry, "refuse")
    assert _sums(here) == {}
    assert queries.one(here, made.entry).state == "refused"
    assert [one.step for one in queries.history(here, made.entry)] == ["refused", "recorded"]


def test_another_amphoe_s_village_is_taken_in_and_waits(here: Session, somchai: Person) -> None:
    made = record(here, somchai, entry(add_round(here).id, village="90020101"))
    assert (made.state, made.marks) == ("waiting", ["elsewhere"])


def test_a_late_correction_is_put_beside_what_counts(here: Session, somchai: Person, officer: Person) -> None:
    round_id = add_round(here).id
    first = record(here, somchai, entry(round_id))
    _close(here, round_id, somchai)
    change = entry(round_id, groups={"adult": {"here": 4, "none": 4}}, entry=first.entry, revision=1)
    late = record(here, somchai, change)
    assert (late.state, late.rival, late.entry != first.entry) == ("waiting", first.entry, True)
    assert _sums(here) == {"adult": (1, 2, 2)}
    _decide(here, officer, late.entry, "accept")
    assert queries.one(here, late.entry).state == "conflict"
    _decide(here, officer, late.entry, "this", seen=2)
    assert _sums(here) == {"adult": (1, 4, 0)}


def test_officers_record_anywhere_in_their_area(here: Session, officer: Person) -> None:
    round_id = add_round(here).id
    assign(here, round_id, VILLAGE, person(here, "เจ้าของ"))
    assert record(here, officer, entry(round_id)).state == "counted"


def test_a_phone_s_clock_that_is_a_year_off_is_noticed_and_put_right(here: Session, somchai: Person) -> None:
    round_id = add_round(here).id
    off = timedelta(days=365)
    made = record(here, somchai, entry(round_id, observed_at=NOON - off - timedelta(hours=2), sent_at=NOON - off))
    assert (made.state, made.marks) == ("counted", ["clock"])
    assert queries.one(here, made.entry).observed_at == NOON - timedelta(hours=2)
    ahead = record(here, somchai, entry(round_id, "7", observed_at=NOON + off))
    assert ahead.marks == ["clock"]
    assert queries.one(here, ahead.entry).observed_at == NOON
    queued = record(here, somchai, entry(round_id, "8", observed_at=NOON - timedelta(days=6), sent_at=NOON))
    assert queued.marks == []
    assert queries.one(here, queued.entry).observed_at == NOON - timedelta(days=6)
    assert queries.one(here, queued.entry).received_at == NOON


@pytest.mark.parametrize(
    ("values", "beside"), [({"village": "91010101"}, "village"), ({"village": "90990101"}, "village")]
)
def test_a_village_of_no_tambon_or_of_another_survey_is_refused(
    here: Session, somchai: Person, values: dict[str, Any], beside: str
) -> None:
    with pytest.raises(Invalid) as refused:
        record(here, somchai, entry(add_round(here, "9001").id, **values))
    assert [one.field for one in refused.value.problems] == [beside]


def test_a_survey_that_was_never_opened_takes_nothing(here: Session, somchai: Person) -> None:
    with pytest.raises(Conflict):
        record(here, somchai, entry(add_round(here, opened_at=None).id))


# Numbers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "group",
    [
        {"here": -1}, {"here": 1.5, "none": 1.5}, {"here": "x"}, {"here": 2, "none": 3}, {"here": 3, "none": 2},
        {"here": 1, "more": 1, "refusing": 1}, {"here": 10**9, "none": 10**9}, {"here": 100, "none": 100}, {"none": 1},
        {"here": None}, {"here": True}, {"here": 1, "none": 1, "name": "สมชาย"},
    ],
)  # fmt: skip
def test_numbers_that_cannot_be_are_refused(group: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        entry(1, groups={"adult": group})


@pytest.mark.parametrize("group", [{"here": "๓", "none": "๑", "two": " ๒ "}, {"here": 0}, {"here": "4", "unasked": 4}])
def test_numbers_as_people_type_them_are_taken(group: dict[str, Any]) -> None:
    assert entry(1, groups={"adult": group})


def test_nobody_lives_here_is_not_not_asked(here: Session, somchai: Person) -> None:
    round_id = add_round(here).id
    made = record(here, somchai, entry(round_id, groups={"adult": {"here": 0}}))
    assert queries.one(here, made.entry).figures.keys() == {"adult"}
    assert _sums(here) == {"adult": (1, 0, 0)}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("12", "12"), ("บ้านเลขที่ 12", "12"), ("๑๒/๓", "12/3"), ("12 / 3", "12/3"), ("12/3 ก", "12/3 ก"), ("12A", "12a"),
     ("camp 1", "camp 1"), ("ไม่มีเลขที่ 2", "ไม่มีเลขที่ 2"), ("No. 7", "7"), ("99 ก", "99 ก"), ("45 หมู่ 2", "45 หมู่ 2"),
     ("12/3 หมู่ที่ ๔", "12/3 หมู่ที่ 4"), ("12 ม.4", "12 ม.4"), ("แคมป์คนงาน 3", "แคมป์คนงาน 3"), ("99/1 ซ.5", "99/1 ซ.5"),
     ("ห้อง 12 ตึก A", "ห้อง 12 ตึก a"), ("เพิงพักหลังที่ 2", "เพิงพักหลังที่ 2"), ("12 กข", "12 กข"),
     ("Workers camp 2", "workers camp 2")],
)  # fmt: skip
def test_house_numbers_are_compared_however_they_are_written(typed: str, kept: str) -> None:
    assert house_number(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "สมชาย ใจดี",
        "1103700012341",
        "1" * 31,
        "{{98765*54321}}",
        "<b>1</b>",
        "=1+1",
        "12\x00",
        "081-234-5678",
        "๐๕๓ ๑๒๓๔๕๖",
    ],
)
def test_a_name_or_code_is_no_house_number(typed: str) -> None:
    with pytest.raises(ValueError, match=r"house number|cannot be stored"):
        house_number(typed)


@pytest.mark.parametrize(
    "typed", ["นายสมชาย1", "สมชาย 1", "1 แดง", "ตาดำ 2", "12/3 ป้าสมศรี", "Somchai 1", "บ้านยายมี 3", "ห้องสมชาย 2"]
)
def test_a_name_with_a_digit_is_no_house_number(typed: str) -> None:
    with pytest.raises(ValueError, match="looks like a name"):
        house_number(typed)


def test_the_next_house_number() -> None:
    assert [queries.next_number(one) for one in ("12", "12/3", "12/3 ก", "camp 9", None)] == [
        "13", "12/4", "12/4", "camp 10", "",
    ]  # fmt: skip


# Sums and time --------------------------------------------------------------------------------------------------


def test_a_rebuild_gives_what_was_there_and_mends_what_was_not(here: Session, somchai: Person) -> None:
    round_id = add_round(here).id
    for house in ("1", "2", "3"):
        record(here, somchai, entry(round_id, house))
    record(here, somchai, entry(round_id, None, village="90010104", groups={"adult": {"here": 9, "none": 9}}))
    rows = text("SELECT xmin::text, ctid::text, * FROM survey_sums ORDER BY village_code, target_group")
    before = here.execute(rows).all()
    assert sums.rebuild(here) == 0
    assert here.execute(rows).all() == before, "what is right is not written again"
    here.execute(text('UPDATE survey_sums SET here = here + 1, "none" = "none" + 1 WHERE village_code = \'90010104\''))
    here.execute(text("UPDATE survey_sums SET target_group = 'child' WHERE village_code = '90010103'"))
    here.execute(text("UPDATE survey_villages SET counted = counted + 1"))
    apart = sums.different(here)
    assert apart == 2 + 2 + 2, "a sum that is wrong is one there and one here; two counts"
    assert sum(sums.rebuild(here, amphoe) for amphoe in sums.amphoe(here)) == apart
    assert sums.different(here) == 0
    assert [row[2:] for row in here.execute(rows)] == [row[2:] for row in before]


def test_house_numbers_of_old_surveys_go_and_figures_stay(here: Session, somchai: Person) -> None:
    old = add_round(here, closed_at=NOON - timedelta(days=181), opened_at=NOON - timedelta(days=300)).id
    new = add_round(here).id
    officer = appoint(here, "tambon_officer", "900101")
    gone, kept = record(here, officer, entry(old, "12")), record(here, officer, entry(new, "12"))
    _decide(here, officer, gone.entry, "accept")
    before = _sums(here)
    retention.forget_households(here, NOON, days=180)
    assert queries.one(here, gone.entry).household == f"#{gone.entry}"
    assert queries.one(here, kept.entry).household == "12"
    assert _sums(here) == before


def test_last_time_is_of_the_same_house_in_an_earlier_round(here: Session, somchai: Person) -> None:
    earlier, later = add_round(here).id, add_round(here).id
    record(here, somchai, entry(earlier, "12"))
    found = queries.last_time(here, later, VILLAGE, "12")
    assert found is not None
    assert found.figures["adult"]["here"] == ADULTS["adult"]["here"]
    assert queries.last_time(here, later, VILLAGE, "13") is None


def test_times_need_a_zone() -> None:
    with pytest.raises(ValidationError):
        EntryIn.model_validate(
            {"round": 1, "village": VILLAGE, "household": "1", "groups": ADULTS, "observed_at": "2026-11-20T10:00:00"}
        )
    assert service.moment(datetime(2026, 11, 20, tzinfo=UTC), None, NOON).at == datetime(2026, 11, 20, tzinfo=UTC)


def test_only_an_officer_puts_one_household_in_the_place_of_a_whole_village(
    here: Session, somchai: Person, malee: Person, officer: Person
) -> None:
    """Two who recorded one house choose; not any more once an officer has chosen the total of the village."""
    round_id = add_round(here).id
    record(here, somchai, entry(round_id, "1"))
    twice = record(here, malee, entry(round_id, "1"))
    whole = record(here, malee, entry(round_id, None, groups={"adult": {"here": 90, "more": 90}}))
    _decide(here, officer, whole.entry, "this")
    for who in (somchai, malee):
        with pytest.raises(NotAllowed):
            _decide(here, who, twice.entry, "this")
    assert _sums(here) == {"adult": (1, 90, 90)}
    _decide(here, officer, twice.entry, "this")
    assert _sums(here) == {"adult": (1, 2, 2)}


def test_what_is_accepted_counts_where_nothing_counts_yet(here: Session, somchai: Person, officer: Person) -> None:
    """However the last record that came late has it: both wait, neither is in the other's way."""
    round_id = add_round(here, closed_at=NOON).id
    house = record(here, somchai, entry(round_id, "1"))
    whole = record(here, somchai, entry(round_id, None))
    assert (house.state, whole.state) == ("waiting", "waiting")
    _decide(here, officer, house.entry, "accept")
    assert _sums(here) == {"adult": (1, 2, 2)}
    assert queries.one(here, house.entry).state == "counted"
