"""The whole way of a request, from asking to helped, in several browsers at once: a resident on a cheap phone without
GPS, two volunteers who tap at the same moment, and what each of them sees of the others."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select, text

from mapapp.accounts.models import Person
from mapapp.help_requests.models import HelpRequest
from tests.browser.conftest import clean
from tests.browser.officers import AMPHOE, DESK, PHONE, TAMBON, At, Workshop, let_in, signed_in, with_lang
from tests.browser.pictures import picture
from tests.volunteers.build import profile

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("workshop")]

LANDMARK = "บ้านรั้วเขียวหลังวัด"
FIRST, FAMILY = ("มาลี", "ชาติ"), "ใจกว้าง"
"""Names of the two volunteers; a resident reads the first ones only."""

SCREENS = {"th": (PHONE, "081 555 0{}01"), "en": (DESK, "081 555 0{}02")}
"""Language → the resident's screen and number."""

RUN_OUT = (
    "UPDATE help_leases SET begun_at = begun_at - interval '2 days', ends_at = ends_at - interval '2 days'"
    " WHERE request_id = :id AND ended_at IS NULL",
    "UPDATE help_needs SET lease_ends_at = lease_ends_at - interval '2 days'"
    " WHERE request_id = :id AND lease_ends_at IS NOT NULL",
    "UPDATE help_requests SET free_from = free_from - interval '2 days' WHERE id = :id",
)
"""Two days later, as far as a lease goes; nothing has to run for it to be over."""


class Asked(NamedTuple):
    """What a resident takes away."""

    number: int
    link: str
    code: str


def newest(shop: Workshop) -> int:
    with shop.factory() as session:
        return session.execute(select(func.max(HelpRequest.id))).scalar_one()


def volunteer(shop: Workshop, at: At, name: str, size: tuple[int, int]) -> Page:
    """A page of a volunteer for whom an officer has vouched."""
    with shop.factory() as session:
        token = signed_in(session, "volunteer", AMPHOE, name)
        now = datetime.now(UTC)
        who = session.scalars(select(Person).where(Person.name == name)).one()
        session.add(profile(who, home_tambon=TAMBON, state_at=now, joined_at=now))
        session.commit()
    page = at("", "", size)
    let_in(page, shop.address, token)
    return page


def two(shop: Workshop, at: At, which: str) -> tuple[Page, Page]:
    """The two volunteers of a test, one on a phone, one at a desk."""
    first, second = (f"{name} {FAMILY} {which}" for name in FIRST)
    return volunteer(shop, at, first, PHONE), volunteer(shop, at, second, DESK)


def fill(page: Page, phone: str) -> None:
    """What a worried person types with a thumb, two needs, the place in words."""
    page.check("#need-food")
    page.check("#need-medicine")
    page.check("#urgency-urgent")
    page.fill("#place", "ศรีภูมิ เมืองเชียงใหม่")
    page.fill("#landmark", LANDMARK)
    page.fill("#phone", phone)
    page.check("#consent")


def ask(page: Page, shop: Workshop, lang: str, phone: str) -> Asked:
    """Posts a request, from the first page to one's own."""
    page.goto(with_lang("/", lang))
    page.click(".button.ask")
    fill(page, phone)
    page.click(".sticky-action button")
    page.wait_for_url("**/requests/posted/**")
    code = page.locator(".big-code").inner_text()
    clean(page)
    picture(page, f"way-posted-{lang}")
    page.locator("main a.button.wide").click()
    page.wait_for_url("**/requests/mine/**")
    return Asked(newest(shop), page.url, code)


def press(page: Page, button: Locator) -> int:
    """Presses it and answers with which status the next page came."""
    with page.expect_navigation() as waiting:
        button.click()
    assert waiting.value is not None
    return waiting.value.status


def tap(page: Page, do: str) -> Locator:
    """The first button of a resident's page that does this."""
    return page.locator(f'form:has(input[name="do"][value="{do}"]) button').first


