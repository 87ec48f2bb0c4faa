"""The officers' console in a real browser: table, map, keys and the queue, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect
from sqlalchemy.orm import Session

from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import sessions
from tests.browser.conftest import axe, filled_database, serve, until
from tests.browser.frames import map_of
from tests.browser.test_every_page import SIZES
from tests.data import add_facility, small_country
from tests.facilities.build import PAYLOADS

pytestmark = pytest.mark.browser

TABLE, STALE = "/officer/facilities", "/officer/facilities/stale"
KINDS = ("test_site", "vaccination_site", "field_hospital", "waiting_centre")
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
NAME = "จุดตรวจตลาด {{98765*54321}} <b>"


def fill(session: Session) -> str:
    """The small country with 65 pins around noon of a tambon, a third of them stale; answers an officer's token."""
    small_country(session)
    now = datetime.now(UTC)
    for number in range(65):
        add_facility(
            session, KINDS[number % 4], lat=14.005 + number % 8 * 0.012, lon=100.005 + number // 8 * 0.01,
            tambon_code="900101", name_th=NAME if number == 3 else f"จุดบริการที่ {number}",
            name_en=NAME if number == 3 else f"Site {number}",
            confirmed_at=now - timedelta(days=20 if number % 3 == 0 else 1),
            beds=50, beds_free=number, beds_free_at=now - timedelta(hours=4), phone="+6653920300",
            status="full" if number == 5 else "open",
        )  # fmt: skip
    for number, payload in enumerate(PAYLOADS):
        add_facility(
            session, "hospital", lat=14.11, lon=100.01 + number / 100, tambon_code="900102", name_th=payload,
            name_en=payload, confirmed_at=now,
        )  # fmt: skip
    who = Person(name="สมหญิง ใจดี", organisation="อำเภอทดสอบ")
    session.add(who)
    session.flush()
    session.add(
        Appointment(
            person_id=who.id, role="amphoe_coordinator", area_code="9001", starts_at=now - timedelta(days=1),
            confidentiality_on=date(2026, 1, 1), training_expires_on=(now + timedelta(days=90)).date(),
        )
    )  # fmt: skip
    return sessions.start(session, who.id, now=now, device="test", address="127.0.0.1", second_factor=True)


@pytest.fixture(scope="module")
def console(worker: str) -> Iterator[tuple[str, str]]:
    """The address of a service, and the token of somebody who has signed in there."""
    made: list[str] = []
    with (
        filled_database(f"mapapp_console_{worker}", lambda session: made.append(fill(session))) as name,
        serve(name) as address,
    ):
        yield address, made[0]


Open = Callable[..., Page]


@pytest.fixture
def opened(console: tuple[str, str], watched: Callable[..., Page]) -> Open:
    """A page of the console as the officer sees it."""

    def make(path: str, **options: Any) -> Page:
        page = watched(**options)
        page.context.add_cookies([{"name": PLAIN_COOKIE, "value": console[1], "url": console[0]}])
        page.goto(console[0] + path)
        return page

    return make


def dots(frame: Frame, count: int) -> None:
    until(frame, "count => document.documentElement.dataset.dots === String(count)", count)


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("path", ["/officer", TABLE, f"{TABLE}?kind=x&q=ตลาด", f"{TABLE}?q=ไม่มีที่นี่", STALE])
def test_every_page_fits_and_is_accessible(opened: Open, path: str, lang: str) -> None:
    """Opened once, as wide as each screen; the desk's page is the one that axe looks at in English."""
    page = opened(path + (("&" if "?" in path else "?") + "lang=en" if lang == "en" else ""), kept=True, **PHONE)
    if "kind=x" in path:
        page.watch.allow("status of 400")  # type: ignore[attr-defined]  # the test means to cause it
    for width, height in ((320, 640), (360, 740), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SIZES) == []
        if (lang, width) in (("th", 360), ("en", 1280)):
            assert axe(page, inside_frames=False) == []


def test_filters_change_table_map_and_address_without_a_new_page(opened: Open) -> None:
    page = opened(f"{TABLE}?area=900101", **DESK)
    frame = map_of(page)
    dots(frame, 66)
    page.evaluate("window.stillHere = true")
    page.locator("#kind").select_option("test_site")
    expect(page.locator("#console tbody tr")).to_have_count(17)
    dots(frame, 17)
    assert "kind=test_site" in page.url
    expect(page.locator("#said")).to_contain_text("17")
    page.locator("thead a", has_text=re.compile("Name|ชื่อ")).click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_class(re.compile("col-name"))
    assert page.evaluate("window.stillHere") is True
    page.go_back()
    expect(page.locator("th[aria-sort]")).to_have_class(re.compile("col-confirmed"))


