"""An officer's way over the board of requests: found, called, made more urgent, given to a team, closed and opened."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from mapapp.core.config import Config
from tests.browser.conftest import clean
from tests.browser.officers import AMPHOE, DESK, PHONE, At, Workshop, with_lang
from tests.browser.pictures import picture
from tests.help_requests.build import add_request

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("workshop")]

BOARD = "/officer/requests"


def posted(shop: Workshop, **values: object) -> int:
    """A request in Si Phum, with a number; its own number."""
    with shop.factory() as session:
        made = add_request(session, vault=Config().vault(), lat=18.7903, lon=98.9872, urgency="life", **values)  # type: ignore[arg-type]  # columns as add_request takes them
        session.commit()
        return made.id


def send(page: Page, do: str) -> None:
    """Presses the button of a step and waits for the page that follows."""
    with page.expect_navigation():
        page.locator(f"button[name=do][value={do}]").first.click()


def opened(page: Page, do: str) -> None:
    """Opens what a step's button is folded into."""
    page.locator("main details", has=page.locator(f"button[value={do}]")).locator("summary").first.click()


@pytest.mark.parametrize(("lang", "size"), [("th", PHONE), ("en", DESK)])
def test_from_the_board_to_the_end(at: At, shop: Workshop, lang: str, size: tuple[int, int]) -> None:
    number = posted(shop)
    page = at("amphoe_coordinator", AMPHOE, size)
    page.goto(with_lang(BOARD, lang))
    clean(page)
    expect(page.locator("#requests-waiting .waiting")).to_be_visible()
    page.locator(f"#request-{number} a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"#{number}")
    clean(page)

    send(page, "reveal")
    expect(page.locator("a[href='tel:+66812345678']")).to_be_visible()
    clean(page)
    page.locator("input[name=outcome][value=answered]").first.check()
    send(page, "called")
    opened(page, "reissue")
    send(page, "reissue")
    expect(page.locator(".new-link svg.qr")).to_be_visible()
    assert re.fullmatch(r"\d{4} \d{4} \d{4}", page.locator(".new-link .code").inner_text())
    clean(page)
    picture(page, f"board-link-{lang}")

    page.goto(with_lang(f"{BOARD}/{number}", lang))
    opened(page, "team")
    send(page, "team")
    expect(page.locator(".badge.state-claimed").first).to_be_visible()
    opened(page, "take_back")
    page.locator("#take_back-reason").fill("รถเสีย")
    send(page, "take_back")
    expect(page.locator(".badge.state-open").first).to_be_visible()
    opened(page, "close")
    page.locator("input[name=outcome][value=out_of_area]").check()
    page.locator("#close-reason").fill("อยู่นอกเขต")
    send(page, "close")
    opened(page, "reopen")
    page.locator("#reopen-reason").fill("ตรวจแล้วอยู่ในเขต")
    send(page, "reopen")
    expect(page.locator(".badge.state-open").first).to_be_visible()
    clean(page)


def test_the_second_of_two_officers_is_told_kindly(at: At, shop: Workshop) -> None:
    number = posted(shop)
    first = at("amphoe_coordinator", AMPHOE, DESK)
    second = at("tambon_officer", "500101", DESK)
    for page in (first, second):
        page.goto(with_lang(f"{BOARD}/{number}", "en"))
        opened(page, "urgency")
        page.locator("#urgency-reason").fill("โทรถามแล้ว")
    first.locator("input[name=urgency][value=normal]").check()
    send(first, "urgency")
    second.watch.allow("409")  # type: ignore[attr-defined]  # the console tells of the status
    second.locator("input[name=urgency][value=urgent]").check()
    send(second, "urgency")
    expect(second.get_by_role("alert")).to_contain_text("Someone else just changed this")
    expect(second.locator("main .badge.urgency-normal").first).to_be_visible()
    expect(second.locator("#urgency-reason")).to_have_value("โทรถามแล้ว")
    clean(second)


def test_the_lists_and_filters_without_scripts(at: At, shop: Workshop) -> None:
    number = posted(shop)
    page = at("amphoe_coordinator", AMPHOE, PHONE, java_script_enabled=False)
    page.goto(with_lang(f"{BOARD}?tab=open", "en"))
    page.locator("#q").fill(str(number))
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator(f"#request-{number} a").click()
    page.get_by_text("Change the urgency of the request").click()
    page.locator("input[name=urgency][value=urgent]").check()
    page.locator("#urgency-reason").fill("ลดลงแล้ว")
    page.get_by_role("button", name="Change the urgency").click()
    expect(page.locator(".notice")).to_contain_text("The urgency was changed")
