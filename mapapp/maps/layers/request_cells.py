"""Open help requests by cell."""

from __future__ import annotations

from mapapp.core.map_addresses import Address
from mapapp.maps.layers.base import DataLayer

CELLS = Address("/api/v1/help-requests/cells")


class RequestCells(DataLayer):
    """Open requests as counts: squares of the grid that hides true places, circles where it is a whole area.

    Data:
        ``{"cells": [{"key": text, "size": squares along a side, 0 for an area, "lat": …, "lon": …,
        "count": …, "urgency": 1 life | 2 urgent | 3 can wait, "needs": {kind: count}, "area": code}]}``, the squares
        of a list; or ``{"cells_url": …}``, the layer's own address, to ask for what is in view.
    """

    kind = "RequestCells"
    module = "request-cells"
    title = "layer_requests"

    def __init__(self, *, cells: Address | None = CELLS, show: bool = True, control: bool = False) -> None:
        """Options.

        Args:
            cells: where counts are asked for, as ``/api/v1/help-requests/cells`` answers; None for data.
            show: drawn from the start.
            control: in the layer switch.
        """
        super().__init__(cells=cells, show=show, control=control)
