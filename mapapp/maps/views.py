"""Map documents: Folium maps in their own sandboxed frame."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from mapapp.core.errors import N_, NotFound
from mapapp.core.map_addresses import Address
from mapapp.maps import documents, making
from mapapp.maps.area_map import FilledPage
from mapapp.web.hosts import believed_origin
from mapapp.web.i18n import here
from mapapp.web.request import config

pages = Blueprint("maps", __name__)


@pages.get("/maps/<view>")
def document(view: str) -> Response:
    """The map document of a view: the same bytes for everyone, whatever the database holds."""
    if view not in (*making.VIEWS, making.PAIR):
        raise NotFound(N_("Map not found."))
    made = _made(view)
    response = Response(made.body, mimetype="text/html")
    origin = believed_origin() or "'self'"  # the frame has no origin, and older browsers then take 'self' for none
    response.headers["Content-Security-Policy"] = documents.policy(
        made, origin=origin, tile_origin=config().tile_origin
    )
    response.headers["Cache-Control"] = "public, max-age=300"
    response.vary.add("Host")  # the policy names it
    response.set_etag(made.etag)
    response.make_conditional(request)
    return response


def _made(view: str) -> documents.Document:
    """Rendered once for each view and language in a process."""
    kept: dict[tuple[str, str], documents.Document] = current_app.extensions.setdefault("mapapp_maps", {})
    key = (view, here().code)
    if key not in kept:
        tiles = config().tile_url
        raster, credit = None if tiles == "none" else Address(tiles), config().tile_attribution
        made: FilledPage = (
            making.framed_pair(lang=here(), raster=raster, credit=credit)
            if view == making.PAIR
            else making.framed(view, lang=here(), raster=raster, credit=credit)
        )
        kept[key] = made.linked(current_app.extensions["mapapp_assets"], view)
    return kept[key]
