"""Open requests in a browser: the list that keeps itself up to date, its map, and what everybody sees."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import delete
from sqlalchemy.orm import Session

from mapapp.core import geo
from mapapp.help_requests import cells
from mapapp.help_requests.models import HelpEvent, HelpNeed, HelpRequest
from mapapp.help_requests.nearby import daily_counts
from tests.browser.conftest import clean, until
from tests.browser.officers import DESK, PHONE, TAMBON, At, Workshop, with_lang

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("workshop")]

SCREENS = {"th": (PHONE, DESK), "en": (DESK, PHONE)}
PLACE = geo.Point(lat=18.7934, lon=98.9871)
"""In tambon 500101."""


def add(session: Session, text: str) -> int:
    """A request for food, posted now, as the form writes it; with its event, so that open pages hear of it."""
    now = datetime.now(UTC)
    cell = cells.cell_of(session, PLACE)
    assert cell is not None
    made = HelpRequest(
        urgency=1, description=text, point=PLACE.ewkt, tambon_code=TAMBON, cell=cell.middle.ewkt, cell_key=cell.key,
        cell_size=cell.size, cell_tambon_code=cell.tambon_code, posted_at=now, changed_at=now, confirmed_at=now,
        free_from=now, consent_version="test", consent_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add(HelpNeed(request_id=made.id, kind="food"))
    session.add(
        HelpEvent(
            request_id=made.id, cell_tambon_code=made.cell_tambon_code, tambon_code=TAMBON, at=now, action="posted",
            actor_kind="public",
        )
    )  # fmt: skip
    session.commit()
    return made.id


@pytest.fixture
def posted(shop: Workshop) -> Iterator[Callable[[str], int]]:
    """Posts requests, and takes them away again."""
    made: list[int] = []

    def post(text: str) -> int:
        with shop.factory() as session:
            made.append(add(session, text))
        return made[-1]

    yield post
    with shop.factory() as session:
        session.execute(delete(HelpRequest).where(HelpRequest.id.in_(made)))
        session.commit()


def watching(page: Page) -> None:
    """The page's line is there, and it has looked once since."""
    expect(page.locator("html[data-line=live]")).to_be_attached()
    page.wait_for_timeout(1200)


def test_what_a_person_asks_for_goes_before_what_the_page_asks_by_itself(at: At) -> None:
    here = {"latitude": PLACE.lat, "longitude": PLACE.lon}
    page = at("volunteer", TAMBON, DESK, geolocation=here, permissions=["geolocation"])
    page.goto("/volunteer/nearby?lang=en")
    expect(page.locator("html")).to_have_attribute("data-line", "live")
    held: list[Route] = []
    page.route("**/volunteer/nearby?*lat=1*", lambda route: held.append(route))
    page.locator("[data-locate]").click()
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    with page.expect_response(lambda answer: "/volunteer/nearby" in answer.url and "lat=" not in answer.url):
        page.evaluate("() => window.htmx.trigger('#near', 'live')")
    page.wait_for_timeout(300)  # for a list that would be put in now
    held[0].continue_()
    expect(page.locator("#near-title")).to_have_text("Near your location")


@pytest.mark.parametrize("lang", SCREENS)
def test_what_one_takes_on_leaves_the_others_list_within_two_seconds(
    at: At, posted: Callable[[str], int], lang: str
) -> None:
    mine, theirs = SCREENS[lang]
    number = posted("ข้าวสารหมดแล้ว {{98765*54321}} <b>")
    one, other = at("volunteer", TAMBON, mine), at("volunteer", "5001", theirs)
    for page in (one, other):
        page.goto(with_lang("/volunteer/nearby", lang))
        expect(page.locator(f"#request-{number}")).to_contain_text("{{98765*54321}} <b>")
        clean(page)
    watching(other)
    other.locator("#near-filters summary").click()
    other.locator("#near-filters input[name=kind]").first.focus()
    one.locator(f"#claim-{number}").click()
    one.wait_for_url(re.compile(f"/volunteer/requests/{number}"))
    claimed = time.monotonic()
    expect(other.locator(f"#request-{number}")).to_have_count(0, timeout=4000)
    assert time.monotonic() - claimed < 2.5, "two seconds, and what looking takes"
    expect(other.locator("#near-filters")).to_have_attribute("open", "")
    expect(other.locator("#near-filters input[name=kind]").first).to_be_focused()

    new = posted("น้ำดื่มหมดแล้ว")
    expect(other.locator(f"#request-{new}")).to_be_visible(timeout=4000)
    other.locator(f"#open-{new}").focus()
    posted("ยาหมดแล้ว")
    expect(other.locator(".near-card", has_text="ยาหมดแล้ว")).to_be_visible(timeout=4000)
    expect(other.locator(f"#open-{new}")).to_be_focused()


