"""What the maps are made from, in a line: it stands below them on paper."""

from __future__ import annotations

from flask import current_app

from mapapp.areas import origins
from mapapp.core import formats
from mapapp.facilities.formatting import source as source_of_facility
from mapapp.home import queries
from mapapp.web import cache
from mapapp.web.i18n import here
from mapapp.web.request import session

MOST = 4
"""Sources of a kind; the page about the data has them all."""


def line() -> str:
    """The sources of boundaries and facilities, with their dates; read anew when the data changes."""
    kept: dict[tuple[object, ...], str] = current_app.extensions.setdefault("mapapp_map_sources", {})
    key = (cache.current(("areas", "facilities")), here().code)
    if key not in kept:
        if len(kept) > 8:  # the languages, or the data has changed
            kept.clear()
        kept[key] = _made()
    return kept[key]


def _made() -> str:
    told = []
    for one in origins.origins(session())[:MOST]:
        told.append(f"{one.told(here())}, {formats.day(one.as_of, here())}" if one.as_of else one.told(here()))
    told += [source_of_facility(row.source) for row in queries.facility_sources(session())[:MOST]]
    return "; ".join(dict.fromkeys(told))
