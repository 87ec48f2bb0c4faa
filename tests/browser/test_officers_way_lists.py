"""Real lists through the pages, as an administrator of a province brings them in: the hospitals with their dirty rows
explained, and the laboratories of 2020 with their columns chosen by hand; taken back at the end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.browser.conftest import clean
from tests.browser.officers import DESK, PHONE, PROVINCE, UNDO, At, Workshop, with_lang
from tests.browser.pictures import for_the_manual

pytestmark = [pytest.mark.browser, pytest.mark.national, pytest.mark.xdist_group("workshop")]

DIRTY = {10: "hospitel", 78: "damaged", 314: "test row", 326: "test row"}
"""Row of the list of hospitals → a word of the sentence that says what is wrong with it."""


def upload(page: Page, file: Path, source: str, kind: str, lang: str) -> None:
    page.goto(with_lang("/officer/facilities/import", lang))
    clean(page, inside_frames=True)
    page.set_input_files("#file", file)
    page.locator("#source").fill(source)
    page.locator("#kind").select_option(kind)
    button = page.locator("form[enctype] button")
    if lang == "th":
        for_the_manual(page, "officer-import-upload", of=page.locator("section.card").first, press=button)
    button.click()
    page.wait_for_selector("table.preview")


def only(page: Page, outcome: str) -> int:
    """Shows the rows of one outcome and answers how many the button says there are."""
    link = page.locator(f"nav a[href*='show={outcome}']")
    count = int(re.sub(r"\D", "", link.inner_text()))
    link.click()
    page.wait_for_url(f"**show={outcome}**")
    return count


def load(page: Page) -> None:
    page.locator(".import-run form").first.locator("button").click()
    page.wait_for_selector(UNDO, timeout=60_000)


def loaded(shop: Workshop, source: str) -> int:
    with shop.factory() as session:
        statement = "SELECT count(*) FROM facilities WHERE source = :source AND status <> 'closed'"
        return int(session.execute(text(statement), {"source": f"{source} [{PROVINCE}]"}).scalar_one())


@pytest.mark.parametrize(("lang", "size"), [("en", DESK), ("th", PHONE)])
def test_the_hospitals_of_the_ministry(
    at: At, shop: Workshop, shared_data: Path, lang: str, size: tuple[int, int]
) -> None:
    """Five rows are dirty on purpose: each says why. What lies in other provinces is listed, not loaded."""
    page = at("province_admin", PROVINCE, size)
    source = {"th": "รายชื่อโรงพยาบาล สธ. 2563", "en": "โรงพยาบาล สธ. อีกครั้ง"}[lang]
    upload(page, shared_data / "facilities" / "hospitals_hcode.csv", source, "hospital", lang)
    clean(page, inside_frames=True)
    assert only(page, "problem") == len(DIRTY)
    clean(page, inside_frames=True)
    rows = page.locator("table.preview tbody tr")
    assert [int(number) for number in rows.locator("td.n").all_inner_texts()] == list(DIRTY)
    if lang == "en":
        for said, word in zip(rows.all_inner_texts(), DIRTY.values(), strict=True):
            assert word in said
    else:
        for said in rows.locator("p.last").all_inner_texts():
            assert re.search("[\u0e01-\u0e5b]", said), "why it is refused, in Thai"
        for_the_manual(page, "officer-import-problems", of=rows.first)
    assert only(page, "outside") > 1000
    new = only(page, "new")
    assert 40 < new < 80
    load(page)
    clean(page, inside_frames=True)
    assert loaded(shop, source) == new
    page.locator(UNDO).click()
    page.locator('form[action*="/undo"] button').click()
    page.wait_for_selector(".notice")
    clean(page, inside_frames=True)
    assert loaded(shop, source) == 0


@pytest.mark.parametrize(("lang", "size"), [("th", DESK), ("en", PHONE)])
def test_the_laboratories_of_2020_as_test_sites(
    at: At, shop: Workshop, shared_data: Path, lang: str, size: tuple[int, int]
) -> None:
    """Their headings are another ministry's: which column is which is chosen by hand."""
    page = at("province_admin", PROVINCE, size)
    source = {"th": "ห้องปฏิบัติการตรวจโควิด 2563", "en": "ห้องปฏิบัติการ อีกครั้ง"}[lang]
    upload(page, shared_data / "facilities" / "covid_pcr_labs_2020.csv", source, "test_site", lang)
    chooser = page.locator("form[action*='/columns']")
    chooser.locator("summary").click()
    for name, column in {
        "source_ref": "id",
        "name_th": "name_th",
        "lat": "lat",
        "lon": "lon",
        "address": "address_th",
    }.items():
        choice = chooser.locator(f"select[name={name}]")
        number = choice.locator("option", has_text=re.compile(rf"^{column}\b")).get_attribute("value")
        choice.select_option(number)
    clean(page, inside_frames=True)
    if lang == "th":
        for_the_manual(page, "officer-import-columns", of=chooser, press=chooser.locator("button"))
    chooser.locator("button").click()
    page.wait_for_selector("table.preview")
    clean(page, inside_frames=True)
    assert page.locator("nav a[href*='show=problem']").count() == 0  # they are all clean
    new = only(page, "new")
    outside = only(page, "outside")
    assert new + outside == 130
    assert new >= 3
    if lang == "th":
        only(page, "new")
        for_the_manual(page, "officer-import-preview", press=page.locator(".import-run form").first.locator("button"))
    load(page)
    clean(page, inside_frames=True)
    if lang == "th":
        for_the_manual(page, "officer-import-done")
    assert loaded(shop, source) == new
    page.locator("ul.facilities a").first.click()
    expect(page.locator("article.test_site h1")).to_be_visible()
    expect(page.locator("article.test_site")).to_contain_text(source)
    page.go_back()
    page.locator(UNDO).click()
    page.locator('form[action*="/undo"] button').click()
    page.wait_for_selector(".notice")
    assert loaded(shop, source) == 0
