"""Facilities as files: CSV, GeoJSON and a GeoPackage, of the same features as the API's answers.

Tables do not say whether a facility is open this minute: that is not true any more when somebody reads them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mapapp.core import geo, phones
from mapapp.core.languages import Language
from mapapp.facilities import features
from mapapp.facilities.features import FacilityProperties
from mapapp.facilities.freshness import Lifetimes
from mapapp.facilities.labels import KIND_LABELS
from mapapp.facilities.nearest import Nearest
from mapapp.facilities.queries import Pin
from mapapp.facilities.query_params import FileForm
from mapapp.lists import geopackages, sheets
from mapapp.lists.credits import Credit
from mapapp.web.translating import translate

MOST: Final = 20_000
"""Facilities in one file."""

MEDIA_TYPES: Final[dict[FileForm, str]] = {
    "csv": f"{sheets.CSV}; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": geopackages.MIME,
}

FACTS: Final = tuple(name for name in FacilityProperties.model_fields if name not in ("open", "version"))
"""A facility's public facts that stay true in a file, in the order of the API."""


@dataclass(frozen=True)
class About:
    """Of when a file is, in which language, and whose."""

    now: datetime
    lifetimes: Lifetimes
    lang: Language
    owner: str = ""

    @property
    def credit(self) -> Credit:
        """As the file carries it."""
        return Credit(as_of=self.now, owner=self.owner)


def area(pins: Sequence[Pin], form: FileForm, about: About) -> bytes:
    """The facilities of an area."""
    found = [features.feature(pin, about.lifetimes, about.now) for pin in pins]
    if form == "geojson":
        return _geojson(found, about, {})
    columns = _columns(found, about.lang, ("id", *FACTS))
    if form == "csv":
        return _csv(found, columns, about.credit)
    return geopackages.written([_layer("facilities", "Facilities", found, columns)], about.credit)


def nearest(answer: Nearest, origin: geo.Point, form: FileForm, about: About) -> bytes:
    """The nearest facilities to a place, nearest first; a GeoPackage has the place as a layer of its own."""
    made = features.nearest_collection(answer, about.lifetimes, about.now)
    found = made["features"]
    if form == "geojson":
        return _geojson(found, about, {"origin": [origin.lon, origin.lat], "left_out": answer.left_out})
    columns = _columns(found, about.lang, ("number", "distance_m", "measure", "id", *FACTS))
    if form == "csv":
        return _csv(found, columns, about.credit)
    place = geo.feature(lat=origin.lat, lon=origin.lon, properties={})
    layers = [
        _layer("facilities", "The nearest facilities", found, columns),
        _layer("place", "The place that was searched for", [place], {"name": ["place"]}),
    ]
    return geopackages.written(layers, about.credit)


def _columns(found: Sequence[dict[str, Any]], lang: Language, names: Sequence[str]) -> dict[str, list[Any]]:
    facts = [{**one["properties"], "id": one["id"], "number": place} for place, one in enumerate(found, 1)]
    columns = {name: [one.get(name) for one in facts] for name in names}
    columns["kind_label"] = [translate(KIND_LABELS[one["kind"]], lang.code) for one in facts]
    return columns


def _csv(found: Sequence[dict[str, Any]], columns: dict[str, list[Any]], credit: Credit) -> bytes:
    places = [one["geometry"]["coordinates"] for one in found]
    told = {name: credit.model_dump(mode="json")[name] for name in ("as_of", "owner")}
    made = {
        **columns,
        "phone": [number and phones.spoken(number) for number in columns["phone"]],
        "lat": [lat for _lon, lat in places],
        "lon": [lon for lon, _lat in places],
        **{name: [value] * len(found) for name, value in told.items()},
    }
    return sheets.as_csv(list(made), zip(*(map(_cell, values) for values in made.values()), strict=True))


def _cell(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _geojson(found: Sequence[dict[str, Any]], about: About, more: dict[str, Any]) -> bytes:
    told = {"type": "FeatureCollection", "credit": about.credit.model_dump(mode="json"), **more}
    return features.dumped({**told, "features": list(found)})


def _layer(
    name: str, description: str, found: Sequence[dict[str, Any]], columns: dict[str, list[Any]]
) -> geopackages.Layer:
    points = [json.dumps(one["geometry"]) for one in found]
    return geopackages.Layer(name, description, points, columns, is_points=True)
