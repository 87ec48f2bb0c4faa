"""From a problem that somebody meets at the door to the officer's queue; and a key for a program, made by thumb."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts.edge import PLAIN_COOKIE
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import sessions
from mapapp.facilities.models import Facility, FacilityReport
from tests.browser.conftest import axe
from tests.browser.test_every_page import SIZES
from tests.conftest import test_database_url

pytestmark = pytest.mark.browser

SCREENS = {"phone in Thai": ("th", 360), "desk in English": ("en", 1280)}


@pytest.fixture
def data(browser_database: str) -> Iterator[Session]:
    """The database behind the served pages."""
    engine = database.engine(test_database_url(browser_database))
    with database.sessions(engine)() as session:
        yield session
    engine.dispose()


@pytest.fixture
def pin(data: Session) -> Iterator[int]:
    """A hospital of Chiang Mai without reports, last confirmed a day ago."""
    found = data.scalars(select(Facility.id).where(Facility.tambon_code.like("5001%")).order_by(Facility.id)).first()
    assert found is not None
    data.execute(delete(FacilityReport))
    data.execute(
        update(Facility).where(Facility.id == found).values(
            status="open", doubtful_at=None, confirmed_at=datetime.now(UTC) - timedelta(days=1)
        )
    )  # fmt: skip
    database.mark_changed(data, "facilities")
    data.commit()
    yield found
    data.execute(delete(FacilityReport))
    data.execute(update(Facility).where(Facility.id == found).values(status="open", doubtful_at=None))
    database.mark_changed(data, "facilities")
    data.commit()


def sign_in(page: Page, server: str, data: Session) -> None:
    """An officer of amphoe 5001 in this page's browser, as if by password and second factor."""
    now = datetime.now(UTC)
    who = Person(name="สมหญิง ทดสอบ", organisation="อบต.ทดสอบ", first_signed_in_at=now)
    data.add(who)
    data.flush()
    data.add(
        Appointment(
            person_id=who.id, role="amphoe_coordinator", area_code="5001", starts_at=now - timedelta(days=1),
            confidentiality_on=date(2020, 1, 1), training_expires_on=date(2100, 1, 1),
        )
    )  # fmt: skip
    token = sessions.start(data, who.id, now=now, device="test", address="127.0.0.1", second_factor=True)
    data.commit()
    page.context.add_cookies([{"name": PLAIN_COOKIE, "value": token, "url": server}])


def clean(page: Page, width: int) -> None:
    """Nothing sticks out, everything fits a thumb, axe finds nothing."""
    page.wait_for_load_state()  # the stylesheet too
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SIZES) == []
    assert axe(page, inside_frames=False) == []


@pytest.mark.parametrize(("screen", "scripts"), [("phone in Thai", False), ("desk in English", True)])
def test_from_the_public_page_to_the_officers_queue(
    server: str, data: Session, pin: int, watched: Callable[..., Page], screen: str, scripts: bool
) -> None:
    lang, width = SCREENS[screen]
    tail = "" if lang == "th" else "?lang=en"
    page = watched(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
    page.goto(f"{server}/facilities/{pin}{tail}")
    page.locator("details.report summary").click()
    page.locator("input[name=reason][value=closed]").check()
    page.locator("#note").fill("<b>{{98765*54321}}</b> 081 234 5678")
    page.watch.allow("400")  # type: ignore[attr-defined]  # the console tells of the status
    page.locator("details.report form button").click()
    expect(page.locator("#note-problem")).to_be_visible()
    expect(page.locator("#note")).to_have_value("<b>{{98765*54321}}</b> 081 234 5678")
    expect(page.locator("input[value=closed]")).to_be_checked()
    if scripts:
        clean(page, width)
    page.locator("#note").fill("<b>{{98765*54321}}</b>")
    page.locator("main form button").click()
    page.wait_for_url(re.compile("/report/thanks"))
    assert f"lang={lang}" in page.url or lang == "th"
    if scripts:
        clean(page, width)

    sign_in(page, server, data)
    page.goto(f"{server}/officer/facilities/reports{tail}")
    card = page.locator(f"#pin-{pin}")
    expect(card).to_contain_text("<b>{{98765*54321}}</b>")
    if scripts:
        clean(page, width)
    card.locator("button[value=dismiss]").click()
    expect(page.locator(".notice")).to_be_visible()
    expect(page.locator(f"#pin-{pin}")).to_have_count(0)
    page.locator("button[value=undo]").click()
    expect(card).to_be_visible()
    # A font that comes late moves the button away between pressing and letting go, and then nothing is sent.
    page.wait_for_load_state()
    card.locator("input[name=closed_reason]").fill("น้ำท่วม")
    card.locator("button[value=close]").click()
    expect(page.locator(".notice")).to_be_visible()
    expect(page.locator(f"#pin-{pin}")).to_have_count(0)
    data.rollback()
    assert data.scalars(select(Facility.status).where(Facility.id == pin)).one() == "temporarily_closed"


@pytest.mark.parametrize("screen", SCREENS)
def test_a_token_is_made_used_and_taken_back(
    server: str, data: Session, pin: int, watched: Callable[..., Page], screen: str
) -> None:
    lang, width = SCREENS[screen]
    page = watched(viewport={"width": width, "height": 800})
    sign_in(page, server, data)
    page.goto(f"{server}/account/tokens{'' if lang == 'th' else '?lang=en'}")
    clean(page, width)
    page.locator("#name").fill("HIS")
    page.locator("#facility").fill(str(pin))
    page.locator("form button", has_not=page.locator("span")).last.click()
    key = page.locator("#token").inner_text()
    clean(page, width)
    address = f"{server}/api/v1/facilities/{pin}/capacity"
    headers = {"Authorization": f"Bearer {key}"}
    program = page.context.browser.new_context().request  # type: ignore[union-attr]  # a program has no cookies
    assert program.patch(address, data={"status": "full"}, headers=headers).status == 200
    page.locator("main a.button").click()
    expect(page.locator("article")).to_contain_text("HIS")
    clean(page, width)
    page.locator("article button").click()
    expect(page.locator(".notice")).to_be_visible()
    assert program.patch(address, data={"status": "open"}, headers=headers).status == 401