def both_at_once(pages: tuple[Page, Page], number: int, name: str) -> tuple[Page, Page]:
    """Both tap without waiting for each other; who has it, and who has not."""
    for page in pages:
        page.watch.allow("409")  # type: ignore[attr-defined]  # the console tells of the status
    for page in pages:
        page.evaluate("id => document.getElementById(id).click()", f"claim-{number}")
    for page in pages:
        page.wait_for_url(re.compile(f"/volunteer/requests/{number}"))
        page.wait_for_load_state()
    won, lost = (page.locator("#time").count() for page in pages)
    assert (won, lost) in ((1, 0), (0, 1)), "one of them, and only one"
    first, second = pages if won else pages[::-1]
    expect(second.get_by_role("alert")).to_be_visible()
    expect(second.locator("main")).not_to_contain_text(LANDMARK)
    for page, what in ((first, "won"), (second, "lost")):
        clean(page)
        picture(page, f"way-{what}-{name}")
    return first, second


@pytest.mark.parametrize("lang", SCREENS)
def test_from_asking_to_helped(at: At, shop: Workshop, lang: str) -> None:
    size, phone = SCREENS[lang]
    resident = at("", "", size)
    asked = ask(resident, shop, lang, phone.format(1))
    clean(resident)
    pages = two(shop, at, lang)
    for page in pages:
        page.goto(with_lang("/volunteer/nearby", lang))
        expect(page.locator(f"#request-{asked.number}")).not_to_contain_text(LANDMARK)
    picture(pages[0], f"way-nearby-{lang}")

    holder, other = both_at_once(pages, asked.number, lang)
    expect(holder.locator("main")).to_contain_text(LANDMARK)
    number = holder.locator("#reached a[href^='tel:']")
    expect(number).to_have_count(0)
    press(holder, holder.locator("form[action*='/contact'] button"))
    expect(number).to_have_attribute("href", "tel:+66" + phone.format(1).replace(" ", "")[1:])
    clean(holder)
    picture(holder, f"way-reached-{lang}")
    press(holder, holder.locator("button[value=on_the_way]"))
    resident.reload()
    expect(resident.locator(".state-on_the_way")).to_have_count(2)
    expect(resident.locator(".state-on_the_way").first).to_contain_text(FIRST[pages.index(holder)])
    expect(resident.locator("main")).not_to_contain_text(FAMILY)
    expect(resident.locator("section[aria-labelledby=looked] li")).to_have_count(2)
    clean(resident)
    picture(resident, f"way-mine-{lang}")

    hand_over(holder, other, asked.number, f"{FIRST[pages.index(other)]} {FAMILY} {lang}", lang)
    resident.reload()
    expect(resident.locator(".state-claimed").first).to_contain_text(FIRST[pages.index(other)])
    press(other, other.locator("button[value=there]"))
    resident.reload()
    expect(resident.locator(".state-there").first).to_contain_text(FIRST[pages.index(other)])
    other.fill("#given", "ข้าวสาร 5 กก.")
    press(other, other.locator("form:has(input[value=done]) button"))
    expect(other.locator("main")).not_to_contain_text(LANDMARK)

    settle(resident, at, pages, asked, lang)


def hand_over(holder: Page, other: Page, number: int, name: str, lang: str) -> None:
    """From one to the other, who sees the place from then on; the first one sees it no more."""
    form = holder.locator("form[action*='/hand-over']")
    holder.locator("details", has=form).locator("summary").click()
    form.locator("select").select_option(label=next(o for o in form.locator("option").all_inner_texts() if name in o))
    press(holder, form.locator("button"))
    clean(holder)
    other.goto(with_lang("/volunteer/tasks", lang))
    expect(other.locator("main")).not_to_contain_text(LANDMARK)
    clean(other)
    picture(other, f"way-asked-{lang}")
    press(other, other.locator("button[value=accept]").first)
    other.goto(with_lang(f"/volunteer/requests/{number}", lang))
    expect(other.locator("main")).to_contain_text(LANDMARK)
    holder.reload()
    expect(holder.locator("main")).not_to_contain_text(LANDMARK)


