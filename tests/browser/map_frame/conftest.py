"""A running service on the hand-drawn country, and a page with a map on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page

from mapapp import database
from mapapp.app import create_app
from mapapp.core import config
from tests.browser.conftest import filled_database, serve
from tests.browser.map_frame.stand import Stand
from tests.conftest import test_database_url
from tests.maps import grid


@pytest.fixture(scope="package")
def grid_server(worker: str) -> Iterator[tuple[str, Flask]]:
    """A running service on the hand-drawn country."""
    with filled_database(f"mapapp_grid_{worker}", grid.fill) as name, serve(name) as address:
        engine = database.engine(test_database_url(name))
        yield address, create_app(config.Config(tile_url="none"), database.sessions(engine))
        engine.dispose()


@pytest.fixture
def stand(grid_server: tuple[str, Flask], page: Page) -> Stand:
    """The page on a desktop."""
    address, app = grid_server
    return Stand(app, address, page)


@pytest.fixture
def phone(grid_server: tuple[str, Flask], phone_page: Page) -> Stand:
    """The page on a phone."""
    address, app = grid_server
    return Stand(app, address, phone_page)
