"""Maps that leave the service: one HTML file with everything in it, for a USB stick, a mail or LINE.

The figures, pins and boundaries in it are those of the moment it was saved, and it says so. It holds public facts
alone, and of an officer's list what the table shows on its map.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import folium
import shapely
from sqlalchemy.orm import Session

from mapapp.areas import origins
from mapapp.areas import queries as areas
from mapapp.areas.labels import LEVEL_LABELS
from mapapp.areas.outlines import Level, collection, nested, outlines
from mapapp.core import formats, geo
from mapapp.core.errors import N_
from mapapp.core.languages import THAI, Language
from mapapp.coverage import labels, queries
from mapapp.coverage.schemas import FigureQuery
from mapapp.facilities import features
from mapapp.facilities import queries as facilities
from mapapp.facilities.editing import formatting
from mapapp.facilities.freshness import Lifetimes
from mapapp.facilities.nearest import Nearest
from mapapp.maps.area_map import AreaMap, number
from mapapp.maps.layers import (
    AreaChoropleth,
    AreaTiles,
    FacilityDots,
    FacilityPins,
    MapNotes,
    NearestResult,
    SurveyFigures,
    VillageDots,
)
from mapapp.maps.pictures import land
from mapapp.web.i18n import translate

AREA_BYTES, COUNTRY_BYTES = 120_000, 600_000
"""For the boundaries inside an area, and for those of the whole country: the whole file then has at most 600 kB and
1.5 MB, letters and scripts included."""

AREA_PINS, COUNTRY_PINS = 250, 1_500
"""Facilities in a file; where there are more, it says how many are missing."""

PINS_FROM: Final = 9

_TOLD: Final = (
    "kind", "name_th", "name_en", "status", "closed_from", "closed_reason", "phone", "is_stale", "doubtful_at",
    "confirmed_at", "confirmed_by", "verified_at", "is_example",
)  # fmt: skip
"""Of a facility's public facts those that a popup tells and that stay true in a file; whether it is open this minute
does not."""

_ALL_OLD = N_("None of these facilities was confirmed recently, and there is no other here. Call before you go.")


@dataclass(frozen=True)
class About:
    """Who saves a map, and when."""

    now: datetime
    lifetimes: Lifetimes
    lang: Language = THAI
    owner: str = ""
    """Whose service it is; empty where nobody has said."""
    notes: Sequence[str] = field(default=())
    """Sentences beside it."""

    def say(self, text: str, **values: object) -> str:
        """A text in the file's language."""
        return translate(text, self.lang.code, **values)


def coverage(session: Session, query: FigureQuery, about: About, *, chosen: str | None = None) -> str:
    """The map of ``/coverage``: areas in the colours of a figure, the facilities of its kind, the legend.

    Args:
        chosen: the area whose outline is marked; without it the one that the query looks into.

    Raises:
        NotFound: no area has the code ``within``.
    """
    figures = queries.values(session, query)
    country = query.within is None
    pins, missing = _pins(session, query, COUNTRY_PINS if country else AREA_PINS, about)
    most_bytes = COUNTRY_BYTES if country else AREA_BYTES
    made = _on_ground(session, query.level, query.within, about, most_bytes=most_bytes, chosen=chosen)
    points = FacilityPins(clusters=None, from_zoom=PINS_FROM, show=not country)
    points.data = {"pins": pins}
    points.add_to(made)
    painted = AreaChoropleth(tiles=None)
    title = labels.heading(query, about.lang)
    painted.data = {
        "level": query.level,
        "within": query.within,
        "metric_label": title,
        "figures": figures.model_dump(mode="json"),
    }
    painted.add_to(made)
    lines = [f"{_place(session, query.within, about)} · {about.say(LEVEL_LABELS[query.level])}"]
    if missing:
        lines.append(left_out(missing, about.lang))
    return _finished(made, title, [*lines, *about.notes, *_sources(session, query.within, about)], about)


def nearest(session: Session, found: Nearest, origin: geo.Point, about: About) -> str:
    """The map of ``/nearest``: the facilities found, numbered, and the place that was asked about."""
    here = areas.area_at(session, origin)
    province = here.province.code if here else None
    level: Level = "tambon" if province else "province"
    made = _on_ground(session, level, province, about)
    result = NearestResult()
    listed = features.nearest_collection(found, about.lifetimes, about.now)["features"]
    result.data = {"features": _collection(listed, about), "origin": [origin.lon, origin.lat]}
    result.add_to(made)
    title = about.say(N_("The nearest facility"))
    old = [about.say(_ALL_OLD)] if listed and all(one["properties"]["is_stale"] for one in listed) else []
    return _finished(made, title, [*old, *about.notes, *_sources(session, province, about)], about)


def table(session: Session, dots: dict[str, Any], area: str, about: About) -> str:
    """The map beside an officer's table of facilities.

    Args:
        dots: as the table hands them to its map.
        area: the code the officer looks at, ``TH`` for the whole country.
    """
    within = None if len(area) < 2 or not area.isdigit() else area
    level: Level = "province" if within is None else "tambon"
    made = _on_ground(session, level, within, about)
    points = FacilityDots()
    points.data = {"dots": dots}
    points.add_to(made)
    title = f"{about.say(N_('Facilities'))}: {_place(session, within, about)}"
    return _finished(made, title, [*about.notes, *_sources(session, within, about)], about)


