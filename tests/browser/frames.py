"""What browser tests read out of a map's frame."""

from __future__ import annotations

from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import until

DRAWN = "() => ((seen) => seen.state === 'shown' && seen.tiles === 'ready')(document.documentElement.dataset)"


def map_of(page: Page) -> Frame:
    """The map's frame on a page, brought into view (frames load lazily), once the page's state and tiles are drawn."""
    page.locator("iframe.map").scroll_into_view_if_needed()
    for _ in range(100):
        found = [frame for frame in page.frames if "/maps/" in frame.url]
        if found:
            until(found[-1], DRAWN)
            return found[-1]
        page.wait_for_timeout(50)
    raise AssertionError(f"no map on {page.url}")


def numbered_pins(frame: Frame) -> list[tuple[str, str]]:
    """Number and name of each pin of an answer, as a screen reader says them."""
    spoken = frame.locator(".pin-holder").evaluate_all("pins => pins.map(pin => pin.ariaLabel ?? '')")
    parts = [text.split(", ") for text in spoken if text[:1].isdigit()]
    return [(one[0], one[1]) for one in sorted(parts, key=lambda one: int(one[0]))]


def colour_at(frame: Frame, lat: float, lon: float) -> str:
    """The choropleth's colour at a place, ``#rrggbb``, or ``""`` where nothing is painted."""
    found: str = frame.evaluate(
        """([lat, lon]) => {
            const at = map_frame.latLngToContainerPoint([lat, lon]);
            const home = map_frame.getContainer().getBoundingClientRect();
            for (const canvas of map_frame.getPane('figures').querySelectorAll('canvas')) {
                const box = canvas.getBoundingClientRect();
                const [x, y] = [home.left + at.x - box.left, home.top + at.y - box.top];
                if (x < 0 || y < 0 || x >= box.width || y >= box.height) continue;
                const scale = canvas.width / box.width;
                const data = canvas.getContext('2d').getImageData(x * scale, y * scale, 1, 1).data;
                if (data[3] === 255)
                    return '#' + [...data].slice(0, 3).map(v => v.toString(16).padStart(2, '0')).join('');
            }
            return '';
        }""",
        [lat, lon],
    )
    return found


def wait_for_figures(frame: Frame, part: str) -> None:
    until(frame, "part => (document.documentElement.dataset.figures ?? '').includes(part)", part)
    frame.wait_for_timeout(400)  # the tiles are painted one after another, from the middle outwards


def open_pin(frame: Frame, index: int) -> str:
    """Opens a pin by keyboard and answers the name its popup shows."""
    frame.locator(".leaflet-marker-pane .leaflet-interactive").nth(index).press("Enter")
    name = frame.locator(".leaflet-popup strong")
    expect(name).to_have_count(1)  # the one before fades out
    return name.inner_text()
