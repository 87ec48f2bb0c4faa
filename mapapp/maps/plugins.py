"""Where folium finds the scripts and styles of its own classes: with us, not on the ten foreign hosts of its lists.

Folium's ``add_js_link()`` writes into these lists. They are replaced here, once, before any map is made; nothing here
writes into them later (a test renders twice and compares).
"""

from __future__ import annotations

import folium
from folium import plugins

ASSETS = "/static/-/"
"""Stands for the address of the static files, which changes with their contents and is known to the application."""

folium.Map.default_js = [
    ("leaflet", "/static/-/vendor/leaflet/leaflet.js"),
    ("holders", "/static/-/js/map/holders.js"),
]
folium.Map.default_css = [
    ("leaflet_css", "/static/-/vendor/leaflet/leaflet.css"),
    ("fullscreen_css", "/static/-/vendor/fullscreen/Control.FullScreen.css"),
    ("map_css", "/static/-/css/map.css"),
]
plugins.Fullscreen.default_js = [("fullscreen", "/static/-/vendor/fullscreen/Control.FullScreen.js")]
# Named as in the list above, so that it keeps its place there: before our own rules.
plugins.Fullscreen.default_css = [("fullscreen_css", "/static/-/vendor/fullscreen/Control.FullScreen.css")]
plugins.LocateControl.default_js = [
    ("locate", "/static/-/vendor/locate/L.Control.Locate.js"),
    ("locate_words", "/static/-/js/map/locate-words.js"),
]
plugins.LocateControl.default_css = [("locate_css", "/static/-/vendor/locate/L.Control.Locate.css")]
plugins.MiniMap.default_js = [("minimap", "/static/-/vendor/minimap/Control.MiniMap.js")]
plugins.MiniMap.default_css = [("minimap_css", "/static/-/vendor/minimap/Control.MiniMap.css")]
# Ours: leaflet-measure makes code of text as it runs, which the policy of our documents forbids.
plugins.MeasureControl.default_js = [("measure", "/static/-/js/map/measure.js")]
plugins.MeasureControl.default_css = []
