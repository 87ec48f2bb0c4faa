"""A place where a facility might be."""

from __future__ import annotations

from mapapp.maps.layers.base import DataLayer


class TrialSite(DataLayer):
    """A tap, a drag or Enter in the map's middle sets the pin; the page around the map is told the place each time.

    Data:
        ``{"site": {"lat": degrees, "lon": degrees, "radius_km": number}}``: the pin and the circle around it; nothing
        for none yet.
    """

    kind = "TrialSite"
    module = "trial-site"
    title = "trial_site"

    def __init__(self, *, show: bool = True, control: bool = False) -> None:
        """Options.

        Args:
            show: drawn from the start.
            control: in the layer switch.
        """
        super().__init__(show=show, control=control)
