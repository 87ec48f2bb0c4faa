"""Changing a pin: in the officer's area, nothing overwritten silently, and what was typed is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mapapp.core.actors import command
from mapapp.facilities.editing import service
from mapapp.facilities.history_values import FIELDS
from mapapp.facilities.models import Facility, FacilityReport
from tests.conftest import NOON
from tests.data import add_facility
from tests.facilities.editing.conftest import edit_form, pin, steps
from tests.people import Browser, appoint, browser

METRE = 1 / 111_320


@pytest.fixture
def address(country: int) -> str:
    return f"/officer/facilities/{country}/edit"


def opened(who: Browser, address: str, **values: str) -> dict[str, str]:
    """The form as this officer sees it now, with some fields changed."""
    page = who.get(f"{address}?lang=en")
    assert page.status_code == 200, page.text
    return edit_form(page.text, **values)


def test_saving_what_was_changed(officer: Browser, session: Session, country: int, address: str) -> None:
    answer = officer.post(address, opened(officer, address, beds="30", beds_free="5", serves="ทุกคน"))
    assert answer.status_code == 303
    assert answer.location == f"{address}?notice=saved"
    found = pin(session, country)
    assert (found.beds, found.beds_free, found.serves, found.version) == (30, 5, "ทุกคน", 2)
    assert found.beds_free_at == NOON
    assert found.confirmed_at == NOON
    (step,) = steps(session, country)
    assert step.action == "edit"
    assert set(step.changes) & set(FIELDS) == {"beds", "beds_free", "serves"}
    assert "บันทึก" in officer.get(answer.location).text or "Saved" in officer.get(f"{answer.location}&lang=en").text


def test_who_mends_a_name_has_not_counted_beds(officer: Browser, session: Session, country: int, address: str) -> None:
    long_ago = NOON - timedelta(days=9)
    hospital = pin(session, country)
    hospital.beds_free, hospital.beds_free_at = 4, long_ago
    session.commit()
    assert officer.post(address, opened(officer, address, name_th="โรงพยาบาลใหม่")).status_code == 303
    found = pin(session, country)
    assert (found.name_th, found.beds_free, found.beds_free_at) == ("โรงพยาบาลใหม่", 4, long_ago)


def test_hours_that_mean_the_same_keep_their_spelling(
    officer: Browser, session: Session, country: int, address: str
) -> None:
    pin(session, country).opening_hours = "Mo-Fr 09:00-12:00,13:00-15:30; PH,Sa,Su off"
    session.commit()
    assert officer.post(address, opened(officer, address, serves="ทุกคน")).status_code == 303
    assert pin(session, country).opening_hours == "Mo-Fr 09:00-12:00,13:00-15:30; PH,Sa,Su off"
    officer.post(address, opened(officer, address, sa_how="spans", sa_from1="09:00", sa_to1="12:00"))
    assert pin(session, country).opening_hours == "Mo-Fr 09:00-12:00,13:00-15:30; Sa 09:00-12:00; PH off"


def test_hours_that_are_more_than_a_week_stay_text(
    officer: Browser, session: Session, country: int, address: str
) -> None:
    pin(session, country).opening_hours = "Jan-Mar Mo-Fr 08:00-12:00"
    session.commit()
    form = opened(officer, address, serves="ทุกคน")
    assert (form["hours_how"], form["opening_hours"]) == ("text", "Jan-Mar Mo-Fr 08:00-12:00")
    assert officer.post(address, form).status_code == 303
    assert pin(session, country).opening_hours == "Jan-Mar Mo-Fr 08:00-12:00"


def test_saving_it_as_it_is_twice(officer: Browser, session: Session, country: int, address: str) -> None:
    form = opened(officer, address, serves="ทุกคน")
    assert officer.post(address, form).status_code == 303
    assert officer.post(address, form).status_code == 303
    assert len(steps(session, country)) == 1


def test_what_cannot_be_keeps_what_was_typed(officer: Browser, session: Session, country: int, address: str) -> None:
    answer = officer.post(f"{address}?lang=en", opened(officer, address, beds="many", serves="ทุกคน", version="x"))
    assert answer.status_code == 400
    assert "too old" in answer.text
    answer = officer.post(f"{address}?lang=en", opened(officer, address, beds="many", serves="ทุกคน"))
    assert answer.status_code == 400
    assert 'value="many"' in answer.text
    assert "ทุกคน</textarea>" in answer.text
    assert pin(session, country).version == 1


def test_no_such_pin(officer: Browser) -> None:
    for number in ("0", "999999", "9" * 30):
        assert officer.get(f"/officer/facilities/{number}/edit").status_code == 404
        assert officer.post(f"/officer/facilities/{number}/confirm").status_code == 404


# Whose area -----------------------------------------------------------------------------------------------------


def test_another_tambons_officer_may_neither_see_nor_save(
    officer: Browser, signed_in: Callable[[str, str], Browser], session: Session, country: int, address: str
) -> None:
    form = opened(officer, address, name_th="อื่น")
    stranger = signed_in("tambon_officer", "900102")
    assert stranger.get(address).status_code == 403
    assert stranger.post(address, form).status_code == 403
    for step in ("confirm", "close", "reopen", "merge", "history/1/undo"):
        assert stranger.post(f"/officer/facilities/{country}/{step}", {"version": "1"}).status_code in (403, 404)
    assert stranger.get(f"/officer/facilities/{country}/history").status_code == 403
    assert pin(session, country).version == 1


@pytest.mark.parametrize(("off", "status"), [(-METRE, 303), (METRE, 403)])
def test_moving_a_pin_needs_the_tambon_it_moves_to(
    officer: Browser, session: Session, country: int, address: str, off: float, status: int
) -> None:
    answer = officer.post(f"{address}?lang=en", opened(officer, address, place=f"14.05, {100.1 + off:.7f}"))
    assert answer.status_code == status
    assert pin(session, country).tambon_code == "900101"
    assert (pin(session, country).version == 2) is (status == 303)
    if status == 403:
        assert "You can add facilities only in Tambon Tambon 01." in answer.text


def test_a_pin_is_not_taken_from_a_neighbours_tambon_either(
    signed_in: Callable[[str, str], Browser], officer: Browser, country: int, address: str
) -> None:
    neighbour = signed_in("tambon_officer", "900102")
    form = opened(officer, address, place="14.15, 100.05")
    assert neighbour.post(address, form).status_code == 403


def test_moving_beside_another_pin_shows_it(officer: Browser, session: Session, address: str) -> None:
    add_facility(session, "hospital", lat=14.02, lon=100.02, tambon_code="900101", name_th="โรงพยาบาลอื่น")
    session.commit()
    answer = officer.post(f"{address}?lang=en", opened(officer, address, place="14.0201, 100.0200"))
    assert answer.status_code == 409
    assert "โรงพยาบาลอื่น" in answer.text


def test_a_session_that_outlives_its_appointment(
    app: Flask, session: Session, country: int, address: str, clock: dict[str, object]
) -> None:
    who = appoint(session, "tambon_officer", "900101", ends_at=NOON + timedelta(minutes=5))
    ending = browser(app, session, who)
    form = opened(ending, address, name_th="อื่น")
    clock["now"] = NOON + timedelta(minutes=6)
    assert ending.post(address, form).status_code == 403
    assert pin(session, country).version == 1


# Two officers at once -------------------------------------------------------------------------------------------


def test_the_second_sees_both_and_nothing_is_overwritten(
    officer: Browser, signed_in: Callable[[str, str], Browser], session: Session, country: int, address: str
) -> None:
    coordinator = signed_in("amphoe_coordinator", "9001")
    mine = opened(officer, address, name_th="ชื่อของฉัน", beds="50")
    theirs = opened(coordinator, address, name_th="ชื่อของเขา", serves="ผู้สูงอายุ")
    assert coordinator.post(address, theirs).status_code == 303

    answer = officer.post(f"{address}?lang=en", mine)
    assert answer.status_code == 409
    assert "amphoe_coordinator 9001 saved it just now." in answer.text
    assert "Theirs: <strong>ชื่อของเขา</strong>" in answer.text
    assert "Mine: <strong>ชื่อของฉัน</strong>" in answer.text
    assert "are now in the form below: For whom." in answer.text
    assert pin(session, country).name_th == "ชื่อของเขา"

    again = edit_form(answer.text)
    assert (again["version"], again["conflicts"]) == ("2", "name_th")
    assert (again["name_th"], again["beds"], again["serves"]) == ("ชื่อของฉัน", "50", "ผู้สูงอายุ")
    undecided = officer.post(f"{address}?lang=en", again)
    assert undecided.status_code == 400
    assert "Choose which of the two is correct" in undecided.text
    assert 'value="50"' in undecided.text

    assert officer.post(address, {**again, "choose_name_th": "theirs"}).status_code == 303
    found = pin(session, country)
    assert (found.name_th, found.beds, found.serves, found.version) == ("ชื่อของเขา", 50, "ผู้สูงอายุ", 3)


def test_choosing_mine(
    officer: Browser, signed_in: Callable[[str, str], Browser], session: Session, country: int, address: str
) -> None:
    coordinator = signed_in("amphoe_coordinator", "9001")
    mine = opened(officer, address, name_th="ชื่อของฉัน")
    coordinator.post(address, opened(coordinator, address, name_th="ชื่อของเขา"))
    again = edit_form(officer.post(address, mine).text, choose_name_th="mine")
    assert officer.post(address, again).status_code == 303
    assert pin(session, country).name_th == "ชื่อของฉัน"


def test_changed_a_third_time_while_choosing(
    officer: Browser, signed_in: Callable[[str, str], Browser], session: Session, country: int, address: str
) -> None:
    coordinator = signed_in("amphoe_coordinator", "9001")
    mine = opened(officer, address, name_th="ชื่อของฉัน")
    coordinator.post(address, opened(coordinator, address, name_th="ชื่อของเขา"))
    again = edit_form(officer.post(address, mine).text, choose_name_th="mine")
    coordinator.post(address, opened(coordinator, address, name_th="ชื่อที่สาม"))
    answer = officer.post(f"{address}?lang=en", again)
    assert answer.status_code == 409
    assert "Theirs: <strong>ชื่อที่สาม</strong>" in answer.text
    assert pin(session, country).name_th == "ชื่อที่สาม"


def test_places_and_hours_are_compared_in_words(
    officer: Browser, signed_in: Callable[[str, str], Browser], session: Session, country: int, address: str
) -> None:
    coordinator = signed_in("amphoe_coordinator", "9001")
    mine = opened(officer, address, place="14.06, 100.06", hours_how="always")
    coordinator.post(address, opened(coordinator, address, place="14.07, 100.07", hours_how="weekly"))
    answer = officer.post(f"{address}?lang=en", mine)
    assert "14.070000, 100.070000" in answer.text
    assert "Theirs: <strong>Monday–Friday 08:30–16:30, closed on public holidays</strong>" in answer.text
    assert "Mine: <strong>Open 24 hours every day</strong>" in answer.text
    chosen = edit_form(answer.text, choose_point="theirs", choose_opening_hours="mine")
    assert officer.post(address, chosen).status_code == 303
    found = officer.get(address)
    assert 'value="14.070000, 100.070000"' in found.text
    assert pin(session, country).opening_hours == "24/7"


def test_two_tabs_of_one_officer(officer: Browser, session: Session, country: int, address: str) -> None:
    first, second = opened(officer, address, beds="10"), opened(officer, address, serves="ทุกคน")
    assert officer.post(address, first).status_code == 303
    answer = officer.post(address, second)
    assert answer.status_code == 409
    again = edit_form(answer.text)
    assert (again["beds"], again["serves"], again["conflicts"]) == ("10", "ทุกคน", "")
    assert officer.post(address, again).status_code == 303
    found = pin(session, country)
    assert (found.beds, found.serves) == (10, "ทุกคน")


def test_what_the_page_took_away_is_there_again_after_a_mistake(
    officer: Browser, session: Session, country: int, address: str
) -> None:
    hospital = pin(session, country)
    hospital.beds, hospital.opening_hours = 60, "Mo-Fr 09:00-12:00"
    session.commit()
    # With scripts, the inputs of another kind and of another way of telling hours are not sent.
    hidden = (
        "beds",
        "beds_free",
        "holidays_off",
        *(f"{day}_{part}" for day in ("mo", "tu") for part in ("how", "from1")),
    )
    form = opened(officer, address, kind="test_site", tests_per_day="x", hours_how="always")
    answer = officer.post(address, {name: value for name, value in form.items() if name not in hidden})
    assert answer.status_code == 400
    again = edit_form(answer.text)
    assert (again["beds"], again["mo_from1"], again["kind"]) == ("60", "09:00", "test_site")


def test_a_save_waits_for_the_one_before(owner: Engine, engine: Engine) -> None:
    with Session(owner) as setting_up:
        number = add_facility(setting_up, "hospital", lat=14.05, lon=100.05, source_ref="waits").id
        setting_up.commit()
    try:
        with Session(engine) as first, Session(engine) as second:
            service.save(first, command(), number, {"beds": 10}, version=1, now=NOON)
            second.execute(text("SET LOCAL lock_timeout = '100ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                service.save(second, command(), number, {"beds": 20}, version=1, now=NOON)
            second.rollback()
            first.rollback()  # what is on record stays there, so nothing is committed
    finally:
        with Session(owner) as clearing_up:
            clearing_up.execute(delete(Facility).where(Facility.id == number))
            clearing_up.commit()


# Still right ----------------------------------------------------------------------------------------------------


def test_still_right_in_one_tap(officer: Browser, session: Session, country: int) -> None:
    hospital = pin(session, country)
    hospital.confirmed_at, hospital.doubtful_at = NOON - timedelta(days=99), NOON
    session.commit()
    there = f"/officer/facilities/{country}/confirm"
    answer = officer.post(there, {"next": "/officer/facilities/stale?area=9001"})
    assert answer.status_code == 303
    assert answer.location == "/officer/facilities/stale?area=9001&notice=confirmed"
    found = pin(session, country)
    assert (found.confirmed_at, found.doubtful_at, found.version) == (NOON, None, 2)
    fragment = officer.post(there, headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "<html" not in fragment.text


@pytest.mark.parametrize("address", ["https://example.org/officer", "//example.org/officer", "/account", "/\\x", ""])
def test_next_leads_to_officers_pages_only(officer: Browser, country: int, address: str) -> None:
    answer = officer.post(f"/officer/facilities/{country}/confirm", {"next": address})
    assert answer.location == f"/officer/facilities/{country}/edit?notice=confirmed"


def test_the_form_of_another_session_is_refused(
    officer: Browser, signed_in: Callable[[str, str], Browser], session: Session, country: int, address: str
) -> None:
    form = opened(officer, address, name_th="อื่น")
    other = signed_in("tambon_officer", "900101")
    assert officer.client.post(address, data={**form, "csrf_token": other.csrf}).status_code == 403
    assert officer.client.post(address, data=form).status_code == 403
    assert pin(session, country).version == 1
    assert session.query(FacilityReport).count() == 0


def test_beds_of_a_waiting_centre_are_shown_and_can_be_taken_away(
    officer: Browser, session: Session, country: int, address: str
) -> None:
    centre = pin(session, country)
    centre.kind, centre.beds, centre.beds_free = "waiting_centre", 40, 4
    session.commit()
    page = officer.get(address).text
    assert 'data-kinds="hospital field_hospital waiting_centre"' in page, "its fields are not taken away by the page"
    assert officer.post(address, opened(officer, address, beds="", beds_free="", places="40")).status_code == 303
    found = pin(session, country)
    assert (found.beds, found.beds_free, found.places) == (None, None, 40)
    assert 'data-kinds="hospital field_hospital"' in officer.get(address).text


def test_further_numbers_typed_behind_the_first_are_kept(
    officer: Browser, session: Session, country: int, address: str
) -> None:
    assert officer.post(address, opened(officer, address, phone="02-123-4567 ต่อ 12, 081-234-5678")).status_code == 303
    found = pin(session, country)
    assert (found.phone, found.phone_more) == ("+6621234567", "ต่อ 12, 081-234-5678")
    again = opened(officer, address, name_th="โรงพยาบาลใหม่")
    assert again["phone_more"] == "ต่อ 12, 081-234-5678"
    assert officer.post(address, again).status_code == 303
    assert pin(session, country).phone_more == "ต่อ 12, 081-234-5678"
    assert officer.post(address, opened(officer, address, phone_more="")).status_code == 303
    assert pin(session, country).phone_more is None
