"""The page around a map."""

from __future__ import annotations

from typing import Any

from branca.element import MacroElement
from folium.template import Template
from folium.utilities import get_and_assert_figure_root

from mapapp.core.map_addresses import Address
from mapapp.maps.layers.base import Module


class FramedPage(MacroElement):
    """Ties a map to the page that frames it; added last, and left out of maps that stand by themselves.

    The page hands in what it knows by ``postMessage`` and is told what a person taps. Each layer of the map is
    handed all of it and takes what it knows (its ``Data``). Locating is the page's: a sandboxed frame may not.
    """

    _template = Template("{% macro script(this, kwargs) %}L.mapapp.framed = true;{% endmacro %}")

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "FramedPage"

    def render(self, **kwargs: Any) -> Any:
        """Puts its module into the head, behind those of the layers."""
        get_and_assert_figure_root(self).header.add_child(
            Module(Address("/static/-/js/map-frame.js")), name="module_page"
        )
        super().render(**kwargs)  # type: ignore[no-untyped-call]
