"""What an import would do: outcomes, areas, duplicates, and that it holds what it promises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp.core.errors import Invalid, NotAllowed
from mapapp.facilities import changes, list_rows, service
from mapapp.facilities.imports.plan import Plan, plan
from mapapp.facilities.models import Facility, FacilityChange
from mapapp.facilities.schemas import FacilityIn
from tests.conftest import NOON
from tests.data import add_facility, small_country
from tests.facilities.build import PAYLOADS
from tests.facilities.imports.build import ALSO_WEST, HEAD, IN_EAST, IN_WEST, WEST, officer, planned


@pytest.fixture(autouse=True)
def country(session: Session) -> None:
    small_country(session)


def outcomes(*found: Any) -> list[tuple[int, str]]:
    return [(row.number, row.outcome) for one in found for row in one.rows]


def load(session: Session, *rows: list[Any], area: str = WEST) -> service.Upserted:
    made = planned(session, *rows, area=area)
    return service.import_facilities(
        session, made.accepted, columns=made.columns, actor=officer(area=area), now=NOON, area=area
    )


def test_each_row_has_an_outcome(session: Session) -> None:
    load(session, IN_WEST, ALSO_WEST)
    nameless = ["4", None, 14.05, 100.05, None, "เปิด"]
    sea = ["5", "เรือ", 9.0, 102.5, None, "เปิด"]
    found = planned(session, IN_WEST, [*ALSO_WEST[:5], "ปิด"], IN_EAST, nameless, sea)
    assert outcomes(found) == [(2, "same"), (3, "changed"), (4, "outside"), (5, "problem"), (6, "outside")]
    assert found.rows[1].changes == {"status": ["full", "closed"]}
    assert (found.rows[2].tambon, found.places["900201"].name_th) == ("900201", "ตำบล01")
    assert found.rows[4].tambon is None
    assert found.counts == {"problem": 1, "outside": 2, "new": 0, "changed": 1, "same": 1}
    assert [one.source_ref for one in found.accepted] == ["1", "2"]
    assert not found.is_clean
    assert planned(session, IN_WEST).is_clean


def test_the_country_takes_every_tambon_but_not_the_sea(session: Session) -> None:
    found = planned(session, IN_WEST, IN_EAST, ["5", "เรือ", 9.0, 102.5, None, None], area="TH")
    assert [one for _, one in outcomes(found)] == ["new", "new", "outside"]


def test_the_border_by_a_metre(session: Session) -> None:
    """The line between the amphoe is 100.1° east; 0.00001° is about a metre."""
    rows = [["1", "ก", 14.05, 100.09999, None, None], ["2", "ข", 14.05, 100.10001, None, None]]
    assert [one for _, one in outcomes(planned(session, *rows))] == ["new", "outside"]
    assert [one for _, one in outcomes(planned(session, *rows, area="9002"))] == ["outside", "new"]


def test_somebody_elses_pin_is_not_pulled_over_the_border(session: Session) -> None:
    add_facility(
        session,
        "vaccination_site",
        lat=14.05,
        lon=100.15,
        tambon_code="900201",
        source=f"list [{WEST}]",
        source_ref="1",
    )
    found = planned(session, IN_WEST)
    assert outcomes(found) == [(2, "outside")]
    assert "is outside your area" in str(found.rows[0].notes[0])
    facility = planned(session, IN_WEST, area="TH").accepted[0].model_copy(update={"source": f"list [{WEST}]"})
    with pytest.raises(NotAllowed):
        service.import_facilities(session, [facility], actor=officer(), now=NOON, area=WEST)


def test_nothing_outside_is_loaded_whatever_the_plan_said(session: Session) -> None:
    (east,) = planned(session, IN_EAST, area="TH").accepted
    with pytest.raises(NotAllowed):
        service.import_facilities(session, [east], actor=officer(), now=NOON, area=WEST)


def test_a_neighbour_of_another_source_is_pointed_at(session: Session) -> None:
    near = add_facility(session, "vaccination_site", lat=14.0505, lon=100.06, tambon_code="900101", name_th="วัดเหนือ")
    add_facility(session, "test_site", lat=14.06, lon=100.07, tambon_code="900101")  # of another kind
    found = planned(session, IN_WEST, ALSO_WEST)
    assert [row.twin for row in found.rows] == [near.id, None]
    assert "วัดเหนือ" in str(found.rows[0].notes[0])


def test_a_merged_pin_stays_merged(session: Session) -> None:
    first = load(session, IN_WEST, ALSO_WEST)
    one, two = (first.by_ref["list [9001]", ref] for ref in "12")
    session.execute(
        text("UPDATE facilities SET status = 'closed', merged_into = :two WHERE id = :one"), {"one": one, "two": two}
    )
    found = planned(session, IN_WEST)
    assert (found.rows[0].outcome, found.rows[0].facility_id) == ("same", two)
    assert load(session, IN_WEST).merged == 1
    assert session.scalar(select(Facility.merged_into).where(Facility.id == one)) == two


def test_an_officer_stands_for_every_row_only_where_the_office_has_checked_them(session: Session) -> None:
    rows = planned(session, IN_WEST).accepted
    done = service.import_facilities(session, rows, actor=officer(), now=NOON, area=WEST)
    kept = session.scalars(select(Facility).where(Facility.id.in_(done.ids))).one()
    assert (kept.confirmed_at, kept.verified_at, kept.verified_by, kept.status_at) == (None, None, None, None)
    service.import_facilities(session, rows, actor=officer(), now=NOON, area=WEST, checked=True)
    session.refresh(kept)
    assert (kept.confirmed_at, kept.verified_at, kept.verified_by) == (NOON, NOON, "สสอ.")
    assert (kept.status_at, kept.beds_free_at, kept.tambon_code) == (NOON, None, "900101")
    step = session.scalars(select(FacilityChange).where(FacilityChange.facility_id == kept.id)).one()
    assert (step.action, step.version, step.appointment_id) == ("import", 1, 7)
    assert step.changes["point"] == [None, [100.06, 14.05]]
    assert step.changes["phone"] == [None, "+6653920300"]


def test_who_verified_and_whether_it_is_an_example_is_not_the_lists_to_say(session: Session) -> None:
    made = planned(session, IN_WEST)
    claimed = made.accepted[0].model_copy(update={"verified_by": "กระทรวง", "verified_at": NOON.replace(year=2099)})
    done = service.import_facilities(session, [claimed], actor=officer(), now=NOON, area=WEST)
    kept = session.scalars(select(Facility).where(Facility.id.in_(done.ids))).one()
    assert (kept.verified_by, kept.verified_at, kept.confirmed_at) == ("สสอ.", NOON, NOON)


CELLS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.datetimes()
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
    | st.sampled_from([*PAYLOADS, "14.05", "๑๔.๐๕", "100°03'00\"E", "=1+1", "#N/A", "เปิด", "1e400"])
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=len(HEAD), max_size=len(HEAD)), min_size=1, max_size=4))
def test_whatever_stands_in_the_cells_every_row_is_told_and_what_is_accepted_loads(
    session: Session, rows: list[list[Any]]
) -> None:
    from mapapp.facilities import list_rows as facilities_list_rows
    from mapapp.facilities.imports.plan import plan
    from mapapp.lists import tables

    table = tables.Table(HEAD, [(number, dict(zip(HEAD, row, strict=True))) for number, row in enumerate(rows, 2)])
    found = plan(session, facilities_list_rows.check(table, source="list", kind="test_site"), WEST)
    assert [row.number for row in found.rows] == [number for number, _ in table.rows]
    assert all(row.problems for row in found.rows if row.outcome == "problem")
    with session.begin_nested() as saved:
        done = service.import_facilities(
            session, found.accepted, columns=found.columns, actor=officer(), now=NOON, area=WEST
        )
        saved.rollback()
    counts = found.counts
    assert (done.new, done.changed) == (counts["new"], counts["changed"])


def beds(session: Session, **values: Any) -> Plan:
    facts = {
        "kind": "field_hospital",
        "name_th": "รพ.สนาม",
        "lat": 14.05,
        "lon": 100.06,
        "source": "x",
        "source_ref": "1",
    }
    checked = list_rows.Checked(
        [FacilityIn.model_validate(facts | values)], columns={*facts, *values}, rows=1, numbers=[2]
    )
    return plan(session, checked, WEST)


def test_a_second_list_cannot_leave_more_free_beds_than_beds(session: Session) -> None:
    first = beds(session, beds=40, beds_free=30)
    service.import_facilities(session, first.accepted, columns=first.columns, actor=officer(), now=NOON, area=WEST)
    found = beds(session, beds=20)
    assert found.counts["problem"] == 1
    (problem,) = found.rows[0].problems
    assert (problem.row, problem.message.values) == (2, {"free": 30, "there": 20})
    assert found.accepted == []
    row = found.rows[0].facility
    assert row is not None
    with pytest.raises(Invalid, match=r"but \d+ free"):
        service.import_facilities(session, [row], columns=found.columns, actor=officer(), now=NOON, area=WEST)
    assert beds(session, beds=20, beds_free=5).counts["changed"] == 1
    assert beds(session, beds=30).counts["changed"] == 1


def test_no_change_by_hand_leaves_more_free_than_there_is(session: Session) -> None:
    done = load(session, IN_WEST)
    (number,) = done.ids

    def change(**values: Any) -> None:
        changes.change(session, officer(), number, values, action="edit", now=NOON)

    for free, there in (("beds_free", "beds"), ("places_free", "places")):
        change(**{there: 40, free: 30})
        for wrong in ({there: 20}, {free: 41}):
            with pytest.raises(Invalid):
                change(**wrong)
        change(**{there: 20, free: 20})


def test_a_place_that_moved_far_is_named_before_it_is_there_twice(session: Session) -> None:
    def at(name: str, lat: float) -> list[Any]:
        return [None, name, lat, 100.06, None, "เปิด"]

    load(session, at("จุดฉีด วัดเหนือ", 14.02))
    rows = planned(session, at("จุดฉีด วัดเหนือ", 14.08), at("จุดฉีด วัดใต้", 14.09)).rows
    assert [row.outcome for row in rows] == ["new", "new"]
    assert [any("already has" in note.message.text for note in row.notes) for row in rows] == [True, False]
    assert rows[0].twin == session.scalars(select(Facility.id).where(Facility.name_th == "จุดฉีด วัดเหนือ")).one()
