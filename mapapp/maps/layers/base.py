"""What every layer of ours is to folium: a Leaflet group that a module of ours fills.

Folium writes scripts through branca, and branca reads what it wrote as a template once more: text in an option would
be code. So a layer's options are numbers, yes or no, members of an enum and addresses; anything else is refused here,
whoever asks. Names, figures and pins come as JSON, long after branca is done.
"""

from __future__ import annotations

import enum
import math
from typing import Any, ClassVar

import folium
from branca.element import Element
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template
from folium.utilities import get_and_assert_figure_root, get_obj_in_upper_tree

from mapapp.core.map_addresses import Address
from mapapp.maps.colours import Colour

Option = bool | int | float | enum.Enum | Address | Colour | None
"""What may be an option, or stand in a tuple that is one."""


class Module(Element):
    """The script module of a layer, in the document's head: it runs once the document is read."""

    _template = Template('<script type="module" src="{{this.address}}"></script>')

    def __init__(self, address: Address) -> None:
        super().__init__()
        self._name = "Module"
        self.address = Address(address)


class DataLayer(JSCSSMixin, Layer):
    """A layer whose content comes as data.

    Attributes:
        kind: what its script registers itself as: the class's name.
        module: that script, ``static/js/map/layers/<module>.js``.
        title: its name in the layer switch: a key of ``maps.labels.TEXTS``, whose text the browser puts there.
        data: JSON-able values that a document which stands by itself carries along, in the shape that the class
            says; None where the layer is given its data in another way.
    """

    kind: ClassVar[str]
    module: ClassVar[str]
    title: ClassVar[str]

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.mapapp.layer(
                {{ this.kind|tojson }}, {{ this.get_name()|tojson }}, {{ this.map_name() }},
                {{ this.options|tojavascript }});
        {% endmacro %}
        """
    )

    def __init__(self, *, show: bool = True, control: bool = True, **options: Option | tuple[Option, ...]) -> None:
        """``show``: drawn from the start; ``control``: in the layer switch, where there is one.

        Raises:
            TypeError: an option is text, which has to come as data.
            ValueError: a number that is none.
        """
        super().__init__(name=self.title, overlay=True, control=control, show=show)
        self._name = self.kind
        self.options = {name: _checked(value) for name, value in options.items() if value is not None}
        self.data: dict[str, Any] | None = None

    def map_name(self) -> str:
        """The variable of the map it is on, however deep in groups."""
        name: str = get_obj_in_upper_tree(self, folium.Map).get_name()
        return name

    def render(self, **kwargs: Any) -> Any:
        """Writes what folium layers write, and its module into the head, once for each class."""
        address = Address(f"/static/-/js/map/layers/{self.module}.js")
        get_and_assert_figure_root(self).header.add_child(Module(address), name=self.module)
        super().render(**kwargs)  # type: ignore[no-untyped-call]


def _checked(value: Option | tuple[Option, ...]) -> Any:
    """The option as JSON has it."""
    if isinstance(value, tuple):
        return [_checked(one) for one in value]
    if isinstance(value, enum.Enum):
        if isinstance(value.value, str) and value.value.isidentifier():
            return value.value
        return _checked(value.value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number of a layer has to be finite")
    if value is None or isinstance(value, (bool, int, float, Address, Colour)):
        return value
    raise TypeError(f"a layer takes numbers, enums and addresses; text comes as data, not {type(value).__name__}")
