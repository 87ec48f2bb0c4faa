"""A real Chromium against a real server on a database of its own. Only the tile host is stubbed.

A page fails its test on any console error, any script error, and any request to a foreign host. No request is held up
to be looked at: that would turn off the browser's cache, and every page would load all its scripts anew.
"""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Frame, Page, Request, sync_playwright
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core import config
from mapapp.database import migrate
from mapapp.facilities.models import Facility
from mapapp.operations import seeding
from mapapp.web import assets
from tests import chromium
from tests.browser import officers
from tests.conftest import cost_as_served, make_database, migrated_database, template, test_database_url

TILE_HOST = "tiles.example.org"
HOSTS = f"MAP {TILE_HOST} 127.0.0.1, EXCLUDE 127.0.0.1, MAP * ~NOTFOUND"
"""Where the browser finds hosts: nothing but this machine, whatever a page asks for."""
AXE = config.ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONES = {"โรงพยาบาลเทพปัญญา 2": "+6653920300", "โรงพยาบาลลานนา": "1669"}
STYLE = "inline style"
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP49P4lAAWhAstbEQ6lAAAAAElFTkSuQmCC")
"""What the tile host answers: one dot, as light as a base map."""


class Tiles(BaseHTTPRequestHandler):
    """The tile host: the same dot for each tile."""

    def do_GET(self) -> None:
        """Answers a tile."""
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(PIXEL)))
        self.send_header("Cache-Control", "max-age=3600")
        self.end_headers()
        with suppress(ConnectionError):  # the page was left before its tiles had come
            self.wfile.write(PIXEL)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@cache
def tile_host() -> str:
    """The tile host's address, as long as this process lives."""
    host = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=host.serve_forever, daemon=True).start()
    return f"http://{TILE_HOST}:{host.server_port}"


