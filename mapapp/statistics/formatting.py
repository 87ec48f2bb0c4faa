"""Figures in words and cells: the one way in which pages, files, charts, maps and the API write the four states."""

from __future__ import annotations

import math
from typing import Any, Final

from mapapp.core import formats
from mapapp.core.errors import N_
from mapapp.core.languages import Language
from mapapp.statistics.states import STATE_LABELS, Shown
from mapapp.web.translating import translate

UNITS: Final[dict[str, str]] = {
    "people": N_("people"),
    "villages": N_("villages"),
    "tambons": N_("tambons"),
    "facilities": N_("facilities"),
    "requests": N_("requests"),
    "share": N_("percent"),
    "hours": N_("hours"),
}
"""Unit of a figure → its name, a message to translate."""


MINUS: Final = "\u2212"
"""As wide as the plus; a hyphen is easily overlooked."""


def words(figure: Shown, unit: str, here: Language) -> str:
    """A figure as people read it: ``1,234``, ``0``, ``87.5 %``, ``< 5 %``, ``Not entered``, ``Withheld``."""
    if figure.value is None:
        return translate(STATE_LABELS[figure.state], here.code)
    sign = {"": "", "below": "< ", "above": "> "}[figure.bound]
    return sign + _number(figure.value, unit, here)


def _number(value: float, unit: str, here: Language) -> str:
    if unit == "share":
        whole = round(value * 100)
        # What is published is whole percent: a decimal would say more than is known.
        exact = math.isclose(value * 100, whole, abs_tol=1e-9)
        return f"{formats.number(whole, 0, here)} %" if exact else formats.percent(value, here)
    return formats.number(value, 1 if unit == "hours" else 0, here)


def change(now: Shown, before: Shown, unit: str, here: Language) -> str:
    """The difference to an earlier figure: ``+12``, ``−3``, ``±0``; a dash unless both are exact numbers.

    A share changes by percentage points.
    """
    if now.value is None or before.value is None or now.bound or before.bound:
        return formats.NOTHING
    apart = now.value - before.value
    if unit == "share":
        points = round(apart * 100, 1)
        return _signed(points, 0 if points.is_integer() else 1, here)
    return _signed(apart, 1 if unit == "hours" else 0, here)


def _signed(apart: float, digits: int, here: Language) -> str:
    size = formats.number(abs(apart), digits, here)
    sign = "+" if apart > 0 else MINUS if apart < 0 else "\u00b1"
    return sign + size


def cell(figure: Shown) -> float | int | None:
    """A figure in a file: a number, or nothing. ``flag`` stands beside it and says why there is nothing."""
    if figure.value is None:
        return None
    return int(figure.value) if float(figure.value).is_integer() else round(figure.value, 4)


def flag(figure: Shown) -> str:
    """What stands beside a figure in a file: its state, or that it is only a bound."""
    return figure.bound or str(figure.state)


def as_json(figure: Shown) -> dict[str, Any]:
    """A figure for programs: ``{"state": "value", "value": 12}``; with ``bound`` where it is one."""
    made: dict[str, Any] = {"state": str(figure.state), "value": cell(figure)}
    if figure.bound:
        made["bound"] = figure.bound
    return made


def css(figure: Shown) -> str:
    """The class of an element that shows a figure; the four states look different, not only by colour."""
    return f"figure figure--{figure.state.replace('_', '-')}"
