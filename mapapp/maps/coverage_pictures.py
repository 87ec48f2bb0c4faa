"""What a picture of coverage shows: the map of the page, as it stands now."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from mapapp.areas import origins
from mapapp.areas import queries as areas
from mapapp.areas.labels import LEVEL_LABELS
from mapapp.areas.outlines import outlines
from mapapp.core import formats
from mapapp.core.errors import N_
from mapapp.core.languages import Language
from mapapp.coverage import labels, queries
from mapapp.coverage.metrics import METRICS, UNIT_LABELS
from mapapp.coverage.schemas import FigureQuery
from mapapp.maps.colours import Steps
from mapapp.maps.pictures import Picture
from mapapp.web.i18n import translate

SHAPE_BYTES = 600_000
"""Boundaries for a picture: no finer than its pixels show."""


def coverage(session: Session, query: FigureQuery, here: Language, *, owner: str = "") -> Picture:
    """The choropleth of a query.

    Args:
        here: the language of its words.
        owner: whose service it is, for the small print; empty where nobody has said.

    Raises:
        NotFound: no area has the code ``within``.
    """
    found = queries.values(session, query)
    steps = Steps(found.breaks, "low" if found.direction == "low" else "high")
    colours = steps.hexes()

    def say(text: str, **values: object) -> str:
        return translate(text, here.code, **values)

    legend = [
        (str(colour), words)
        for colour, words in zip(colours, labels.classes(found.breaks, found.unit, here), strict=True)
    ]
    return Picture(
        title=labels.heading(query, here),
        subtitle=f"{_place(session, query.within, here, say)} · {say(LEVEL_LABELS[query.level])}",
        box=areas.bounds(session, query.within).edges,
        ground={} if query.level == "province" else outlines(session, level="province", most_bytes=SHAPE_BYTES),
        shapes=outlines(session, level=query.level, within=query.within, most_bytes=SHAPE_BYTES),
        colours={code: colours[steps.class_of(value)] for code, value in found.values.items()},
        legend=[*legend, ("", say(N_("No data")))],
        unit=f"{say(N_('Unit'))}: {say(UNIT_LABELS[METRICS[query.metric].unit])}",
        notes=_notes(session, query, here, say, owner),
    )


def _place(session: Session, code: str | None, here: Language, say: Callable[..., str]) -> str:
    if code is None:
        return say(N_("All of Thailand"))
    path = areas.path_of(session, code)
    return here.separator.join(str(getattr(area, f"name_{here.names[0]}")) for area in reversed(path))


def _notes(session: Session, query: FigureQuery, here: Language, say: Callable[..., str], owner: str) -> list[str]:
    """Of when, from where, whose, the last as the lowest line."""
    _waiting, at = queries.state(session, query)
    known = origins.origins(session, query.within)
    computed = [] if at is None else [say(N_("Calculated %(time)s."), time=formats.day(at, here))]
    approximate = [say(N_("Boundaries are approximate."))] if any(one.approximate for one in known) else []
    told = ", ".join(dict.fromkeys(one.told(here) for one in known))
    source = [f"{say(N_('Source of the boundary'))}: {told}"] if told else []
    return [*computed, *approximate, *source, owner]
