"""Imports from upload to end: all or nothing, once, taken back, and a process that is killed half-way."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from mapapp.audit.models import AuditEntry
from mapapp.core.errors import Conflict, Invalid
from mapapp.facilities import changes, service
from mapapp.facilities.imports import jobs, queries
from mapapp.facilities.imports import plan as planning
from mapapp.facilities.imports.undo import REASON
from mapapp.facilities.models import Facility, FacilityChange, FacilityImport
from tests.conftest import NOON
from tests.data import small_country
from tests.facilities.imports.build import ALSO_WEST, HEAD, IN_EAST, IN_WEST, officer, ran, uploaded, xlsx


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)


def state(session: Session, import_id: uuid.UUID) -> queries.Import:
    session.expire_all()
    return queries.get(session, import_id)


def pins(session: Session) -> list[Facility]:
    session.expire_all()
    return list(session.scalars(select(Facility).where(Facility.source == "list [9001]").order_by(Facility.source_ref)))


def test_all_or_nothing(session: Session, factory: sessionmaker[Session]) -> None:
    one = uploaded(session, xlsx(HEAD, IN_WEST, IN_EAST))
    ran(factory, one)
    found = state(session, one)
    assert (found.state, found.has_file, pins(session)) == ("failed", True, [])
    assert found.why is not None
    assert "Check the list again" in str(found.why)
    ran(factory, one, only_good=True)
    found = state(session, one)
    assert (found.state, found.has_file, len(pins(session))) == ("done", False, 1)
    assert found.counts == {"new": 1, "changed": 0, "same": 0, "problem": 0, "outside": 1}
    assert found.finished_at == NOON


def test_repeating_a_list_changes_nothing(session: Session, factory: sessionmaker[Session]) -> None:
    for _ in range(2):
        ran(factory, one := uploaded(session, xlsx(HEAD, IN_WEST, ALSO_WEST)))
    assert state(session, one).counts["same"] == 2
    assert [pin.version for pin in pins(session)] == [1, 1]
    assert session.scalar(select(func.count()).select_from(FacilityChange)) == 2


def test_one_entry_on_record_for_each_step(session: Session, factory: sessionmaker[Session]) -> None:
    one = uploaded(session, xlsx(HEAD, IN_WEST, ALSO_WEST))
    ran(factory, one)
    jobs.undo(session, officer(), one, NOON)
    session.commit()
    kept = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    assert [(entry.action, entry.subject_id, entry.area_code) for entry in kept] == [
        ("facilities.import_upload", str(one), "9001"),
        ("facilities.import", str(one), "9001"),
        ("facilities.import_undo", str(one), "9001"),
    ]
    assert kept[1].details["new"] == 2


def test_two_taps_start_one_run(session: Session, factory: sessionmaker[Session]) -> None:
    one = uploaded(session, xlsx(HEAD, IN_WEST))
    jobs.claim(session, one, only_good=False, now=NOON)
    with pytest.raises(Conflict):
        jobs.claim(session, one, only_good=False, now=NOON)


def test_a_run_that_died_is_claimed_anew_and_the_dead_one_loads_nothing(
    session: Session, factory: sessionmaker[Session]
) -> None:
    one = uploaded(session, xlsx(HEAD, IN_WEST))
    dead = jobs.claim(session, one, only_good=False, now=NOON)
    session.commit()
    later = NOON + jobs.DEAD_AFTER + timedelta(seconds=1)
    assert state(session, one).ended_half_way(later, jobs.DEAD_AFTER)
    again = jobs.claim(session, one, only_good=False, now=later)
    session.commit()
    jobs.run(factory, one, dead, officer(), lambda: later, beat_s=None)
    assert (state(session, one).state, pins(session)) == ("running", [])
    jobs.run(factory, one, again, officer(), lambda: later, beat_s=None)
    assert (state(session, one).state, len(pins(session))) == ("done", 1)
    with pytest.raises(Conflict):
        jobs.claim(session, one, only_good=False, now=later + timedelta(days=1))


def test_an_unforeseen_error_is_told_and_loads_nothing(
    session: Session, factory: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = uploaded(session, xlsx(HEAD, IN_WEST))

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("ตกใจ")

    monkeypatch.setattr(planning, "plan", broken)
    ran(factory, one)
    found = state(session, one)
    assert (found.state, pins(session)) == ("failed", [])
    assert "nothing was imported" in str(found.why)


def test_undo_closes_what_was_new_and_gives_back_what_was_changed(
    session: Session, factory: sessionmaker[Session]
) -> None:
    ran(factory, uploaded(session, xlsx(HEAD, IN_WEST)))
    moved = [IN_WEST[0], "ชื่อผิด", 14.15, 100.06, None, "ปิด"]
    ran(factory, wrong := uploaded(session, xlsx(HEAD, moved, ALSO_WEST)))
    assert [(pin.name_th, pin.status, pin.tambon_code) for pin in pins(session)] == [
        ("ชื่อผิด", "closed", "900102"), ("จุดฉีด โรงเรียน", "full", "900101"),
    ]  # fmt: skip
    done = jobs.undo(session, officer(), wrong, NOON)
    session.commit()
    assert (done.closed, done.restored, done.left) == (1, 1, [])
    first, second = pins(session)
    assert (first.name_th, first.status, first.tambon_code, first.phone) == (
        IN_WEST[1],
        "open",
        "900101",
        "+6653920300",
    )
    assert (first.version, second.status, second.closed_reason) == (3, "closed", REASON)
    assert state(session, wrong).counts["undone"] == {"closed": 1, "restored": 1, "left": 0}
    with pytest.raises(Conflict):
        jobs.undo(session, officer(), wrong, NOON)
    # The same list again opens again what undoing it has closed.
    ran(factory, uploaded(session, xlsx(HEAD, ALSO_WEST)))
    assert pins(session)[1].status == "full"


def test_a_list_without_a_status_opens_again_what_its_undo_closed(
    session: Session, factory: sessionmaker[Session]
) -> None:
    data = xlsx(HEAD[:4], IN_WEST[:4])
    ran(factory, one := uploaded(session, data))
    jobs.undo(session, officer(), one, NOON)
    session.commit()
    ran(factory, uploaded(session, data))
    assert [(pin.status, pin.closed_reason) for pin in pins(session)] == [("open", None)]


def test_undo_leaves_what_somebody_has_changed_since(session: Session, factory: sessionmaker[Session]) -> None:
    ran(factory, one := uploaded(session, xlsx(HEAD, IN_WEST, ALSO_WEST)))
    first = pins(session)[0]
    changes.change(session, officer(), first.id, {"name_th": "ชื่อใหม่"}, action="edit", now=NOON)
    session.commit()
    done = jobs.undo(session, officer(), one, NOON)
    session.commit()
    assert (done.closed, done.left) == (1, [first.id])
    assert [pin.status for pin in pins(session)] == ["open", "closed"]
    told = queries.touched(session, one)
    assert (told[0].id, told[0].since) == (first.id, True)


def test_files_go_after_a_day(session: Session) -> None:
    one = uploaded(session, xlsx(HEAD, IN_WEST))
    assert jobs.forget_files(session, NOON + timedelta(hours=23)) == 0
    assert jobs.forget_files(session, NOON + timedelta(hours=25)) == 1
    assert not state(session, one).has_file
    with pytest.raises(Conflict):
        jobs.claim(session, one, only_good=False, now=NOON)


def test_a_list_too_long_for_the_pages(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_ROWS", 1)
    with pytest.raises(Invalid, match="more than 1 rows"):
        uploaded(session, xlsx(HEAD, IN_WEST, ALSO_WEST))


def test_two_areas_may_use_one_name_for_their_lists(session: Session, factory: sessionmaker[Session]) -> None:
    ran(factory, uploaded(session, xlsx(HEAD, IN_WEST)))
    east = uploaded(session, xlsx(HEAD, [IN_WEST[0], *IN_EAST[1:]]), area="9002")
    ran(factory, east, area="9002")
    assert state(session, east).counts["new"] == 1
    assert session.scalar(text("SELECT count(*) FROM facilities WHERE source LIKE 'list [%'")) == 2


def test_ten_thousand_rows_take_few_statements(
    session: Session, factory: sessionmaker[Session], query_count: Any
) -> None:
    rows = [
        [str(n), f"จุด {n}", 14.001 + n % 100 * 0.0009, 100.001 + n // 100 * 0.0009, None, "เปิด"] for n in range(10_000)
    ]
    one = uploaded(session, xlsx(HEAD, *rows))
    before = query_count()
    with service.facilities_changed.muted():  # the figures of coverage have tests of their own
        ran(factory, one)
    assert state(session, one).counts["new"] == 10_000
    assert query_count() - before < 150
    assert session.scalar(select(func.count()).select_from(FacilityImport)) == 1


def test_an_import_taken_back_gives_back_who_stood_for_the_pin(
    session: Session, factory: sessionmaker[Session]
) -> None:
    ran(factory, uploaded(session, xlsx(HEAD, IN_WEST, ALSO_WEST)))
    an_hour_ago = NOON - timedelta(hours=1)
    for one in pins(session):
        changes.change(session, officer(), one.id, {}, action="confirm", now=an_hour_ago)
    session.commit()
    second = uploaded(session, xlsx(HEAD, [*IN_WEST[:4], "053140774", "เปิด"], [*ALSO_WEST[:5], "เปิด"]))
    ran(factory, second)
    assert {(one.confirmed_at, one.verified_at) for one in pins(session)} == {(None, None)}
    jobs.undo(session, officer(), second, NOON)
    assert {(one.confirmed_at, one.verified_at) for one in pins(session)} == {(an_hour_ago, an_hour_ago)}


@pytest.mark.parametrize("first_back", [0, 1])
def test_two_imports_taken_back_in_either_order_leave_what_was_before_both(
    session: Session, factory: sessionmaker[Session], first_back: int
) -> None:
    """Of a pin that was there, of one that the first brought, and of fields that both changed."""
    ran(factory, uploaded(session, xlsx(HEAD, IN_WEST)))
    before = pins(session)[0]
    was = (before.name_th, before.phone, before.status, before.tambon_code)
    ran(factory, one := uploaded(session, xlsx(HEAD, [*IN_WEST[:4], "053111111", "เต็ม"], ALSO_WEST)))
    moved = ["1", "ชื่ออื่น", 14.15, 100.06, "053222222", "ปิดชั่วคราว"]
    ran(factory, two := uploaded(session, xlsx(HEAD, moved, [*ALSO_WEST[:5], "ปิด"])))
    jobs.undo(session, officer(), (one, two)[first_back], NOON)
    session.commit()
    left, brought = pins(session)
    if first_back == 0:
        assert (left.name_th, left.phone, left.status) == ("ชื่ออื่น", "+6653222222", "temporarily_closed"), (
            "the second stands"
        )
        assert brought.status == "closed", "as the second says"
    else:
        assert (left.name_th, left.phone, left.status) == (was[0], "+6653111111", "full")
        assert (brought.status, brought.closed_reason) == ("full", None)
    jobs.undo(session, officer(), (one, two)[1 - first_back], NOON)
    session.commit()
    left, brought = pins(session)
    assert (left.name_th, left.phone, left.status, left.tambon_code) == was
    assert (brought.status, brought.closed_reason) == ("closed", REASON)
