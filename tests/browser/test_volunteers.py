"""A volunteer's way in a real browser: signing up on a phone, vetted by an officer, a break, and leaving."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mapapp.accounts.models import Person
from mapapp.volunteers.models import Volunteer
from tests.browser.officers import AMPHOE, DESK, PHONE, TAMBON, At, Workshop, with_lang
from tests.browser.pictures import for_the_manual, picture
from tests.browser.test_every_officers_page import wrong_with
from tests.volunteers.comers import PASSWORD

pytestmark = pytest.mark.browser


def well(page: Page, lang: str, name: str) -> None:
    """Nothing is wrong with the page that is shown; its picture is kept where pictures are asked for."""
    page.wait_for_load_state()  # the stylesheet too
    for summary in page.locator("main details:not([open]) > summary").all():
        summary.click()
    picture(page, name)
    found = wrong_with(page, lang)
    assert found == {}, json.dumps(found, ensure_ascii=False, indent=1)


def fill(page: Page, name: str, phone: str) -> None:
    """The form, with nothing wrong in it but the home, which several tambons can be."""
    page.locator("#name").fill(name)
    page.locator("#phone").fill(phone)
    page.locator("#kind").select_option("student")
    page.locator("#home").fill("เมืองเชียงใหม่")
    page.locator("input[name=means][value=pickup]").check()
    page.locator("input[name=consent]").check()
    passwords(page)


def passwords(page: Page) -> None:
    """What no page keeps."""
    page.locator("#password").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)


@pytest.mark.parametrize(
    ("lang", "size", "scripts"), [("th", PHONE, True), ("en", DESK, True), ("th", PHONE, False)],
    ids=["phone in Thai", "desk in English", "without scripts"],
)  # fmt: skip
def test_from_signing_up_to_leaving(
    shop: Workshop, at: At, watched: Callable[..., Page], lang: str, size: tuple[int, int], scripts: bool
) -> None:
    number = f"081 234 56{(11 if scripts else 12) if lang == 'th' else 13}"
    name = {"11": "สมหญิง มีสคริปต์", "12": "สมหญิง ไม่มีสคริปต์", "13": "Somying English"}[number[-2:]]
    own = watched(viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, base_url=shop.address)
    own.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the status
    own.goto(with_lang("/sign-in", lang))
    own.locator("main a[href^='/volunteer/join']").click()
    own.wait_for_url(re.compile("/volunteer/join"))
    if scripts:
        well(own, lang, f"join-{lang}")
    fill(own, name, number)
    send = own.locator("main form button[type=submit]")
    if scripts and lang == "th":
        for_the_manual(own, "volunteer-join", press=own.locator("#home"))
    send.click()
    expect(own.locator("#home-problem")).to_be_visible()
    expect(own.locator("#name")).to_have_value(name)
    own.locator("#home_code").select_option(TAMBON)
    passwords(own)
    if scripts:
        well(own, lang, f"join-which-{lang}")
    send.click()
    own.wait_for_url(re.compile("/volunteer[?]"))
    expect(own.locator(".notice")).to_be_visible()
    if scripts:
        well(own, lang, f"profile-waiting-{lang}")
        if lang == "th":
            for_the_manual(own, "volunteer-waiting", of=own.locator("main .card").first)

    with shop.factory() as session:
        who = session.scalars(select(Person.id).where(Person.name == name)).one()
    desk = at("amphoe_coordinator", AMPHOE, DESK)
    desk.goto(with_lang("/officer/volunteers", lang))
    desk.get_by_role("link", name=name).click()
    desk.wait_for_url(re.compile(str(who)))
    well(desk, lang, f"vetting-{lang}")
    desk.locator("input[name=called]").check()
    own.goto(with_lang("/volunteer", lang))
    desk.locator("input[name=code]").fill(own.locator(".code").inner_text())  # as it is read out on the telephone
    desk.locator("#area").select_option(AMPHOE)
    desk.locator("#confidentiality_on").fill("2026-01-01")
    desk.locator("#training_expires_on").fill("2099-01-01")
    desk.locator("form:has(input[value=approve]) button").click()
    expect(desk.locator(".badge.verified")).to_be_visible()
    well(desk, lang, f"vetted-{lang}")

    own.goto(with_lang("/volunteer", lang))
    expect(own.locator(".badge.verified")).to_be_visible()
    if scripts:
        well(own, lang, f"profile-approved-{lang}")
        if lang == "th":
            for_the_manual(own, "volunteer-profile", press=own.locator("button[value=pause]"))
    own.locator("button[value=pause]").click()
    expect(own.locator("button[value=resume]")).to_be_visible()
    if not own.locator("button[value=leave]").is_visible():
        own.locator("summary").click()
    own.locator("button[value=leave]").click()
    expect(own.locator(".notice")).to_be_visible()
    assert urlsplit(own.url).path == "/volunteer"
    if scripts:
        well(own, lang, f"profile-left-{lang}")
    with shop.factory() as session:
        assert session.scalars(select(Volunteer.state).where(Volunteer.person_id == who)).one() == "left"