def test_without_the_line_the_page_asks_by_itself(at: At, posted: Callable[[str], int]) -> None:
    page = at("volunteer", TAMBON, PHONE)
    page.add_init_script("delete window.EventSource; window.setInterval = (run) => window.setTimeout(run, 1500);")
    page.goto("/volunteer/nearby")
    expect(page.locator("html[data-line=polling]")).to_be_attached()
    number = posted("รอถุงยังชีพ")
    expect(page.locator(f"#request-{number}")).to_be_visible(timeout=8000)


def test_no_connection_is_told_and_the_list_stays(at: At, posted: Callable[[str], int]) -> None:
    number = posted("ขอนมเด็ก")
    page = at("volunteer", TAMBON, PHONE)
    page.goto("/volunteer/nearby?lang=en")
    watching(page)
    page.watch.allow("ERR_INTERNET_DISCONNECTED")  # type: ignore[attr-defined]  # it is meant
    page.watch.allow("htmx:")  # type: ignore[attr-defined]  # htmx tells the console of it
    page.context.set_offline(True)
    page.evaluate("() => window.htmx.trigger('#near', 'live')")
    expect(page.locator("[data-live-status]")).to_contain_text("No connection")
    expect(page.locator(f"#request-{number}")).to_be_visible()
    page.context.set_offline(False)
    page.evaluate("() => window.htmx.trigger('#near', 'live')")
    expect(page.locator("[data-live-status]")).to_be_empty()


def test_the_list_without_scripts(at: At, posted: Callable[[str], int]) -> None:
    number = posted("ขอผ้าห่ม")
    page = at("volunteer", TAMBON, PHONE, java_script_enabled=False)
    page.goto("/volunteer/nearby")
    page.locator("#near-filters summary").click()
    page.locator("#near-filters input[value=food]").check()
    page.locator("#near-filters button").click()
    expect(page.locator(f"#request-{number}")).to_be_visible()
    page.locator(f"#claim-{number}").click()
    page.wait_for_url(re.compile(f"/volunteer/requests/{number}"))


def test_my_own_place_and_the_map(at: At, posted: Callable[[str], int]) -> None:
    number = posted("ขอยาแก้ปวด")
    here = {"latitude": PLACE.lat, "longitude": PLACE.lon}
    page = at("volunteer", TAMBON, DESK, geolocation=here, permissions=["geolocation"])
    page.goto("/volunteer/nearby?lang=en")
    page.locator("[data-locate]").click()
    expect(page.locator("#near-title")).to_have_text("Near your location")
    assert "lat=" not in page.url, "the place is not kept in the browser's history"
    frame: Any = page.frame(url=re.compile("/maps/requests"))
    until(frame, "() => Number(document.documentElement.dataset.cells) > 0")

    frame.locator(".pin-holder:has(.cluster)").first.press("Enter")
    frame.locator(".popup button.main").click()
    expect(page.locator(".near-card:focus")).to_have_count(1)
    clean(page, inside_frames=True)
    assert number


@pytest.mark.parametrize("lang", SCREENS)
def test_what_everybody_sees(at: At, shop: Workshop, posted: Callable[[str], int], lang: str) -> None:
    number = posted("ขอข้าวกล่อง")
    with shop.factory() as session:  # of yesterday, and counted at midnight
        now = datetime.now(UTC)
        session.get_one(HelpRequest, number).posted_at = now - timedelta(days=1)
        session.flush()
        daily_counts.make(session, now)
        session.commit()
    for size in SCREENS[lang]:
        page = at("", "", size)
        for path in ("/requests", "/requests?area=5001", "/volunteer/nearby"):
            page.goto(with_lang(path, lang))
            clean(page)
        page.goto(with_lang("/requests?area=5001", lang))
        page.locator("iframe.map").scroll_into_view_if_needed()
        frame: Any = page.frame(url=re.compile("/maps/requests"))
        until(frame, "() => Number(document.documentElement.dataset.cells) > 0")
        assert "ขอข้าวกล่อง" not in page.content()


def test_the_line_ends_with_the_page(at: At, shop: Workshop) -> None:
    page = at("volunteer", TAMBON, DESK)
    for _ in range(6):  # more often than one person has places: the oldest gives way, none waits
        page.goto("/volunteer/nearby")
        expect(page.locator("html[data-line=live]")).to_be_attached()
