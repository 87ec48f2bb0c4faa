"""Pictures of the pages, made where somebody asks for them: ``MAPAPP_TEST_PICTURES=folder``.

``picture`` takes the whole page, to be looked at. ``for_the_manual`` takes what a step of ``docs/th`` shows, into
``folder/manual``; ``docs/th/pictures`` is a copy of that (``docs/commands.md`` has the lines). ``for_the_guide`` takes
what ``docs/maps.md`` shows.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from playwright.sync_api import Locator, Page

FOLDER = os.environ.get("MAPAPP_TEST_PICTURES", "")
MANUAL, GUIDE = "manual", "guide"

RING = """(element, on) => {
    element.style.outline = on ? "4px solid #c2185b" : "";
    element.style.outlineOffset = on ? "3px" : "";
}"""
"""A ring around what is to be pressed; set by script, which the pages' policy allows where it forbids attributes."""

REST = """on => {
    for (const element of document.querySelectorAll(".sticky-action")) element.style.position = on ? "static" : "";
    if (on) document.activeElement.blur();
}"""
"""Takes the button from the bottom edge, where it would cover what is shown, and the focus from its field."""


def picture(page: Page, name: str) -> None:
    """The whole page as ``folder/name.png``."""
    if FOLDER:
        Path(FOLDER).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{FOLDER}/{name}.png", full_page=True)


def for_the_guide(page: Page, name: str) -> None:
    """What the screen shows as ``folder/guide/name.webp``: small enough for a document."""
    if not FOLDER:
        return
    folder = Path(FOLDER, GUIDE)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = page.context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": 80})
    (folder / f"{name}.webp").write_bytes(base64.b64decode(drawn["data"]))


def for_the_manual(page: Page, name: str, *, of: Locator | None = None, press: Locator | None = None) -> None:
    """What a step of a manual shows as ``folder/manual/name.png``.

    Args:
        of: the part of the page to show; without it, what the screen shows.
        press: what the step says to press, ringed.
    """
    if not FOLDER:
        return
    folder = Path(FOLDER, MANUAL)
    folder.mkdir(parents=True, exist_ok=True)
    path = f"{folder}/{name}.png"
    page.evaluate(REST, True)
    if press is not None:
        press.scroll_into_view_if_needed()
        press.evaluate(RING, True)
    page.wait_for_timeout(300)  # letters and map tiles that are still on their way
    if of is None:
        page.screenshot(path=path)
    else:
        page.evaluate("scrollTo(0, 0)")
        box = of.bounding_box()
        assert box is not None, f"nothing to show for {name}"
        page.screenshot(path=path, full_page=True, clip=box)
    if press is not None:
        press.evaluate(RING, False)
    page.evaluate(REST, False)
