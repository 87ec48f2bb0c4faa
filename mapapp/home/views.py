"""The first page, the data that is loaded, the API's documentation and its problems, and the health checks."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, url_for
from sqlalchemy.orm import Session, sessionmaker

from mapapp.areas import queries as areas
from mapapp.core import problem_types as types
from mapapp.core.errors import N_, NotFound
from mapapp.database.server_time import SKEW, Clock
from mapapp.facilities.kinds import KINDS
from mapapp.home import queries
from mapapp.survey.publishing import views as vaccinated
from mapapp.web import openapi
from mapapp.web.cache import cached
from mapapp.web.i18n import gettext
from mapapp.web.request import config, session

pages = Blueprint("home", __name__)


@pages.get("/")
@cached("areas", "facilities", "survey", every=300, takes=())
def index() -> Response:
    """The map of Thailand, search, and the two questions."""
    return make_response(
        render_template(
            "home/index.html",
            kinds=KINDS,
            state={"bounds": areas.frame(session()).edges, **vaccinated.layer()},
            boundaries=queries.boundary_sources(session()),
            facilities=queries.facility_sources(session()),
        )
    )


@pages.get("/about/data")
@cached("areas", "facilities", "coverage", every=300, takes=())
def data() -> Response:
    """Sources, dates and licences of everything that is loaded."""
    return make_response(
        render_template(
            "home/data.html",
            boundaries=queries.boundary_sources(session()),
            populations=queries.population_sources(session()),
            facilities=queries.facility_sources(session()),
            villages=queries.village_sources(session()),
            tiles=config().tile_url != "none",
            tile_attribution=config().tile_attribution,
            geocoder=config().geocoder_url,
        )
    )


@lru_cache(maxsize=1)
def _document(public_url: str, *apis: openapi.Api) -> dict[str, Any]:
    """Made once: it says what the sources say, and to make it takes longer than any page."""
    return openapi.document(apis, version("mapapp"), public_url)


@pages.get("/api/v1/openapi.json")
def openapi_document() -> Response:
    """The OpenAPI 3.1 document, made from the models that validate."""
    made = _document(config().public_url, *current_app.extensions["mapapp_apis"])
    response = Response(json.dumps(made, ensure_ascii=False), mimetype="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@pages.get("/api/v1/docs")
def api_docs() -> Response:
    """The document of the API as a page, from our own server."""
    made = _document(config().public_url, *current_app.extensions["mapapp_apis"])
    return make_response(
        render_template(
            "home/api.html",
            document=made,
            schemas=made["components"]["schemas"],
            document_url=url_for("home.openapi_document", lang=None),
        )
    )


@pages.get("/problems/")
@cached(takes=(), max_age=300)
def problems() -> Response:
    """Every kind of refusal that a program can tell apart."""
    return make_response(render_template("home/problems.html", rows=types.ALL))


@pages.get("/problems/<slug>")
@cached(takes=(), max_age=300)
def problem(slug: str) -> Response:
    """The page that the ``type`` of a problem document names: what it means, and what a program does now."""
    row = types.BY_SLUG.get(slug)
    if row is None:
        raise NotFound(N_("No type of problem has this name."))
    origin = config().public_url
    example = openapi.example(row, origin, gettext)
    return make_response(
        render_template(
            "home/problem.html",
            row=row,
            address=origin + row.path,
            example=json.dumps(example, ensure_ascii=False, indent=2),
        )
    )


@pages.get("/healthz")
def healthz() -> Response:
    """This process answers."""
    return _plain({"status": "ok"}, 200)


@pages.get("/readyz")
def readyz() -> Response:
    """The database answers too, takes writes, has the tables this code needs, and opens with the keys there are.

    One that is newer than this code may do, too: while a new version comes in, the services that still run must stay in
    the balancer.
    """
    is_ready, detail = queries.ready(session())
    wrong = (_not_written() or queries.keys_fit(session(), config().vault())) if is_ready else None
    if wrong is not None:
        is_ready, detail = False, wrong
    body = {"status": "ok" if is_ready else "not ready"} | ({"detail": detail} if detail else {})
    warning = _skew() if is_ready else ""
    return _plain(body | ({"warning": warning} if warning else {}), 200 if is_ready else 503)


def _not_written() -> str | None:
    """Asked by a connection that would write: those that read may lead elsewhere."""
    factory: sessionmaker[Session] = current_app.extensions["mapapp_writing"]
    with factory() as own:
        return queries.takes_writes(own)


def _skew() -> str:
    """What an operator should know of this machine's own clock; nothing where it goes right."""
    clock = current_app.extensions["mapapp_clock"]
    skew = clock.skew() if isinstance(clock, Clock) else timedelta(0)  # a test's clock is nobody's
    if abs(skew) <= SKEW:
        return ""
    where = "ahead of" if skew > timedelta(0) else "behind"
    return f"this machine's clock is {abs(skew).total_seconds():.0f} s {where} the database's"


def _plain(body: dict[str, str], status: int) -> Response:
    response = Response(json.dumps(body), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
