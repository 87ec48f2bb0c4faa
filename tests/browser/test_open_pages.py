"""Pages that change while somebody has them open: within seconds they say so, or how old they are."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts.models import Person
from mapapp.core.config import Config
from mapapp.coverage.models import CoveragePending
from mapapp.facilities.models import Facility, FacilityImport, FacilityReport
from mapapp.help_requests.models import HelpEvent, HelpLease, HelpNeed, HelpRequest
from mapapp.help_requests.resident import links
from tests.browser.conftest import clean
from tests.browser.officers import AMPHOE, DESK, PHONE, PROVINCE, TAMBON, At, Workshop, with_lang
from tests.help_requests.build import add_request, needs_of
from tests.help_requests.resident.conftest import hold
from tests.volunteers.build import profile

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("workshop")]

WITHIN_MS = 5_000
"""What is promised; a page asks every four seconds."""

BUSY_MS = 4_000
"""What a machine that runs other tests beside this one may take on top."""

HIDE = """hidden => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""
"""What a browser does when its tab is covered by another, and when it is seen again."""


def now() -> datetime:
    return datetime.now(UTC)


def is_told(page: Page) -> None:
    """The page says that there is something new, in time; and opened again it says nothing."""
    told = page.locator("[data-fresh-changed]")
    expect(told).to_be_visible(timeout=WITHIN_MS + BUSY_MS)


def shown_again(page: Page) -> None:
    """Follows what the line offers: the page is as it is now."""
    with page.expect_navigation():
        page.locator("[data-fresh-changed] a").click()
    expect(page.locator("[data-fresh]")).to_have_count(1)
    expect(page.locator("[data-fresh-changed]")).to_be_hidden()


def offline(page: Page, is_so: bool) -> None:
    page.watch.allow("ERR_INTERNET_DISCONNECTED")  # type: ignore[attr-defined]  # it is meant
    page.watch.allow("htmx:")  # type: ignore[attr-defined]  # htmx tells the console of it
    page.context.set_offline(is_so)


@pytest.fixture
def request_here(shop: Workshop) -> Iterator[int]:
    """A request in tambon 500101, urgent, with its number's and its resident's page."""
    with shop.factory() as session:
        asked = add_request(session, vault=Config().vault(), lat=18.7903, lon=98.9872, urgency="life", at=now())
        session.commit()
        number = asked.id
    yield number
    with shop.factory() as session:
        for table in (HelpLease, HelpEvent, HelpNeed):
            session.execute(delete(table).where(table.request_id == number))
        session.execute(delete(HelpRequest).where(HelpRequest.id == number))
        session.commit()


def taken_on(shop: Workshop, number: int) -> None:
    """Somebody else takes the request on."""
    with shop.factory() as session:
        who = Person(name="นางสาว มาลี วงศ์งาม", organisation="อสม. บ้านเหนือ")
        session.add(who)
        session.flush()
        hold(session, needs_of(session, number)[0], who, at=now(), ends=now() + timedelta(hours=2))
        session.commit()


# What officers watch --------------------------------------------------------------------------------------------


def _doubt(session: Session) -> None:
    pin = select(Facility.id).where(Facility.name_th == "โรงพยาบาลสนามโรงยิม").scalar_subquery()
    session.execute(update(Facility).where(Facility.id == pin).values(doubtful_at=now()))


def _calm(session: Session) -> None:
    session.execute(update(Facility).where(Facility.name_th == "โรงพยาบาลสนามโรงยิม").values(doubtful_at=None))


def _report(session: Session) -> None:
    pin = session.scalars(select(Facility.id).where(Facility.name_th == "โรงพยาบาลสนามโรงยิม")).one()
    session.add(FacilityReport(facility_id=pin, reason="closed", at=now(), sender=b"open pages"))


def _no_report(session: Session) -> None:
    session.execute(delete(FacilityReport).where(FacilityReport.sender == b"open pages"))


def _sign_up(session: Session) -> None:
    comer = Person(name="อาสา มาใหม่", organisation="อสม.", first_signed_in_at=now())
    session.add(comer)
    session.flush()
    session.add(profile(comer, home_tambon=TAMBON, state="waiting", state_at=now(), joined_at=now()))


def _no_sign_up(session: Session) -> None:
    session.execute(delete(Person).where(Person.name == "อาสา มาใหม่"))


