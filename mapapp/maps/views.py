"""Map documents: Folium skeletons in their own sandboxed frame."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from mapapp.core.errors import N_, NotFound
from mapapp.maps import skeleton
from mapapp.web.hosts import believed_origin
from mapapp.web.i18n import here
from mapapp.web.request import config

pages = Blueprint("maps", __name__)


@pages.get("/maps/<view>")
def document(view: str) -> Response:
    """The map document of a view: the same bytes for everyone, independent of the database."""
    if view not in skeleton.VIEWS:
        raise NotFound(N_("Map not found."))
    made = _made(view)
    response = Response(made.body, mimetype="text/html")
    origin = believed_origin() or "'self'"  # the frame has no origin, and older browsers then take 'self' for none
    response.headers["Content-Security-Policy"] = skeleton.policy(made, origin=origin, tile_origin=config().tile_origin)
    response.headers["Cache-Control"] = "public, max-age=300"
    response.vary.add("Host")  # the policy names it
    response.set_etag(made.etag)
    response.make_conditional(request)
    return response


def _made(view: str) -> skeleton.Document:
    """Rendered once for each view and language in a process."""
    kept: dict[tuple[str, str], skeleton.Document] = current_app.extensions.setdefault("mapapp_maps", {})
    key = (view, here().code)
    if key not in kept:
        kept[key] = skeleton.document(
            view,
            lang=here(),
            assets=current_app.extensions["mapapp_assets"],
            tile_url=config().tile_url,
            tile_attribution=config().tile_attribution,
        )
    return kept[key]
