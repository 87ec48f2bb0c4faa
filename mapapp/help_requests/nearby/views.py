"""Pages of open requests: near a volunteer as cards, for the public as counts of cells."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.areas.results import AreaName
from mapapp.core import geo
from mapapp.core.errors import N_, NotFound
from mapapp.help_requests import labels
from mapapp.help_requests.nearby import cell_counts, daily_counts, queries, service
from mapapp.help_requests.nearby.rate_limit import NEARBY, within_share
from mapapp.help_requests.nearby.schemas import AGE_LABELS, MAX_SHOWN, PAGE, FiltersIn, NearbyQuery, PublicQuery
from mapapp.help_requests.nearby.shared_search import Shared, near
from mapapp.volunteers import queries as volunteers
from mapapp.volunteers.labels import MEANS_LABELS, SKILL_LABELS
from mapapp.web import forms, page_freshness
from mapapp.web.cache import cached
from mapapp.web.i18n import gettext
from mapapp.web.params import Asked, asked
from mapapp.web.request import now, session

pages = Blueprint("help_nearby", __name__)

RADII_KM = (2, 5, 10, 20, 50, 100)

forms.NOTICES |= {"nearby_filters": N_("Your filters are saved for your next visit.")}


@dataclass
class List:
    """The list of “near me”."""

    at: geo.Point | None = None
    is_here: bool = False
    """Whether distances are measured from the browser's location; otherwise from home."""
    km: int = service.DEFAULT_KM
    found: list[queries.Near] = field(default_factory=list)
    has_more: bool = False
    tambons: dict[str, AreaName] = field(default_factory=dict)
    fits_nothing: bool = False
    new: int = 0


@pages.get("/volunteer/nearby")
def nearby() -> ResponseReturnValue:
    """Open requests near me: the most urgent first, then the nearest. People who are not approved see only counts."""
    actor = edge.actor()
    within_share()
    if not edge.my_areas(NEARBY):
        return _counts_only()
    edge.allow_somewhere(NEARBY)
    mine = service.looking(session(), actor.person_id, edge.my_areas(NEARBY)[0], now())
    form = asked(NearbyQuery)
    wanted = form.value or NearbyQuery()
    filters = wanted.filters if any(name in request.args for name in FiltersIn.model_fields) else mine.filters
    shown = _list(wanted, filters, mine)
    address = _address(wanted, filters)
    page_freshness.lies_at(address)
    fragment = request.headers.get("HX-Request") == "true"
    if not fragment and mine.has_profile and actor.kind == "person":
        _looked()
    made = make_response(
        render_template(
            "help_requests/nearby/_list.html" if fragment else "help_requests/nearby/index.html",
            list=shown, form=form, filters=filters, mine=mine, words=labels, skills=SKILL_LABELS | MEANS_LABELS,
            address=address, more=_address(wanted, filters, more=True), radii=RADII_KM,
            map_state=_map_state(shown), may_claim=edge.may, most=MAX_SHOWN,
        ),
        form.status,
    )  # fmt: skip
    return _with_etag(made) if fragment and form.status == 200 else _varied(made)


def _list(wanted: NearbyQuery, filters: FiltersIn, mine: service.Looking) -> List:
    made = List(wanted.point or mine.point, wanted.point is not None, filters.km or mine.km)
    kinds = service.kinds_for(filters, mine.offers)
    made.fits_nothing = kinds is None
    if made.at is None or kinds is None:
        return made
    asked_for = queries.Wanted(made.at, edge.my_areas(NEARBY), made.km, kinds, wanted.after, wanted.show)
    shared: Shared | None = None if made.is_here else current_app.extensions["mapapp_shared"]
    search = shared.near if shared else near
    made.found, made.has_more, made.tambons = search(session(), asked_for, now())
    if mine.seen is not None:
        made.new = sum(one.id > mine.seen for one in made.found)
    return made


def _address(wanted: NearbyQuery, filters: FiltersIn, *, more: bool = False) -> str:
    """The address of this list, or of more of it: a longer list up to ``MAX_SHOWN``, then the next page."""
    parts: dict[str, Any] = filters.model_dump(exclude_defaults=True)
    if filters.fits:
        parts["fits"] = 1
    if not parts:
        parts["km"] = ""  # shows that these are new filters, not the stored ones
    if wanted.point is not None:
        parts |= {"lat": wanted.point.lat, "lon": wanted.point.lon}
    if wanted.after is not None:
        parts["after"] = wanted.after.text
    show = min(wanted.show + PAGE, MAX_SHOWN) if more else wanted.show
    if show != PAGE:
        parts["show"] = show
    return url_for("help_nearby.nearby", **parts)


def _map_state(shown: List) -> dict[str, Any]:
    """The cells of the list for the map, which shows counts and tells the page which cell is tapped."""
    at: dict[str, dict[str, Any]] = {}
    for one in shown.found:
        cell = at.setdefault(
            one.cell_key, {"key": one.cell_key, "size": one.cell_size, "lat": one.lat, "lon": one.lon, "count": 0}
        )
        cell["count"] += 1
        cell["urgency"] = min(cell.get("urgency", 3), one.urgency)
    origin = None if shown.at is None else [shown.at.lon, shown.at.lat]
    return {"origin": origin, "cells": list(at.values())}