def _list(session: Session, **values: Any) -> FacilityImport:
    made = FacilityImport(
        **{
            "area_code": PROVINCE, "file_name": "open.csv", "source": "open pages", "kind": "hospital",
            "state": "uploaded", "created_at": now(), "file": "ชื่อ,lat,lon\n".encode(), **values,
        }
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _no_list(session: Session) -> None:
    session.execute(delete(FacilityImport).where(FacilityImport.source == "open pages"))


CHANGED_BY_OTHERS: dict[str, tuple[str, Callable[[Session], object], Callable[[Session], object]]] = {
    "/officer": ("home", _report, _no_report),
    f"/officer?area={PROVINCE}": ("home, and what another room says there", _sign_up, _no_sign_up),
    "/officer/facilities/stale": ("what is to be checked", _doubt, _calm),
    "/officer/facilities?kind=field_hospital": ("the table", _doubt, _calm),
    "/officer/facilities/reports": ("reports", _report, _no_report),
    "/officer/volunteers": ("who waits", _sign_up, _no_sign_up),
    "/officer/facilities/import": ("imports", _list, _no_list),
}
"""Page → what it is, what others do, and how that is undone."""


@contextmanager
def done(shop: Workshop, act: Callable[[Session], object], undo: Callable[[Session], object]) -> Iterator[None]:
    """Somebody else does something, for as long as it is looked at."""
    try:
        with shop.factory() as session:
            act(session)
            session.commit()
        yield
    finally:
        with shop.factory() as session:
            undo(session)
            session.commit()


@pytest.mark.parametrize("path", CHANGED_BY_OTHERS)
def test_an_officers_open_page_says_what_others_have_changed(at: At, shop: Workshop, path: str) -> None:
    _, act, undo = CHANGED_BY_OTHERS[path]
    page = at("province_admin", PROVINCE, PHONE if urlsplit(path).path == "/officer" else DESK)
    page.goto(with_lang(path, "en"))
    expect(page.locator("[data-made]")).to_contain_text(re.compile(r"As of \d+ \w+ \d{4} \d\d:\d\d\."))
    with done(shop, act, undo):
        is_told(page)
        clean(page)
        shown_again(page)


def test_one_request_on_the_board_says_that_somebody_takes_it_on_and_what_is_typed_stays(
    at: At, shop: Workshop, request_here: int
) -> None:
    page = at("amphoe_coordinator", AMPHOE, DESK)
    page.goto(with_lang(f"/officer/requests/{request_here}", "en"))
    page.locator("main details", has=page.locator("button[value=urgency]")).locator("summary").first.click()
    page.locator("#urgency-reason").press_sequentially("โทรถาม")
    taken_on(shop, request_here)
    page.locator("#urgency-reason").press_sequentially("แล้ว")
    is_told(page)
    expect(page.locator("#urgency-reason")).to_have_value("โทรถามแล้ว")
    expect(page.locator("#urgency-reason")).to_be_focused()
    shown_again(page)
    expect(page.locator(".badge.state-claimed").first).to_be_visible()


def test_what_the_officer_does_in_the_queue_is_no_news_to_that_page(at: At, shop: Workshop) -> None:
    shop.add("hospital", "โรงพยาบาลรอตรวจสอบ", lat=18.7801, lon=98.9801, days_old=400)
    page = at("tambon_officer", TAMBON, DESK)
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one))  # playwright sets an attribute on what it is given
    page.goto("/officer/facilities/stale?lang=en")
    before = page.locator("[data-fresh]").get_attribute("data-fresh")
    page.locator("button[name=still]").first.click()
    expect(page.locator("#did")).to_be_visible()
    assert page.locator("[data-fresh]").get_attribute("data-fresh") != before
    asked.clear()
    with page.expect_response(lambda answer: answer.status == 304, timeout=WITHIN_MS + BUSY_MS):
        pass
    expect(page.locator("[data-fresh-changed]")).to_be_hidden()


def test_the_number_of_urgent_requests_is_brought_up_to_date_beside_the_menu(at: At, shop: Workshop) -> None:
    page = at("province_admin", PROVINCE, DESK)
    page.goto("/officer/people?lang=en")
    badge = page.locator("#requests-waiting")
    before = int(badge.get_attribute("data-waiting") or 0)
    with shop.factory() as session:
        made = add_request(session, vault=Config().vault(), lat=18.7903, lon=98.9872, urgency="life", at=now()).id
        session.commit()
    expect(badge).to_have_attribute("data-waiting", str(before + 1), timeout=WITHIN_MS + BUSY_MS)
    expect(badge).to_contain_text(str(before + 1))
    clean(page)
    with shop.factory() as session:
        session.execute(delete(HelpNeed).where(HelpNeed.request_id == made))
        session.execute(delete(HelpRequest).where(HelpRequest.id == made))
        session.commit()
    expect(badge).to_have_attribute("data-waiting", str(before), timeout=WITHIN_MS + BUSY_MS)
    expect(page.locator("[data-fresh-changed]")).to_be_hidden()


