"""An officer's day with their pins, all of it by clicking: what waits, “still right”, a new pin and its twin, two
officers at once, closing and opening, and a report from the street. Each on a phone in Thai and a desk in English."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import clean
from tests.browser.frames import map_of
from tests.browser.officers import AMPHOE, DESK, PHONE, At, Workshop, with_lang
from tests.browser.pictures import for_the_manual

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("workshop")]

SCREENS = {"th": PHONE, "en": DESK}
SAVE = ".sticky-action button"


class Day:
    """One officer at work in one language."""

    def __init__(self, at: At, lang: str) -> None:
        self.at, self.lang = at, lang
        self.page = self.another()

    def another(self) -> Page:
        """A second browser of the same officer."""
        return self.at("amphoe_coordinator", AMPHOE, SCREENS[self.lang])

    def go(self, path: str, page: Page | None = None) -> None:
        (page or self.page).goto(with_lang(path, self.lang))

    def shows(self, name: str, **options: object) -> None:
        """The page is clean; in Thai it goes into the manual."""
        clean(self.page)
        if self.lang == "th":
            for_the_manual(self.page, name, **options)  # type: ignore[arg-type]  # passed on as they are

    def said(self, thai: str, english: str) -> str:
        return thai if self.lang == "th" else english


@pytest.fixture(params=SCREENS)
def day(request: pytest.FixtureRequest, at: At) -> Day:
    """Thai on a phone, English on a desk."""
    return Day(at, request.param)


def test_what_waits_and_still_right(day: Day, shop: Workshop) -> None:
    name = day.said("ศูนย์พักคอยวัดศรีดอนไชย", "ศูนย์พักคอยโรงเรียนหอพระ")
    shop.add("waiting_centre", name, lat=18.7999, lon=98.9801, days_old=400, phone="+6653920300")
    page = day.page
    day.go("/officer")
    to_check = page.locator("ul.todos li", has=page.locator('a[href*="/officer/facilities/stale"]'))
    day.shows("officer-to-do", press=to_check)
    to_check.locator("a").click()
    page.wait_for_url("**/officer/facilities/stale**")
    first = page.locator(".queue > li").first
    expect(first.locator("h2")).to_have_text(name)  # the oldest
    day.shows("officer-queue", press=first.locator("button.wide"))
    first.locator("button.wide").click()
    expect(page.locator(".queue > li h2").first).not_to_have_text(name)
    page.locator("#did button").click()
    expect(page.locator(".queue > li h2").first).to_have_text(name)
    page.locator(".queue > li").first.locator("button.wide").click()
    expect(page.locator(".queue > li h2").first).not_to_have_text(name)
    day.shows("officer-queue-done", of=page.locator("#did"))


def test_a_new_pin_that_was_there_already(day: Day, shop: Workshop) -> None:
    """Four interactions to add one; its twin is shown first; the two become one, and the old address leads on."""
    lat, lon = (18.8031, 98.9701) if day.lang == "th" else (18.8031, 98.9901)
    name = day.said("จุดตรวจวัดเชียงยืน", "จุดตรวจวัดสวนดอก")
    old = shop.add("test_site", name, lat=lat, lon=lon, phone="+6653920300")
    page = day.page
    day.go(f"/officer/facilities/new?kind=test_site&place={lat + 0.0003},{lon}")  # 1: open
    map_of(page)
    page.locator("iframe.map").click()  # 2: tap the map
    expect(page.locator("#place-said .found")).to_be_visible()
    page.locator("#name_th").fill(f"{name} ใหม่")  # 3: its name
    day.shows("officer-add", of=page.locator(".where"))
    page.watch.allow("409")  # type: ignore[attr-defined]  # the console tells of the answer: look first
    page.locator(SAVE).click()  # 4: save
    twins = page.locator("#twins")
    expect(twins).to_contain_text(name)
    day.shows("officer-twins", of=twins)
    twins.locator("p button").click()
    page.wait_for_url(re.compile("notice=pin_added"))
    new = int(re.findall(r"/facilities/(\d+)/edit", page.url)[0])
    clean(page)

    page.locator("nav.tabs a[href*='/merge']").click()
    day.shows("officer-merge-with", of=page.locator("main ul.list"))
    page.get_by_role("link", name=name, exact=True).click()
    page.locator("input[name=stays][value=other]").check()
    day.shows("officer-merge", of=page.locator("#stays"))
    page.locator(SAVE).click()
    page.wait_for_url(re.compile(rf"/facilities/{old}/"))
    clean(page)
    page.goto(f"/facilities/{new}")
    assert page.url.endswith(f"/facilities/{old}")  # the old address leads on
    day.go(f"/officer/facilities/{old}/history")
    expect(page.locator("ol.history-steps > li").first).to_be_visible()
    day.shows("officer-history")


def test_two_officers_at_once(day: Day, shop: Workshop) -> None:
    number = shop.add(
        "field_hospital", day.said("โรงพยาบาลสนามยิมเทศบาล", "โรงพยาบาลสนามหอประชุม"), lat=18.81, lon=98.985, beds=50
    )
    one, two = day.page, day.another()
    for page in (one, two):
        day.go(f"/officer/facilities/{number}/edit", page)
    two.locator("#beds").fill("60")
    two.locator(SAVE).click()
    two.wait_for_url(re.compile("notice=saved"))
    one.watch.allow("409")  # type: ignore[attr-defined]  # the console tells of the answer
    one.locator("#beds").fill("70")
    one.locator("#serves").fill("ทุกคน")
    one.locator(SAVE).click()
    conflict = one.locator("#conflict")
    expect(conflict).to_contain_text("60")
    expect(conflict).to_contain_text("70")
    day.shows("officer-conflict", of=conflict)
    conflict.locator("input[value=mine]").check()
    one.locator(SAVE).click()
    one.wait_for_url(re.compile("notice=saved"))
    expect(one.locator("#beds")).to_have_value("70")
    expect(one.locator("#serves")).to_have_value("ทุกคน")


def test_closing_and_opening_again(day: Day, shop: Workshop) -> None:
    number = shop.add("vaccination_site", day.said("จุดฉีดวัคซีนสนามบิน", "จุดฉีดวัคซีนสถานีรถไฟ"), lat=18.767, lon=98.962)
    page = day.page
    day.go(f"/officer/facilities/{number}/edit")
    page.locator("#hours_how").select_option("weekly")
    expect(page.locator("#hours-said")).not_to_be_empty()
    day.shows("officer-hours", of=page.locator("#hours"))
    page.locator("nav.tabs a[href*='/close']").click()
    day.shows("officer-close", of=page.locator("form.card"), press=page.locator(SAVE))
    page.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the answer: a reason is needed
    page.locator("input[name=how][value=temporarily]").check()
    page.locator(SAVE).click()
    expect(page.locator("#closed_reason-problem")).to_be_visible()
    clean(page)
    page.locator("#closed_reason").fill(day.said("น้ำท่วมทางเข้า", "น้ำท่วมชานชาลา"))
    page.locator(SAVE).click()
    page.wait_for_url(re.compile("notice="))
    day.go(f"/facilities/{number}")
    expect(page.locator("article.facility")).to_contain_text(day.said("น้ำท่วมทางเข้า", "น้ำท่วมชานชาลา"))
    day.go(f"/officer/facilities/{number}/edit")
    reopen = page.locator("form[action*='/reopen'] button")
    day.shows("officer-reopen", of=page.locator("main .note").first)
    reopen.click()
    page.wait_for_url(re.compile("notice="))
    expect(page.locator("form[action*='/reopen']")).to_have_count(0)


def test_from_the_street_to_the_queue(day: Day, shop: Workshop) -> None:
    """Somebody at the door says that it is closed; one tap of the officer answers."""
    number = shop.add("test_site", day.said("จุดตรวจหน้าตลาด", "จุดตรวจหลังตลาด"), lat=18.783, lon=99.003)
    guest = day.at("", "", SCREENS[day.lang])
    day.go(f"/facilities/{number}", guest)
    guest.locator("details.report summary").click()
    guest.locator("input[name=reason][value=closed]").check()
    guest.locator("#note").fill(day.said("ป้ายบอกว่าย้ายไปแล้ว", "ป้ายบอกว่าปิดแล้ว"))
    clean(guest)
    if day.lang == "th":
        for_the_manual(guest, "public-report", of=guest.locator("details.report"))
    guest.locator("details.report form button").click()
    guest.wait_for_url(re.compile("/report/thanks"))
    clean(guest)

    page = day.page
    day.go("/officer/facilities/reports")
    card = page.locator(f"#pin-{number}")
    expect(card).to_contain_text(day.said("ป้ายบอกว่าย้ายไปแล้ว", "ป้ายบอกว่าปิดแล้ว"))
    day.shows("officer-reports", of=card)
    card.locator("button[value=still_right]").click()
    expect(page.locator(".notice")).to_be_visible()
    expect(page.locator(f"#pin-{number}")).to_have_count(0)
    clean(page)
