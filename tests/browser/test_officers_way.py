"""How an officer comes in, all of it by clicking: from the gap in the administrator's tree over the printed sheet and
its QR code to the first page that needs a second factor. What each step looks like goes into the manuals."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Page, expect

from mapapp.web import qr
from tests.browser.conftest import clean
from tests.browser.officers import DESK, PHONE, PROVINCE, At, Workshop, with_lang
from tests.browser.pictures import for_the_manual

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("workshop")]

NEW = "กระดาษ window ปลาทู 88"
SCREENS = {"th": ((1200, 700), PHONE), "en": (PHONE, DESK)}
"""Language → the administrator's screen and the newcomer's: each sees each layout in one of the languages."""


def drawn(svg: str) -> list[str]:
    """The lines of a QR code."""
    return re.findall(r'\bd="([^"]+)"', svg)


@pytest.mark.parametrize("lang", SCREENS)
def test_from_the_gap_to_the_first_page_with_a_second_factor(at: At, shop: Workshop, lang: str) -> None:
    desk, phone = SCREENS[lang]
    name, number = {"th": ("สมหญิง ใจดี", "0812345670"), "en": ("สมชาย ใจดี", "0812345671")}[lang]
    link = _appointed(at("province_admin", PROVINCE, desk), lang, name, number)

    page = at("", "", phone, locale="th-TH")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    clean(page)
    page.get_by_role("checkbox").check()
    page.locator("#phone").fill(number)
    page.locator("#password").fill(NEW)
    page.locator("#again").fill(NEW)
    page.locator("#language").select_option(lang)
    go_on = page.locator("main form.card button")
    for_the_manual_in(lang, page, "officer-join", of=page.locator("main"), press=go_on)
    go_on.click()

    page.wait_for_url("**/sign-in/second-factor**")
    page.goto(with_lang("/officer", lang))  # nothing of it before the second factor
    page.wait_for_url("**/sign-in/second-factor**")
    clean(page)
    secret = page.locator("code.key").inner_text().replace(" ", "")
    if lang == "th":
        page.locator(".qr-box").scroll_into_view_if_needed()
        for_the_manual(page, "officer-second-factor")
    page.locator("#code").fill(pyotp.TOTP(secret).now())
    page.locator("form.card button").click()
    expect(page.locator(".codes code")).to_have_count(10)
    clean(page)
    for_the_manual_in(lang, page, "officer-recovery-codes", press=page.locator("main a.button"))
    page.locator("main a.button").click()
    page.wait_for_url(re.compile(r"/officer(\?|$)"))
    expect(page.locator("ul.todos")).to_be_visible()
    clean(page)

    page.watch.allow("410")  # type: ignore[attr-defined]  # the console tells of the answer
    page.goto(link)  # it worked once
    assert page.locator("#password").count() == 0
    clean(page)


HOST = "https://map.example.go.th"


def page_host(page: Page) -> str:
    """Where the tests' service is."""
    return "{0.scheme}://{0.netloc}".format(urlsplit(page.url))


def for_the_manual_in(lang: str, page: Page, name: str, **options: object) -> None:
    """The manuals are in Thai."""
    if lang == "th":
        for_the_manual(page, name, **options)  # type: ignore[arg-type]  # passed on as they are


def _appointed(page: Page, lang: str, name: str, number: str) -> str:
    """The administrator finds an amphoe without a coordinator and appoints somebody; the link on the sheet."""
    page.goto(with_lang("/officer/people", lang))
    clean(page)
    if lang == "th":
        for_the_manual(page, "province-people")
    nobody = {"th": "ยังไม่มีผู้รับผิดชอบ", "en": "no one"}[lang]
    row = page.get_by_role("row").filter(has=page.locator(".badge", has_text=nobody)).first
    row.locator("td a").click()
    expect(page.locator("#role")).to_have_value("amphoe_coordinator")
    page.locator("#name").fill(name)
    page.locator("#phone").fill(number)
    page.locator("#confidentiality_on").fill("2026-01-15")
    page.locator("#training_expires_on").fill("2099-01-15")
    clean(page)
    button = page.locator(".sticky-action button")
    for_the_manual_in(lang, page, "province-appoint", of=page.locator("form.card"), press=button)
    button.click()
    expect(page.locator("article.sheet")).to_have_count(1)
    clean(page)
    link = page.locator(".sheet-link").inner_text()
    if lang == "th":  # people's service has a name, not a number
        page.locator(".sheet-link").evaluate(
            "(e, text) => { e.textContent = text; }", link.replace(page_host(page), HOST)
        )
        for_the_manual(page, "province-sheet", of=page.locator("article.sheet"))
    assert "/join/" in link
    square = page.locator(".sheet-qr svg").evaluate("element => element.outerHTML")
    assert drawn(square) == drawn(str(qr.svg(link)))  # the square leads to the same address
    assert drawn(square) != drawn(str(qr.svg(link[:-1])))
    return link
