"""An officer follows the survey: whose villages are whose, what is reached on the map, what waits. And everyone sees
what is published, in colours, of which nothing is fetched before it is asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from mapapp.areas.models import Village
from mapapp.survey.publishing import service as publishing
from tests.browser.conftest import until
from tests.browser.frames import map_of, wait_for_figures
from tests.browser.officers import AMPHOE, DESK, PHONE, At, Workshop
from tests.browser.pictures import for_the_manual
from tests.browser.test_every_officers_page import wrong_with
from tests.people import appoint, person
from tests.survey.build import add_round, assign, entry, record

pytestmark = pytest.mark.browser

INSIDE = "500107"
"""A tambon in which the other tests record nothing."""

SWITCH = """name => [...document.querySelectorAll(".leaflet-control-layers label")]
    .find(label => label.textContent.includes(name)).querySelector("input").click()"""


@pytest.fixture(scope="module")
def number(shop: Workshop) -> int:
    """A survey of an amphoe: two villages are recorded, a record waits, one has a place."""
    now = datetime.now(UTC)
    with shop.factory() as session:
        terms = {"starts_at": now - timedelta(days=1), "confidentiality_on": now.date(),
                 "training_expires_on": now.date() + timedelta(days=300)}  # fmt: skip
        first = appoint(session, "data_volunteer", INSIDE, to=person(session, "วิชัย สำรวจ"), **terms)
        other = appoint(session, "data_volunteer", INSIDE, to=person(session, "มาลี สำรวจ"), **terms)
        made = add_round(session, AMPHOE, name="สำรวจของอำเภอ", opened_at=now - timedelta(days=3)).id
        place = "POINT(98.945 18.81)"
        session.add(Village(code=f"{INSIDE}01", tambon_code=INSIDE, name_th="บ้านกลาง", source="test", point=place))
        session.add(Village(code=f"{INSIDE}02", tambon_code=INSIDE, name_th="บ้านเหนือ", source="test"))
        for village, who in (("01", first), ("02", first), ("02", other)):
            assign(session, made, f"{INSIDE}{village}", who)
        whole = {"adult": {"here": 130, "none": 30, "more": 100}, "elderly": {"here": 20, "none": 8, "two": 12}}
        record(session, first, entry(made, None, village=f"{INSIDE}01", groups=whole), at=now)
        record(session, first, entry(made, "7", village=f"{INSIDE}02"), at=now)
        record(session, other, entry(made, "7", village=f"{INSIDE}02"), at=now)
        publishing.publish(session, now.date(), [publishing.Amphoe(AMPHOE, 150, 75)])
        session.commit()
    return made


def test_an_officer_sees_on_the_map_whom_the_survey_has_not_reached(at: At, number: int) -> None:
    desk = at("amphoe_coordinator", AMPHOE, DESK)
    desk.goto(f"/officer/survey?area={AMPHOE}&round={number}&figure=unreached")
    frame = map_of(desk)
    wait_for_figures(frame, "carried")
    until(frame, "() => Number(document.documentElement.dataset.villages) === 1")
    assert "500 – 1,000" in frame.locator(".legend").inner_text()
    assert wrong_with(desk, "th") == {}, json.dumps(wrong_with(desk, "th"), ensure_ascii=False)
    for_the_manual(desk, "officer-survey-rows", of=desk.locator(".survey-overview"))
    desk.set_viewport_size({"width": 400, "height": 420})
    wait_for_figures(map_of(desk), "carried")
    for_the_manual(desk, "officer-survey")
    desk.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    desk.goto(f"/officer/survey/rounds/{number}/villages?area={AMPHOE}")
    for_the_manual(desk, "officer-survey-villages", press=desk.get_by_role("button", name="แบ่งเท่า ๆ กัน"))
    desk.goto(f"/officer/survey/waiting?area={AMPHOE}&round={number}")
    for_the_manual(desk, "officer-survey-waiting", press=desk.locator("button[value=this]").first)
    desk.locator("button[value=this]").first.click()
    expect(desk.locator(".notice")).to_be_visible()


def test_everyone_sees_the_published_shares_once_they_are_switched_on(at: At, number: int) -> None:
    phone = at("volunteer", AMPHOE, PHONE)
    phone.goto("/")
    frame = map_of(phone)
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url) if "/survey/vaccinated" in request.url else None)
    frame.evaluate(SWITCH, "ผู้ได้รับวัคซีน")
    wait_for_figures(frame, "/survey/vaccinated/values")
    assert len(asked) == 1
    expect(frame.locator(".legend")).to_contain_text("ผู้ได้รับวัคซีน")
    frame.evaluate(SWITCH, "ผู้ได้รับวัคซีน")
    expect(frame.locator(".legend")).to_be_hidden()
