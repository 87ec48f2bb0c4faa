"""Folium builds the map documents. Nothing in here but literals and translated constants reaches folium or branca.

branca renders its output through Jinja a second time, so any text handed to it is code. Names, figures and pins come
into the map as JSON and tiles, long after; settings and the interface's texts are put in once branca is done.
A test over the syntax tree holds this file to it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import dataclass
from typing import Any

import folium
from folium.features import Control

from mapapp.core import geo
from mapapp.core.languages import Language
from mapapp.facilities.kinds import USUAL
from mapapp.maps.labels import ON_MAP, kinds, texts
from mapapp.web.i18n import gettext

VIEWS = ("home", "nearest", "coverage", "area", "facility", "pick", "console", "requests")
"""home: facilities and areas; nearest: the answer, numbered, and a tap asks anew; coverage and area: a choropleth;
facility: one pin; pick: a tap sets the pin of a form; console: the pins an officer's table is about, handed in by the
page; requests: cells with open requests, fetched or handed in by the page."""

ASSETS = "/static/-/"
"""Stands for the address of the static files, which changes with their contents and is known to the application."""

# Folium's own lists name ten files on foreign hosts, and its add_js_link() writes into them. They are replaced here,
# once, before any map is made, by our copies; nothing here writes into them (a test renders twice and compares).
folium.Map.default_js = [
    ("leaflet", "/static/-/vendor/leaflet/leaflet.js"),
    ("fullscreen", "/static/-/vendor/fullscreen/Control.FullScreen.js"),
    ("protomaps", "/static/-/vendor/protomaps/protomaps-leaflet.js"),
]
folium.Map.default_css = [
    ("leaflet_css", "/static/-/vendor/leaflet/leaflet.css"),
    ("fullscreen_css", "/static/-/vendor/fullscreen/Control.FullScreen.css"),
    ("map_css", "/static/-/css/map.css"),
]


@dataclass(frozen=True)
class Document:
    """A map document, ready to send."""

    body: bytes
    etag: str
    scripts: tuple[str, ...]
    """CSP sources (``'sha256-…'``) of its inline scripts."""
    styles: tuple[str, ...]


def draw() -> str:
    """The map itself, as folium writes it: an empty Leaflet map on Thailand with its controls."""
    drawn = folium.Map(
        location=(13.1, 101.3),
        zoom_start=6,
        tiles=None,
        zoom_control=False,
        max_bounds=True,
        min_lat=-6,
        max_lat=32,
        min_lon=78,
        max_lon=125,
        minZoom=4,  # spelt as Leaflet does: folium keeps its own min_zoom for raster layers
        maxZoom=18,
        attribution_control=False,
        font_size="1rem",
    )
    drawn._id = "frame"  # its variable in the browser is map_frame, in every process, so that the hashes hold
    # Without position=: folium 0.20 then writes its list of positions into the call. The defaults are right.
    zoom = Control("Zoom", zoom_in_title=gettext("Zoom in"), zoom_out_title=gettext("Zoom out")).add_to(drawn)
    zoom._id = "in_out"
    scale = Control("Scale", imperial=False).add_to(drawn)
    scale._id = "bar"
    # By its class: the function that folium's own Fullscreen plugin calls is gone from leaflet.fullscreen 5.
    full = Control(
        "FullScreen",
        title=gettext("Full screen"),
        title_cancel=gettext("Leave full screen"),
        force_separate_button=True,
    ).add_to(drawn)
    full._id = "view"
    return str(drawn.get_root().render())


def document(view: str, *, lang: Language, assets: str, tile_url: str, tile_attribution: str) -> Document:
    """A map document.

    Args:
        view: one of ``VIEWS``.
        lang: the language of the request, in which ``gettext`` answers now.
        assets: the address of the static files.
        tile_url: the raster base map, or ``none``.
        tile_attribution: its credit.
    """
    page = draw().replace(ASSETS, assets)
    settings = {
        "view": view,
        "lang": lang.code,
        "locale": lang.browser,
        "day": lang.day,
        "names": lang.names,
        "texts": texts(),
        "kinds": kinds(),
        "usual": USUAL,
        "counts": {row.name: row.said and row.said.at for row in ON_MAP},
        "tiles": "/tiles",
        "clusters": "/api/v1/facilities/clusters",
        "areas": "/api/v1/areas",
        "cells": "/api/v1/help-requests/cells",
        "icons": assets + "icons/",
        "raster": None if tile_url == "none" else tile_url,
        "credit": tile_attribution,
        "bounds": [geo.WEST, geo.SOUTH, geo.EAST, geo.NORTH],
    }
    # "<" as \u003c: no text in here can end the element it stands in.
    data = json.dumps(settings, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    title = html.escape(gettext("Map of Thailand"))
    page = _put(page, "<html>", f'<html lang="{lang.code}" dir="{lang.direction}" data-view="{view}">')
    # Folium forbids zooming with two fingers; people who see badly need it.
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    page = _put(page, _VIEWPORT, f"{viewport}<title>{title}</title>")
    letters = f'<link rel="stylesheet" href="{assets}{lang.stylesheet}">\n' if lang.stylesheet else ""
    page = _put(
        page,
        "</head>",
        f'{letters}<script type="application/json" id="map-config">{data}</script>\n'
        f'<script type="module" src="{assets}js/map-frame.js"></script>\n</head>',
    )
    body = page.encode()
    return Document(
        body=body,
        etag=hashlib.sha256(body).hexdigest()[:20],
        scripts=_hashes(page, "script"),
        styles=_hashes(page, "style"),
    )


_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')


def _put(page: str, mark: str | re.Pattern[str], new: str) -> str:
    """Replaces a mark that must stand there once: another folium that writes pages otherwise is noticed at once."""
    pattern = re.compile(re.escape(mark)) if isinstance(mark, str) else mark
    made, found = pattern.subn(lambda _match: new, page)
    if found != 1:
        raise RuntimeError(f"folium's page has {found} × {pattern.pattern}; maps/skeleton.py expects one")
    return made


def _hashes(page: str, tag: str) -> tuple[str, ...]:
    """The CSP sources of the inline elements that run or style."""
    inline = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
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