def survey(session: Session, state: dict[str, Any], title: str, place: str | None, about: About) -> str:
    """The map beside an officer's figures of the vaccination survey.

    Args:
        state: as the page hands it to its map.
        title: what it shows.
        place: the area's code; None for the whole country.
    """
    most_bytes = COUNTRY_BYTES if place is None else AREA_BYTES
    made = _on_ground(session, state["level"], place, about, most_bytes=most_bytes)
    painted, dots = SurveyFigures(tiles=None), VillageDots()
    painted.data = {name: state[name] for name in ("level", "within", "metric_label", "figures")}
    dots.data = {"villages": state["villages"]}
    for layer in (painted, dots):
        layer.add_to(made)
    lines = [_place(session, place, about), *about.notes, *_sources(session, place, about)]
    return _finished(made, title, lines, about)


def left_out(count: int, lang: Language) -> str:
    """How many facilities a file has no room for."""
    one, many = N_("%(num)s more facility is not in this file."), N_("%(num)s more facilities are not in this file.")
    return translate(one if count == 1 else many, lang.code, num=formats.number(count, 0, lang))


def _finished(made: AreaMap, title: str, lines: list[str], about: About) -> str:
    notes = MapNotes()
    notes.data = {"notes": {"title": title, "lines": [line for line in lines if line]}}
    notes.add_to(made)
    folium.LayerControl().add_to(made)
    number(made)
    return made.standing()


def _sources(session: Session, code: str | None, about: About) -> list[str]:
    """Of when, from where, whose."""
    known = origins.origins(session, code)
    lines = [about.say(N_("Saved on %(day)s. Later changes are not in it."), day=formats.day(about.now, about.lang))]
    if known:
        told = ", ".join(dict.fromkeys(one.told(about.lang) for one in known))
        lines.append(f"{about.say(N_('Source of the boundary'))}: {told}")
    if any(one.approximate for one in known):
        lines.append(about.say(N_("Boundaries are approximate.")))
    return [*lines, about.owner and about.say(N_("Published by: %(owner)s"), owner=about.owner)]


def _place(session: Session, code: str | None, about: About) -> str:
    if code is None:
        return about.say(N_("All of Thailand"))
    path = areas.path_of(session, code)
    return about.lang.separator.join(str(getattr(one, f"name_{about.lang.names[0]}")) for one in reversed(path))


def _pins(session: Session, query: FigureQuery, most: int, about: About) -> tuple[dict[str, Any], int]:
    """The facilities of the kind that are not closed, and how many there is no room for."""
    found, missing = facilities.inside(session, query.within, kind=query.kind, most=most)
    return _collection([features.feature(pin, about.lifetimes, about.now) for pin in found], about), missing


def _collection(found: Sequence[dict[str, Any]], about: About) -> dict[str, Any]:
    """Their facts, and their opening hours in words: what a file can say instead of whether they are open."""
    made = []
    for one in json.loads(features.dumped({"all": list(found)}))["all"]:
        facts = {name: one["properties"].get(name) for name in (*_TOLD, "distance_m")}
        if hours := formatting.hours(one["properties"].get("opening_hours"), about.lang.code):
            facts["hours"] = about.say(N_("Opening hours: %(hours)s"), hours=hours)
        kept = {name: value for name, value in facts.items() if value not in (None, False, "")}
        made.append({"type": "Feature", "geometry": one["geometry"], "properties": kept})
    return {"type": "FeatureCollection", "features": made}


def _on_ground(
    session: Session,
    level: Level,
    within: str | None,
    about: About,
    *,
    most_bytes: int = AREA_BYTES,
    chosen: str | None = None,
) -> AreaMap:
    """A map with the boundaries it is about, those of the larger areas, and the land around them.

    Args:
        chosen: the area whose outline is marked, where it is not ``within``.
    """
    made = AreaMap(lang=about.lang)
    ground = AreaTiles(tiles=None, areas=None)
    drawn = nested(session, level=level, within=within, most_bytes=most_bytes)
    ground.data = {
        "shapes": {one: collection(session, shapes) for one, shapes in drawn.items()},
        "land": _land(session, drawn.get(level, {})),
        "chosen": chosen or within,
    }
    ground.add_to(made)
    return made


def _land(session: Session, shapes: dict[str, str]) -> dict[str, Any] | None:
    """The land around these areas, other provinces and countries alike, as far as a wide screen shows them."""
    drawn = shapely.from_geojson(list(shapes.values()))
    if not len(drawn):
        return None
    west, south, east, north = shapely.total_bounds(drawn)
    reach = 2 * max(east - west, north - south, 0.2)  # a screen is wider than the area in its middle
    box = (max(west - reach, 78), max(south - reach, -6), min(east + reach, 125), min(north + reach, 32))
    provinces = shapely.from_geojson(list(outlines(session, level="province", most_bytes=0).values()))
    near = provinces[shapely.intersects(provinces, shapely.box(*box))]
    parts = [shapely.from_geojson(land()), *near]
    step = reach / 800
    whole = shapely.union_all([shapely.clip_by_rect(shapely.make_valid(part), *box) for part in parts])
    around = shapely.set_precision(shapely.simplify(whole, step), 0.001)
    made: dict[str, Any] = json.loads(shapely.to_geojson(around))
    return made
