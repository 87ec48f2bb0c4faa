"""What a map that has left the service says of itself."""

from __future__ import annotations

from mapapp.maps.layers.base import DataLayer


class MapNotes(DataLayer):
    """A few lines at the top of a map: what it shows, of when it is, where its data is from, whose it is.

    Data:
        ``{"notes": {"title": text, "lines": [text]}}``.
    """

    kind = "MapNotes"
    module = "map-notes"
    title = "about_map"

    def __init__(self, *, show: bool = True, control: bool = False) -> None:
        """A box of its own, outside the switch of layers.

        Args:
            show: drawn from the start.
            control: in the layer switch.
        """
        super().__init__(show=show, control=control)
