"""Closing and opening again, history and taking steps back, two pins made one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.facilities.models import FacilityChange, FacilityReport
from tests.conftest import NOON
from tests.data import add_facility
from tests.facilities.editing.conftest import edit_form, pin, steps
from tests.people import Browser


@pytest.fixture
def here(country: int) -> str:
    return f"/officer/facilities/{country}"


@pytest.fixture
def twin(session: Session, country: int) -> int:
    """Another pin of the same hospital, 11 m away."""
    made = add_facility(
        session, "hospital", lat=14.0501, lon=100.05, tambon_code="900101", name_th="รพ.ทดสอบ", beds=40,
        phone="+6653920300",
    )  # fmt: skip
    session.commit()
    return made.id


def save(who: Browser, here: str, **values: str) -> None:
    answer = who.post(f"{here}/edit", edit_form(who.get(f"{here}/edit").text, **values))
    assert answer.status_code == 303, answer.text


# Closing --------------------------------------------------------------------------------------------------------


def test_closing_for_good_and_opening_again(officer: Browser, session: Session, country: int, here: str) -> None:
    form = {"version": "1", "how": "for_good", "closed_reason": "ย้ายไปที่ใหม่", "closed_from": "", "closed_until": ""}
    answer = officer.post(f"{here}/close", form)
    assert answer.status_code == 303
    assert answer.location == f"{here}/history?notice=closed"
    found = pin(session, country)
    assert (found.status, found.closed_reason, found.status_at) == ("closed", "ย้ายไปที่ใหม่", NOON)
    assert "ย้ายไปที่ใหม่" in officer.get(answer.location).text
    again = officer.post(f"{here}/reopen", {"version": "2"})
    assert again.location == f"{here}/history?notice=reopened"
    found = pin(session, country)
    assert (found.status, found.closed_reason, found.version) == ("open", None, 3)
    assert officer.post(f"{here}/reopen", {"version": "2"}).status_code == 303  # tapped twice
    assert pin(session, country).version == 3
    assert [step.action for step in steps(session, country)] == ["close", "reopen"]


def test_planning_a_closure(officer: Browser, session: Session, country: int, here: str) -> None:
    form = {
        "version": "1",
        "how": "temporarily",
        "closed_reason": "อบรม",
        "closed_from": "2026-12-03",
        "closed_until": "7/12/2569",
    }
    answer = officer.post(f"{here}/close", form)
    assert answer.location == f"{here}/history?notice=closure_planned"
    found = pin(session, country)
    assert found.status == "temporarily_closed"
    assert (found.closed_from, found.closed_until) == (
        datetime(2026, 12, 2, 17, tzinfo=UTC),
        datetime(2026, 12, 6, 17, tzinfo=UTC),
    )
    page = officer.get(f"{here}/close?lang=en")
    assert 'value="2026-12-03"' in page.text
    assert "Reopen now" in page.text
    assert officer.post(f"{here}/close", form).status_code == 303  # tapped twice
    assert len(steps(session, country)) == 1


def test_closing_from_now_on(officer: Browser, session: Session, country: int, here: str) -> None:
    form = {"version": "1", "how": "temporarily", "closed_reason": "น้ำท่วม", "closed_from": "2026-11-20"}
    assert officer.post(f"{here}/close", form).location == f"{here}/history?notice=closed"
    assert (pin(session, country).closed_from, pin(session, country).closed_until) == (None, None)


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"closed_reason": " "}, "Enter the reason"),
        ({"how": "perhaps"}, "Choose one"),
        ({"closed_until": "2026-11-01"}, "This day has passed"),
        ({"closed_from": "2026-12-03", "closed_until": "2026-12-01"}, "reopening day must be after the closing day"),
        ({"closed_from": "soon"}, "Enter the date"),
        ({"closed_reason": "x" * 600}, "at most 500"),
        ({"closed_reason": "บัตร 1101700230708"}, "national ID"),
        ({"version": ""}, "too old"),
        ({"status": "open"}, "Unknown parameter"),
    ],
)
def test_a_closing_that_cannot_be(
    officer: Browser, session: Session, country: int, here: str, values: dict[str, str], part: str
) -> None:
    form = {"version": "1", "how": "temporarily", "closed_reason": "อบรม", **values}
    answer = officer.post(f"{here}/close?lang=en", form)
    assert answer.status_code == 400
    assert part in answer.text
    assert pin(session, country).status == "open"


def test_closing_an_older_version_is_asked_again(officer: Browser, session: Session, country: int, here: str) -> None:
    save(officer, here, beds="10")
    answer = officer.post(f"{here}/close?lang=en", {"version": "1", "how": "for_good", "closed_reason": "ย้าย"})
    assert answer.status_code == 409
    assert 'name="version" value="2"' in answer.text
    assert "ย้าย</textarea>" in answer.text
    assert pin(session, country).status == "open"


# History --------------------------------------------------------------------------------------------------------


def test_history_tells_who_and_what_in_words(
    officer: Browser, signed_in: Callable[[str, str], Browser], here: str
) -> None:
    save(officer, here, beds="10", phone="053920300", hours_how="always", place="14.06,100.06")
    page = signed_in("auditor", "90").get(f"{here}/history?lang=en")
    assert page.status_code == 200
    for text in (
        "tambon_officer 900101",
        "20 Nov 2026 12:00",
        "<dt>Beds</dt>",
        "<ins>10</ins>",
        "<ins>053 920 300</ins>",
        "<ins>Open 24 hours every day</ins>",
        "<del>14.050000, 100.050000</del>",
    ):
        assert text in page.text
    assert "Undo this change" not in page.text  # an auditor changes nothing
    assert "Undo this change" in officer.get(f"{here}/history?lang=en").text


def test_a_long_history_takes_no_more_statements_than_a_short_one(
    officer: Browser, here: str, query_count: Callable[[], int]
) -> None:
    def asked() -> int:
        before = query_count()
        assert officer.get(f"{here}/history").status_code == 200
        return query_count() - before

    save(officer, here, beds="1")
    short = asked()
    for beds in range(2, 12):
        save(officer, here, beds=str(beds))
    assert asked() == short
    assert short <= 9  # two of them for the menu: what waits there


def test_a_pin_without_history_says_so(officer: Browser, here: str) -> None:
    assert "It begins with the next change" in officer.get(f"{here}/history?lang=en").text


def test_taking_a_step_back_writes_a_new_version(officer: Browser, session: Session, country: int, here: str) -> None:
    save(officer, here, beds="10", place="14.06,100.06")
    save(officer, here, serves="ทุกคน")
    first = steps(session, country)[0]
    answer = officer.post(f"{here}/history/{first.id}/undo")
    assert answer.status_code == 303
    assert answer.location == f"{here}/history?notice=undone"
    found = pin(session, country)
    assert (found.beds, found.serves, found.version) == (None, "ทุกคน", 4)
    assert 'value="14.050000, 100.050000"' in officer.get(f"{here}/edit").text
    last = steps(session, country)[-1]
    officer.post(f"{here}/history/{last.id}/undo")
    assert pin(session, country).beds == 10


def test_an_edit_that_was_taken_back_is_no_confirmation(
    officer: Browser, session: Session, country: int, here: str
) -> None:
    """The pin is as old as it was before: neither the slip nor its mending says that the rest is right."""
    long_ago, found = NOON - timedelta(days=200), pin(session, country)
    found.confirmed_at = found.verified_at = found.beds_free_at = long_ago
    found.beds, found.beds_free = 30, 4
    session.commit()
    save(officer, here, beds_free="9")
    assert pin(session, country).confirmed_at == NOON
    (slip,) = steps(session, country)
    assert officer.post(f"{here}/history/{slip.id}/undo").status_code == 303
    after = pin(session, country)
    assert (after.beds_free, after.confirmed_at, after.verified_at, after.beds_free_at) == (4, *(long_ago,) * 3)
    # Taken back in its turn, it counts again.
    officer.post(f"{here}/history/{steps(session, country)[-1].id}/undo")
    assert (pin(session, country).beds_free, pin(session, country).confirmed_at) == (9, NOON)


def test_who_confirmed_after_the_step_that_is_taken_back_still_did(
    officer: Browser, session: Session, country: int, here: str, clock: dict[str, Any]
) -> None:
    pin(session, country).confirmed_at = NOON - timedelta(days=200)
    session.commit()
    save(officer, here, beds="10")
    (first,) = steps(session, country)
    clock["now"] = NOON + timedelta(hours=1)
    assert officer.post(f"{here}/confirm").status_code == 303
    assert officer.post(f"{here}/history/{first.id}/undo").status_code == 303
    assert (pin(session, country).beds, pin(session, country).confirmed_at) == (None, clock["now"])


def test_a_step_that_was_followed_by_another_is_not_taken_back(
    officer: Browser, session: Session, country: int, here: str
) -> None:
    save(officer, here, beds="10")
    save(officer, here, beds="20")
    first, second = steps(session, country)
    answer = officer.post(f"{here}/history/{first.id}/undo?lang=en")
    assert answer.status_code == 409
    assert "the same fields were changed again later" in answer.text
    assert "(Beds)" in answer.text
    assert f'class="card later" id="step-{second.id}"' in answer.text
    assert pin(session, country).beds == 20


def test_adding_is_not_undone_and_other_pins_steps_are_not_ours(
    officer: Browser, session: Session, country: int, here: str, twin: int
) -> None:
    save(officer, here, beds="10")
    (step,) = steps(session, country)
    assert officer.post(f"/officer/facilities/{twin}/history/{step.id}/undo").status_code == 404
    assert officer.post(f"{here}/history/999999/undo").status_code == 404
    officer.post(f"{here}/confirm")
    confirmed = steps(session, country)[-1]
    assert officer.post(f"{here}/history/{confirmed.id}/undo?lang=en").status_code == 409


def test_what_a_list_brought_is_not_deleted(officer: Browser, session: Session, country: int, here: str) -> None:
    born = {"name_th": [None, "รพ."], "kind": [None, "hospital"], "status": [None, "open"]}
    step = FacilityChange(
        facility_id=country, version=1, at=NOON, action="import", actor_kind="command", changes=born
    )  # fmt: skip
    session.add(step)
    session.commit()
    assert "Undo this change" not in officer.get(f"{here}/history?lang=en").text
    answer = officer.post(f"{here}/history/{step.id}/undo?lang=en")
    assert answer.status_code == 409
    assert "Close it permanently instead" in answer.text


def test_a_move_is_not_taken_back_into_another_tambon(
    signed_in: Callable[[str, str], Browser], session: Session, country: int, here: str
) -> None:
    coordinator = signed_in("amphoe_coordinator", "9001")
    save(coordinator, here, place="14.15, 100.05")
    (step,) = steps(session, country)
    assert pin(session, country).tambon_code == "900102"
    local = signed_in("tambon_officer", "900102")
    assert local.post(f"{here}/history/{step.id}/undo").status_code == 403
    assert coordinator.post(f"{here}/history/{step.id}/undo").status_code == 303
    assert pin(session, country).tambon_code == "900101"


# Merging --------------------------------------------------------------------------------------------------------


def merge(who: Browser, here: str, other: int, **values: str) -> object:
    form = {"version": "1", "other_version": "1", "stays": "this", **values}
    return who.post(f"{here}/merge?with={other}", form)


def test_pins_near_by_are_offered(officer: Browser, here: str, twin: int) -> None:
    page = officer.get(f"{here}/merge?lang=en")
    assert f"/merge?with={twin}&amp;lang=en" in page.text
    assert officer.get(f"{here}/merge?with=x").status_code == 400
    for text in (str(twin), f"%23{twin}", f"https://map.example.org/facilities/{twin}%3Flang=en"):
        page = officer.get(f"{here}/merge?lang=en&with={text}")
        assert "Which facility do you keep?" in page.text
        assert "11 m apart" in page.text
    assert officer.get(f"{here}/merge?with=999999").status_code == 404
    assert officer.post(f"{here}/merge").status_code == 404


def test_two_pins_become_one_field_by_field(
    officer: Browser, client: FlaskClient, session: Session, country: int, here: str, twin: int
) -> None:
    session.add(FacilityReport(facility_id=twin, reason="full", at=NOON, sender=b"x"))
    session.commit()
    answer = officer.post(
        f"{here}/merge?with={twin}",
        {"version": "1", "other_version": "1", "stays": "this", "take_beds": "other", "take_name_th": "this",
         "take_phone": "other", "reason": "ที่เดียวกัน"},
    )  # fmt: skip
    assert answer.status_code == 303
    assert answer.location == f"{here}/history?notice=merged"
    kept, gone = pin(session, country), pin(session, twin)
    assert (kept.beds, kept.phone, kept.name_th, kept.status) == (40, "+6653920300", "โรงพยาบาลทดสอบ", "open")
    assert (gone.status, gone.merged_into) == ("closed", country)
    assert session.query(FacilityReport).one().facility_id == country
    history = officer.get(answer.location)
    assert "ที่เดียวกัน" in history.text
    assert f"(#{twin})" in history.text  # the history of the other follows

    moved = client.get(f"/facilities/{twin}?lang=en")
    assert (moved.status_code, moved.location) == (301, f"/facilities/{country}?lang=en")
    api = client.get(f"/api/v1/facilities/{twin}")
    assert (api.status_code, api.location) == (301, f"/api/v1/facilities/{country}")
    edit = officer.get(f"/officer/facilities/{twin}/edit")
    assert (edit.status_code, edit.location) == (303, f"{here}/edit")
    assert officer.post(f"/officer/facilities/{twin}/confirm").status_code == 409


def test_the_other_one_stays(officer: Browser, session: Session, country: int, here: str, twin: int) -> None:
    answer = officer.post(
        f"{here}/merge?with={twin}", {"version": "1", "other_version": "1", "stays": "other", "take_name_th": "this"}
    )
    assert answer.location == f"/officer/facilities/{twin}/history?notice=merged"
    assert pin(session, country).merged_into == twin
    assert (pin(session, twin).name_th, pin(session, twin).beds) == ("โรงพยาบาลทดสอบ", 40)


def test_chains_are_followed_and_undone(
    officer: Browser, client: FlaskClient, session: Session, country: int, here: str, twin: int
) -> None:
    third = add_facility(session, "hospital", lat=14.0502, lon=100.05, tambon_code="900101", name_th="รพ.สาม").id
    session.commit()
    both = {"version": "1", "other_version": "1", "stays": "this"}
    assert officer.post(f"/officer/facilities/{twin}/merge?with={third}", both).status_code == 303
    version = str(pin(session, twin).version)
    answer = officer.post(f"{here}/merge?with={twin}", {**both, "other_version": version, "take_beds": "other"})
    assert answer.status_code == 303, answer.text
    assert client.get(f"/facilities/{third}").location == f"/facilities/{country}"

    joined = next(step for step in steps(session, country) if step.action == "merge")
    assert officer.post(f"{here}/history/{joined.id}/undo").status_code == 303
    assert (pin(session, country).beds, pin(session, twin).merged_into, pin(session, twin).status) == (
        None,
        None,
        "open",
    )
    assert client.get(f"/facilities/{third}").location == f"/facilities/{twin}"
    assert client.get(f"/facilities/{twin}").status_code == 200

    first = next(step for step in steps(session, third) if step.action == "merge")
    assert officer.post(f"/officer/facilities/{third}/history/{first.id}/undo").status_code == 303
    assert client.get(f"/facilities/{third}").status_code == 200


def test_undoing_a_merge_is_refused_whole_where_its_half_was_changed_since(
    officer: Browser, session: Session, country: int, here: str, twin: int
) -> None:
    officer.post(
        f"{here}/merge?with={twin}", {"version": "1", "other_version": "1", "stays": "this", "take_beds": "other"}
    )
    save(officer, here, beds="60")
    gone = steps(session, twin)[-1]
    answer = officer.post(f"/officer/facilities/{twin}/history/{gone.id}/undo")
    assert answer.status_code == 409
    assert (pin(session, twin).merged_into, pin(session, country).beds) == (country, 60)


@pytest.mark.parametrize(
    ("values", "status", "part"),
    [
        ({"stays": ""}, 400, "Choose one"),
        ({"version": "9"}, 409, "changed this facility"),
        ({"other_version": "9"}, 409, "changed this facility"),
        ({"merged_into": "1"}, 400, "Unknown parameter"),
    ],
)
def test_a_merge_that_cannot_be(
    officer: Browser, session: Session, here: str, twin: int, values: dict[str, str], status: int, part: str
) -> None:
    form = {"version": "1", "other_version": "1", "stays": "this", **values}
    answer = officer.post(f"{here}/merge?with={twin}&lang=en", form)
    assert answer.status_code == status
    assert part in answer.text
    assert pin(session, twin).merged_into is None


def test_merging_with_itself_with_a_merged_one_and_into_a_closed_one(
    officer: Browser, session: Session, country: int, here: str, twin: int
) -> None:
    form = {"version": "1", "other_version": "1", "stays": "this"}
    assert officer.post(f"{here}/merge?with={country}", form).status_code == 409
    officer.post(f"{here}/close", {"version": "1", "how": "for_good", "closed_reason": "ย้าย"})
    into_closed = officer.post(f"{here}/merge?with={twin}&lang=en", {**form, "version": "2"})
    assert into_closed.status_code == 409
    assert "The facility you keep is closed" in into_closed.text
    assert officer.post(f"{here}/merge?with={twin}", {**form, "version": "2", "stays": "other"}).status_code == 303
    assert officer.post(f"{here}/merge?with={twin}", {**form, "version": "3", "other_version": "2"}).status_code == 409
    assert pin(session, country).merged_into == twin


def test_both_pins_must_lie_in_the_officers_area(
    officer: Browser, session: Session, here: str, twin: int, signed_in: Callable[[str, str], Browser]
) -> None:
    away = add_facility(session, "hospital", lat=14.15, lon=100.05, tambon_code="900102", name_th="รพ.เหนือ").id
    session.commit()
    form = {"version": "1", "other_version": "1", "stays": "this"}
    assert officer.get(f"{here}/merge?with={away}").status_code == 403
    assert officer.post(f"{here}/merge?with={away}", form).status_code == 403
    assert signed_in("amphoe_coordinator", "9001").post(f"{here}/merge?with={away}", form).status_code == 303
