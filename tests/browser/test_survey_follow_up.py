"""A follow-up at the door becomes a help request, a volunteer accepts it, and it comes back done: on small phones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mapapp.accounts.models import Appointment, Person
from mapapp.survey.followups.models import FollowUp
from tests.browser.officers import PHONE, TAMBON, At, Workshop
from tests.browser.pictures import for_the_manual, picture
from tests.browser.test_every_officers_page import wrong_with
from tests.browser.test_help_way import press, volunteer
from tests.survey.build import add_round, entry, record

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("workshop")]

NAME, NUMBER = "ยายบัว คำมูล", "081 555 0901"


def _well(page: Page) -> None:
    found = wrong_with(page, "th")
    assert found == {}, json.dumps(found, ensure_ascii=False, indent=1)


def test_a_follow_up_becomes_a_help_request_and_comes_back_done(at: At, shop: Workshop) -> None:
    page = at("data_volunteer", TAMBON, PHONE)
    now = datetime.now(UTC)
    with shop.factory() as session:
        held = (Appointment.role == "data_volunteer", Appointment.area_code == TAMBON)
        joined = select(Person).join(Appointment, Appointment.person_id == Person.id)
        mine = session.scalars(joined.where(*held).order_by(Appointment.id.desc())).first()
        assert mine is not None
        number = add_round(session, TAMBON, name="สำรวจติดตาม", opened_at=now - timedelta(days=1)).id
        house = record(session, mine, entry(number, "12/3", village=f"{TAMBON}07"), at=now).entry
        session.commit()
    page.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the status
    page.goto(f"/volunteer/survey/records/{house}")
    page.locator("main a[href$='/follow-up']").click()
    page.locator("input[value=bedridden]").check()
    page.fill("#name", NAME)
    page.fill("#phone", NUMBER)
    page.select_option("#language", "shn")
    button = page.locator("main form button[type=submit]")
    button.click()  # without the consent of the person nothing is kept
    expect(page.locator("#consent-problem")).to_be_visible()
    expect(page.locator("#name")).to_have_value(NAME)
    _well(page)
    page.check("#consent")
    for_the_manual(page, "survey-follow-up", press=button)
    button.click()
    page.wait_for_url("**/volunteer/survey/follow-ups/*")
    expect(page.locator("main")).not_to_contain_text(NAME)
    expect(page.locator("section[aria-labelledby=site]")).to_contain_text("กม.")
    ask = page.locator("button[value=request]")
    for_the_manual(page, "survey-follow-up-one", press=ask)
    _well(page)
    here = page.url.partition("?")[0]
    ask.click()
    expect(page.locator(".big-code")).to_be_visible()
    picture(page, "follow-up-code-th")
    _well(page)
    with shop.factory() as session:
        request = session.scalars(select(FollowUp.request_id).where(FollowUp.round_id == number)).one()

    helper = volunteer(shop, at, "น้องฟ้า ใจกว้าง", PHONE)
    helper.goto("/volunteer/nearby")
    helper.evaluate("id => document.getElementById(id).click()", f"claim-{request}")
    helper.wait_for_url(f"**/volunteer/requests/{request}*")
    expect(helper.locator("main")).to_contain_text("12/3")
    press(helper, helper.locator("form[action*='/contact'] button"))
    expect(helper.locator("#reached")).to_contain_text(NAME)
    page.goto(here)
    expect(page.locator("main .badge").first).to_have_text("ขอความช่วยเหลือแล้ว")
    press(helper, helper.locator("button[value=there]"))
    press(helper, helper.locator("form:has(input[value=done]) button"))
    page.reload()
    expect(page.locator("main .badge").first).to_have_text("เสร็จแล้ว")
    picture(page, "follow-up-done-th")

    desk = at("tambon_officer", TAMBON, PHONE)
    desk.goto("/officer/survey/follow-ups?state=done")
    expect(desk.locator(f"a[href$='/officer/requests/{request}']")).to_be_visible()
    expect(desk.locator("main")).not_to_contain_text(NAME)
    picture(desk, "follow-ups-th")
    _well(desk)
    desk.goto(f"/officer/requests/{request}")
    expect(desk.locator(f"a[href='{here.removeprefix(shop.address)}']")).to_be_visible()
