"""Boundaries and names of Thailand's areas."""

from __future__ import annotations

from mapapp.core.map_addresses import Address
from mapapp.maps.layers.base import DataLayer

TILES = Address("/tiles")
AREAS = Address("/api/v1/areas")
LAND = Address("/static/-/vendor/land/neighbours.json")
"""The land around Thailand, as set-up makes it."""
PAINTS_TILES = [("protomaps", "/static/-/vendor/protomaps/protomaps-leaflet.js")]
"""What draws vector tiles; not needed where shapes come as data."""


class AreaTiles(DataLayer):
    """Boundaries of provinces, amphoe and tambon with their names, over plain land: a base map that needs no other.

    A tap on it tells which area lies there, with the figure of an ``AreaChoropleth`` on the same map.

    Data:
        Nothing: vector tiles come from their address. Or ``{"shapes": {level: FeatureCollection}}``, boundaries in
        degrees with ``code``, ``name_th`` and ``name_en`` as properties, which are drawn instead of tiles. With
        ``{"land": geometry}`` the neighbours' land comes as data, too.
    """

    kind = "AreaTiles"
    module = "area-tiles"
    title = "layer_boundaries"
    default_js = PAINTS_TILES

    def __init__(
        self,
        *,
        tiles: Address | None = TILES,
        areas: Address | None = AREAS,
        land: Address | None = None,
        min_zoom: int = 4,
        show: bool = True,
        control: bool = True,
    ) -> None:
        """Options.

        Args:
            tiles: where ``<layer>/{z}/{x}/{y}.mvt`` are; None where the shapes come as data.
            areas: where an area's name is asked for by its code; None where it comes as data.
            land: where the neighbours' land is (``LAND`` on our own pages); None where it comes as data, or not at all.
            min_zoom: the map's zoom from which anything is drawn.
            show: drawn from the start.
            control: in the layer switch.
        """
        if tiles is None:
            self.default_js = []
        super().__init__(tiles=tiles, areas=areas, land=land, min_zoom=min_zoom, show=show, control=control)
