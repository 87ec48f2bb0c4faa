"""Reports as the core takes and handles them: who counts, how often, and what two at once do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts.models import Person
from mapapp.audit.models import AuditEntry
from mapapp.core.actors import Actor, Standing
from mapapp.core.errors import Conflict, Invalid, NotFound, TooMany
from mapapp.core.vault import Vault, parse_keys
from mapapp.facilities import changes
from mapapp.facilities.models import Facility, FacilityChange, FacilityReport
from mapapp.facilities.reports import queries, service
from mapapp.facilities.reports.schemas import AnswerIn, ReportIn
from tests.at_once import Work, outcomes
from tests.conftest import KEYS, NOON
from tests.data import add_facility, small_country
from tests.people import person

VAULT = Vault(parse_keys(KEYS))
CLOSED = ReportIn(reason="closed")
EARLIER = NOON - timedelta(days=2)


@pytest.fixture
def pin(session: Session) -> int:
    """A hospital in tambon 900101 that somebody stood for two days ago."""
    small_country(session)
    made = add_facility(session, "hospital", lat=14.01, lon=100.01, tambon_code="900101", confirmed_at=EARLIER)
    session.commit()
    return made.id


@pytest.fixture
def officer(session: Session) -> Actor:
    return acting(person(session))


def acting(who: Person) -> Actor:
    standing = Standing(1, "tambon_officer", "900101")
    return Actor("person", person_id=who.id, organisation="อบต.", standings=(standing,), by=standing)


def send(session: Session, pin: int, address: str, at: datetime = NOON, **values: Any) -> service.Taken:
    data = ReportIn(**{"reason": "closed", **values})
    return service.report(session, VAULT, pin, data, address=address, now=at)


def doubtful(session: Session, pin: int) -> datetime | None:
    return session.execute(select(Facility.doubtful_at).where(Facility.id == pin)).scalar_one()


def open_reports(session: Session, pin: int) -> int:
    return session.execute(select(func.count()).where(FacilityReport.facility_id == pin, queries.OPEN)).scalar_one()


def answer(session: Session, actor: Actor, pin: int, what: str, at: datetime = NOON, **values: Any) -> int:
    upto = values.pop("upto", None) or session.execute(select(func.max(FacilityReport.id))).scalar_one()
    return service.handle(session, actor, AnswerIn(facility=pin, answer=what, upto=upto, **values), at)


@pytest.mark.parametrize(
    "note",
    ["โทร 081-234-5678", "โทร ๐๘๑ ๒๓๔ ๕๖๗๘", "call +66 81 234 5678", "(02) 590 1000", "เบอร์0812345678ค่ะ",
     "1101700203450", "1-1017-00203-45-0", "x" * 301, "a\x00b", "\ud800"],
)  # fmt: skip
def test_a_note_holds_nobodys_number(note: str) -> None:
    with pytest.raises(ValidationError):
        ReportIn(reason="other", note=note)


@given(
    st.from_regex(r"0[89][0-9]{8}", fullmatch=True),
    st.sampled_from(["{}", "{0[0]}{0[1]}{0[2]}-{tail}", "{0[0]}{0[1]}{0[2]} {tail}", "+66{rest}", "+66 {rest}"]),
    st.sampled_from(["", "โทร ", "โทร.", "(", "เบอร์: "]),
    st.booleans(),
)
def test_no_mobile_number_passes(number: str, shape: str, before: str, thai: bool) -> None:
    note = before + shape.format(number, tail=number[3:], rest=number[1:])
    if thai:
        note = note.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    with pytest.raises(ValidationError):
        ReportIn(reason="other", note=note)


@pytest.mark.parametrize(
    "note", ["ปิดตั้งแต่ 12 พ.ย. 2569", "โทร 1669 แล้ว", "เหลือ 20 เตียง จาก 120", "13.7563, 100.5018", " ", ""]
)
def test_an_honest_note_is_taken(note: str) -> None:
    assert ReportIn(reason="other", note=note).note == (note.strip() or None)


def test_what_is_kept_of_a_sender() -> None:
    mine = service.sender_of(VAULT, "203.0.113.7", NOON)
    assert mine != service.sender_of(VAULT, "203.0.113.8", NOON)
    assert mine != service.sender_of(VAULT, "203.0.113.7", NOON + timedelta(days=1))
    assert mine == service.sender_of(VAULT, "203.0.113.7", NOON + timedelta(hours=11))
    assert b"203.0.113.7" not in mine
    assert service.sender_of(VAULT, "2001:db8::1", NOON) == service.sender_of(VAULT, "2001:db8::ffff:2", NOON)
    assert service.sender_of(VAULT, "2001:db8:0:1::1", NOON) != service.sender_of(VAULT, "2001:db8::1", NOON)
    assert len(service.sender_of(VAULT, "unknown", NOON)) == 32


def test_three_independent_senders_make_it_doubtful(session: Session, pin: int) -> None:
    assert send(session, pin, "10.0.0.1").is_new
    assert not send(session, pin, "10.0.0.1", NOON + timedelta(minutes=5), reason="full").is_new
    send(session, pin, "10.0.0.2")
    assert doubtful(session, pin) is None
    send(session, pin, "10.0.0.3", NOON + timedelta(hours=1), reason="wrong_place")
    assert doubtful(session, pin) == NOON + timedelta(hours=1)
    send(session, pin, "10.0.0.4", NOON + timedelta(hours=2))
    session.commit()
    assert doubtful(session, pin) == NOON + timedelta(hours=1)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "facility.doubt")).all()
    assert [(one.actor_kind, one.subject_id, one.area_code) for one in entries] == [("system", str(pin), "900101")]
    assert session.scalars(select(Facility.version).where(Facility.id == pin)).one() == 1


def test_three_within_two_days_are_not_three_within_one(session: Session, pin: int) -> None:
    for hours, address in ((0, "10.0.0.1"), (20, "10.0.0.2"), (25, "10.0.0.3")):
        send(session, pin, address, NOON + timedelta(hours=hours))
    assert doubtful(session, pin) is None
    send(session, pin, "10.0.0.4", NOON + timedelta(hours=26))
    assert doubtful(session, pin) == NOON + timedelta(hours=26)


@pytest.fixture
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AN_HOUR", 5)
    monkeypatch.setattr(service, "A_DAY", 20)


@pytest.mark.usefixtures("small_shares")
def test_an_address_has_its_share_by_the_hour_and_by_the_day(session: Session, pin: int) -> None:
    pins = [add_facility(session, "test_site", lat=14.01, lon=100.01 + i / 1000).id for i in range(25)]
    morning = NOON - timedelta(hours=4)
    sent = 0
    for hour in range(5):
        at = morning + timedelta(hours=hour, minutes=hour)
        for _ in range(6):
            if sent == service.A_DAY or sent == (hour + 1) * service.AN_HOUR:
                with pytest.raises(TooMany) as refused:
                    send(session, pins[sent], "10.0.0.9", at)
                assert 0 < refused.value.seconds <= (86_400 if sent == service.A_DAY else 3_600)
                break
            assert send(session, pins[sent], "10.0.0.9", at).is_new
            sent += 1
    assert sent == service.A_DAY
    assert not send(session, pins[0], "10.0.0.9", morning + timedelta(hours=5)).is_new, "told kindly, not refused"
    assert send(session, pins[24], "10.0.0.10", morning).is_new


def test_handled_reports_count_anew(session: Session, pin: int, officer: Actor) -> None:
    for number in range(3):
        send(session, pin, f"10.0.0.{number}")
    assert answer(session, officer, pin, "still_right", NOON + timedelta(minutes=10)) == 3
    assert doubtful(session, pin) is None
    later = NOON + timedelta(minutes=20)
    for number in range(3):
        assert doubtful(session, pin) is None
        assert send(session, pin, f"10.0.0.{number}", later).is_new
    assert doubtful(session, pin) == later


def test_an_edit_elsewhere_clears_the_doubt_and_older_reports_count_no_more(
    session: Session, pin: int, officer: Actor
) -> None:
    for number in range(3):
        send(session, pin, f"10.0.0.{number}")
    changes.change(session, officer, pin, {"address": "1"}, action="edit", now=NOON + timedelta(minutes=10))
    assert doubtful(session, pin) is None
    send(session, pin, "10.0.0.4", NOON + timedelta(minutes=20))
    assert doubtful(session, pin) is None
    assert open_reports(session, pin) == 4, "nobody has read them yet"
    assert queries.queue(session, "900101")[0].is_mended is False


@pytest.mark.parametrize(
    ("what", "outcome", "status", "action"),
    [
        ("still_right", "still_right", "open", "confirm"),
        ("full", "fixed", "full", "edit"),
        ("close", "fixed", "temporarily_closed", "close"),
        ("fixed", "fixed", "open", None),
        ("dismiss", "dismissed", "open", None),
    ],
)
def test_one_tap(
    session: Session, pin: int, officer: Actor, what: str, outcome: str, status: str, action: str | None
) -> None:
    for number in range(3):
        send(session, pin, f"10.0.0.{number}")
    at = NOON + timedelta(minutes=10)
    assert answer(session, officer, pin, what, at, closed_reason="น้ำท่วม") == 3
    session.commit()
    rows = session.scalars(select(FacilityReport).where(FacilityReport.facility_id == pin)).all()
    assert {(row.outcome, row.handled_by, row.handled_at) for row in rows} == {(outcome, officer.person_id, at)}
    facility = session.scalars(select(Facility).where(Facility.id == pin)).one()
    assert (facility.status, facility.doubtful_at) == (status, None)
    assert facility.closed_reason == ("น้ำท่วม" if what == "close" else None)
    steps = session.scalars(select(FacilityChange.action).where(FacilityChange.facility_id == pin)).all()
    assert list(steps) == ([action] if action else [])
    recorded = session.scalars(select(AuditEntry).where(AuditEntry.action == f"reports.{outcome}")).one()
    assert (recorded.area_code, recorded.actor_id) == ("900101", officer.person_id)
    assert recorded.details["reports"] == 3


def test_a_dismissal_is_taken_back_with_its_doubt(session: Session, pin: int, officer: Actor) -> None:
    for number in range(3):
        send(session, pin, f"10.0.0.{number}")
    answer(session, officer, pin, "dismiss", NOON + timedelta(minutes=10))
    assert doubtful(session, pin) is None
    [listed] = queries.dismissed(session, "900101", NOON + timedelta(minutes=11))
    assert (listed.id, listed.reports) == (pin, 3)
    assert queries.dismissed(session, "900102", NOON) == []
    at = NOON + timedelta(minutes=20)
    assert answer(session, officer, pin, "undo", at, upto=listed.report) == 3
    assert doubtful(session, pin) == at
    assert open_reports(session, pin) == 3
    with pytest.raises(Conflict):
        answer(session, officer, pin, "undo", at, upto=listed.report)


def test_a_dismissal_of_yesterday_stays(session: Session, pin: int, officer: Actor) -> None:
    send(session, pin, "10.0.0.1")
    answer(session, officer, pin, "dismiss", NOON)
    with pytest.raises(Conflict):
        answer(session, officer, pin, "undo", NOON + timedelta(hours=25))
    assert queries.dismissed(session, "TH", NOON + timedelta(hours=25)) == []


def test_reports_that_came_after_the_page_stay_open(session: Session, pin: int, officer: Actor) -> None:
    send(session, pin, "10.0.0.1")
    seen = session.execute(select(func.max(FacilityReport.id))).scalar_one()
    send(session, pin, "10.0.0.2")
    assert answer(session, officer, pin, "dismiss", upto=seen) == 1
    assert open_reports(session, pin) == 1
    with pytest.raises(Conflict):
        answer(session, officer, pin, "still_right", upto=seen)


def test_what_cannot_be_done(session: Session, pin: int, officer: Actor) -> None:
    send(session, pin, "10.0.0.1")
    session.commit()
    with pytest.raises(Invalid):
        answer(session, officer, pin, "close")
    session.rollback()
    changes.change(session, officer, pin, {"status": "closed"}, action="close", now=NOON)
    session.commit()
    with pytest.raises(Conflict):
        answer(session, officer, pin, "full")
    for missing in (0, 10**6, 2**63):
        with pytest.raises(NotFound):
            send(session, missing, "10.0.0.1")


def test_a_report_of_a_merged_pin_goes_to_the_one_that_stays(session: Session, pin: int, officer: Actor) -> None:
    other = add_facility(session, "hospital", lat=14.011, lon=100.01, tambon_code="900101").id
    values = {"status": "closed", "merged_into": pin}
    changes.change(session, officer, other, values, action="merge", now=NOON)
    assert send(session, other, "10.0.0.1") == service.Taken(pin, is_new=True)
    assert not send(session, pin, "10.0.0.1").is_new


def test_the_queue_is_in_scope_doubtful_and_most_first(session: Session, pin: int) -> None:
    few = add_facility(session, "test_site", lat=14.02, lon=100.02, tambon_code="900101", confirmed_at=EARLIER).id
    many = add_facility(session, "test_site", lat=14.03, lon=100.03, tambon_code="900102", confirmed_at=EARLIER).id
    nowhere = add_facility(session, "test_site", lat=13, lon=100.03, confirmed_at=EARLIER).id
    send(session, few, "10.0.0.1", NOON - timedelta(hours=1))
    for number in range(2):
        send(session, many, f"10.0.0.{number}", note="{{98765*54321}} <b>")
    for number in range(3):
        send(session, pin, f"10.0.0.{number}", NOON - timedelta(hours=3))
    send(session, nowhere, "10.0.0.7")
    found = queries.queue(session, "9001")
    assert [(one.id, one.reports) for one in found] == [(pin, 3), (many, 2), (few, 1)]
    assert [one.note for one in found[1].said] == ["{{98765*54321}} <b>"] * 2
    assert [one.id for one in queries.queue(session, "9001", limit=1, skip=1)] == [many]
    counted = {area: queries.open_count(session, area) for area in ("TH", "90", "900101", "900102", "9002")}
    assert counted == {"TH": 4, "90": 3, "900101": 2, "900102": 1, "9002": 0}


def test_the_queue_asks_as_often_for_many_as_for_one(session: Session, pin: int, query_count: Any) -> None:
    send(session, pin, "10.0.0.1")
    for number in range(12):
        one = add_facility(session, "test_site", lat=14.02, lon=100.02 + number / 1000, tambon_code="900101").id
        for sender in range(3):
            send(session, one, f"10.1.{number}.{sender}")
    before = query_count()
    assert len(queries.queue(session, "900101")) == 13
    assert query_count() - before == 2


def test_senders_are_forgotten_after_two_days(session: Session, pin: int) -> None:
    send(session, pin, "10.0.0.1", NOON - timedelta(days=3))
    send(session, pin, "10.0.0.2", NOON)
    assert service.forget_senders(session, NOON) == 1
    assert service.forget_senders(session, NOON) == 0
    kept = session.scalars(select(FacilityReport.sender).order_by(FacilityReport.at)).all()
    assert kept == [b"", service.sender_of(VAULT, "10.0.0.2", NOON)]


def test_what_strangers_wrote_is_forgotten_a_month_after_it_was_handled(session: Session, pin: int) -> None:
    for address, handled in (("10.0.0.1", NOON - timedelta(days=31)), ("10.0.0.2", NOON - timedelta(days=29))):
        send(session, pin, address, NOON - timedelta(days=40))
        session.execute(
            update(FacilityReport)
            .where(FacilityReport.handled_at.is_(None))
            .values(handled_at=handled, outcome="fixed", note=address)
        )
    send(session, pin, "10.0.0.3", NOON - timedelta(days=40))
    session.execute(update(FacilityReport).where(FacilityReport.handled_at.is_(None)).values(note="waits"))
    assert service.forget_notes(session, NOON) == 1
    assert service.forget_notes(session, NOON) == 0
    assert set(session.scalars(select(FacilityReport.note))) == {None, "10.0.0.2", "waits"}


# At once ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(engine: Engine, owner: Engine) -> Iterator[tuple[Engine, int]]:
    """A pin that several connections see, and where they see it."""
    factory = database.sessions(engine)
    with factory() as own:
        pin = add_facility(own, "hospital", lat=14.01, lon=100.01, source_ref="at once", confirmed_at=EARLIER).id
        own.commit()
    yield engine, pin
    with owner.begin() as connection:
        for table in ("facility_reports", "facility_changes", "facilities", "people", "data_versions", "audit_log"):
            connection.execute(text(f"DELETE FROM {table}"))


def test_three_at_once_do_not_miss_each_other(shared: tuple[Engine, int]) -> None:
    engine, pin = shared

    def sending(number: int) -> Work:
        return lambda own: send(own, pin, f"10.0.0.{number}")

    assert outcomes(engine, [sending(number) for number in range(3)]) == {"done": 3}
    with database.sessions(engine)() as own:
        assert doubtful(own, pin) == NOON


@pytest.mark.usefixtures("small_shares")
def test_one_sender_at_once_counts_once_and_passes_no_limit(shared: tuple[Engine, int]) -> None:
    engine, pin = shared

    def sending(where: int) -> Work:
        return lambda own: send(own, where, "10.0.0.1")

    assert outcomes(engine, [sending(pin)] * 6) == {"again": 5, "done": 1}
    with database.sessions(engine)() as own:
        pins = [
            add_facility(own, "test_site", lat=14.02, lon=100.02, source_ref=f"at once {number}").id
            for number in range(8)
        ]
        own.commit()
    left = service.AN_HOUR - 1
    assert outcomes(engine, [sending(one) for one in pins]) == {"done": left, "TooMany": 8 - left}


def test_two_officers_at_once_handle_once(shared: tuple[Engine, int]) -> None:
    engine, pin = shared
    with database.sessions(engine)() as own:
        officers = [acting(person(own, f"คนที่ {number}")) for number in range(4)]
        send(own, pin, "10.0.0.1")
        own.commit()

    def answering(officer: Actor) -> Work:
        return lambda own: answer(own, officer, pin, "still_right")

    assert outcomes(engine, [answering(one) for one in officers]) == {"done": 1, "Conflict": 3}
    with database.sessions(engine)() as own:
        assert len(own.scalars(select(FacilityChange.id).where(FacilityChange.facility_id == pin)).all()) == 1


def test_senders_are_told_apart_on_a_socket_for_both_families() -> None:
    one, other = (service.sender_of(VAULT, f"::ffff:192.0.2.{number}", NOON) for number in (1, 2))
    assert one != other
    assert one == service.sender_of(VAULT, "192.0.2.1", NOON)
