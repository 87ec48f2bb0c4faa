"""The survey without a connection in WebKit, which has no Background Sync: records wait, and come in once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import LoginSession, Person
from mapapp.core.vault import token_hash
from mapapp.survey.models import SurveyEntry
from tests.browser.officers import Workshop, signed_in
from tests.browser.test_survey_offline import KEPT, TAMBON, VILLAGE, WAITING
from tests.engines.webdriver import Cable, webkit
from tests.survey.build import add_round, assign

pytestmark = pytest.mark.engines

SHOWN = "async (selector) => document.querySelector(selector)?.checkVisibility() === true"
VALUE = "async (selector, value) => document.querySelector(selector)?.value === value"


def test_households_wait_without_a_connection_and_are_sent_once(shop: Workshop) -> None:
    with shop.factory() as session:
        token = signed_in(session, "data_volunteer", TAMBON, "อาสา เว็บคิท")
        person = session.scalars(
            select(LoginSession.person_id).where(LoginSession.token_hash == token_hash(token))
        ).one()
        number = add_round(session, TAMBON, name="สำรวจเว็บคิท", opened_at=datetime.now(UTC) - timedelta(days=1)).id
        assign(session, number, VILLAGE, session.get_one(Person, person))
        session.commit()
    cable = Cable(shop.address)
    with webkit() as browser:
        browser.go(f"{cable.address}/volunteer/survey/offline")
        browser.cookie(PLAIN_COOKIE, token)
        browser.go(f"{cable.address}/volunteer/survey")
        browser.until("async () => Boolean((await navigator.serviceWorker.ready).active)")
        browser.until("async () => navigator.serviceWorker.controller !== null")
        browser.until(KEPT)
        assert browser.run("async () => 'sync' in ServiceWorkerRegistration.prototype") is False
        cable.cut()
        browser.go(f"{cable.address}/volunteer/survey/{number}/{VILLAGE}")
        browser.until(SHOWN, "[data-view=form]")
        for house in ("31", "32", "33"):
            if house == "31":
                browser.type("#household", house)
            browser.until(VALUE, "#household", house)
            browser.press("details.group:has(#adult_two) summary")
            browser.type("#adult_two", "2")
            browser.press("input[name=rest][value=nobody]")
            browser.press("form button[type=submit]")
            browser.until(VALUE, "#household", str(int(house) + 1))
        assert browser.run(WAITING) == {"waiting": 3}
        cable.join()
        browser.run("async () => { window.dispatchEvent(new Event('online')); }")
        browser.until(f"async () => {{ const all = await ({WAITING})(); return all.sent === 3 && !all.waiting; }}")
        with shop.factory() as session:
            houses = select(SurveyEntry.household).where(SurveyEntry.round_id == number)
            assert sorted(session.scalars(houses), key=str) == ["31", "32", "33"]
        cable.cut()
