"""Thousands of pins at once."""

from __future__ import annotations

from mapapp.maps.layers.base import DataLayer


class FacilityDots(DataLayer):
    """The pins of an officer's table on one canvas: shape by kind, filling by state, pale where out of date.

    Data:
        ``{"dots": {"kinds": [word], "statuses": [word], "pins": [[id, lon, lat, index of kind, index of status,
        1 if stale, name]]}}``.
    """

    kind = "FacilityDots"
    module = "facility-dots"
    title = "layer_facilities"

    def __init__(self, *, radius: int = 7, show: bool = True, control: bool = False) -> None:
        """Options.

        Args:
            radius: of a dot, in pixels.
            show: drawn from the start.
            control: in the layer switch.
        """
        super().__init__(radius=radius, show=show, control=control)
