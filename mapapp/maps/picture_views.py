"""Pictures of maps: for link previews, cards and documents."""

from __future__ import annotations

from flask import Blueprint, Response, request

from mapapp.core.addresses import network
from mapapp.core.errors import N_, TooMany
from mapapp.coverage.schemas import FigureQuery
from mapapp.maps import coverage_pictures, pictures
from mapapp.web import limits
from mapapp.web.cache import cached
from mapapp.web.i18n import here
from mapapp.web.params import query
from mapapp.web.request import config, session

pages = Blueprint("pictures", __name__)

LIMIT = "60 per minute"
"""Pictures drawn for one address; those that are kept cost nothing and are not counted."""


@pages.get("/maps/coverage.png")
@cached("areas", "facilities", "coverage", max_age=300, takes=FigureQuery.model_fields)
def coverage() -> Response:
    """The choropleth of a query as a picture of 1200 × 630 pixels, in the colours of the page's map."""
    wanted = query(FigureQuery)
    wait = limits.wait_s("picture", LIMIT, network(request.remote_addr or "unknown"))
    if wait:
        raise TooMany(wait, N_("Too many pictures were asked for from your network. Try again later."))
    made = pictures.png(coverage_pictures.coverage(session(), wanted, here(), owner=config().signature))
    return Response(made, mimetype="image/png")
