"""Asking for help in a real browser: both languages and widths, a weak signal, no scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine, func, select

from mapapp import database
from mapapp.help_requests.models import HelpRequest
from tests.browser.conftest import clean
from tests.conftest import test_database_url

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SEND = ".sticky-action button"
NEW = "/requests/new?lang=en"


@pytest.fixture
def stored(browser_database: str) -> Iterator[Callable[[], int]]:
    """How many requests there are."""
    engine: Engine = database.engine(test_database_url(browser_database))

    def count() -> int:
        with engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(HelpRequest)).scalar_one()

    yield count
    engine.dispose()


def fill(page: Page, phone: str) -> None:
    page.check("#need-food")
    page.check("#urgency-urgent")
    page.fill("#place", "หนองหาร สันทราย")
    page.fill("#phone", phone)
    page.fill("#description", "น้ำท่วมบ้าน")
    page.check("#consent")


@pytest.mark.parametrize(("lang", "width"), [("th", 360), ("en", 1280)])
def test_the_way_from_the_first_page_to_the_code(
    watched: Callable[..., Page], server: str, lang: str, width: int
) -> None:
    page = watched(viewport={"width": width, "height": 740}, locale=lang)
    page.watch.allow("400")  # type: ignore[attr-defined]  # the form that has to be mended
    page.goto(f"{server}/?lang={lang}")
    page.click(".button.ask")
    clean(page)
    expect(page.locator("#detail_food")).to_be_hidden()
    page.check("#urgency-life")
    expect(page.locator("a.button[href='tel:1669']")).to_be_visible()
    page.click(SEND)
    expect(page.locator("#problems")).to_be_focused()
    expect(page.locator("#urgency-life")).to_be_checked()
    clean(page)
    fill(page, f"08{width:04}{1 if lang == 'th' else 2}111")
    page.click(SEND)
    page.wait_for_url("**/requests/posted/**")
    expect(page.locator(".big-code")).to_have_text(re.compile(r"^\d{4} \d{4} \d{4}$"))
    clean(page)
    assert page.evaluate("localStorage.length") == 0


def test_my_location_is_said_back_and_words_after_it_count(watched: Callable[..., Page], server: str) -> None:
    page = watched(**PHONE, geolocation={"latitude": 18.79, "longitude": 98.98}, permissions=["geolocation"])
    page.goto(server + NEW)
    page.click("[data-locate]")
    expect(page.locator("#place-said .found")).to_contain_text("Chiang Mai")
    assert page.input_value("#point") == "18.790000, 98.980000"
    page.fill("#place", "หนองหาร สันทราย")
    page.locator("#place").blur()
    expect(page.locator("#place-said")).to_contain_text("Nong Han")
    assert page.input_value("#point") == ""


def test_a_place_the_phone_knows_only_roughly_is_said_and_not_used(watched: Callable[..., Page], server: str) -> None:
    """A place in a form is where somebody is looked for: “± 40 km” is no place."""
    rough = {"latitude": 18.79, "longitude": 98.98, "accuracy": 40_000}
    page = watched(**PHONE, geolocation=rough, permissions=["geolocation"])
    page.goto(server + NEW)
    page.click("[data-locate]")
    expect(page.locator("[data-locate-status]")).to_contain_text("± 40 km")
    expect(page.locator("[data-locate-status]")).to_contain_text("Enter the tambon and the village")
    assert page.input_value("#point") == ""
    expect(page.locator("#place-said .found")).to_have_count(0)
    page.goto(f"{server}/nearest?lang=en")
    page.click("[data-locate]")
    expect(page.locator("[data-locate-status]")).to_contain_text("so the distances are not exact")


def test_a_place_outside_the_service_is_said_beside_the_field(watched: Callable[..., Page], server: str) -> None:
    abroad = {"latitude": 19.88, "longitude": 102.13, "accuracy": 10}
    page = watched(**PHONE, geolocation=abroad, permissions=["geolocation"])
    page.goto(server + NEW)
    page.click("[data-locate]")
    expect(page.locator("#place-said")).to_contain_text("outside the area of this service")
    expect(page.locator("#place-said")).not_to_contain_text("exact location known")


def test_sent_without_a_connection_it_goes_out_with_the_next_one(
    watched: Callable[..., Page], server: str, stored: Callable[[], int]
) -> None:
    page = watched(**PHONE)
    page.watch.allow("ERR_INTERNET_DISCONNECTED")  # type: ignore[attr-defined]  # what is tried
    page.goto(server + NEW)
    fill(page, "0811110001")
    before = stored()
    page.context.set_offline(True)
    page.click(SEND)
    expect(page.locator("[data-asking-status]")).to_contain_text("No connection. Keep this page open")
    page.context.set_offline(False)
    page.wait_for_url("**/requests/posted/**")
    assert stored() == before + 1


def test_an_answer_that_was_lost_makes_no_second_request(
    watched: Callable[..., Page], server: str, stored: Callable[[], int]
) -> None:
    page = watched(**PHONE)
    page.watch.allow("ERR_FAILED")  # type: ignore[attr-defined]  # the answer that is lost
    page.goto(server + NEW)
    fill(page, "0811110002")
    before = stored()

    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch(max_redirects=0).status)
            route.abort()
        else:
            route.continue_()

    page.route("**/requests/new*", lose)
    page.click(SEND)
    expect(page.locator("[data-asking-status]")).to_contain_text("No reply yet")
    assert lost == [303]
    assert stored() == before + 1
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_url("**/requests/posted/**")
    expect(page.locator(".big-code")).to_be_visible()
    assert stored() == before + 1


def test_what_was_typed_survives_a_reload_until_it_is_deleted(watched: Callable[..., Page], server: str) -> None:
    page = watched(**PHONE)
    page.goto(server + NEW)
    fill(page, "0811110003")
    key = page.input_value("[name=once]")
    page.reload()
    expect(page.locator("[data-draft]")).to_be_visible()
    expect(page.locator("#need-food")).to_be_checked()
    assert page.input_value("#phone") == "0811110003"
    assert page.input_value("[name=once]") == key
    expect(page.locator("#consent")).not_to_be_checked()
    clean(page)
    page.click("[data-draft] [data-draft-delete]")
    expect(page.locator("[data-draft]")).to_be_hidden()
    expect(page.locator("#need-food")).not_to_be_checked()
    assert page.input_value("#phone") == ""
    page.goto(server + NEW)
    page.evaluate(
        "localStorage.setItem('mapapp-asking-anybody', JSON.stringify({at: Date.now() - 25 * 3600e3,"
        " fields: [['phone', '0811110003']]}))"
    )
    page.reload()
    assert page.input_value("#phone") == "", "a day old"


def kept(page: Page) -> int:
    """How many drafts lie in this browser."""
    found: int = page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('mapapp-asking-')).length")
    return found


@pytest.mark.parametrize("elsewhere", ["/", "/requests", "/sign-in", "/nowhere"])
def test_a_draft_ends_with_its_day_on_whatever_page_is_opened(
    watched: Callable[..., Page], server: str, elsewhere: str
) -> None:
    page = watched(**PHONE)
    page.watch.allow("404")  # type: ignore[attr-defined]  # a page that is not there ends it too
    page.goto(server + NEW)
    fill(page, "0811110005")
    assert kept(page) == 1
    began = page.evaluate("Date.now()") / 1000
    page.clock.set_fixed_time(began + 23 * 3600)
    page.goto(server + elsewhere)
    page.wait_for_function("document.documentElement.classList.contains('scripts')")
    assert kept(page) == 1, "its day is not over"
    page.clock.set_fixed_time(began + 24 * 3600 + 60)
    page.goto(server + elsewhere)
    page.wait_for_function("document.documentElement.classList.contains('scripts')")
    assert kept(page) == 0


def test_a_draft_ends_in_a_page_that_stayed_open(watched: Callable[..., Page], server: str) -> None:
    page = watched(**PHONE)
    page.goto(server + NEW)
    fill(page, "0811110006")
    page.clock.set_fixed_time(page.evaluate("Date.now()") / 1000 + 25 * 3600)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert kept(page) == 0


def test_a_draft_can_be_deleted_while_it_is_typed(watched: Callable[..., Page], server: str) -> None:
    page = watched(**PHONE)
    page.goto(server + NEW)
    expect(page.locator("[data-draft-kept]")).to_be_hidden()
    fill(page, "0811110007")
    expect(page.locator("[data-draft-kept]")).to_be_visible()
    clean(page)
    page.locator("[data-draft-kept] button").click()
    expect(page.locator("[data-draft-kept]")).to_be_hidden()
    assert page.input_value("#phone") == ""
    assert kept(page) == 0


def test_without_scripts(watched: Callable[..., Page], server: str) -> None:
    page = watched(**PHONE, java_script_enabled=False)
    page.goto(server + NEW)
    expect(page.locator(".needs-scripts")).to_be_hidden()
    expect(page.locator("[data-locate]")).to_be_hidden()
    fill(page, "0811110004")
    expect(page.locator("#detail_food")).to_be_visible()
    page.click(SEND)
    page.wait_for_url("**/requests/posted/**")
    expect(page.locator(".big-code")).to_be_visible()
