"""The answer to a search for the nearest facilities."""

from __future__ import annotations

from mapapp.maps.layers.base import DataLayer


class NearestResult(DataLayer):
    """The facilities found, numbered as in the list beside the map, and the place that was asked about.

    Data:
        ``{"features": FeatureCollection, "origin": [lon, lat] or null, "rings_km": [number]}``: facilities as
        ``/api/v1/facilities/nearest`` answers, nearest first; rings are drawn around the place, in km.
    """

    kind = "NearestResult"
    module = "nearest-result"
    title = "layer_answer"

    def __init__(
        self,
        *,
        numbered: bool = True,
        lines: bool = True,
        asks: bool = False,
        rings_km: tuple[float, ...] = (),
        show: bool = True,
        control: bool = False,
    ) -> None:
        """Options.

        Args:
            numbered: pins carry their place in the list.
            lines: from each pin to the place, as the crow flies: that is how the distance is measured.
            asks: a tap on the map asks anew from there; needs a page around the map.
            rings_km: radii of rings around the place, in km, where the data brings none.
            show: drawn from the start.
            control: in the layer switch.
        """
        super().__init__(numbered=numbered, lines=lines, asks=asks, rings_km=rings_km, show=show, control=control)
