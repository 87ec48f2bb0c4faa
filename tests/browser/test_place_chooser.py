"""Choosing one of several places: every choice can be seen, read and tapped, at every width, without scripts too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import officers
from tests.browser.conftest import clean

SEVERAL = "ขี้เหล็ก"  # two tambons in either province
NEARLY_ONE = "สุดเทพ"

BOXES = """() => {
  const box = (e) => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
  const widest = (e) => { // how wide its longest word is
    const copy = e.cloneNode(true);
    copy.style.cssText = "position:absolute;visibility:hidden;width:min-content;overflow-wrap:normal;word-break:normal";
    e.parentElement.append(copy);
    const width = copy.getBoundingClientRect().width;
    copy.remove();
    return width;
  };
  return [...document.querySelectorAll("fieldset.choice")].map((set) => ({
    set: box(set),
    legend: box(set.querySelector("legend")),
    choices: [...set.querySelectorAll("label")].map((label) => ({
      label: box(label), radio: box(label.querySelector("input")), text: box(label.querySelector("span")),
      word: widest(label.querySelector("span")),
    })),
  }));
}"""

Box = list[float]


def apart(one: Box, other: Box) -> bool:
    return one[2] <= other[0] + 0.5 or other[2] <= one[0] + 0.5 or one[3] <= other[1] + 0.5 or other[3] <= one[1] + 0.5


def inside(one: Box, around: Box) -> bool:
    return all(
        (one[0] >= around[0] - 0.5, one[1] >= around[1] - 0.5, one[2] <= around[2] + 0.5, one[3] <= around[3] + 0.5)
    )


def can_be_read_and_tapped(page: Page, choices: int) -> None:
    """Every choice has its radio in full and its text beside it, no narrower than a word, and none lies on another."""
    page.wait_for_load_state()  # with its stylesheet
    sets = page.evaluate(BOXES)
    assert [len(one["choices"]) for one in sets] == [choices]
    boxes = [sets[0]["legend"], *(choice["label"] for choice in sets[0]["choices"])]
    assert all(apart(one, other) for n, one in enumerate(boxes) for other in boxes[n + 1 :]), boxes
    for choice in sets[0]["choices"]:
        left, top, right, bottom = choice["radio"]
        assert right - left >= 18, "a radio that can be seen"
        assert bottom - top >= 18
        left, top, right, bottom = choice["label"]
        assert bottom - top >= 44, "and tapped"
        assert right - left >= 200
        assert choice["text"][2] - choice["text"][0] >= choice["word"] - 1, "no column narrower than a word"
        assert apart(choice["radio"], choice["text"])
        assert all(inside(choice[part], choice["label"]) for part in ("radio", "text"))
        assert inside(choice["label"], sets[0]["set"])


def write(page: Page, words: str) -> None:
    page.fill("#place", words)
    page.locator("#place").blur()


@pytest.mark.parametrize(("lang", "width"), [("th", 360), ("en", 1280)])
def test_where_help_is_needed(watched: Callable[..., Page], server: str, lang: str, width: int) -> None:
    page = watched(viewport={"width": width, "height": 740})
    page.goto(f"{server}/requests/new?lang={lang}")
    write(page, SEVERAL)
    expect(page.locator(".choice input[type=radio]")).to_have_count(4)
    can_be_read_and_tapped(page, 4)
    clean(page)
    page.locator(".choice label").first.click()
    expect(page.locator(".choice input").first).to_be_checked()
    write(page, NEARLY_ONE)
    expect(page.locator(".choice input[type=radio]")).to_have_count(1)
    can_be_read_and_tapped(page, 1)
    expect(page.locator(".choice input")).not_to_be_checked()
    write(page, "เชียงใหม่")
    select = page.locator("#place-said select[name=area]")
    expect(select.locator("optgroup")).to_have_count(26)  # its 25 amphoe, and the tambon of that name elsewhere
    expect(select).to_have_value("")
    clean(page)
    select.select_option("500107")
    expect(select).to_have_value("500107")


@pytest.mark.parametrize(("lang", "width"), [("th", 360), ("en", 1280)])
def test_a_complete_address_is_said_back_without_a_question(
    watched: Callable[..., Page], server: str, lang: str, width: int
) -> None:
    page = watched(viewport={"width": width, "height": 740})
    page.goto(f"{server}/requests/new?lang={lang}")
    example = page.locator("#place-hint").inner_text().removeprefix("เช่น ").removeprefix("for example: ")
    for words in ("ต.หนองพอก อ.หนองพอก จ.ร้อยเอ็ด", example):
        write(page, words)
        expect(page.locator("#place-said .found")).to_contain_text("✓")
        expect(page.locator("#place-said [name=area]")).to_have_value("450901" if words != example else "501408")
        assert page.locator("#place-said :is(input[type=radio], select)").count() == 0
    clean(page)


def test_a_tambon_of_an_amphoe_is_chosen_without_scripts(watched: Callable[..., Page], server: str) -> None:
    page = watched(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page.watch.allow("400")  # type: ignore[attr-defined]  # the form that has to be mended
    page.goto(f"{server}/requests/new?lang=en")
    page.check("#need-food")
    page.check("#urgency-urgent")
    page.fill("#place", "อ.แม่ริม")
    page.fill("#phone", "0811170001")
    page.check("#consent")
    page.click(".sticky-action button")
    select = page.locator("#place-said select[name=area]")
    expect(select.locator("option")).to_have_count(12)
    select.select_option("500710")
    page.check("#consent")
    page.click(".sticky-action button")
    expect(page.locator(".big-code")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_volunteers_home(watched: Callable[..., Page], server: str, width: int) -> None:
    page = watched(viewport={"width": width, "height": 740})
    page.watch.allow("400")  # type: ignore[attr-defined]  # the form that has to be mended
    page.goto(f"{server}/volunteer/join?lang=th")
    page.fill("#name", "สมหญิง ใจกว้าง")
    page.fill("#phone", f"081119{width:04}")
    page.select_option("#kind", "health_volunteer")
    for part in ("#password", "#again"):
        page.fill(part, "ข้าวเหนียวมะม่วงหน้าร้อน")
    page.check("[name=consent]")
    page.fill("#home", SEVERAL)
    page.click(".sticky-action button")
    expect(page.locator(".choice input[name=home_code]")).to_have_count(4)
    can_be_read_and_tapped(page, 4)
    clean(page)
    page.fill("#home", "อ.แม่ริม")
    for part in ("#password", "#again"):
        page.fill(part, "ข้าวเหนียวมะม่วงหน้าร้อน")
    page.check("[name=consent]")
    page.click(".sticky-action button")
    expect(page.locator("select[name=home_code] option")).to_have_count(12)
    clean(page)


@pytest.mark.parametrize("size", [(360, 740), (1280, 800)])
def test_what_somebody_says_on_the_telephone(at: officers.At, size: tuple[int, int]) -> None:
    page = at("province_admin", "50", size)
    page.goto("/officer/requests/new")
    write(page, SEVERAL)
    expect(page.locator(".choice input[type=radio]")).to_have_count(4)
    can_be_read_and_tapped(page, 4)
    clean(page)
