"""The maps of the service's pages."""

from __future__ import annotations

from collections.abc import Callable

import folium

from mapapp.core.languages import Language
from mapapp.core.map_addresses import Address
from mapapp.maps.area_map import AreaMap, number
from mapapp.maps.layers import (
    AreaChoropleth,
    AreaTiles,
    FacilityDots,
    FacilityPins,
    FramedPage,
    MapNotes,
    NearestResult,
    PositionPicker,
    RequestCells,
    StatisticsFigures,
    SurveyFigures,
    TrialSite,
    Vaccinated,
    VillageDots,
)
from mapapp.maps.layers.area_tiles import LAND
from mapapp.maps.map_pair import MapPair

PINS_FROM = 9
"""The zoom from which pins lie on a choropleth."""


def _home(made: AreaMap) -> None:
    Vaccinated(show=False).add_to(made)
    FacilityPins().add_to(made)


def _nearest(made: AreaMap) -> None:
    FacilityPins(show=False).add_to(made)
    NearestResult(asks=True).add_to(made)


def _coverage(made: AreaMap) -> None:
    FacilityPins(from_zoom=PINS_FROM).add_to(made)
    AreaChoropleth().add_to(made)


def _facility(made: AreaMap) -> None:
    FacilityPins(show=False).add_to(made)
    NearestResult(numbered=False).add_to(made)


def _pick(made: AreaMap) -> None:
    FacilityPins().add_to(made)
    PositionPicker().add_to(made)


def _console(made: AreaMap) -> None:
    FacilityPins(show=False).add_to(made)
    FacilityDots().add_to(made)


def _requests(made: AreaMap) -> None:
    FacilityPins(show=False).add_to(made)
    RequestCells().add_to(made)


def _site(made: AreaMap) -> None:
    FacilityPins(from_zoom=PINS_FROM).add_to(made)
    AreaChoropleth().add_to(made)
    TrialSite().add_to(made)


def _survey(made: AreaMap) -> None:
    FacilityPins(show=False).add_to(made)
    SurveyFigures().add_to(made)
    VillageDots().add_to(made)


def _statistics(made: AreaMap) -> None:
    FacilityPins(show=False).add_to(made)
    StatisticsFigures().add_to(made)


def _vaccinated(made: AreaMap) -> None:
    FacilityPins(show=False).add_to(made)
    Vaccinated().add_to(made)


VIEWS: dict[str, Callable[[AreaMap], None]] = {
    "home": _home,
    "nearest": _nearest,
    "coverage": _coverage,
    "area": _coverage,
    "facility": _facility,
    "pick": _pick,
    "console": _console,
    "requests": _requests,
    "site": _site,
    "survey": _survey,
    "statistics": _statistics,
    "vaccinated": _vaccinated,
}
"""home: facilities and areas, and on demand where people are vaccinated; nearest: the answer, numbered, and a tap asks
anew; coverage and area: a choropleth; facility: one pin; pick: a tap sets the pin of a form; console: the pins an
officer's table is about, handed in by the page; requests: cells with open requests, fetched or handed in by the page;
site: a tap sets the place of one more facility; survey and statistics: an officer's figures, handed in by the page;
vaccinated: the published ones."""


PAIR = "compare"
"""The view of two maps side by side."""


def framed_pair(*, lang: Language, raster: Address | None = None, credit: str = "") -> MapPair:
    """Two maps that move together, each with its figures; arguments as of ``framed``."""
    made = []
    for _side in ("left", "right"):
        one = AreaMap(lang=lang)
        AreaTiles(land=LAND).add_to(one)
        FacilityPins(show=False).add_to(one)
        AreaChoropleth().add_to(one)
        MapNotes().add_to(one)
        if raster is not None:
            one.add_raster(raster, credit)
        folium.LayerControl().add_to(one)
        made.append(one)
    pair = MapPair(made[0], made[1], framed=True)
    number(pair)
    return pair


def framed(view: str, *, lang: Language, raster: Address | None = None, credit: str = "") -> AreaMap:
    """The map that a page frames: empty, because the page hands in what it shows.

    Args:
        view: one of ``VIEWS``.
        lang: the language of its texts.
        raster: the raster base map; None for boundaries alone.
        credit: whose base map it is.
    """
    made = AreaMap(lang=lang)
    AreaTiles(land=LAND).add_to(made)
    VIEWS[view](made)
    if raster is not None:
        made.add_raster(raster, credit)
    folium.LayerControl().add_to(made)
    FramedPage().add_to(made)
    number(made)
    return made
