"""The pin that a tap sets."""

from __future__ import annotations

from mapapp.maps.layers.base import DataLayer


class PositionPicker(DataLayer):
    """A tap sets the pin, dragging moves it; the page around the map is told the place each time.

    Data:
        ``{"pick": [lon, lat]}``: where the pin is now; nothing for none yet.
    """

    kind = "PositionPicker"
    module = "position-picker"
    title = "picked"

    def __init__(self, *, zoom: int = 15, show: bool = True, control: bool = False) -> None:
        """Options.

        Args:
            zoom: the map's zoom for a place that is not in view yet.
            show: drawn from the start.
            control: in the layer switch.
        """
        super().__init__(zoom=zoom, show=show, control=control)
