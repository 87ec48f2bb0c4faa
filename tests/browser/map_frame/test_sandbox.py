"""What the frame cannot do, and what it may not ask of the page."""

from __future__ import annotations

import pytest

from tests.browser.conftest import until
from tests.browser.map_frame.stand import OPEN_TO_ALL, Stand

pytestmark = pytest.mark.browser


def test_the_frame_has_no_origin_and_no_storage(stand: Stand) -> None:
    frame = stand.open("home", {})
    stand.page.evaluate("document.cookie = 'mine=1'")
    assert frame.evaluate("window.origin") == "null"
    for what in ("document.cookie", "localStorage", "sessionStorage", "parent.document"):
        name = frame.evaluate(f"(() => {{ try {{ {what}; return 'read' }} catch (error) {{ return error.name }} }})()")
        assert name == "SecurityError", what


def test_opened_by_itself_it_is_sandboxed_too(stand: Stand) -> None:
    stand.page.route("**/api/v1/**", lambda route: route.fulfill(json={}, headers=OPEN_TO_ALL))
    stand.page.goto(f"{stand.address}/maps/home")
    assert stand.page.evaluate("window.origin") == "null"
    assert stand.page.evaluate("document.fullscreenEnabled") is True


def test_full_screen_is_allowed_in_the_frame(stand: Stand) -> None:
    frame = stand.open("home", {})
    assert frame.evaluate("document.fullscreenEnabled") is True
    frame.get_by_role("button", name="Full screen").or_(frame.locator(".leaflet-fullscreen-icon")).first.click()
    until(frame, "() => document.fullscreenElement !== null")


REFUSED: list[object] = [
    {"type": "open", "path": "https://example.org/areas/50"},
    {"type": "open", "path": "//example.org/areas/50"},
    {"type": "open", "path": "javascript:alert(1)"},
    {"type": "open", "path": "/areas/../admin"},
    {"type": "open", "path": "/admin"},
    {"type": "open", "path": 5},
    {"type": "tap", "lat": "1", "lon": 2},
    {"type": "tap", "lat": None, "lon": 99},
    {"type": "tap", "lat": 1e9, "lon": 99},
    {"type": "call", "phone": "+66 <script>"},
    {"type": "call", "phone": "1669;ext=1"},
    {"type": "directions", "lat": 95, "lon": 99},
    {"type": "constructor"},
    {"type": "__proto__"},
    "open",
    None,
]


def test_what_the_frame_may_not_ask_is_not_done(stand: Stand) -> None:
    frame = stand.open("home", {})
    before = stand.page.url
    for message in REFUSED:
        frame.evaluate("message => parent.postMessage(message, '*')", message)
        frame.wait_for_timeout(150)
        assert stand.page.url == before, message
        assert len(stand.page.context.pages) == 1, message


def test_messages_from_elsewhere_are_not_heard(stand: Stand) -> None:
    stand.open("home", {})
    before = stand.page.url
    stand.page.evaluate("window.postMessage({type: 'open', path: '/areas/50'}, '*')")
    stand.page.wait_for_timeout(150)
    assert stand.page.url == before
