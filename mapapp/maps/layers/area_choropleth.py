"""A figure by area, in colours."""

from __future__ import annotations

from mapapp.core.map_addresses import Address
from mapapp.maps.colours import SCALE, Steps
from mapapp.maps.layers.area_tiles import PAINTS_TILES, TILES
from mapapp.maps.layers.base import DataLayer


class AreaChoropleth(DataLayer):
    """Paints the areas of one level by a figure, joined to their codes, and puts a legend beside the map.

    Data:
        ``{"level": "province" | "amphoe" | "tambon", "within": code or null, "metric_label": text, …}`` with the
        figures as ``"values_url"`` (a path of the API that answers as ``/api/v1/coverage/values`` does) or as
        ``"figures"``: that answer itself, ``{"values": {code: number}, "breaks": [number], "unit": word,
        "direction": "high" | "low"}``. Value v is in class i where ``breaks[i-1] <= v < breaks[i]``. With ``"counted"``
        a tap says which facilities the figure comes from; ``"legend": false`` leaves the legend to another map.
    """

    kind = "AreaChoropleth"
    module = "area-choropleth"
    title = "layer_figures"
    default_js = PAINTS_TILES

    def __init__(
        self,
        colormap: Steps = SCALE,
        *,
        tiles: Address | None = TILES,
        server: Address | None = None,
        show: bool = True,
        control: bool = True,
    ) -> None:
        """Options.

        Args:
            colormap: branca's scale, from light to dark; fewer classes take colours from the whole of it.
            tiles: where ``<level>/{z}/{x}/{y}.mvt`` are; None where an ``AreaTiles`` of the map has the shapes.
            server: what ``values_url`` is a path of; None for the server that the map comes from.
            show: drawn from the start; if not, nothing is fetched before it is switched on.
            control: in the layer switch.
        """
        if tiles is None:
            self.default_js = []
        super().__init__(colours=tuple(colormap.hexes()), tiles=tiles, server=server, show=show, control=control)
        self.colormap = colormap
