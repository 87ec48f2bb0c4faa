"""Recording without a connection: the form opens, records wait on the phone, and each comes in once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import func, select, update

from mapapp.accounts.models import LoginSession, Person
from mapapp.accounts.signing_in import sessions
from mapapp.core.vault import token_hash
from mapapp.survey.models import SurveyAssignment, SurveyEntry, SurveyRound, SurveySum
from tests.browser.conftest import clean, until
from tests.browser.officers import Workshop, let_in, signed_in
from tests.browser.pictures import for_the_manual
from tests.serving import answers, serving, web_processes
from tests.serving import until as wait_until
from tests.survey.build import add_round, assign, entry, record

pytestmark = pytest.mark.browser

TAMBON = "500103"
VILLAGE = f"{TAMBON}01"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
AWAY = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_CONNECTION", "Failed to load resource", "status of 4")


KEPT = """async () => {
  const result = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const database = await result(indexedDB.open("mapapp-outbox"));
  const names = await result(database.transaction("things").objectStore("things").getAllKeys());
  database.close();
  return names.includes("survey");
}"""
"""Whether the phone has what it keeps of the villages."""

LOCKED = """async () => {
  const result = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const database = await result(indexedDB.open("mapapp-outbox"));
  const keys = await result(database.transaction("things").objectStore("things").get("keys"));
  database.close();
  return !keys;
}"""
"""Whether the phone has no key any more to read what it keeps."""


class Volunteer:
    """A data volunteer with a village, at the door with a phone."""

    def __init__(self, shop: Workshop, make: Callable[..., Page], name: str) -> None:
        self.shop, self.make = shop, make
        now = datetime.now(UTC)
        with shop.factory() as session:
            self.token = signed_in(session, "data_volunteer", TAMBON, name)
            found = select(LoginSession.person_id).where(LoginSession.token_hash == token_hash(self.token))
            self.person = session.scalars(found).one()
            self.round = add_round(session, TAMBON, name="สำรวจเดือนนี้", opened_at=now - timedelta(days=1)).id
            who = session.get_one(Person, self.person)
            assign(session, self.round, VILLAGE, who)
            session.commit()

    def end_sessions(self) -> None:
        with self.shop.factory() as session:
            mine = update(LoginSession).where(LoginSession.person_id == self.person)
            session.execute(mine.values(revoked_at=datetime.now(UTC)))
            session.commit()

    def sign_in_again(self) -> str:
        with self.shop.factory() as session:
            token = sessions.start(
                session, self.person, now=datetime.now(UTC), device="Chrome", address="127.0.0.1", second_factor=True
            )
            session.commit()
        return token

    def phone(self, *, ready: bool = True) -> Page:
        page = self.make(base_url=self.shop.address, service_workers="allow", **PHONE)
        for one in AWAY:
            page.watch.allow(one)  # type: ignore[attr-defined]  # the console tells of each request without an answer
        let_in(page, self.shop.address, self.token)
        if ready:
            page.goto("/volunteer/survey")
            until(page.main_frame, "async () => Boolean((await navigator.serviceWorker.ready).active)")
            until(page.main_frame, "() => navigator.serviceWorker.controller !== null")
            until(page.main_frame, KEPT)
        return page

    def open_village(self, page: Page) -> None:
        page.goto(f"/volunteer/survey/{self.round}/{VILLAGE}")
        expect(page.locator("[data-view=form]")).to_be_visible()

    def entries(self) -> int:
        with self.shop.factory() as session:
            mine = select(func.count()).select_from(SurveyEntry).where(SurveyEntry.round_id == self.round)
            return session.scalar(mine) or 0

    def households(self) -> list[str | None]:
        with self.shop.factory() as session:
            mine = select(SurveyEntry.household).where(SurveyEntry.round_id == self.round)
            return sorted(session.scalars(mine), key=str)

    def sum_of(self, group: str) -> int:
        with self.shop.factory() as session:
            mine = select(SurveySum.here).where(SurveySum.round_id == self.round, SurveySum.target_group == group)
            return session.scalars(mine).one()


@pytest.fixture
def volunteer(shop: Workshop, watched: Callable[..., Page]) -> Volunteer:
    return Volunteer(shop, watched, "มานะ เดินสำรวจ")


SEED = """async ([count, round, village, first, form]) => {
  const base = document.querySelector('script[type=module][src*="/js/"]').src.replace(/js\\/.*$/, "js/");
  const { keepRecord } = await import(base + "survey/records.js");
  for (let at = 0; at < count; at += 1) {
    const groups = {};
    for (const one of ["bedridden", "migrant", "elderly", "adult", "student", "child"])
      groups[one] = { here: 2, none: 1, one: 0, two: 1, more: 0, unasked: 0, refusing: 0 };
    const household = `${form}${first + at}`;
    const content = { round, village, household, groups, version: 1, observed_at: new Date().toISOString() };
    await keepRecord({ content, clock: true, label: { village: "หมู่ที่ 1", round: "สำรวจ" } });
  }
}"""
"""Puts so many records into the outbox, through the scripts of the page."""

ROWS = """async () => {
  const result = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const database = await result(indexedDB.open("mapapp-outbox"));
  const rows = await result(database.transaction("entries").objectStore("entries").getAll());
  database.close();
  return rows;
}"""
WAITING = f"""async () => {{
  const rows = await ({ROWS})();
  return rows.reduce((made, one) => ({{ ...made, [one.state]: (made[one.state] ?? 0) + 1 }}), {{}});
}}"""
"""How many entries are in which state."""

RAW = f"async () => JSON.stringify(await ({ROWS})())"
FULL = """() => {
  IDBObjectStore.prototype.realPut = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""
EMPTIED = "() => { IDBObjectStore.prototype.put = IDBObjectStore.prototype.realPut; }"


def _states(page: Page) -> dict[str, int]:
    found: dict[str, int] = page.evaluate(WAITING)
    return found


def _wait(page: Page, true: Callable[[], bool]) -> None:
    """Waits for something that the page's events say."""
    for _ in range(200):
        if true():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not happen")


def _all_sent(page: Page, count: int) -> None:
    until(
        page.main_frame,
        f"async () => {{ const all = await ({WAITING})(); return all.sent === {count} && !all.waiting; }}",
    )


def _record(page: Page, number: int, *, by_touch: bool) -> None:
    """A household of two: with the thumb, or by keyboard alone."""
    house = page.locator("#household")
    if number == 0:
        house.fill("21")
    expect(house).to_have_value(str(21 + number))  # the next number stands there
    group = page.locator("details.group:has(#adult_here) summary")
    rest = page.locator("input[name=rest][value=nobody]")
    save = page.locator("form button[type=submit]")
    if by_touch:
        group.tap()
        for _ in range(2):
            page.locator(".stepper:has(#adult_two) button:last-child").tap()
        rest.tap()
        save.tap()
    else:
        group.press("Enter")
        page.locator("#adult_two").press_sequentially("2")
        rest.press("Space")
        save.press("Enter")
    expect(house).to_have_value(str(22 + number))
    expect(page.locator("[data-bar-words]")).to_contain_text(str(number + 1))


def test_ten_households_without_a_connection_come_in_once(volunteer: Volunteer) -> None:
    page = volunteer.phone()
    page.context.set_offline(True)
    volunteer.open_village(page)
    page.locator("form button[type=submit]").tap()  # nothing typed: said beside its field, nothing saved
    expect(page.locator("#rest-problem")).to_be_visible()
    assert _states(page) == {}
    for number in range(10):
        _record(page, number, by_touch=number % 2 == 0)
    expect(page.locator("[data-bar-words]")).to_contain_text("10")
    clean(page)
    for_the_manual(page, "survey-offline", press=page.locator("form button[type=submit]"))
    page.reload()  # the page was closed meanwhile
    page.locator("#household").fill("21")
    page.locator("input[name=rest][value=nobody]").check()
    page.locator("#adult_two").evaluate("one => { one.value = '1'; }")
    page.locator("form button[type=submit]").tap()
    expect(page.locator("#household-problem")).to_be_visible()  # it waits already
    page.goto("/volunteer/survey")
    expect(page.locator("[data-entries] > li")).to_have_count(10)
    raw = page.evaluate(RAW)
    assert '"household"' not in raw, "what waits is sealed"
    assert VILLAGE not in raw
    assert volunteer.entries() == 0
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    _all_sent(page, 10)
    expect(page.locator("[data-entries] > li").first).to_contain_text("ได้รับ")
    clean(page)
    for_the_manual(page, "survey-receipts", press=page.locator("[data-entries] > li").first)
    assert volunteer.households() == [str(number) for number in range(21, 31)]
    assert volunteer.sum_of("adult") == 20
    # The next page tells it, too, and nothing is sent once more.
    page.goto("/volunteer/survey")
    expect(page.locator("[data-outbox-line] a")).to_be_visible()
    assert volunteer.entries() == 10


def test_what_was_sent_into_nothing_goes_on_without_a_connection_under_its_key(volunteer: Volunteer) -> None:
    page = volunteer.phone()
    page.goto(f"/volunteer/survey/{volunteer.round}/{VILLAGE}")
    key = page.locator("form[data-survey] input[name=once]").input_value()
    page.locator("#household").fill("5/1")
    page.locator("#adult_two").evaluate("one => { one.value = '3'; one.closest('details').open = true; }")
    page.locator("input[name=rest][value=nobody]").check()
    page.evaluate("Object.defineProperty(navigator, 'onLine', { get: () => true })")
    page.context.set_offline(True)  # and the browser does not know it
    page.locator("button[value=save]").click()
    page.wait_for_url("**/volunteer/survey/offline**")
    expect(page.locator("[data-bar-words]")).to_contain_text("1")
    assert key in page.evaluate(RAW)
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    _all_sent(page, 1)
    assert volunteer.households() == ["5/1"]


def test_a_lost_answer_two_tabs_and_a_session_that_ended(volunteer: Volunteer, watched: Callable[..., Page]) -> None:
    page = volunteer.phone()
    page.context.set_offline(True)
    volunteer.open_village(page)
    page.evaluate(SEED, [40, volunteer.round, VILLAGE, 1, "9/"])
    # The session has ended while they wait: they stay, locked, and nobody sees them.
    volunteer.end_sessions()
    page.context.set_offline(False)
    page.goto("/volunteer/survey")
    page.wait_for_url("**/sign-in**")
    until(page.main_frame, "async () => (await indexedDB.databases()).length > 0")
    page.goto("/volunteer/survey/offline")
    expect(page.locator("[data-bar-words]")).to_contain_text("40")
    expect(page.locator("[data-entries] > li").first).not_to_contain_text("9/")
    assert _states(page) == {"waiting": 40}
    # Somebody else signs in on this phone: nothing is shown, nothing is sent.
    other = Volunteer(volunteer.shop, watched, "คนอื่น ยืมเครื่อง")
    let_in(page, volunteer.shop.address, other.token)
    page.goto("/volunteer/survey/offline")
    expect(page.locator("[data-who]")).to_contain_text("คนอื่น ยืมเครื่อง")
    expect(page.locator("[data-entries] > li")).to_have_count(0)
    expect(page.locator("[data-others]")).to_contain_text("40")
    assert (other.entries(), volunteer.entries()) == (0, 0)
    # The same person again. The server takes the first lot in, and its answer never arrives; two tabs send.
    let_in(page, volunteer.shop.address, volunteer.sign_in_again())
    lost: list[int] = []

    def cut(route: Route) -> None:
        if lost:
            route.continue_()
            return
        route.fetch()
        lost.append(1)
        route.abort("connectionreset")

    page.context.route("**/api/v1/survey/entries", cut)
    second = page.context.new_page()
    page.goto("/volunteer/survey/offline")
    until(page.main_frame, "async () => true")
    second.goto("/volunteer/survey/offline")
    for one in (page, second):
        one.evaluate("window.dispatchEvent(new Event('online'))")
    _all_sent(page, 40)
    assert lost == [1]
    assert volunteer.entries() == 40
    assert volunteer.sum_of("adult") == 80
    # The phone is lost, and the session is ended elsewhere: the page that needs no connection locks itself.
    expect(page.locator("[data-entries] > li").first).to_contain_text("9/")
    volunteer.end_sessions()
    page.goto("/volunteer/survey/offline")
    until(page.main_frame, LOCKED)
    expect(page.locator("[data-entries] > li").first).not_to_contain_text("9/")


def test_conflict_full_phone_file_and_update_with_records_waiting(volunteer: Volunteer) -> None:
    with volunteer.shop.factory() as session:
        who = session.get_one(Person, volunteer.person)
        now = datetime.now(UTC)
        first = record(session, who, entry(volunteer.round, "3", village=VILLAGE), at=now)
        session.commit()
    page = volunteer.phone()
    page.context.set_offline(True)
    volunteer.open_village(page)
    # A revisit: what was recorded is there, and saving corrects it.
    page.locator("#household").fill("3")
    expect(page.locator("[data-before]")).to_contain_text("2")
    page.locator("[data-recorded] summary").tap()
    page.locator("[data-recorded] button").first.tap()
    expect(page.locator("#adult_here")).to_have_value("2")
    page.locator("#adult_here").fill("4")
    page.locator("#adult_one").fill("3")
    page.locator("input[name=rest][value=not_asked]").check()
    # The phone is full: said, and what was typed stays.
    page.evaluate(FULL)
    page.locator("form button[type=submit]").tap()
    expect(page.locator("[data-said]")).to_contain_text("เต็ม")
    expect(page.locator("#adult_one")).to_have_value("3")
    page.evaluate(EMPTIED)
    page.locator("form button[type=submit]").tap()
    expect(page.locator("[data-bar-words]")).to_contain_text("1")
    # Meanwhile somebody corrects the record, and the assignment is taken back.
    with volunteer.shop.factory() as session:
        who = session.get_one(Person, volunteer.person)
        other = entry(
            volunteer.round,
            "3",
            village=VILLAGE,
            groups={"adult": {"here": 1, "none": 1}},
            entry=first.entry,
            revision=1,
        )
        record(session, who, other, at=datetime.now(UTC))
        session.commit()
    # The queue as a file, deleted here and loaded again.
    page.goto("/volunteer/survey/offline")
    page.locator("summary:has-text('ไฟล์')").tap()
    with page.expect_download() as saved:
        page.locator("[data-file]").tap()
    path = Path(saved.value.path())
    assert "household" not in path.read_text()
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("[data-do=delete]:visible").tap()
    expect(page.locator("[data-entries] > li")).to_have_count(0)
    page.locator("#load").set_input_files(path)
    expect(page.locator("[data-entries] > li")).to_have_count(1)
    # A newer version of the service: the worker is replaced, the record stays.
    page.context.set_offline(False)
    page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).unregister()")
    page.evaluate("async () => { for (const name of await caches.keys()) await caches.delete(name); }")
    page.goto("/volunteer/survey/offline")
    expect(page.locator("[data-both]")).to_be_visible()
    clean(page)
    for_the_manual(page, "survey-both", press=page.locator("[data-do=mine]"))
    page.locator("[data-do=mine]").tap()
    _all_sent(page, 1)
    assert volunteer.entries() == 1
    assert volunteer.sum_of("adult") == 4
    with volunteer.shop.factory() as session:
        session.execute(
            update(SurveyAssignment)
            .where(SurveyAssignment.round_id == volunteer.round)
            .values(ended_at=datetime.now(UTC))
        )
        session.execute(
            update(SurveyRound).where(SurveyRound.id == volunteer.round).values(closed_at=datetime.now(UTC))
        )
        session.commit()
    page.evaluate(SEED, [1, volunteer.round, VILLAGE, 1, "8/"])
    page.evaluate("window.dispatchEvent(new Event('online'))")
    _all_sent(page, 2)
    expect(page.locator("[data-entries]")).to_contain_text("หลังปิดการสำรวจ")


