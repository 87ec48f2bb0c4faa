"""Two maps side by side that move together, in the manner of folium's ``DualMap``; on a phone one above the other."""

from __future__ import annotations

from os import PathLike
from typing import Any

from branca.element import MacroElement
from folium.template import Template
from folium.utilities import get_and_assert_figure_root

from mapapp.core.map_addresses import Address
from mapapp.maps.area_map import AreaMap, FilledFigure, FilledPage
from mapapp.maps.layers.base import Module


class MapPair(FilledPage):
    """Two maps in one document. ``save()`` and a notebook's output stand by themselves, as those of one map.

    Attributes:
        left: a map whose layers are its own.
        right: the other; what the legend says holds for both, so it stands here alone.
    """

    def __init__(self, left: AreaMap, right: AreaMap, *, framed: bool = False) -> None:
        """``framed``: a page around the two tells them what to show."""
        self.left, self.right = left, right
        self.lang, self.credit = left.lang, left.credit
        self.figure = FilledFigure(self)
        for name, made, start in (("left", left, 0.0), ("right", right, 50.0)):
            made._id = name  # its variable in the browser is map_left or map_right
            where = {"width": (50.0, "%"), "left": (start, "%"), "height": (100.0, "%"), "top": (0.0, "%")}
            for what, value in {"position": "absolute", **where}.items():
                setattr(made, what, value)
            self.figure.add_child(made)
        if framed:
            Framed().add_to(right)
        Together().add_to(right)

    def maps(self) -> list[AreaMap]:
        """Left and right."""
        return [self.left, self.right]

    def save(self, outfile: str | PathLike[str]) -> None:
        """Writes the two as one document."""
        self.figure.save(str(outfile))

    def _repr_html_(self) -> str:
        shown: str = self.figure._repr_html_()
        return shown


class Framed(MacroElement):
    """Says that a page around the two maps tells them what to show."""

    _template = Template("{% macro script(this, kwargs) %}L.mapapp.framed = true;{% endmacro %}")

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Framed"


class Together(MacroElement):
    """Lets two maps of one document move together; with a page around them it hands each what it is to show."""

    _template = Template("{% macro script(this, kwargs) %}{% endmacro %}")

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Together"

    def render(self, **kwargs: Any) -> Any:
        """Puts its module into the head, behind those of the layers."""
        address = Address("/static/-/js/map-pair.js")
        get_and_assert_figure_root(self).header.add_child(Module(address), name="module_pair")
        super().render(**kwargs)  # type: ignore[no-untyped-call]
