"""A spreadsheet in a real browser: uploaded, its rows looked at, loaded in the background, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from mapapp import database as db
from tests.browser import officers
from tests.browser.conftest import axe, filled_database, serve
from tests.conftest import test_database_url
from tests.data import small_country
from tests.facilities.imports.build import ALSO_WEST, HEAD, IN_EAST, IN_WEST, xlsx

SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 800}}


@pytest.fixture(scope="module")
def service(worker: str) -> Iterator[tuple[str, str]]:
    """A service over the small country, and its database's name."""
    with filled_database(f"mapapp_imports_{worker}", small_country) as name, serve(name) as address:
        yield address, name


def signed_in(page: Page, address: str, database: str) -> None:
    """The coordinator of the western amphoe has signed in here."""
    engine = db.engine(test_database_url(database))
    with Session(engine) as session:
        token = officers.signed_in(session, "amphoe_coordinator", "9001")
        session.commit()
    engine.dispose()
    officers.let_in(page, address, token)


def narrow_enough(page: Page) -> None:
    """Nothing makes the page itself scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.browser
@pytest.mark.parametrize(("lang", "size"), [("th", "phone"), ("en", "desk")])
def test_a_spreadsheet_from_upload_to_undo(
    watched: Callable[..., Page], service: tuple[str, str], tmp_path: Path, size: str, lang: str
) -> None:
    address, database = service
    page = watched(viewport=SIZES[size])
    signed_in(page, address, database)
    source = f"รายการ {size} {lang}"
    file = tmp_path / "จุดฉีด.xlsx"
    rows: list[list[Any]] = [
        IN_WEST,
        ALSO_WEST,
        IN_EAST,
        ["9", None, 14.05, 100.05, "12", None],
        ["8", "จุดฉีด สลับ", 100.03, 14.03, None, None],
    ]
    file.write_bytes(xlsx(HEAD, *rows))

    def seen(name: str) -> None:
        assert axe(page) == [], name
        narrow_enough(page)

    page.goto(f"{address}/officer/facilities/import?lang={lang}")
    seen("upload")
    page.set_input_files("#file", file)
    page.fill("#source", source)
    page.select_option("#kind", "vaccination_site")
    page.locator("form[enctype] button").click()
    page.wait_for_selector("table.preview")
    seen("preview")
    assert page.locator("table.preview tbody tr").count() == 5
    page.locator("details:has(.columns-form) > summary").click()
    seen("columns")
    page.locator(".import-run form").first.locator("button").click()
    # The page asks for the progress by itself, and loads anew at the end.
    page.wait_for_selector(officers.UNDO, timeout=60_000)
    seen("done")
    assert page.locator("ul.facilities li").count() == 3
    page.locator(officers.UNDO).click()
    page.locator('form[action*="/undo"] button').click()
    page.wait_for_selector(".notice")
    seen("undone")
    assert urlsplit(page.url).path.startswith("/officer/facilities/import/")


@pytest.mark.browser
def test_without_scripts(watched: Callable[..., Page], service: tuple[str, str], tmp_path: Path) -> None:
    address, database = service
    page = watched(viewport=SIZES["phone"], java_script_enabled=False)
    signed_in(page, address, database)
    file = tmp_path / "a.xlsx"
    file.write_bytes(xlsx(HEAD, IN_WEST))
    page.goto(f"{address}/officer/facilities/import")
    page.set_input_files("#file", file)
    page.fill("#source", "ไม่มีสคริปต์")
    page.select_option("#kind", "vaccination_site")
    page.locator("form[enctype] button").click()
    page.locator(".import-run form").first.locator("button").click()
    page.wait_for_selector(officers.UNDO, timeout=60_000)
