"""Adding and changing pins in a real browser: on the map, by keyboard, without scripts, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp import database as db
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import sessions
from mapapp.facilities.models import Facility
from tests.browser.conftest import axe
from tests.browser.frames import map_of
from tests.browser.pictures import picture
from tests.conftest import test_database_url

pytestmark = pytest.mark.browser

AREA = "5001"
"""Mueang Chiang Mai, of the demo data."""


@pytest.fixture(scope="module")
def database(browser_database: str) -> Iterator[Callable[[], Session]]:
    """Sessions on the browser tests' database."""
    engine = db.engine(test_database_url(browser_database))
    yield db.sessions(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def token(database: Callable[[], Session]) -> str:
    """The cookie of somebody who coordinates the amphoe, signed in with a second factor."""
    now = datetime.now(UTC)
    with database() as session:
        person = Person(name="สมหญิง ตั้งใจ", organisation="อำเภอเมือง", first_signed_in_at=now)
        session.add(person)
        session.flush()
        session.add(
            Appointment(
                person_id=person.id, role="amphoe_coordinator", area_code=AREA, starts_at=now - timedelta(days=1)
            )
        )
        session.flush()
        made = sessions.start(session, person.id, now=now, device="test", address="127.0.0.1", second_factor=True)
        session.commit()
    return made


@pytest.fixture
def officer(watched: Callable[..., Page], server: str, token: str) -> Callable[..., Page]:
    """Makes pages on which the coordinator is signed in."""

    def make(width: int = 1280, height: int = 800, **options: object) -> Page:
        page = watched(viewport={"width": width, "height": height}, base_url=server, **options)
        page.context.add_cookies([{"name": PLAIN_COOKIE, "value": token, "url": server}])
        return page

    return make


def tap_middle(page: Page, *, right: int = 0, down: int = 0) -> None:
    """Taps the map beside its middle."""
    map_of(page)
    box = page.locator("iframe.map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 + down)


def test_a_pin_on_the_map_in_four_interactions(officer: Callable[..., Page], database: Callable[[], Session]) -> None:
    page = officer()
    page.goto("/officer/facilities/new?kind=test_site")  # 1: open
    tap_middle(page)  # 2: tap the map
    expect(page.locator("#place-said .found")).to_contain_text("ตำบล")
    page.locator("#name_th").fill("จุดตรวจหน้าเทศบาล")  # 3: its name
    page.locator(".sticky-action button").click()  # 4: save
    page.wait_for_url(re.compile(r"/edit\?notice=pin_added"))
    with database() as session:
        made = session.scalars(select(Facility).where(Facility.name_th == "จุดตรวจหน้าเทศบาล")).one()
        assert (made.tambon_code or "").startswith(AREA)


def test_dragging_the_pin_and_typing_the_place(officer: Callable[..., Page]) -> None:
    page = officer()
    page.goto("/officer/facilities/new?kind=hospital&lang=en")
    field = page.locator("#place")
    field.fill("18°47'17.9\"N 98°59'07.1\"E")
    field.press("Tab")
    expect(page.locator("#place-said .found")).to_contain_text("Amphoe")
    frame = map_of(page)
    pin = frame.locator(".leaflet-marker-draggable")
    expect(pin).to_have_count(1)
    box = pin.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 40, steps=6)
    page.mouse.up()
    expect(field).to_have_value(re.compile(r"^18\.7\d{5}, 98\.9\d{5}$"))
    field.fill("18.92377, 99.00156")
    field.press("Tab")
    expect(page.locator("#place-problem")).to_contain_text("You can add facilities only in")


def test_my_place(officer: Callable[..., Page]) -> None:
    page = officer(geolocation={"latitude": 18.7883, "longitude": 98.9853}, permissions=["geolocation"])
    page.goto("/officer/facilities/new?kind=hospital&lang=en")
    page.get_by_role("button", name="I am here now").click()
    expect(page.locator("#place")).to_have_value("18.788300, 98.985300")
    expect(page.locator("#place-said .found")).to_contain_text("Amphoe")


def test_only_the_fields_of_the_kind_and_hours_said_back(officer: Callable[..., Page]) -> None:
    page = officer()
    page.goto("/officer/facilities/new?kind=hospital&lang=en")
    expect(page.get_by_label("Free beds")).to_be_visible()
    expect(page.get_by_label("Tests a day")).to_be_hidden()
    page.locator("#kind").select_option("test_site")
    expect(page.get_by_label("Tests a day")).to_be_visible()
    expect(page.get_by_label("Free beds")).to_be_hidden()
    page.locator("#hours_how").select_option("weekly")
    expect(page.locator("#hours-said")).to_contain_text("Monday–Friday 08:30–16:30, closed on public holidays")
    page.locator("#sa_how").select_option("spans")
    expect(page.locator("#hours-said")).to_contain_text("Monday–Saturday 08:30–16:30")


def test_without_scripts(officer: Callable[..., Page]) -> None:
    page = officer(java_script_enabled=False)
    page.goto("/officer/facilities/new?kind=waiting_centre&lang=en")
    page.locator("#place").fill("18.79, 98.99")
    page.locator("#name_th").fill("ศูนย์พักคอยไร้สคริปต์")
    page.locator("#places").fill("40")
    page.locator("#hours_how").select_option("weekly")
    page.locator(".sticky-action button").click()
    expect(page.locator("#hours-said")).to_contain_text("Monday–Friday")
    assert "notice=pin_added" in page.url


def test_conflict_and_history(officer: Callable[..., Page]) -> None:
    page, other = officer(), officer()
    page.goto("/officer/facilities/new?kind=field_hospital&place=18.80,99.00&lang=en")
    page.locator("#name_th").fill("โรงพยาบาลสนามทดสอบ")
    page.locator(".sticky-action button").click()
    page.wait_for_url(re.compile("notice=pin_added"))
    other.goto(page.url)
    other.locator("#beds").fill("10")
    other.locator(".sticky-action button").click()
    other.wait_for_url(re.compile("notice=saved"))
    page.watch.allow("409")  # type: ignore[attr-defined]  # the browser's console tells of the answer
    page.locator("#beds").fill("20")
    page.locator(".sticky-action button").click()
    conflict = page.locator("#conflict")
    expect(conflict).to_contain_text("10")
    picture(page, "conflict-1280-en")
    assert axe(page) == []
    conflict.get_by_label("Mine").check()
    page.locator(".sticky-action button").click()
    page.wait_for_url(re.compile("notice=saved"))
    page.get_by_role("link", name="History").click()
    expect(page.locator("ol.history-steps > li")).to_have_count(3)
    picture(page, "history-1280-en")
