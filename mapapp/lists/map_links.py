"""What map links say about a place, read from the link alone: a pasted address is never opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote_plus, urlsplit

_LINK = re.compile(r"(?:https?://|geo:)\S+|(?<!\S)(?:www\.|maps?\.|goo\.gl/|g\.co/)\S+", re.IGNORECASE)
_PAIR = re.compile(r"(?<![\d.])(-?\d{1,3}(?:\.\d+)?)\s*[,~]\s*(-?\d{1,3}(?:\.\d+)?)(?![\d])")
_PIN = re.compile(r"!3d(-?\d{1,3}(?:\.\d+)?)!4d(-?\d{1,3}(?:\.\d+)?)")
_CENTRE = re.compile(r"@(-?\d{1,3}\.\d+),(-?\d{1,3}\.\d+)")
_OSM_VIEW = re.compile(r"map=\d+(?:\.\d+)?/(-?\d{1,3}\.\d+)/(-?\d{1,3}\.\d+)")
_PATH = re.compile(r"/(?:place|search|dir)/(?:[^/]*/)?([^/@]+)")
_NUMBER = re.compile(r"-?\d{1,3}(?:\.\d+)?")

SHORT_HOSTS = frozenset(
    {"maps.app.goo.gl", "goo.gl", "g.co", "g.page", "bit.ly", "tinyurl.com", "t.co", "lin.ee", "maps.apple", "osm.org"}
)
_LAT, _LON = ("mlat", "lat", "latitude"), ("mlon", "lon", "long", "lng", "longitude")
_NAMED = ("q", "query", "ll", "coordinate", "destination", "daddr", "to", "center", "cp", "sll", "loc")
"""Parameters that carry a place: what was pinned before what is merely looked at."""


def find(text: str) -> str | None:
    """The link in a text; None where there is none."""
    found = _LINK.search(text)
    return None if found is None else found.group()


def is_short(link: str) -> bool:
    """Whether it is a link that only leads to another one."""
    host = (_split(link)[0] or "").removeprefix("www.")
    return host in SHORT_HOSTS


def parts(link: str) -> Iterator[tuple[float, float] | str]:
    """What may be the place, the surest first: two numbers as they stand, or a text to be read as coordinates."""
    if link.lower().startswith("geo:"):
        # geo:0,0?q=18.78,98.98(label): the program is asked to look for what q says (RFC 5870 and its custom).
        body, _, query = link[4:].partition("?")
        yield from _pairs(parse_qs(query).get("q", []))
        yield from _pairs([unquote_plus(body)])
        return
    _host, path, query, fragment = _split(link)
    whole = unquote_plus(link)
    pins = _PIN.findall(whole)
    if pins:
        yield _floats(*pins[-1])
    given = parse_qs(query)
    lat = next((given[name][0] for name in _LAT if name in given), "")
    lon = next((given[name][0] for name in _LON if name in given), "")
    if _NUMBER.fullmatch(lat) and _NUMBER.fullmatch(lon):
        yield _floats(lat, lon)
    for name in _NAMED:
        for value in given.get(name, []):
            yield from _pairs([value])
            yield value
    for value in _PATH.findall(unquote_plus(path)):
        yield from _pairs([value])
        yield value
    for pattern in (_CENTRE, _OSM_VIEW):
        for pair in pattern.findall(whole):
            yield _floats(*pair)
    yield from _pairs([unquote_plus(fragment)])


def _split(link: str) -> tuple[str | None, str, str, str]:
    try:
        found = urlsplit(link if "://" in link else f"https://{link}")
        return found.hostname, found.path, found.query, found.fragment
    except ValueError:  # brackets where a host should be
        return None, "", "", ""


def _pairs(values: list[str]) -> Iterator[tuple[float, float]]:
    for value in values:
        found = _PAIR.search(value)
        if found and ("." in found[1] or "." in found[2]):
            yield _floats(found[1], found[2])


def _floats(lat: str, lon: str) -> tuple[float, float]:
    return float(lat), float(lon)
