"""Place names we do not know ourselves (a temple, a market), from a configured Nominatim-compatible host.

Off unless ``MAPAPP_GEOCODER_URL`` is set. The host is fixed by configuration, never by what people type; it gets the
typed text and our own name, nothing about the person. Its failure costs the page two seconds once and nothing else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, build_opener

from cachetools import TTLCache
from geopy.adapters import URLLibAdapter
from geopy.exc import GeocoderServiceError, GeocoderTimedOut
from geopy.geocoders import Nominatim

from mapapp.areas.names import MAX_TEXT
from mapapp.core import geo

log = logging.getLogger(__name__)

# geopy logs the address it asks, with what was typed in it, and the bodies of errors: neither belongs in a log.
logging.getLogger("geopy").setLevel(logging.WARNING)

TIMEOUT = 2.0
"""Seconds, for the whole answer."""

MAX_ANSWER = 500_000
"""Bytes; ten results are about 10 kB."""

KEEP = 600
"""Seconds that an answer is kept, and …"""

REST = 30
"""… seconds that a host which failed is left alone."""


@dataclass(frozen=True, slots=True)
class Geocoded:
    """A place by another service's word. ``name`` is its text: data, to be escaped like any other."""

    name: str
    point: geo.Point


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing is followed: the answer stays a 3xx, which is an error here."""


class _Adapter(URLLibAdapter):  # type: ignore[misc]  # geopy has no types
    """geopy's urllib adapter without redirects and proxies, with one deadline and a size limit for the body."""

    def __init__(self, *, proxies: Any, ssl_context: Any) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self.urlopen = build_opener(HTTPSHandler(context=ssl_context), ProxyHandler({}), _NoRedirect()).open

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        self._until = time.monotonic() + timeout
        text: str = super().get_text(url, timeout=timeout, headers=headers)
        return text

    def _decode_page(self, page: Any) -> str:
        pieces: list[bytes] = []
        while piece := page.read1(65_536):
            pieces.append(piece)
            if sum(map(len, pieces)) > MAX_ANSWER:
                raise GeocoderServiceError("answer too long")
            if time.monotonic() > self._until:
                raise GeocoderTimedOut("answer too slow")
        return b"".join(pieces).decode("utf-8")


class Geocoder:
    """One configured host, with its recent answers. Thread-safe."""

    def __init__(self, url: str, user_agent: str) -> None:
        self._url, self._user_agent = url, user_agent
        self._kept: TTLCache[tuple[str, str], tuple[Geocoded, ...]] = TTLCache(512, KEEP)
        self._lock = threading.Lock()
        self._resting_until = float("-inf")

    def find(self, text: str, language: str, limit: int = 5) -> tuple[Geocoded, ...] | None:
        """Places in Thailand for a typed text; empty where there are none, None where the host did not answer."""
        asked = " ".join(text.split())[:MAX_TEXT]
        if not asked:
            return ()
        key = (asked.casefold(), language)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                return kept[:limit]
            if time.monotonic() < self._resting_until:
                return None
        try:
            found = self._ask(asked, language)
        except Exception as error:  # whatever the host or the network comes up with, the page stands
            # The text can contain a person's address, so it is not logged.
            log.warning("geocoder does not answer: %s", type(error).__name__)
            with self._lock:
                self._resting_until = time.monotonic() + REST
            return None
        with self._lock:
            self._kept[key] = found
        return found[:limit]

    def _ask(self, text: str, language: str) -> tuple[Geocoded, ...]:
        parts = urlsplit(self._url)
        host = Nominatim(
            domain=parts.netloc + parts.path,
            scheme=parts.scheme,
            user_agent=self._user_agent,
            timeout=TIMEOUT,
            adapter_factory=_Adapter,
        )
        answer = host.geocode(text, exactly_one=False, limit=10, language=language, country_codes="th")
        found = []
        for place in answer or ():
            lat, lon = float(place.latitude), float(place.longitude)
            if isinstance(place.address, str) and place.address and geo.in_thailand(lat=lat, lon=lon):
                found.append(Geocoded(place.address[:MAX_TEXT], geo.Point(lat=lat, lon=lon)))
        return tuple(found)
