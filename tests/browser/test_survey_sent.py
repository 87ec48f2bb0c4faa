"""Recording households when a session ends meanwhile: what was typed is there again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import Person
from mapapp.accounts.signing_in import sessions
from mapapp.survey.models import SurveyEntry, SurveyRound
from tests.browser import officers

pytestmark = pytest.mark.browser


def test_what_was_typed_is_there_again_after_signing_in(watched: Callable[..., Page], shop: officers.Workshop) -> None:
    now = datetime.now(UTC)
    with shop.factory() as session:
        token = officers.signed_in(session, "data_volunteer", officers.TAMBON, "มาลี เก็บข้อมูล")
        other = officers.signed_in(session, "data_volunteer", officers.TAMBON, "สมศรี คนอื่น")
        who = session.scalars(select(Person.id).where(Person.name == "มาลี เก็บข้อมูล")).one()
        again = sessions.start(session, who, now=now, device="Chrome", address="127.0.0.1", second_factor=True)
        round_ = SurveyRound(
            name="รอบทดสอบ", area_code=officers.TAMBON, starts_on=now.date(), ends_on=now.date() + timedelta(days=9),
            version=1, made_at=now, opened_at=now,
        )  # fmt: skip
        session.add(round_)
        session.commit()
        address = f"/volunteer/survey/{round_.id}/{officers.TAMBON}09"
        mine = select(func.count()).select_from(SurveyEntry).where(SurveyEntry.round_id == round_.id)
    page = watched(viewport={"width": 360, "height": 740}, base_url=shop.address)
    officers.let_in(page, shop.address, token)
    page.goto(address)
    house, doses = page.locator("#household"), page.locator("#adult_two")
    house.fill("77/1")
    page.locator("details.group", has=doses).locator("summary").click()
    doses.fill("3")
    page.get_by_role("radio").first.check()
    page.context.clear_cookies(name=PLAIN_COOKIE)
    page.locator("button[value=save]").click()
    page.wait_for_url("**/sign-in?**")
    officers.let_in(page, shop.address, other)
    page.goto(address)
    expect(doses).to_have_value("")  # the phone was given to somebody else: nothing of it is shown
    expect(house).not_to_have_value("77/1")
    officers.let_in(page, shop.address, again)
    page.goto(address)
    expect(page.get_by_role("status").filter(has_text="ยังไม่ได้บันทึก")).to_be_visible()
    expect(house).to_have_value("77/1")
    expect(doses).to_be_visible()
    expect(doses).to_have_value("3")
    page.locator("button[value=save]").click()
    page.wait_for_url("**saved=*")
    page.goto(address)  # it has arrived: the form is that of the next house
    expect(house).not_to_have_value("77/1")
    expect(doses).to_have_value("")
    with shop.factory() as session:
        assert session.scalar(mine) == 1
