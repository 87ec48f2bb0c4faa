"""Facilities as pins and clusters."""

from __future__ import annotations

from mapapp.core.map_addresses import Address
from mapapp.maps.layers.base import DataLayer

CLUSTERS = Address("/api/v1/facilities/clusters")


class FacilityPins(DataLayer):
    """Health facilities in view: the silhouette is the kind, the filling the state, many in one place are a count.

    Data:
        ``{"kind": word or ""}``: only that kind. Or ``{"pins": FeatureCollection}`` of facilities in the API's shape
        (``/api/v1/facilities``), which are drawn instead of asking for what is in view.
    """

    kind = "FacilityPins"
    module = "facility-pins"
    title = "layer_facilities"

    def __init__(
        self,
        *,
        clusters: Address | None = CLUSTERS,
        from_zoom: int = 0,
        show: bool = True,
        control: bool = True,
    ) -> None:
        """Options.

        Args:
            clusters: where pins in a box are asked for, as ``/api/v1/facilities/clusters`` answers; None for data.
            from_zoom: the map's zoom from which pins are drawn: below it a choropleth is not to vanish under them.
            show: drawn from the start.
            control: in the layer switch.
        """
        super().__init__(clusters=clusters, from_zoom=from_zoom, show=show, control=control)
