"""A folium map of Thailand that is safe to fill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import folium
from branca.element import Element, Figure
from folium.features import Control
from folium.plugins import Fullscreen

from mapapp.core.errors import N_
from mapapp.core.languages import THAI, Language
from mapapp.core.map_addresses import Address
from mapapp.maps import documents, letters, one_file
from mapapp.maps.layers import DataLayer
from mapapp.maps.plugins import ASSETS
from mapapp.web.i18n import translate


class FilledPage:
    """A page of maps: what the layers carry as ``data`` is put into it after it has been rendered.

    Attributes:
        lang: the language of its texts.
        credit: whose background map it is; shown as text.
        figure: what folium writes it from.
    """

    lang: Language
    credit: str
    figure: FilledFigure

    def maps(self) -> list[AreaMap]:
        """The maps on it."""
        raise NotImplementedError

    def elements(self) -> Iterator[Element]:
        """What hangs on its maps, depth first, map by map."""
        for one in self.maps():
            yield from elements(one)

    def layers(self) -> list[DataLayer]:
        """Our layers on it, in groups too, in the order they were added."""
        return [one for one in self.elements() if isinstance(one, DataLayer)]

    def linked(self, assets: str, view: str = "") -> documents.Document:
        """A document whose scripts and styles come from our own address.

        Args:
            assets: the address of the static files.
            view: told to the styles and the page's script.
        """
        page = documents.in_language(self.figure.written(), self.lang, view, maps=len(self.maps())).replace(
            ASSETS, assets
        )
        return documents.document(self._filled(page, documents.of_service(self.lang, view)))

    def standing(self) -> str:
        """A document that stands by itself, as ``save()`` and notebooks have it.

        Raises:
            ValueError: something on the map would be loaded from a host that is not ours.
        """
        page = documents.in_language(self.figure.written(), self.lang, maps=len(self.maps()))
        rasters = [one.tiles for one in self.elements() if isinstance(one, folium.TileLayer)]
        asked = [value for layer in self.layers() for value in layer.options.values() if isinstance(value, Address)]
        # What a server answers later can have any letter.
        wanted = None if asked else letters.needed([self._settings({}), self._data()], self.lang)
        page = one_file.standing(page, images=origins(rasters), reads=origins(asked), wanted=wanted)
        return self._filled(page, {})

    def _settings(self, more: dict[str, Any]) -> dict[str, Any]:
        return documents.settings(self.lang, self.credit) | more

    def _data(self) -> dict[str, Any]:
        return {layer.get_name(): layer.data for layer in self.layers() if layer.data is not None}

    def _filled(self, page: str, more: dict[str, Any]) -> str:
        page = documents.with_json(page, "map-config", self._settings(more))
        data = self._data()
        return documents.with_json(page, "map-data", data) if data else page


class AreaMap(FilledPage, folium.Map):
    """A map on Thailand with zoom, scale and full screen, to which layers are added as to any map of folium.

    What the layers carry as ``data`` is put into the page after it has been rendered. ``save()`` and a notebook's
    output are documents that stand by themselves: scripts and styles of ours are in them.

    Attributes:
        lang: the language of its texts.
        credit: whose background map it is; shown as text.
    """

    def __init__(self, *, lang: Language = THAI, zoom_start: int = 6) -> None:
        super().__init__(
            location=(13.1, 101.3),
            zoom_start=zoom_start,
            tiles=None,
            zoom_control=False,
            max_bounds=True,
            min_lat=-6,
            max_lat=32,
            min_lon=78,
            max_lon=125,
            minZoom=4,  # spelt as Leaflet does: folium keeps its own min_zoom for raster layers
            maxZoom=18,
            attribution_control=False,
            font_size="1rem",
        )
        self.lang = lang
        self.credit = ""
        self._id = "frame"  # its variable in the browser is map_frame, in every process
        self.figure = FilledFigure(self)
        self.figure.add_child(self)
        self._add_controls(lang)

    def maps(self) -> list[AreaMap]:
        """Itself."""
        return [self]

    def _add_controls(self, lang: Language) -> None:
        # Without position=: folium 0.20 then writes its list of positions into the call. The defaults are right.
        Control(
            "Zoom",
            zoom_in_title=translate(N_("Zoom in"), lang.code),
            zoom_out_title=translate(N_("Zoom out"), lang.code),
        ).add_to(self)
        Control("Scale", imperial=False).add_to(self)
        Fullscreen(
            title=translate(N_("Full screen"), lang.code),
            title_cancel=translate(N_("Leave full screen"), lang.code),
            force_separate_button=True,
        ).add_to(self)

    def add_raster(self, tiles: Address, credit: str) -> None:
        """A raster base map below everything.

        Args:
            tiles: with ``{z}``, ``{x}`` and ``{y}``.
            credit: whose it is; shown as text in the corner.
        """
        self.credit = credit
        # Folium asks for a credit in the script; ours comes as data.
        folium.TileLayer(
            tiles=Address(tiles),
            attr="-",
            name="layer_raster",
            overlay=True,
            min_zoom=4,
            max_zoom=19,
            className="raster",
        ).add_to(self)


class FilledFigure(Figure):
    """What folium writes a page from."""

    def __init__(self, filled: FilledPage) -> None:
        super().__init__()
        self.filled = filled

    def render(self, **kwargs: Any) -> str:
        """What ``save()`` writes and a notebook shows."""
        return self.filled.standing()

    def written(self) -> str:
        """What folium and branca write: addresses and constants."""
        self.script._children.clear()  # else a second rendering says some lines twice
        page: str = super().render()
        return page


def elements(top: Element) -> Iterator[Element]:
    """What hangs on an element, depth first."""
    for child in top._children.values():
        yield child
        yield from elements(child)


def origins(addresses: Iterable[str]) -> set[str]:
    """Scheme and host of those addresses that have one."""
    parts = [urlsplit(one) for one in addresses]
    return {f"{one.scheme}://{one.netloc}" for one in parts if one.netloc}


def number(made: FilledPage) -> None:
    """Names what is on a map by its place on it, so that every process writes the same bytes and the hashes hold.

    For maps made here, once, before anything is rendered: what keeps the names of others would not know them any more.
    """
    for place, one in enumerate(made.elements()):
        one._id = str(place)
