"""“Save map”: the map of a page as one file that opens without a network."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from mapapp.accounts import edge
from mapapp.core import geo
from mapapp.core.addresses import network
from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, TooMany
from mapapp.coverage import labels, unconfirmed
from mapapp.facilities import nearest as near
from mapapp.facilities.console import queries as console
from mapapp.facilities.console import view_helpers
from mapapp.facilities.console.query_params import Filters
from mapapp.facilities.freshness import lifetimes
from mapapp.facilities.query_params import NearestQuery
from mapapp.maps import saved
from mapapp.maps.schemas import SavedQuery
from mapapp.web import limits
from mapapp.web.cache import cached
from mapapp.web.i18n import here
from mapapp.web.params import query
from mapapp.web.request import config, now, session

pages = Blueprint("saved_maps", __name__)

LIMIT = "20 per minute"
"""Files made for one address; those that are kept cost nothing and are not counted."""


@pages.get("/maps/saved/coverage")
@cached("areas", "facilities", "coverage", max_age=60, every=3600, takes=SavedQuery.model_fields)
def coverage() -> Response:
    """The map of ``/coverage`` as one HTML file."""
    wanted = query(SavedQuery)
    _counted()
    left = unconfirmed.by_kind(session(), [wanted.kind])[wanted.kind]
    about = _about(labels.of_unconfirmed(left, counted=wanted.stale))
    place = wanted.chosen or wanted.within or "TH"
    made = saved.coverage(session(), wanted, about, chosen=wanted.chosen)
    return _file(made, f"coverage-{place}-{wanted.kind}")


@pages.get("/maps/saved/nearest")
def nearest() -> Response:
    """The map of ``/nearest`` as one HTML file: what the API answers to the same query."""
    wanted = query(NearestQuery)
    _counted()
    asked = near.Wanted.of(wanted)
    found = near.nearest(session(), wanted.point, asked, limit=wanted.limit, lifetimes=lifetimes(config()), now=now())
    near.refuse_outside(session(), wanted.point, found)
    response = _file(saved.nearest(session(), found, _whole(wanted.point), _about()), "nearest")
    response.headers["Cache-Control"] = "private, no-store"  # it says where somebody is
    return response


@pages.get("/officer/facilities/map")
@edge.officer_page("facilities.export")
def table() -> ResponseReturnValue:
    """The map beside the officers' table as one HTML file; recorded in the audit log."""
    area = edge.my_area("facilities.export")
    acting = edge.demand("facilities.export", area)
    known = lifetimes(config())
    conditions = console.matching(query(Filters), area, known, now())
    found = console.dots(session(), conditions, known, now(), limit=view_helpers.MOST_DOTS)
    edge.on_record("facilities.export", "facilities", "html", by=acting, area_code=area)
    return _file(saved.table(session(), view_helpers.dots(found), area, _about()), f"facilities-{area}")


def _whole(point: geo.Point) -> geo.Point:
    return geo.Point(lat=round(point.lat, 6), lon=round(point.lon, 6))


def _counted() -> None:
    wait = limits.wait_s("saved map", LIMIT, network(request.remote_addr or "unknown"))
    if wait:
        raise TooMany(wait, N_("Too many maps were saved from your network. Try again later."))


def _about(*notes: str) -> saved.About:
    return saved.About(now(), lifetimes(config()), here(), config().signature, notes)


def _file(text: str, name: str) -> Response:
    response = Response(text, mimetype="text/html")
    day = f"{now().astimezone(BANGKOK):%Y-%m-%d}"
    response.headers["Content-Disposition"] = f'attachment; filename="map-{name}-{day}.html"'
    return response
