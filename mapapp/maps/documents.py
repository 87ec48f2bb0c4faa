"""What is done to a page once folium and branca have written it: addresses, language, settings and data go in here.

Nothing in here is read as a template any more, so this is where text belongs: as JSON in an element that no browser
runs, read by ``JSON.parse`` and shown as text.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import dataclass
from typing import Any

from mapapp.core import geo
from mapapp.core.errors import N_
from mapapp.core.languages import Language
from mapapp.facilities.formatting import OWN_SOURCES
from mapapp.facilities.kinds import USUAL
from mapapp.maps.labels import ON_MAP, kinds, texts
from mapapp.maps.plugins import ASSETS
from mapapp.web.i18n import translate


@dataclass(frozen=True)
class Document:
    """A map document, ready to send."""

    body: bytes
    etag: str
    scripts: tuple[str, ...]
    """CSP sources (``'sha256-…'``) of its inline scripts."""
    styles: tuple[str, ...]


def settings(lang: Language, credit: str) -> dict[str, Any]:
    """What every script of a map reads: its words, how days and numbers are written, kinds, the box of Thailand."""
    return {
        "lang": lang.code,
        "locale": lang.browser,
        "day": lang.day,
        "names": lang.names,
        "texts": texts(lang.code),
        "kinds": kinds(lang.code),
        "usual": USUAL,
        "counts": {row.name: row.said and row.said.at for row in ON_MAP},
        "credit": credit,
        "bounds": [geo.WEST, geo.SOUTH, geo.EAST, geo.NORTH],
    }


def of_service(lang: Language, view: str) -> dict[str, Any]:
    """What the scripts of a page's map read besides: ``view``, and the sources that are ours to name, by what is
    stored. A map that stands by itself has neither: it would carry letters for them."""
    return {"view": view, "sources": {stored: translate(text, lang.code) for stored, text in OWN_SOURCES.items()}}


def in_language(page: str, lang: Language, view: str = "", *, maps: int = 1) -> str:
    """Folium's page with its language, its letters and its title; ``view`` is told to the styles.

    ``maps``: how many are on it; folium says of each how wide the window is.
    """
    title = html.escape(translate(N_("Map of Thailand"), lang.code))
    told = f' data-view="{html.escape(view)}"' if view else ""
    page = _put(page, "<html>", f'<html lang="{lang.code}" dir="{lang.direction}"{told}>')
    # Folium forbids zooming with two fingers; people who see badly need it.
    page = _VIEWPORT.sub("", page, count=maps - 1) if maps > 1 else page
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    page = _put(page, _VIEWPORT, f"{viewport}<title>{title}</title>")
    letters = f'<link rel="stylesheet" href="{ASSETS}{lang.stylesheet}"/>\n' if lang.stylesheet else ""
    return _put(page, "</head>", f"{letters}</head>")


def with_json(page: str, name: str, value: object) -> str:
    """The page with a value in it: ``<script type="application/json" id="name">``, the last in its head.

    The one way by which data comes into a page. A browser neither runs the element nor looks for markup in it; it
    ends at ``</script`` and changes its rules at ``<!--``, so no ``<`` is left in it. U+2028 and U+2029 end a line in
    older scripts.
    """
    data = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
    for one in ("<", "\u2028", "\u2029"):
        data = data.replace(one, f"\\u{ord(one):04x}")
    return _put(page, "</head>", f'<script type="application/json" id="{name}">{data}</script>\n</head>')


def document(page: str) -> Document:
    """The finished page with what its policy has to name."""
    body = page.encode()
    return Document(
        body=body,
        etag=hashlib.sha256(body).hexdigest()[:20],
        scripts=hashes(page, "script"),
        styles=hashes(page, "style"),
    )


_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')


def _put(page: str, mark: str | re.Pattern[str], new: str) -> str:
    """Replaces a mark that must stand there once: another folium that writes pages otherwise is noticed at once."""
    pattern = re.compile(re.escape(mark)) if isinstance(mark, str) else mark
    made, found = pattern.subn(lambda _match: new, page)
    if found != 1:
        raise RuntimeError(f"folium's page has {found} × {pattern.pattern}; maps/documents.py expects one")
    return made


def hashes(page: str, tag: str) -> tuple[str, ...]:
    """The CSP sources of the inline elements that run or style."""
    inline = re.findall(rf'<{tag}(?: type="module")?>(.*?)</{tag}>', page, re.DOTALL)
    digests = (hashlib.sha256(text.encode()).digest() for text in inline)
    return tuple(dict.fromkeys(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests))


def policy(made: Document, *, origin: str, tile_origin: str | None) -> str:
    """The document's Content-Security-Policy.

    ``sandbox`` holds it in an origin of its own even where somebody opens it outside our frame. In such a document
    ``'self'`` is not the same in every browser, so our own address is written out.
    """
    images = " ".join(filter(None, (origin, "data:", tile_origin)))
    parts: dict[str, Any] = {
        "default-src": "'none'",
        "script-src": " ".join((*made.scripts, origin)),
        "style-src": " ".join((*made.styles, origin)),
        "img-src": images,
        "font-src": origin,
        "connect-src": origin,
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": origin,
        "sandbox": "allow-scripts",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())
