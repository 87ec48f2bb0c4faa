"""A province's Friday: looked at, confirmed, compared with the old form, printed on two sheets, passed on in a chat."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import clean
from tests.browser.officers import AMPHOE, DESK, PHONE, PROVINCE, STICKS_OUT, At, Workshop, six_fridays
from tests.browser.pictures import for_the_manual, picture
from tests.browser.test_every_officers_page import wrong_with
from tests.help_requests.build import VAULT
from tests.people import appoint, person
from tests.survey.build import add_round, entry, record

pytestmark = pytest.mark.browser

OLD_FORM = "รหัสตำบล,ประชาชนทั่วไป 1 เข็ม,ฉีดครบ\n500101,99999,3\n"

INSIDE = "5003"
"""An amphoe in which the other tests record nothing."""


@pytest.fixture(scope="module")
def fridays(shop: Workshop) -> str:
    """Six Fridays: an amphoe has recorded many people, and a few of some groups; the others nothing. The address."""
    now = datetime.now(UTC)
    with shop.factory() as session:
        terms = {"starts_at": now - timedelta(days=1), "confidentiality_on": now.date(),
                 "training_expires_on": now.date() + timedelta(days=300)}  # fmt: skip
        volunteer = appoint(session, "data_volunteer", INSIDE, to=person(session, "มานี สำรวจ"), **terms)
        number = add_round(session, INSIDE, name="สำรวจวันศุกร์", opened_at=now - timedelta(days=60)).id
        whole = {"adult": {"here": 900, "none": 200, "one": 100, "more": 600}, "child": {"here": 4, "none": 4}}
        for tambon in ("01", "02"):
            record(session, volunteer, entry(number, None, village=f"{INSIDE}{tambon}01", groups=whole), at=now)
        six_fridays(session, VAULT, now)
        session.commit()
    return shop.address


def test_a_province_looks_at_its_friday_and_confirms_it(at: At, fridays: str) -> None:
    desk = at("province_admin", PROVINCE, DESK)
    desk.goto("/officer/statistics/fridays")
    expect(desk.locator("main .list li")).to_have_count(6)
    for_the_manual(desk, "friday-list", press=desk.locator("main .list a").first)
    desk.locator("main .list a").first.click()
    # As frozen, the week before, as now known: five columns beside the name.
    expect(desk.locator("table").first.locator("thead th")).to_have_count(6)
    assert wrong_with(desk, "th") == {}, json.dumps(wrong_with(desk, "th"), ensure_ascii=False)
    desk.get_by_label("หมายเหตุ (ไม่บังคับ)").fill("อ.แม่ริม จะบันทึกสัปดาห์หน้า")
    for_the_manual(desk, "friday-confirm", press=desk.get_by_role("button", name="ยืนยัน", exact=True))
    desk.get_by_role("button", name="ยืนยัน", exact=True).click()
    expect(desk.locator(".badge.verified")).to_have_text("ยืนยันแล้ว")
    expect(desk.locator("main")).to_contain_text("อ.แม่ริม จะบันทึกสัปดาห์หน้า")
    ministry = at("ministry", "TH", PHONE)
    ministry.goto("/officer/statistics/fridays")
    ministry.locator("main .list a").first.click()
    expect(ministry.locator("main")).to_contain_text("จังหวัดที่ยืนยันแล้ว")
    assert ministry.evaluate(STICKS_OUT) <= 0
    assert wrong_with(ministry, "th") == {}


def test_the_old_form_is_compared_after_its_columns_are_named_once(at: At) -> None:
    desk = at("amphoe_coordinator", AMPHOE, DESK)
    desk.goto("/officer/statistics/parallel")
    desk.set_input_files("#file", FilePayload(name="แบบเดิม.csv", mimeType="text/csv", buffer=OLD_FORM.encode()))
    for_the_manual(desk, "friday-old-form", press=desk.get_by_role("button", name="อัปโหลดและเทียบ"))
    desk.get_by_role("button", name="อัปโหลดและเทียบ").click()
    expect(desk.locator("tbody tr")).to_have_count(1)
    desk.locator("details:has(.columns-form) > summary").click()
    desk.get_by_label("ฉีดครบ").select_option("vaccination:more")
    desk.get_by_role("button", name="ใช้คอลัมน์เหล่านี้").click()
    expect(desk.locator("tbody tr")).to_have_count(2)
    expect(desk.locator("tbody tr").first).to_contain_text("99,999")  # the largest difference first
    assert wrong_with(desk, "th") == {}
    for_the_manual(desk, "friday-differences", of=desk.locator(".table-wrap"))


@pytest.mark.parametrize("lang", ["th", "en"])
def test_everyone_reads_prints_and_passes_on_the_friday(page: Page, fridays: str, lang: str) -> None:
    page.goto(f"{fridays}/statistics/{PROVINCE}/friday?lang={lang}")
    clean(page)
    expect(page.locator(".figure--not-entered").first).to_be_visible()
    expect(page.locator(".figure--withheld").first).to_be_visible()
    expect(page.locator("svg.spark")).to_have_count(6)
    picture(page, f"friday-{lang}")
    sheets = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    assert len(sheets) == 2
    page.goto(f"{fridays}/statistics/{PROVINCE}?lang={lang}")
    assert len(pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))) == 2
    page.goto(f"{fridays}/statistics/{PROVINCE}/friday?lang={lang}")
    assert [round(side) for side in sheets[0].get_size()] == [595, 842]
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert page.evaluate(STICKS_OUT) <= 0
    clean(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.locator("[data-copy-from]")
    button.click()
    expect(button).to_have_text("คัดลอกแล้ว" if lang == "th" else "Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert len(copied.strip().split("\n")) == 10
    image = page.locator(".friday-card")
    image.scroll_into_view_if_needed()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1200
    if lang == "th":
        for_the_manual(page, "friday-line", press=button)
