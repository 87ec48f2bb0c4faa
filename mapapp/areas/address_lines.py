"""Areas and villages as parts of an address, in the page's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mapapp.areas.labels import marked
from mapapp.areas.results import AreaName
from mapapp.web.i18n import here, name_of


def address_name(place: Any) -> str:
    """One part of an address: “ต.ศรีภูมิ”, “Si Phum”."""
    return marked(place) if here().marks_levels else name_of(place)


def address_line(*places: Any) -> str:
    """Places as one line of an address, in the order given: “อ.แม่ริม จ.เชียงใหม่”, “Mae Rim, Chiang Mai”."""
    return here().separator.join(map(address_name, places))


def address_of(place: Any, path: Iterable[AreaName] = ()) -> str:
    """A place and what it lies in, the smallest first: “ต.ศรีภูมิ อ.เมืองเชียงใหม่ จ.เชียงใหม่”, “Si Phum, Mueang …”.

    Args:
        path: the areas it lies in, the province first.
    """
    return address_line(place, *reversed(list(path)))