@contextmanager
def serve(database: str, **settings: str) -> Iterator[str]:
    """Granian on a free loopback port, as in production; yields its address."""
    for packed in assets.stale(assets.STATIC):
        packed.unlink(missing_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAPAPP_")}
    environ |= {"MAPAPP_DATABASE_URL": test_database_url(database)}
    environ |= {"MAPAPP_TILE_URL": f"{tile_host()}/{{z}}/{{x}}/{{y}}.png"} | settings
    heads = tempfile.TemporaryDirectory(prefix="mapapp-heads-")
    environ.setdefault("MAPAPP_AUDIT_HEADS", heads.name)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen([*command, "mapapp.wsgi:app"], env=environ, cwd=config.ROOT, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(450):  # a machine with much else to do needs half a minute
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with status {process.returncode}")
            try:
                urllib.request.urlopen(f"{address}/maps/home", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        else:
            raise RuntimeError("the server does not answer")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
        heads.cleanup()


@contextmanager
def filled_database(name: str, fill: Callable[[Session], object], *, copy_of: str = "") -> Iterator[str]:
    """A database of this name, as the migrations leave it or as another is, with what ``fill`` puts into it."""
    engine = make_database(name, copy_of) if copy_of else migrated_database(name)
    _filled(engine, fill)
    engine.dispose()
    yield name


def _filled(engine: Engine, fill: Callable[[Session], object]) -> None:
    with cost_as_served(), database.sessions(engine)() as session:
        fill(session)
        session.commit()


def _demo(engine: Engine) -> None:
    migrate.upgrade(engine)
    _filled(engine, seeding.seed_all)


@pytest.fixture(scope="session")
def demo_data() -> str:
    """The demo data, as a first start puts it into an empty database; the name of a database to be copied."""
    return template("mapapp_demo", _demo)


@pytest.fixture(scope="session")
def browser_database(worker: str, demo_data: str) -> Iterator[str]:
    """The demo data with telephone numbers; the name of the database."""

    def fill(session: Session) -> None:
        # The demo data has none; links to call need one.
        for name, phone in PHONES.items():
            session.execute(update(Facility).where(Facility.name_th == name).values(phone=phone))

    with filled_database(f"mapapp_browser_{worker}", fill, copy_of=demo_data) as name:
        yield name


@pytest.fixture(scope="session")
def server(browser_database: str) -> Iterator[str]:
    """The address of a running service with the demo data."""
    with serve(browser_database) as address:
        yield address


@pytest.fixture(scope="session")
def shop(worker: str, demo_data: str) -> Iterator[officers.Workshop]:
    """A second service, on which officers work, with a database of its own: nobody else's counts change."""
    workshop = filled_database(f"mapapp_workshop_{worker}", officers.fill, copy_of=demo_data)
    with workshop as name, serve(name) as address:
        engine = database.engine(test_database_url(name))
        yield officers.Workshop(address, database.sessions(engine))
        engine.dispose()


@pytest.fixture
def at(watched: Callable[..., Page], shop: officers.Workshop) -> officers.At:
    """Makes pages on which an officer is signed in."""
    return officers.doors(watched, shop)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as installed on the machine."""
    path = chromium.find()
    if not path:
        pytest.fail("no Chromium: install the package chromium-headless-shell, or set MAPAPP_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=path, args=[*chromium.ARGS, f"--host-resolver-rules={HOSTS}"], headless=True
        )
        yield made
        made.close()


class Watch:
    """What went wrong on the pages of a context. ``allow`` takes back a finding that the test means to cause."""

    def __init__(self, context: BrowserContext) -> None:
        self.problems: list[str] = []
        self.allowed: list[str] = []
        self.requests: list[str] = []
        self.context = context
        self._heard: dict[str, Callable[..., None]] = {
            "request": self._request,
            "console": self._console,
            "weberror": lambda error: self.problems.append(f"script: {error.error}"),
        }
        for what, hear in self._heard.items():
            context.on(what, hear)  # type: ignore[call-overload]  # it has an overload for each name

    def stop(self) -> None:
        """Hears no more: the context goes on without it."""
        for what, hear in self._heard.items():
            self.context.remove_listener(what, hear)

    def allow(self, part: str) -> None:
        """Findings with this text in them are meant."""
        self.allowed.append(part)

    def without_tiles(self) -> None:
        """The tile host does not answer the pages of this context."""
        self.allow("ERR_CONNECTION_REFUSED")
        self.context.route(
            lambda url: urlsplit(url).hostname == TILE_HOST, lambda route: route.abort("connectionrefused")
        )

    def found(self) -> list[str]:
        """What is left to complain about."""
        return [problem for problem in self.problems if not any(part in problem for part in self.allowed)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)
        if urlsplit(request.url).hostname not in {"127.0.0.1", TILE_HOST, None}:
            self.problems.append(f"foreign request: {request.url}")


@pytest.fixture(scope="module")
def kept_pages() -> Iterator[dict[str, Page]]:
    """Pages that go from test to test, by the options of their context."""
    made: dict[str, Page] = {}
    yield made
    for page in made.values():
        page.context.close()


@pytest.fixture
def watched(browser: Browser, kept_pages: dict[str, Page]) -> Iterator[Callable[..., Page]]:
    """Makes pages (keyword arguments go to the browser context) that fail the test by what they complain about.

    With ``kept`` the next test of the file that asks for the same is given the same page, without its cookies. It has
    the scripts and styles already and opens in half the time: for tests that each open an address, look at it, and
    leave nothing in the browser.
    """
    made: list[tuple[BrowserContext, Watch, bool]] = []

    def make(*, kept: bool = False, **options: Any) -> Page:
        options = {"viewport": {"width": 1280, "height": 800}, "locale": "th-TH", **options}
        page = kept_pages.get(repr(options)) if kept else None
        if page is None:
            context = browser.new_context(**options)
            context.set_default_timeout(15_000)
            page = context.new_page()
            if kept:
                kept_pages[repr(options)] = page
        else:
            page.set_viewport_size(options["viewport"])
        watch = Watch(page.context)
        made.append((page.context, watch, kept))
        page.watch = watch  # type: ignore[attr-defined]  # kept beside the page for the tests that need it
        return page

    yield make
    found = [problem for _, watch, _ in made for problem in watch.found()]
    for context, watch, kept in made:
        if kept:
            watch.stop()
            context.clear_cookies()
        else:
            context.close()
    assert found == []


@pytest.fixture
def page(watched: Callable[..., Page]) -> Page:
    """An officer's desktop."""
    return watched()


@pytest.fixture
def phone_page(watched: Callable[..., Page]) -> Page:
    """A cheap phone."""
    return watched(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, device_scale_factor=2)


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def axe(page: Page, *, inside_frames: bool = True, small_links: bool = False) -> list[str]:
    """What axe-core finds on the page and in its frames, WCAG 2.2 AA and best practices; one line each.

    With ``small_links`` also the page's links smaller than 24 px without room around them (WCAG 2.2, 2.5.8), which axe
    leaves out unless it is asked.

    It is put in through the debugger, which the pages' Content-Security-Policy does not hold; frames are looked at
    one by one, since axe cannot speak into a sandboxed one.
    """
    lines = []
    watch: Watch = page.watch  # type: ignore[attr-defined]
    # axe tries out styles of its own, which the policy rightly refuses; the console tells of it now or a little later.
    assert not any(STYLE in problem for problem in watch.problems)
    watch.allow(STYLE)
    for frame in page.frames:
        if not frame.url.startswith("http") or (frame.parent_frame and not inside_frames):
            continue
        frame.evaluate(_axe())
        # What a page has once (main, the first heading) is not asked of the frames in it.
        once = [] if frame.parent_frame is None else ["landmark-one-main", "page-has-heading-one", "region", "bypass"]
        rules = {name: {"enabled": False} for name in once}
        if small_links and frame.parent_frame is None:
            rules["target-size"] = {"enabled": True}
        # What passed is only counted: naming each element of it takes half the time. Nor does it fetch the page's
        # style sheets and films once more: only rules that are off, or pages with sound, need them.
        options = {"iframes": False, "rules": rules, "resultTypes": ["violations"], "preload": False}
        found = frame.evaluate("async options => (await axe.run(document, options)).violations", options)
        for problem in found:
            nodes = "; ".join(str(node["target"]) for node in problem["nodes"][:3])
            lines.append(
                f"{urlsplit(frame.url).path}: {problem['id']} ({problem['impact']}): {problem['help']} – {nodes}"
            )
    return lines


def clean(page: Page, *, inside_frames: bool = False) -> None:
    """Nothing sticks out and axe finds nothing, once the page has its stylesheet."""
    page.wait_for_load_state()
    assert page.evaluate(officers.STICKS_OUT) <= 0, page.url
    assert axe(page, inside_frames=inside_frames) == [], page.url


def until(frame: Frame, function: str, arg: object = None) -> None:
    """Waits until a JavaScript function answers true.

    Playwright's own wait_for_function evaluates text inside the page, which our Content-Security-Policy forbids. A
    document that has only just been answered has no elements yet: it is read first.
    """
    frame.wait_for_load_state("domcontentloaded")
    for _ in range(300):
        if frame.evaluate(function, arg):
            return
        frame.wait_for_timeout(50)
    raise AssertionError(f"never true: {function}")