def test_a_running_import_says_when_it_cannot_be_looked_up_and_when_it_has_ended(at: At, shop: Workshop) -> None:
    with shop.factory() as session:
        number = _list(session, state="running", rows=100, rows_done=10, beat_at=now() + timedelta(minutes=5)).id
        session.commit()
    page = at("province_admin", PROVINCE, DESK)
    page.goto(f"/officer/facilities/import/{number}?lang=en")
    expect(page.locator("#progress")).to_contain_text("10 of 100")
    offline(page, True)
    told = page.locator("[data-fresh-offline]")
    expect(told).to_contain_text(re.compile(r"No connection\. You see data from \d\d:\d\d"))
    with shop.factory() as session:
        mine = update(FacilityImport).where(FacilityImport.id == number)
        session.execute(mine.values(rows_done=60))
        session.commit()
    offline(page, False)
    expect(page.locator("#progress")).to_contain_text("60 of 100", timeout=WITHIN_MS + BUSY_MS)
    expect(told).to_be_hidden()
    with shop.factory() as session:
        session.execute(mine.values(state="done", rows_done=100, finished_at=now(), file=None))
        session.commit()
    expect(page.locator("#progress")).to_have_count(0, timeout=WITHIN_MS + BUSY_MS)
    with shop.factory() as session:
        _no_list(session)
        session.commit()


# Residents and volunteers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_residents_page_says_that_somebody_comes(
    watched: Callable[..., Page], shop: Workshop, request_here: int, lang: str
) -> None:
    with shop.factory() as session:
        token = links.make(session, Config().vault(), request_here, made_by="post", now=now()).token
        session.commit()
    page = watched(viewport={"width": 360, "height": 740})
    page.goto(with_lang(f"{shop.address}/requests/mine/{token}", lang))
    expect(page.locator("h1")).to_be_visible()
    taken_on(shop, request_here)
    is_told(page)
    clean(page)
    shown_again(page)
    expect(page.locator(".state-claimed")).to_contain_text("มาลี")


def test_a_volunteer_reads_that_somebody_was_faster(at: At, shop: Workshop, request_here: int) -> None:
    page = at("volunteer", TAMBON, PHONE)
    page.goto(f"/volunteer/requests/{request_here}?lang=en")
    taken_on(shop, request_here)
    is_told(page)
    clean(page)
    shown_again(page)


def test_my_tasks_say_what_i_took_on_elsewhere(at: At, request_here: int) -> None:
    page, phone = at("volunteer", TAMBON, DESK), at("volunteer", TAMBON, PHONE)
    page.goto("/volunteer/tasks?lang=en")
    phone.goto(f"/volunteer/requests/{request_here}?lang=en")
    with phone.expect_navigation():
        phone.locator(".sticky-action button[form=claim]").click()
    is_told(page)
    shown_again(page)


# Figures --------------------------------------------------------------------------------------------------------


def nothing_waits(shop: Workshop) -> None:
    """Waits until the service has computed the figures of every change."""
    for _ in range(300):
        with shop.factory() as session:
            if not session.scalar(select(func.count()).select_from(CoveragePending)):
                return
        time.sleep(0.1)
    raise AssertionError("figures of changed pins are not computed")


@pytest.mark.parametrize("path", ["/coverage?level=tambon&kind=hospital&within=5001", f"/areas/{TAMBON}"])
def test_who_waits_for_new_figures_is_told_when_they_are_there(page: Page, shop: Workshop, path: str) -> None:
    row = {"kind": "hospital", "area_code": TAMBON}
    nothing_waits(shop)  # after the pins of the tests before
    with shop.factory() as session:
        session.add(CoveragePending(**row, metres=[], forget_stale=False, since=now()))
        database.mark_changed(session, "coverage")
        session.commit()
    with shop.factory() as session:  # the service's own chore waits until we let go
        mine = session.scalars(select(CoveragePending).filter_by(**row).with_for_update()).one()
        page.goto(shop.address + with_lang(path, "en"))
        expect(page.get_by_text("New figures are being calculated")).to_be_visible()
        session.delete(mine)
        database.mark_changed(session, "coverage")
        session.commit()
    is_told(page)
    clean(page)
    shown_again(page)
    expect(page.get_by_text("New figures are being calculated")).to_have_count(0)
    expect(page.locator("[data-watch=return]")).to_be_attached()