def settle(resident: Page, at: At, pages: tuple[Page, Page], asked: Asked, lang: str) -> None:
    """One need is confirmed, the other contested and open again; then all is erased, and nobody sees any of it."""
    resident.reload()
    expect(resident.locator(".state-done")).to_have_count(2)
    clean(resident)
    press(resident, tap(resident, "confirm"))
    press(resident, tap(resident, "contest"))
    expect(resident.locator(".state-helped")).to_have_count(1)
    expect(resident.locator(".state-open")).to_have_count(1)
    clean(resident)
    desk = at("amphoe_coordinator", AMPHOE, DESK)
    desk.goto(with_lang("/officer/requests", lang))
    expect(desk.locator(f"#request-{asked.number}").first).to_be_visible()
    pages[0].goto(with_lang("/volunteer/nearby", lang))
    expect(pages[0].locator(f"#request-{asked.number}")).to_be_visible()

    resident.locator('a[href*="do=erase"]').click()
    resident.locator("input[name=sure]").check()
    press(resident, tap(resident, "erase"))
    assert urlsplit(resident.url).path == "/requests/find"
    clean(resident)
    resident.watch.allow("404")  # type: ignore[attr-defined]  # the console tells of the status
    resident.fill("#code", asked.code)
    assert press(resident, resident.locator("main form button")) == 404
    answer = resident.goto(asked.link)
    assert answer is not None
    assert answer.status == 404
    clean(resident)
    for page in pages:
        page.watch.allow("404")  # type: ignore[attr-defined]  # the console tells of the status
        page.goto("/volunteer/nearby")
        expect(page.locator(f"#request-{asked.number}")).to_have_count(0)
        page.goto(f"/volunteer/requests/{asked.number}")
        expect(page.locator("main")).not_to_contain_text(LANDMARK)
    desk.watch.allow("404")  # type: ignore[attr-defined]  # the console tells of the status
    desk.goto(f"/officer/requests/{asked.number}")
    expect(desk.locator("main")).not_to_contain_text(LANDMARK)


def test_time_that_has_run_out_frees_it_for_the_others(at: At, shop: Workshop) -> None:
    resident = at("", "", PHONE)
    asked = ask(resident, shop, "th", "081 555 0201")
    holder, other = two(shop, at, "late")
    holder.goto("/volunteer/nearby")
    press(holder, holder.locator(f"#claim-{asked.number}"))
    expect(holder.locator("main")).to_contain_text(LANDMARK)
    other.goto("/volunteer/nearby")
    expect(other.locator("#near")).to_be_visible()
    expect(other.locator(f"#request-{asked.number}")).to_have_count(0)
    with shop.factory() as session:
        for statement in RUN_OUT:
            session.execute(text(statement), {"id": asked.number})
        session.commit()
    holder.reload()
    expect(holder.locator("main")).not_to_contain_text(LANDMARK)
    expect(holder.locator("#reached, #time")).to_have_count(0)
    clean(holder)
    resident.reload()
    expect(resident.locator(".state-open")).to_have_count(2)
    other.reload()
    press(other, other.locator(f"#claim-{asked.number}"))
    expect(other.locator("main")).to_contain_text(LANDMARK)


def test_without_scripts_from_the_form_to_ones_own_page(watched: Callable[..., Page], shop: Workshop) -> None:
    width, height = PHONE
    page = watched(viewport={"width": width, "height": height}, java_script_enabled=False, base_url=shop.address)
    page.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the status
    page.goto("/requests/new")
    fill(page, "081 555")
    assert press(page, page.locator(".sticky-action button")) == 400
    expect(page.locator("#phone-problem")).to_be_visible()
    expect(page.locator("#phone")).to_have_value("081 555")
    expect(page.locator("#landmark")).to_have_value(LANDMARK)
    expect(page.locator("#need-medicine")).to_be_checked()
    expect(page.locator("#urgency-urgent")).to_be_checked()
    page.fill("#phone", "081 555 0301")
    page.check("#consent")
    press(page, page.locator(".sticky-action button"))
    code = page.locator(".big-code").inner_text()
    page.goto("/requests/find")
    page.fill("#code", code)
    press(page, page.locator("main form button"))
    assert "/requests/mine/" in page.url
    expect(page.locator("main")).to_contain_text(LANDMARK)
    expect(page.locator(".state-open")).to_have_count(2)
