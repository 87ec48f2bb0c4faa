"""What an administrator of a province does besides appointing one by one: a list of people, dates, a lost password,
the record, a hospital's key, taking the table home."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import clean
from tests.browser.officers import PASSWORD, PHONE, PROVINCE, At, Workshop, with_lang
from tests.browser.pictures import for_the_manual

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("workshop")]

SCREENS = {"th": (1200, 700), "en": PHONE}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Office:
    """The administrator of Chiang Mai in one language."""

    def __init__(self, at: At, lang: str) -> None:
        self.at, self.lang = at, lang
        self.page = at("province_admin", PROVINCE, SCREENS[lang])

    def go(self, path: str) -> None:
        self.page.goto(with_lang(path, self.lang))

    def shows(self, name: str, **options: object) -> None:
        """The page is clean; in Thai it goes into the manual."""
        clean(self.page)
        if self.lang == "th":
            for_the_manual(self.page, name, **options)  # type: ignore[arg-type]  # passed on as they are

    def said(self, thai: str, english: str) -> str:
        return thai if self.lang == "th" else english


@pytest.fixture(params=SCREENS)
def office(request: pytest.FixtureRequest, at: At) -> Office:
    """Thai at a desk, English on a phone."""
    return Office(at, request.param)


def test_people_from_a_list(office: Office) -> None:
    page = office.page
    number = office.said("08123456", "08123457")
    book = Workbook()
    sheet: Any = book.active
    for row in (
        ["ชื่อ-นามสกุล", "โทรศัพท์", "บทบาท", "อำเภอ", "ตำบล"],
        ["สมชาย แสนดี", f"{number}81", "เจ้าหน้าที่ตำบล", "เมืองเชียงใหม่", "หายยา"],
        ["วันเพ็ญ รุ่งเรือง", f"{number}82", "เจ้าหน้าที่ตำบล", "เมืองเชียงใหม่", "ช้างม่อย"],
        ["บุญมี เบอร์ผิด", "12", "อาสาสมัคร", "เมืองเชียงใหม่", ""],
    ):
        sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    office.go("/officer/people/bulk")
    office.shows("province-list", of=page.locator("main section.narrow"))
    page.locator("#file").set_input_files(FilePayload(name="people.xlsx", mimeType=XLSX, buffer=packed.getvalue()))
    page.locator("form.card button").click()
    take = page.locator("button[name=take]")
    expect(take).to_have_attribute("value", "good")
    office.shows("province-list-rows", press=take)
    take.click()
    expect(page.locator("article.sheet")).to_have_count(2)
    clean(page)


def test_dates_and_a_lost_password(office: Office, shop: Workshop) -> None:
    """A new link; with it a new password, and in."""
    name = office.said("มานะ ลืมรหัส", "มานี ลืมรหัส")
    shop.appoint("tambon_officer", "500102", name)
    page = office.page
    office.go("/officer/people?q=" + name)
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    clean(page)
    amend = page.locator("details").first
    amend.locator("summary").click()
    office.shows("province-dates", of=page.locator("main section.card").first, press=amend.locator("button"))
    amend.locator("[name=training_expires_on]").fill("2099-01-15")
    amend.locator("button").click()
    page.wait_for_url(re.compile("notice="))
    link_of = page.locator("button[value=new_password]")
    number = office.said("081 234 5695", "081 234 5696")
    page.locator("#link-phone").fill(number)
    office.shows("province-locked-out", of=page.locator("section.card").last, press=link_of)
    link_of.click()
    expect(page.locator("article.sheet")).to_have_count(1)
    link = page.locator(".sheet-link").inner_text()

    guest = office.at("", "", PHONE)
    guest.goto(link)
    guest.get_by_role("checkbox").check()
    guest.locator("#phone").fill(number)
    for field in ("#password", "#again"):
        guest.locator(field).fill("แม่น้ำ จักรยาน ดวงดาว 7")
    guest.locator("main form.card button").click()
    guest.wait_for_url(re.compile("/sign-in/second-factor"))  # this one has none yet
    clean(guest)


def test_signing_in(at: At, shop: Workshop) -> None:
    page = at("", "", PHONE)
    page.goto("/sign-in")
    clean(page)
    for_the_manual(page, "officer-sign-in", press=page.locator("form.card button"))
    page.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the answer
    page.locator("#name").fill("081 999 9999")
    page.locator("#password").fill(PASSWORD)
    page.locator("form.card button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    clean(page)


def test_the_record(office: Office) -> None:
    page = office.page
    office.go("/officer/audit")
    expect(page.locator("table.audit tbody tr").first).to_be_visible()
    office.shows("province-record")


def test_a_key_for_a_hospital(office: Office) -> None:
    page = office.page
    office.go("/account/tokens")
    name = office.said("ระบบเตียงว่าง รพ.นครพิงค์", "ระบบเตียงว่าง รพ.ลานนา")
    page.locator("#name").fill(name)
    page.locator("#facility").fill("24")
    form = page.locator("form").last
    office.shows("province-key", of=form, press=form.locator("button"))
    form.locator("button").click()
    expect(page.locator("#token")).not_to_be_empty()
    office.shows("province-key-made")
    page.locator("main a.button").click()
    page.locator("article", has_text=name).locator("button").click()
    expect(page.locator(".notice")).to_be_visible()
    clean(page)


def test_the_table_taken_home(office: Office) -> None:
    page = office.page
    office.go("/officer/facilities?kind=hospital")
    expect(page.locator("#console tbody tr").first).to_be_visible()
    office.shows("province-export", of=page.locator("#console .tally"))
    with page.expect_download() as waiting:
        page.locator(".downloads a").first.click()
    assert waiting.value.suggested_filename.endswith(".xlsx")