def test_a_page_that_everybody_reads_asks_when_somebody_comes_back_to_it(page: Page, shop: Workshop) -> None:
    asked: list[Request] = []
    number = shop.add("hospital", "โรงพยาบาลที่เต็ม", lat=18.7811, lon=98.9811)
    page.goto(f"{shop.address}/facilities/{number}?lang=en")
    page.wait_for_load_state("networkidle")
    page.on("request", lambda one: asked.append(one))  # playwright sets an attribute on what it is given
    page.evaluate(HIDE, True)
    with shop.factory() as session:
        session.execute(update(Facility).where(Facility.id == number).values(status="full"))
        database.mark_changed(session, "facilities")
        session.commit()
    page.wait_for_timeout(WITHIN_MS)
    assert asked == [], "thousands read it, and nobody looks"
    page.evaluate(HIDE, False)
    is_told(page)


# Without a connection, without a reader, without scripts --------------------------------------------------------


def test_without_a_connection_the_page_says_until_when_it_was_right(at: At, shop: Workshop) -> None:
    page = at("province_admin", PROVINCE, PHONE)
    page.goto("/officer")
    offline(page, True)
    told = page.locator("[data-fresh-offline]")
    expect(told).to_contain_text(re.compile(r"ไม่มีสัญญาณ ข้อมูลที่เห็นเป็นของเวลา \d\d:\d\d น\."))
    clean(page)
    with done(shop, _report, _no_report):
        offline(page, False)
        is_told(page)
        expect(told).to_be_hidden()


def test_while_the_service_is_away_it_is_asked_more_and_more_seldom(at: At) -> None:
    page = at("province_admin", PROVINCE, DESK)
    page.clock.install()
    page.watch.allow("503")  # type: ignore[attr-defined]  # it is meant
    page.goto("/officer?lang=en")
    made = datetime.fromisoformat(page.locator("[data-made]").get_attribute("data-made") or "")
    asked: list[str] = []

    def away(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, body="")

    page.route(re.compile("/officer"), away)
    page.clock.pause_at(made + timedelta(minutes=5))
    expect(page.locator("[data-fresh-offline]")).to_contain_text("No connection")
    for seconds, times in ((8, 2), (16, 3), (32, 4), (60, 5), (60, 6)):
        page.clock.run_for(seconds * 1000 - 200)
        assert len(asked) == times - 1
        with page.expect_response(re.compile("/officer")):
            page.clock.run_for(400)
        assert len(asked) == times


def test_in_a_tab_that_nobody_sees_nothing_is_asked(at: At) -> None:
    page = at("province_admin", PROVINCE, DESK)
    page.goto("/officer?lang=en")
    page.wait_for_load_state("networkidle")
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one))  # playwright sets an attribute on what it is given
    page.evaluate(HIDE, True)
    page.wait_for_timeout(WITHIN_MS)
    assert asked == []
    with page.expect_response(lambda answer: answer.status == 304):
        page.evaluate(HIDE, False)


def test_a_list_that_has_lost_its_line_says_how_old_it_is(at: At, request_here: int) -> None:
    page = at("amphoe_coordinator", AMPHOE, DESK)
    page.route(re.compile("/live/requests"), lambda route: route.abort())
    page.watch.allow("ERR_FAILED")  # type: ignore[attr-defined]  # it is meant
    page.goto("/officer/requests?lang=en")
    status = page.locator("[data-live-status]")
    expect(status).to_contain_text(re.compile(r"every 15 seconds\. Last update: \d\d:\d\d\."))
    expect(page.locator(f"#request-{request_here}")).to_be_visible()
    clean(page)
    page.unroute(re.compile("/live/requests"))
    expect(page.locator("html[data-line=live]")).to_be_attached(timeout=10_000)
    expect(status).to_be_empty()


def test_without_scripts_a_page_says_of_when_it_is(at: At) -> None:
    page = at("province_admin", PROVINCE, PHONE, java_script_enabled=False)
    for path in ("/officer", "/officer/facilities/stale", "/coverage", "/officer/people/new"):
        page.goto(with_lang(path, "en"))
        expect(page.locator(".as-of")).to_contain_text(re.compile(r"As of \d+ \w+ \d{4} \d\d:\d\d\."))
