"""Villages with a figure each."""

from __future__ import annotations

from mapapp.maps.layers.base import DataLayer


class VillageDots(DataLayer):
    """The villages of an officer's area whose place is known: full where something was recorded, empty where not.

    Data:
        ``{"villages": [{"lat": degrees, "lon": degrees, "name": text, "told": its figure in words, or ""}]}``.
    """

    kind = "VillageDots"
    module = "village-dots"
    title = "layer_villages"

    def __init__(self, *, radius: int = 6, show: bool = True, control: bool = True) -> None:
        """Options.

        Args:
            radius: of a dot, in pixels.
            show: drawn from the start.
            control: in the layer switch.
        """
        super().__init__(radius=radius, show=show, control=control)
