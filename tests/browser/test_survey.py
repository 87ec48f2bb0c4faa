"""A data volunteer at the door, with one thumb on a small phone: a household in few taps, totals checked meanwhile, the
next house number there, and the choice where somebody else has recorded the same household."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from mapapp.accounts.models import Appointment, Person
from mapapp.survey.models import SurveyEntry, SurveySum
from tests.browser.officers import PHONE, At, Workshop
from tests.browser.pictures import for_the_manual
from tests.browser.test_every_officers_page import wrong_with
from tests.people import appoint, person
from tests.survey.build import add_round, assign, entry, record

pytestmark = pytest.mark.browser

TAMBON, MOST_TAPS = "500102", 12


@pytest.fixture
def survey(shop: Workshop, at: At) -> tuple[Page, int]:
    """The phone of a data volunteer with two villages, and the number of the survey."""
    page = at("data_volunteer", TAMBON, PHONE)
    now = datetime.now(UTC)
    with shop.factory() as session:
        held = (Appointment.role == "data_volunteer", Appointment.area_code == TAMBON)
        mine = session.scalars(select(Person).join(Appointment, Appointment.person_id == Person.id).where(*held)).one()
        number = add_round(session, TAMBON, name="สำรวจเดือนนี้", opened_at=now - timedelta(days=1)).id
        for village in ("01", "02"):
            assign(session, number, f"{TAMBON}{village}", mine)
        terms: dict[str, Any] = {"starts_at": now - timedelta(days=1), "confidentiality_on": now.date(),
                                 "training_expires_on": now.date() + timedelta(days=300)}  # fmt: skip
        other = appoint(session, "data_volunteer", TAMBON, to=person(session, "เพื่อนบ้าน สำรวจ"), **terms)
        assign(session, number, f"{TAMBON}01", other)
        record(session, other, entry(number, "2", village=f"{TAMBON}01"), at=now)
        session.commit()
    return page, number


def _well(page: Page) -> None:
    found = wrong_with(page, "th")
    assert found == {}, json.dumps(found, ensure_ascii=False, indent=1)


class Thumb:
    """Counts what is tapped."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, selector: str, *, times: int = 1) -> None:
        for _ in range(times):
            self.page.locator(selector).first.click()
            self.taps += 1


def _more(group: str, part: str) -> str:
    return f".stepper:has(#{group}_{part}) button:last-child"


def test_a_household_in_few_taps_and_one_that_somebody_else_recorded(shop: Workshop, survey: tuple[Page, int]) -> None:
    page, number = survey
    page.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the status
    page.goto("/volunteer/survey")
    for_the_manual(page, "survey-mine", press=page.locator("main ul.list a").first)
    page.locator(f"a[href$='/{TAMBON}01']").first.click()
    page.locator("#household").fill("1")
    page.locator("#household").press("Enter")  # not sent half done: what is true of the other groups is missing
    expect(page.locator("#rest-problem")).to_be_in_viewport()  # it is screens below the top
    thumb = Thumb(page)
    thumb.tap("details.group:has(#adult_here) summary")
    thumb.tap(_more("adult", "more"), times=2)
    expect(page.locator("#adult_here")).to_have_value("2")
    expect(page.locator("details.group:has(#adult_here) output")).to_have_text("2 คน")
    thumb.tap("details.group:has(#elderly_here) summary")
    thumb.tap(_more("elderly", "here"), times=2)
    expect(page.locator("details.group:has(#elderly_here) [data-total]")).to_be_visible()
    thumb.tap(_more("elderly", "two"), times=2)
    expect(page.locator("details.group:has(#elderly_here) [data-total]")).to_be_hidden()
    for_the_manual(page, "survey-form", press=page.locator(_more("elderly", "two")))
    _well(page)
    thumb.tap("input[name=rest][value=nobody]")
    thumb.tap("button[value=save]")
    assert thumb.taps <= MOST_TAPS
    expect(page.locator("#household")).to_have_value("2")
    with shop.factory() as session:
        own = SurveySum.round_id == number, SurveySum.village_code == f"{TAMBON}01"
        rows = session.execute(select(SurveySum.target_group, SurveySum.here).where(*own))
        sums = {row[0]: row[1] for row in rows}
        assert (sums["adult"], sums["elderly"], sums["child"]) == (4, 2, 0)
    # House number 2, by keyboard alone, was recorded by somebody else: the choice, and the figures follow it.
    page.locator("details.group:has(#adult_here) summary").press("Enter")
    page.locator("#adult_none").fill("5")
    page.locator("input[name=rest][value=not_asked]").check()
    page.locator("button[value=save]").press("Enter")
    page.wait_for_url("**/volunteer/survey/records/*")
    for_the_manual(page, "survey-choice", press=page.locator("button[value=this]"))
    _well(page)
    page.locator("button[value=this]").click()
    expect(page.locator(".notice")).to_be_visible()
    with shop.factory() as session:
        states = session.execute(
            select(SurveyEntry.state, func.count()).where(SurveyEntry.round_id == number).group_by(SurveyEntry.state)
        )
        assert {row[0]: row[1] for row in states} == {"counted": 2, "set_aside": 1}
        here = session.scalars(select(SurveySum.here).where(*own, SurveySum.target_group == "adult")).one()
        assert here == 7