def test_a_row_shows_its_pin_and_a_pin_its_row(opened: Open) -> None:
    page = opened(f"{TABLE}?area=900101&q=ตลาด&lang=en", **DESK)
    frame = map_of(page)
    dots(frame, 1)
    page.locator("[data-show]").click()
    popup = frame.locator(".leaflet-popup")
    expect(popup.locator("strong")).to_have_text(NAME)  # as it was typed; nothing of it ran
    popup.get_by_role("button", name="Show in the table").click()
    expect(page.locator("tr:focus")).to_contain_text(NAME)


def test_text_that_looks_like_code_is_shown_as_text(opened: Open) -> None:
    page = opened(f"{TABLE}?area=900102", **DESK)
    frame = map_of(page)
    dots(frame, len(PAYLOADS))
    for number in range(len(PAYLOADS)):
        page.locator("[data-show]").nth(number).click()
        name = page.locator("#console tbody th a").nth(number).inner_text()
        expect(frame.locator(".leaflet-popup strong")).to_have_text([name])  # alone: the one before fades out
        assert name in PAYLOADS
    for one in page.frames:
        assert one.evaluate("window.PWN") is None


def test_keys(opened: Open) -> None:
    page = opened(f"{TABLE}?area=900101&sort=name", **DESK)
    rows = page.locator("#console tbody tr")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(rows.nth(1).locator("input[name=pick]")).to_be_checked()
    expect(page.locator(".picked")).to_contain_text("1")
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.locator("#keys summary").focus()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_have_attribute("open", "")
    page.locator("[data-keys-on]").press(" ")  # WCAG 2.1.4: they can be switched off
    expect(page.locator("[data-keys-on]")).not_to_be_checked()
    page.locator("#keys summary").focus()
    page.keyboard.press("j")
    expect(page.locator("tr:focus")).to_have_count(0)
    page.locator("[data-keys-on]").press(" ")
    page.locator("#keys summary").focus()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("jxc")  # a field has the focus: letters are letters
    expect(page.locator("#q")).to_have_value("jxc")
    expect(page.locator("input[name=pick]:checked")).to_have_count(1)


def test_still_right_by_key_and_back(opened: Open) -> None:
    page = opened(f"{TABLE}?area=900101&freshness=stale&sort=name&lang=en", **DESK)
    before = page.locator("#console tbody tr").count()
    first = page.locator("#console tbody tr").first.get_attribute("id")
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.locator("#did")).to_contain_text("1 facility confirmed.")
    expect(page.locator("#console tbody tr")).to_have_count(before - 1)
    expect(page.locator("#console tbody tr").first).to_be_focused()  # on to the next one
    page.locator("#did button").click()
    expect(page.locator("#did")).to_contain_text("Undone")
    expect(page.locator("#console tbody tr")).to_have_count(before)
    assert page.locator("#console tbody tr").first.get_attribute("id") == first


def test_the_queue_under_a_thumb(opened: Open) -> None:
    page = opened(f"{STALE}?lang=en", **PHONE)
    left = page.locator(".tally .count")
    before = int(re.findall(r"\d+", left.inner_text())[0])
    name = page.locator(".queue h2").first.inner_text()
    page.evaluate("window.stillHere = true")
    page.get_by_role("button", name="Still correct").first.tap()
    expect(left).to_contain_text(f"{before - 1} left")
    expect(page.locator(".queue h2").first).not_to_have_text(name)
    page.get_by_role("button", name="Undo").tap()
    expect(left).to_contain_text(f"{before} left")
    expect(page.locator(".queue h2").first).to_have_text(name)
    assert page.evaluate("window.stillHere") is True


def test_without_scripts(opened: Open) -> None:
    page = opened(f"{TABLE}?area=900101&q=ที่ 1&sort=name&lang=en", java_script_enabled=False, **PHONE)
    page.locator("input[name=pick]").nth(0).check()
    page.locator("input[name=pick]").nth(1).check()
    page.locator(".bulk summary").click()
    page.locator("#do").select_option("temporarily_closed")
    page.get_by_role("button", name="Apply to selected rows").click()
    page.watch.allow("status of 400")  # type: ignore[attr-defined]  # the reason is missing
    expect(page.locator("#reason-problem")).to_be_visible()
    expect(page.locator("input[name=pick]:checked")).to_have_count(2)
    page.locator("#reason").fill("น้ำท่วม")
    page.get_by_role("button", name="Apply to selected rows").click()
    expect(page.locator("#did")).to_contain_text("2 facilities closed.")
    page.locator("#did button").click()
    expect(page.locator("#did")).to_contain_text("Undone")
