"""From the invitation's link to the first privileged page: in both languages, on phone and desktop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pyotp
import pytest
from playwright.sync_api import Page
from sqlalchemy import update
from sqlalchemy.orm import Session

from mapapp.accounts import contacts, demo
from mapapp.accounts.models import Appointment
from mapapp.accounts.signing_in import invitations
from mapapp.core.actors import command
from mapapp.core.vault import Vault, parse_keys
from tests.browser.conftest import axe, filled_database, serve
from tests.conftest import KEYS
from tests.data import small_country
from tests.people import person

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
LANGUAGES = {"th": "", "en": "?lang=en"}
VIEWS = [("th", PHONE), ("en", DESKTOP)]
NEW = "กระดาษ window ปลาทู 88"


@pytest.fixture(scope="module")
def links() -> dict[str, str]:
    """Whom there is → the path of their link, or the password of a demo person."""
    return {}


numbers: dict[str, str] = {}
"""Whom there is → the number that their link asks for."""


@pytest.fixture(scope="module")
def service(worker: str, links: dict[str, str]) -> Iterator[str]:
    """The service over a small country with people who have been invited, in development mode."""
    now = datetime.now(UTC)

    def fill(session: Session) -> None:
        small_country(session)
        demo.make(session, now)
        here = update(Appointment).where(Appointment.area_code != "TH")
        session.execute(here.values(area_code="900101", role="tambon_officer"))  # the demo people's areas are not here
        links.update({one.user_name: one.password for one in demo.new_passwords(session, now)})
        for lang, size in VIEWS:
            who = person(session, f"สมหญิง {lang} {size['width']}", first_signed_in_at=None)
            session.add(
                Appointment(
                    person_id=who.id, role="tambon_officer", area_code="900101", starts_at=now,
                    ends_at=now + timedelta(days=90), confidentiality_on=date(2026, 1, 1),
                    training_expires_on=(now + timedelta(days=90)).date(),
                )
            )  # fmt: skip
            vault = Vault(parse_keys(KEYS))
            contacts.give_phone(session, vault, who, f"+6681234{len(links):04}")
            numbers[f"{lang} {size['width']}"] = f"081234{len(links):04}"
            session.flush()
            made = invitations.invite(session, vault, person_id=who.id, purpose="join", by=command(), now=now)
            links[f"{lang} {size['width']}"] = made.path

    settings = {"MAPAPP_SECRET_KEYS": KEYS, "MAPAPP_MODE": "development"}
    with filled_database(f"mapapp_signin_{worker}", fill) as name, serve(name, **settings) as address:
        yield address


def _looks_right(page: Page) -> None:
    assert axe(page, inside_frames=False) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def _send(page: Page) -> None:
    page.locator("main form.card button[type=submit]").last.click()


@pytest.mark.browser
@pytest.mark.parametrize(("lang", "size"), VIEWS, ids=lambda value: value if isinstance(value, str) else value["width"])
def test_from_the_link_to_the_first_privileged_page(
    watched: Callable[..., Page], service: str, links: dict[str, str], lang: str, size: dict[str, int]
) -> None:
    page = watched(viewport=size)
    page.goto(service + links[f"{lang} {size['width']}"] + LANGUAGES[lang])
    assert page.locator("html").get_attribute("lang") == lang
    assert f"สมหญิง {lang} {size['width']}" in page.locator("main").inner_text()
    _looks_right(page)

    page.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the refusal we mean to see
    page.check("[name=it_is_me]")
    page.fill("#phone", numbers[f"{lang} {size['width']}"])
    page.fill("#password", "password1234")
    page.fill("#again", "password1234")
    _send(page)
    assert page.locator("#password-problem").is_visible()
    assert page.is_checked("[name=it_is_me]"), "what was ticked is kept"
    _looks_right(page)

    page.fill("#user_name", f"somying.{lang}.{size['width']}")
    page.fill("#password", NEW)
    page.fill("#again", NEW)
    _send(page)
    page.wait_for_url("**/sign-in/second-factor?**")
    assert page.locator("html").get_attribute("lang") == lang
    assert page.locator("svg.qr").is_visible()
    _looks_right(page)

    secret = page.locator("code.key").inner_text().replace(" ", "")
    page.fill("#code", pyotp.TOTP(secret).now())
    _send(page)
    page.wait_for_selector(".codes")
    assert page.locator(".codes code").count() == 10
    _looks_right(page)
    codes = page.locator(".codes code").all_inner_texts()

    page.locator("main a.button").click()
    page.wait_for_url("**/officer**")
    page.goto(f"{service}/account{LANGUAGES[lang]}")
    _looks_right(page)

    # Signed out, and in again with the phone lost: a recovery code stands in.
    page.locator("main form[action^='/sign-out'] button").click()
    page.wait_for_url("**/sign-in?**")
    assert page.locator("[role=status]").is_visible()
    _looks_right(page)
    page.goto(f"{service}/account{LANGUAGES[lang]}")
    page.wait_for_url("**/sign-in?next=**")
    page.fill("#name", f"somying.{lang}.{size['width']}")
    page.fill("#password", NEW)
    _send(page)
    page.wait_for_url("**/sign-in/second-factor?**")
    _looks_right(page)
    page.fill("#code", codes[0].upper())
    _send(page)
    page.wait_for_url("**/account**")


@pytest.mark.browser
def test_signing_out_a_second_device(watched: Callable[..., Page], service: str, links: dict[str, str]) -> None:
    page = watched(viewport=PHONE)
    page.goto(f"{service}/sign-in?lang=en&next=/account")
    page.fill("#name", "demo.tambon")
    page.fill("#password", links["demo.tambon"])
    _send(page)
    page.wait_for_url("**/account**")
    for path in ("account/contacts", "account/password", "account/delete", "sign-in/confirm", "account/second-factor"):
        page.goto(f"{service}/{path}?lang=en")
        _looks_right(page)
    secret = page.locator("code.key").inner_text().replace(" ", "")
    page.fill("#code", pyotp.TOTP(secret).now())
    _send(page)
    page.wait_for_selector(".codes")

    other = watched(viewport=DESKTOP)
    other.goto(f"{service}/sign-in?next=/account")
    other.fill("#name", "DEMO.Tambon")
    other.fill("#password", links["demo.tambon"])
    _send(other)
    other.wait_for_url("**/account**")
    page.goto(f"{service}/account?lang=en")
    page.get_by_role("button", name="Sign out everywhere else").click()
    page.wait_for_url("**notice=session_ended**")
    other.goto(f"{service}/account")
    other.wait_for_url("**/sign-in?next=**")


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGUAGES)
def test_links_that_do_not_work_say_what_to_do(watched: Callable[..., Page], service: str, lang: str) -> None:
    page = watched(viewport=PHONE)
    page.watch.allow("404")  # type: ignore[attr-defined]  # the console tells of the answer we ask for
    page.goto(f"{service}/join/{'x' * 43}{LANGUAGES[lang]}")
    assert page.locator("main a.button").first.is_visible()
    _looks_right(page)


@pytest.mark.browser
def test_it_works_without_scripts(watched: Callable[..., Page], service: str, links: dict[str, str]) -> None:
    page = watched(viewport=PHONE, java_script_enabled=False)
    page.goto(f"{service}/sign-in?next=/account")
    page.fill("#name", "demo.auditor")
    page.fill("#password", links["demo.auditor"])
    page.press("#password", "Enter")
    page.wait_for_url("**/account")
    assert page.locator("h1").is_visible()
