"""Maps of Thailand, and the only room that speaks to folium: layers, documents that pages frame, vector tiles.

``coverage_map``, ``compare_map`` and ``nearest_map`` make maps for notebooks and files, from the layers in
``mapapp.maps.layers``.
"""

from mapapp.maps.answers import compare_map, coverage_map, nearest_map
from mapapp.maps.area_map import AreaMap
from mapapp.maps.map_pair import MapPair

__all__ = ["AreaMap", "MapPair", "compare_map", "coverage_map", "nearest_map"]
