"""The geocoder against a host that is slow, redirects, talks nonsense or fails; it must never hurt a page."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mapapp.areas import geocoder
from mapapp.areas.geocoder import Geocoder

DOI_SUTHEP = {"lat": "18.8049", "lon": "98.9215", "display_name": "วัดพระธาตุดอยสุเทพ"}
VIENTIANE = {"lat": "17.96", "lon": "202.6", "display_name": "elsewhere"}


class Host(ThreadingHTTPServer):
    """A Nominatim that answers with what the test says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.status = 200
        self.body = b"[]"
        self.headers: dict[str, str] = {}
        self.before = 0.0
        self.drip = 0.0
        self.stop = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/nominatim"

    def answer(self, *places: dict[str, Any]) -> None:
        self.body = json.dumps(places).encode()


class _Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        host = self.server
        host.asked.append((self.path, dict(self.headers)))
        host.stop.wait(host.before)
        self.send_response(host.status)
        for name, value in host.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if host.drip:
            while not host.stop.wait(host.drip):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return
        else:
            with suppress(OSError):  # who asked has given up and hung up; there is nobody to tell
                self.wfile.write(host.body)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.stop.set()
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shorter deadline, so that the tests of slow hosts are not slow themselves."""
    monkeypatch.setattr(geocoder, "TIMEOUT", 0.3)


def test_places_in_thailand_are_found_and_others_dropped(host: Host) -> None:
    host.answer(VIENTIANE, DOI_SUTHEP)
    found = Geocoder(host.url, "our-name/1").find("ดอยสุเทพ", "th")
    assert found is not None
    assert [(place.name, place.point.lat) for place in found] == [("วัดพระธาตุดอยสุเทพ", 18.8049)]
    path, headers = host.asked[0]
    sent = parse_qs(urlsplit(path).query)
    assert urlsplit(path).path == "/nominatim/search"
    assert sent["q"] == ["ดอยสุเทพ"]
    assert sent["countrycodes"] == ["th"]
    assert headers["User-Agent"] == "our-name/1"
    assert "Cookie" not in headers


def test_an_answer_is_kept(host: Host) -> None:
    host.answer(DOI_SUTHEP)
    ours = Geocoder(host.url, "x-y-z")
    assert ours.find("Doi Suthep", "en") == ours.find(" doi  suthep ", "en")
    assert len(host.asked) == 1
    ours.find("Doi Suthep", "th")
    assert len(host.asked) == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"oh no"),
        (429, b""),
        (403, b"[]"),
        (200, b"<html>"),
        (200, b""),
        (200, b"\xff\xfe"),
        (200, b"null"),
        (200, b'{"a": 1}'),
        (200, b'[{"lat": "north", "lon": "98", "display_name": "x"}]'),
        (200, b"[1, 2]"),
        (200, b'[{"lat": "18"}]'),
        (200, b"[" * 100_000),
        (200, b" " * (geocoder.MAX_ANSWER + 70_000)),
    ],
)
def test_a_host_that_talks_nonsense(host: Host, status: int, body: bytes) -> None:
    host.status, host.body = status, body
    assert not Geocoder(host.url, "x-y-z").find("ดอยสุเทพ", "th")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(host: Host, status: int) -> None:
    host.status, host.headers = status, {"Location": f"{host.url}/other", "Content-Length": "0"}
    assert Geocoder(host.url, "x-y-z").find("ดอยสุเทพ", "th") is None
    assert len(host.asked) == 1


@pytest.mark.usefixtures("quick")
def test_a_slow_host_is_given_up_and_left_alone_for_a_while(host: Host) -> None:
    host.before = 30
    ours = Geocoder(host.url, "x-y-z")
    assert ours.find("ดอยสุเทพ", "th") is None
    assert ours.find("อย่างอื่น", "th") is None
    assert len(host.asked) == 1


@pytest.mark.usefixtures("quick")
def test_a_dripping_host_is_given_up(host: Host) -> None:
    host.drip = 0.05
    began = time.monotonic()
    assert Geocoder(host.url, "x-y-z").find("ดอยสุเทพ", "th") is None
    assert time.monotonic() - began < 10  # it drips for ever


def test_nobody_at_home() -> None:
    assert Geocoder("http://127.0.0.1:9", "x-y-z").find("ดอยสุเทพ", "th") is None


def test_nothing_asked_is_not_sent(host: Host) -> None:
    assert Geocoder(host.url, "x-y-z").find("   ", "th") == ()
    assert host.asked == []


def test_what_was_typed_is_not_logged(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    host.status, host.body = 500, b"echo: secret-canary"
    with caplog.at_level("DEBUG"):
        Geocoder(host.url, "x-y-z").find("secret-canary", "th")
    assert "secret-canary" not in caplog.text
    assert "geocoder does not answer" in caplog.text