def test_a_web_process_that_is_killed_while_a_queue_is_sent_loses_and_doubles_nothing(
    shop: Workshop, watched: Callable[..., Page]
) -> None:
    volunteer = Volunteer(shop, watched, "ทองดี ไม่ท้อ")
    database = shop.factory.kw["bind"].url.database
    with serving(database, MAPAPP_SECRET_KEYS="") as (port, main):
        shop = Workshop(f"http://127.0.0.1:{port}", shop.factory)
        volunteer.shop = shop
        page = volunteer.phone(ready=False)
        killed: list[int] = []

        def kill(request: Request) -> None:
            if request.method == "POST" and "/survey/entries" in request.url and not killed:
                killed.extend(web_processes(main.pid))
                for pid in killed:
                    os.kill(pid, signal.SIGKILL)

        page.goto("/volunteer/survey/offline")
        expect(page.locator("[data-view=list]")).to_be_visible()
        page.context.set_offline(True)
        page.evaluate(SEED, [100, volunteer.round, VILLAGE, 1, "6/"])
        page.context.on("request", kill)
        page.context.set_offline(False)
        page.evaluate("window.dispatchEvent(new Event('online'))")
        _wait(page, lambda: bool(killed))
        wait_until(lambda: answers(port), 30, "a new web process")
        page.evaluate("window.dispatchEvent(new Event('online'))")
        _all_sent(page, 100)
    assert volunteer.entries() == 100
    assert volunteer.sum_of("adult") == 200
