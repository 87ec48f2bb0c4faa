"""Copies what browsers need from node_modules/ to static/vendor/ and puts compressed siblings beside every text file.

Run by the set-up (``python script/lib/assets.py``); WhiteNoise serves the result.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import neighbours
from fontTools.ttLib import TTFont
from whitenoise.compress import Compressor

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
MODULES = ROOT / "node_modules"

FILES = {
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "leaflet/images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "leaflet/images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
    "fullscreen/Control.FullScreen.js": "leaflet.fullscreen/dist/Control.FullScreen.umd.js",
    "fullscreen/Control.FullScreen.css": "leaflet.fullscreen/dist/Control.FullScreen.css",
    "locate/L.Control.Locate.js": "leaflet.locatecontrol/dist/L.Control.Locate.min.js",
    "locate/L.Control.Locate.css": "leaflet.locatecontrol/dist/L.Control.Locate.min.css",
    "minimap/Control.MiniMap.js": "leaflet-minimap/dist/Control.MiniMap.min.js",
    "minimap/Control.MiniMap.css": "leaflet-minimap/dist/Control.MiniMap.min.css",
    "minimap/images/toggle.svg": "leaflet-minimap/dist/images/toggle.svg",
    "minimap/images/toggle.png": "leaflet-minimap/dist/images/toggle.png",
    "protomaps/protomaps-leaflet.js": "protomaps-leaflet/dist/protomaps-leaflet.js",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    **{
        f"sarabun/{name}": f"@fontsource/sarabun/files/{name}"
        for name in (f"sarabun-{script}-{weight}-normal.woff2" for script in ("thai", "latin") for weight in (400, 700))
    },
    **{
        f"noto/{name}": f"@fontsource/noto-sans-{script}/files/{name}"
        for script in ("myanmar", "khmer", "lao")
        for name in (f"noto-sans-{script}-{script}-{weight}-normal.woff2" for weight in (400, 700))
    },
}

PICTURE_FONTS = {
    f"pictures/sarabun-{script}-{weight}.ttf": f"@fontsource/sarabun/files/sarabun-{script}-{weight}-normal.woff"
    for script in ("thai", "latin")
    for weight in (400, 700)
}
"""Letters for pictures that the server draws: unpacked, because what draws them reads no web fonts."""

LAND = "land/neighbours.json"
"""The land around Thailand (``neighbours.py``), for the map and for pictures."""


def main() -> None:
    """Makes ``static/vendor`` anew, so that a removed asset is gone, then compresses all of ``static``."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for target, source in FILES.items():
        path = VENDOR / target
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / source, path)
    for target, source in PICTURE_FONTS.items():
        font = TTFont(MODULES / source)
        font.flavor = None
        path = VENDOR / target
        path.parent.mkdir(parents=True, exist_ok=True)
        font.save(path)
    neighbours.write(MODULES / "world-atlas" / "countries-10m.json", VENDOR / LAND)
    for ending in ("*.gz", "*.br"):
        for stale in (ROOT / "static").rglob(ending):
            stale.unlink()
    compressor = Compressor(quiet=True)
    for path in sorted((ROOT / "static").rglob("*")):
        if path.is_file() and compressor.should_compress(path.name):
            list(compressor.compress(str(path)))


if __name__ == "__main__":
    main()