def _looked() -> None:
    """Stores that the volunteer has seen the list; no one else's view changes."""
    with edge.writing()() as own:
        person_id = edge.actor().person_id
        assert person_id is not None
        service.looked(own, person_id, now())
        own.commit()


def _varied(made: Response) -> Response:
    made.vary.add("HX-Request")
    made.headers["Cache-Control"] = "no-store"  # the address can contain a person's location
    return made


def _with_etag(made: Response) -> Response:
    """An answer with ETag: an unchanged list is not sent again."""
    made.set_etag(hashlib.sha256(made.get_data()).hexdigest()[:20], weak=True)
    if request.if_none_match.contains_weak(made.get_etag()[0] or ""):
        tag = made.headers["ETag"]
        made = Response(status=304)
        made.headers["ETag"] = tag
    return _varied(made)


@pages.post("/volunteer/nearby")
@edge.officer_page(NEARBY)
def filter_nearby() -> ResponseReturnValue:
    """Sets the filters, and stores them if there is a profile."""
    form = forms.posted(FiltersIn)
    if form.value is None:
        mine = service.looking(session(), edge.actor().person_id, edge.my_areas(NEARBY)[0], now())
        made = render_template(
            "help_requests/nearby/index.html", list=List(), form=form, filters=mine.filters, mine=mine, words=labels,
            skills={}, address=url_for("help_nearby.nearby"),
            more="", radii=RADII_KM, map_state=_map_state(List()), may_claim=edge.may, most=MAX_SHOWN,
        )  # fmt: skip
        return make_response(made, 400)
    person_id = edge.actor().person_id
    if person_id is not None:
        service.remember(session(), person_id, form.value)
    return forms.done(_address(NearbyQuery(), form.value))


def _counts_only() -> ResponseReturnValue:
    """For people who are not approved (yet): the number of open requests, and what to do next."""
    actor = edge.actor()
    state = volunteers.state_of(session(), actor.person_id, now()) if actor.person_id else "none"
    profile = volunteers.get(session(), actor.person_id) if actor.person_id else None
    home = profile.home_tambon if profile else None
    same = page_freshness.unchanged(
        state, actor.suspended, home, cell_counts.day(session()), at=url_for("help_nearby.nearby")
    )  # fmt: skip
    if same is not None:
        return _varied(same)
    path = areas.path_of(session(), home) if home and areas.names(session(), {home}) else []
    made = make_response(
        render_template(
            "help_requests/nearby/counts.html", state=state, is_signed_in=actor.is_signed_in, profile=profile,
            is_suspended=actor.suspended, words=labels, ages=AGE_LABELS, total=cell_counts.total(session()),
            near=[(one, cell_counts.total(session(), one.code)) for one in path], day=cell_counts.day(session()),
        )
    )  # fmt: skip
    return _varied(made)


# Public page ------------------------------------------------------------------------------------------------------

BELOW = {0: "amphoe", 2: "amphoe", 4: "tambon", 6: "cell"}


def _day() -> str:
    return page_freshness.version_of(cell_counts.day(session()))


@pages.get("/requests")
@page_freshness.checked(daily_counts.VERSION, version=_day)
@cached("areas", daily_counts.VERSION, max_age=30, every=300, takes=PublicQuery.model_fields)
def public() -> Response:
    """Number of open requests by need and age: by amphoe, tambon and cell, on a map and as tables."""
    form = asked(PublicQuery)
    area = form.value.area if form.value else None
    path, rows, squares, bounds = _public(form, area)
    page_freshness.shows(_day(), watch=False)
    names = areas.names(session(), {code for one in (*rows, *squares) for code in _codes(one.area_code)})
    page = render_template(
        "help_requests/nearby/public.html",
        form=form, area=area, path=path, rows=rows, squares=squares, names=names, words=labels, ages=AGE_LABELS,
        total=cell_counts.total(session(), area), day=cell_counts.day(session()),
        provinces=areas.children(session(), None),
        state={"cells_url": "/api/v1/help-requests/cells", "bounds": bounds},
    )  # fmt: skip
    return Response(page, form.status, mimetype="text/html")


def _public(form: Asked[PublicQuery], area: str | None) -> tuple[Any, list[Any], list[Any], list[float] | None]:
    inside = [area] if area else []
    try:
        path = areas.path_of(session(), area) if area else []
        bounds = areas.frame(session(), area).edges
    except NotFound:
        form.problems["area"] = [gettext("There is no area with the code %(code)s.", code=area)]
        return [], [], [], None
    level = BELOW[len(area or "")]
    rows = cell_counts.counts(session(), level=level, areas=inside)[0]
    squares = cell_counts.counts(session(), areas=inside)[0] if level == "tambon" else []
    return path, rows, squares, bounds


def _codes(code: str) -> set[str]:
    return {code[:length] for length in (2, 4, 6) if length <= len(code)}
