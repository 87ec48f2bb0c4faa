"""Charts as templates take them: drawn by ``drawing``, which escapes every word."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from mapapp.statistics.charts import drawing
from mapapp.statistics.charts.drawing import Part
from mapapp.statistics.states import Shown


def sparkline(points: Sequence[Shown], label: str = "", top: float | None = None) -> Markup:
    """A figure on several Fridays (``drawing.sparkline``)."""
    return Markup(drawing.sparkline(points, label=label, top=top))  # noqa: S704 - our own drawing


def stacked(parts: Sequence[Part], label: str = "") -> Markup:
    """Parts of a whole (``drawing.stacked``)."""
    return Markup(drawing.stacked(parts, label=label))  # noqa: S704 - our own drawing


def bar(shown: Shown, most: float) -> Markup:
    """One figure of a list; its number stands beside it (``drawing.bar``)."""
    return Markup(drawing.bar(shown, most, width=90, height=10))  # noqa: S704 - our own drawing


def swatch(name: str) -> Markup:
    """A field of a legend (``drawing.swatch``)."""
    return Markup(drawing.swatch(name))  # noqa: S704 - our own drawing
