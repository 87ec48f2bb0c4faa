"""The resident's page on a cheap phone and on a desk, in both languages; and without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, expect
from sqlalchemy import delete
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts.models import Person
from mapapp.core import config
from mapapp.help_requests import states
from mapapp.help_requests.models import HelpEvent, HelpLease, HelpNeed, HelpRequest
from mapapp.help_requests.resident import links
from tests.browser.conftest import clean
from tests.browser.officers import with_lang
from tests.browser.pictures import for_the_manual
from tests.conftest import test_database_url
from tests.help_requests.build import add_request, needs_of
from tests.help_requests.resident.conftest import finish, hold

pytestmark = pytest.mark.browser

SCREENS = {"phone in Thai": ("th", 360), "desk in English": ("en", 1280)}


@dataclass
class Asked:
    """A request in Chiang Mai: food on its way, a ride that is said to be done, medicine that nobody has taken on."""

    id: int
    link: links.Link


@pytest.fixture
def data(browser_database: str) -> Iterator[Session]:
    """The database behind the served pages."""
    engine = database.engine(test_database_url(browser_database))
    with database.sessions(engine)() as session:
        yield session
    engine.dispose()


@pytest.fixture
def asked(data: Session) -> Iterator[Asked]:
    vault, now = config.load({}).vault(), datetime.now(UTC)
    who = Person(name="นางสาว มาลี วงศ์งาม", organisation="อสม. บ้านเหนือ")
    data.add(who)
    data.flush()
    made = add_request(
        data,
        needs=("food", "transport", "medicine"),
        lat=18.7883,
        lon=98.9853,
        at=now - timedelta(hours=3),
        vault=vault,
    )
    food, ride, _medicine = needs_of(data, made.id)
    hold(data, food, who, state="on_the_way", at=now - timedelta(hours=1), ends=now + timedelta(hours=5))
    finish(data, ride, who, at=now - timedelta(minutes=5))
    states.settle(data, [made.id], now)
    link = links.make(data, vault, made.id, made_by="post", now=now)
    data.commit()
    yield Asked(made.id, link)
    for table in (HelpLease, HelpEvent, HelpNeed):
        data.execute(delete(table).where(table.request_id == made.id))
    data.execute(delete(HelpRequest).where(HelpRequest.id == made.id))
    data.delete(who)
    data.commit()


def tap(page: Page, do: str) -> Locator:
    """The first button that does this."""
    return page.locator(f'form:has(input[name="do"][value="{do}"]) button').first


@pytest.mark.parametrize("screen", SCREENS)
def test_the_whole_way_of_a_resident(
    watched: Callable[..., Page], server: str, data: Session, asked: Asked, screen: str
) -> None:
    lang, width = SCREENS[screen]
    page = watched(viewport={"width": width, "height": 740})
    told: list[Request] = []
    page.on("request", lambda one: told.append(one))  # playwright sets an attribute on what it is given

    page.goto(with_lang(f"{server}/requests/find", lang))
    clean(page)
    page.locator("#code").fill(links.spoken(asked.link.code))
    if lang == "th":
        for_the_manual(page, "resident-find", press=page.locator("main form button"))
    page.locator("main form button").click()
    page.wait_for_url("**/requests/mine/**")
    clean(page)
    key = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "mine")
    expect(page.locator(".state-on_the_way")).to_contain_text("มาลี")
    expect(page.locator("main")).not_to_contain_text("วงศ์งาม")
    if lang == "th":
        for_the_manual(page, "resident-question", of=page.locator(".question"), press=tap(page, "confirm"))
        for_the_manual(page, "resident-status", of=page.locator('section[aria-labelledby="how-far"]'))
        for_the_manual(page, "resident-looked", of=page.locator('section[aria-labelledby="reach"]'))

    tap(page, "contest").click()
    expect(page.locator(".notice")).to_be_visible()
    expect(page.locator(".state-open")).to_have_count(2)

    page.locator('a[href*="do=change"]').click()
    page.locator("summary", has=page.locator("xpath=following-sibling::iframe")).click()
    frame = page.frame_locator("iframe.map")
    expect(frame.locator(".leaflet-container")).to_be_visible()
    clean(page)
    page.locator("#detail_medicine").fill("ยาความดัน")
    page.locator(".sticky-action button").click()
    expect(page.locator("main")).to_contain_text("ยาความดัน")
    clean(page)

    for aside in ("report", "erase"):
        page.locator(f'a[href*="do={aside}"]').click()
        clean(page)
        page.go_back()
    page.locator('a[href*="do=erase"]').click()
    page.locator('input[name="sure"]').check()
    tap(page, "erase").click()
    page.wait_for_url("**/requests/find**")
    expect(page.locator(".notice")).to_be_visible()

    # The key stands in no address, and goes with requests for its own page alone.
    assert told
    for one in told:
        headers = one.all_headers()
        cookie = headers.pop("cookie", "")
        assert key not in one.url + " ".join(headers.values()), one.url
        assert key not in cookie or urlsplit(one.url).path.startswith("/requests/mine/"), one.url


def test_the_link_leaves_the_address_bar(watched: Callable[..., Page], server: str, asked: Asked) -> None:
    page = watched(viewport={"width": 360, "height": 740})
    page.goto(f"{server}/requests/mine/{asked.link.token}")
    expect(page.locator(".state-on_the_way")).to_be_visible()
    assert asked.link.token not in page.url
    page.reload()
    expect(page.locator(".state-on_the_way")).to_be_visible()
    assert page.evaluate("document.cookie") == "", "no script reads the key"
    other = watched(viewport={"width": 360, "height": 740})
    other.watch.allow("404")  # type: ignore[attr-defined]  # kept beside the page by the fixture
    other.goto(page.url)
    expect(other.locator("#code")).to_be_visible()
    clean(other)
    other.locator("#code").fill(links.spoken(asked.link.code))
    other.locator("main form button").click()
    expect(other.locator(".state-on_the_way")).to_be_visible()
    assert other.url == page.url


def test_without_scripts(watched: Callable[..., Page], server: str, asked: Asked) -> None:
    page = watched(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page.goto(f"{server}/requests/mine/{asked.link.token}")
    for do, state in (("confirm", "helped"), ("stop_sharing", "helped"), ("cancel", "cancelled")):
        tap(page, do).click()
        expect(page.locator(f".state-{state}").first).to_be_visible()
        expect(page.locator(".notice")).to_be_visible()
    page.goto(f"{server}/requests/mine/{asked.link.token}x")
    page.watch.allow("404")  # type: ignore[attr-defined]  # kept beside the page by the fixture
    expect(page.locator('a[href^="/requests/find"]')).to_be_visible()
