"""Bringing people in, in a real browser: the tree, somebody new with a link, a list, on a phone and on a desk."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from mapapp import database
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import sessions
from tests.browser.conftest import axe
from tests.browser.test_every_page import SIZES, with_lang
from tests.conftest import test_database_url

pytestmark = pytest.mark.browser

SCREENS = {"phone": (360, 740), "desk": (1280, 800)}


@pytest.fixture(scope="module")
def factory(browser_database: str, server: str) -> Iterator[sessionmaker[Session]]:
    """Sessions on the served database."""
    engine = database.engine(test_database_url(browser_database))
    yield database.sessions(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def admin(factory: sessionmaker[Session]) -> str:
    """The cookie of an administrator of Chiang Mai who has signed in; some people below them."""
    now = datetime.now(UTC)
    with factory() as session:
        tokens = []
        for role, area, name, ends in [
            ("province_admin", "50", "พิมพ์ใจ ดูแลดี", None),
            ("amphoe_coordinator", "5001", "ประสาน เมืองเชียงใหม่", now + timedelta(days=9)),
            ("tambon_officer", "500101", "ศรีภูมิ ขยันยิ่ง", None),
            ("volunteer", "500101", "อาสา ใจกว้าง", None),
        ]:
            who = Person(name=name, organisation="ศาลากลาง", first_signed_in_at=None if ends else now)
            session.add(who)
            session.flush()
            session.add(
                Appointment(
                    person_id=who.id, role=role, area_code=area, starts_at=now - timedelta(days=1), ends_at=ends,
                    confidentiality_on=date(2026, 1, 1), training_expires_on=now.date() + timedelta(days=300),
                )
            )  # fmt: skip
            tokens.append(
                sessions.start(session, who.id, now=now, device="test", address="127.0.0.1", second_factor=True)
            )
        session.commit()
    return tokens[0]


@pytest.fixture
def desk(watched: Callable[..., Page], server: str, admin: str) -> Callable[..., Page]:
    """Makes signed-in pages."""

    def make(screen: str = "desk") -> Page:
        width, height = SCREENS[screen]
        page = watched(viewport={"width": width, "height": height}, has_touch=screen == "phone")
        page.context.add_cookies([{"name": PLAIN_COOKIE, "value": admin, "url": server}])
        return page

    return make


def fits(page: Page) -> None:
    """Nothing sticks out, everything fits a thumb, and axe finds nothing."""
    page.wait_for_load_state()  # with the stylesheet, also after a form was sent
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert page.evaluate(SIZES) == []
    assert axe(page) == []


def person_of(factory: sessionmaker[Session], name: str) -> str:
    with factory() as session:
        return str(session.scalars(select(Person.id).where(Person.name == name)).one())


@pytest.mark.parametrize(("lang", "screen"), [("th", "phone"), ("en", "desk")])
def test_the_pages_fit_and_are_accessible(
    server: str, desk: Callable[..., Page], factory: sessionmaker[Session], screen: str, lang: str
) -> None:
    page = desk(screen)
    officer = person_of(factory, "ศรีภูมิ ขยันยิ่ง")
    for path in (
        "/officer/people", "/officer/people?area=5001", "/officer/people?area=500101", "/officer/people?show=gaps",
        "/officer/people?q=ศรี", "/officer/people/new?area=50", "/officer/people/bulk", f"/officer/people/{officer}",
    ):  # fmt: skip
        answer = page.goto(server + with_lang(path, lang))
        assert answer is not None
        assert answer.status == 200, path
        for summary in page.locator("summary").all():
            summary.click()
        fits(page)


def test_from_the_gap_to_the_link(server: str, desk: Callable[..., Page], watched: Callable[..., Page]) -> None:
    """An amphoe without a coordinator: three steps to a sheet in the hand, and the link opens for whoever gets it."""
    page = desk("phone")
    page.goto(f"{server}/officer/people?lang=en")
    gap = page.get_by_role("row").filter(has_text="no one").first
    gap.get_by_role("link", name=re.compile("^Appoint")).click()
    expect(page.get_by_label("Role", exact=True)).to_have_value("amphoe_coordinator")
    page.get_by_label("First name and surname").fill("<img src=x onerror=window.PWN=1> {{98765*54321}}")
    page.get_by_label("Mobile phone").fill("๐๘๑ ๒๓๔ ๕๖๗๘")
    page.get_by_role("button", name="Appoint and create the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 invitation to give to the person")
    assert page.evaluate("window.PWN") is None
    expect(page.locator(".sheet-name")).to_contain_text("<img src=x onerror=window.PWN=1> {{98765*54321}}")
    expect(page.locator(".sheet-qr svg")).to_be_visible()
    fits(page)
    link = page.locator(".sheet-link").inner_text()
    assert link.startswith(f"{server}/join/")
    guest = watched()
    guest.goto(link)
    expect(guest.get_by_role("heading", level=1)).to_be_visible()
    assert guest.evaluate("window.PWN") is None
    page.reload()  # asks to send the form again, which is led to the person
    expect(page.get_by_text("The link was shown once")).to_be_visible()


def test_a_list_to_sheets(server: str, desk: Callable[..., Page]) -> None:
    page = desk()
    page.goto(f"{server}/officer/people/bulk?lang=en")
    book = Workbook()
    sheet: Any = book.active
    for row in (
        ["ชื่อ-นามสกุล", "โทรศัพท์", "บทบาท", "อำเภอ", "ตำบล"],
        ["สมชาย หนึ่ง", "0898765431", "เจ้าหน้าที่ตำบล", "เมืองเชียงใหม่", "ศรีภูมิ"],
        ["สมหญิง สอง", 898765432, "อาสาสมัคร", "เมืองเชียงใหม่", ""],
        ["สมศรี สาม", "12", "อาสาสมัคร", "เมืองเชียงใหม่", ""],
    ):
        sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.get_by_label(re.compile("The list")).set_input_files(
        FilePayload(name="list.xlsx", mimeType=mime, buffer=packed.getvalue())
    )
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_role("status")).to_contain_text("2 rows can be appointed · 1 row has a problem")
    fits(page)
    page.get_by_role("button", name="Appoint the 2 valid rows").click()
    expect(page.locator("article.sheet")).to_have_count(2)
    expect(page.get_by_text("Row 4")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("header.top nav")).to_be_hidden()
    expect(page.locator("article.sheet").last).to_be_visible()


def test_without_scripts(server: str, watched: Callable[..., Page], admin: str) -> None:
    page = watched(java_script_enabled=False)
    page.context.add_cookies([{"name": PLAIN_COOKIE, "value": admin, "url": server}])
    page.goto(f"{server}/officer/people?lang=en")
    page.get_by_label("Name", exact=True).fill("อาสา")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="อาสา ใจกว้าง").click()
    page.get_by_text("End this role").click()
    page.get_by_label("Reason").last.fill("moved away")
    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_text("The role has ended.")).to_be_visible()
