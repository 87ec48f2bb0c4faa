"""Pages of the facilities room: the nearest facility, and one facility."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for

from mapapp.areas import queries as areas
from mapapp.areas.resolving import with_geocoder
from mapapp.areas.resolving.resolver import resolve
from mapapp.areas.resolving.results import ANYWHERE, Wanted
from mapapp.areas.results import AreaName
from mapapp.areas.search import Place
from mapapp.core import geo
from mapapp.core.errors import N_, Invalid, NotFound, message_of
from mapapp.facilities import features, formatting, hours, queries
from mapapp.facilities import nearest as near
from mapapp.facilities.alternatives import Instead, instead
from mapapp.facilities.editing import queries as merged
from mapapp.facilities.editing.redirects import moved_to
from mapapp.facilities.freshness import Lifetimes, lifetimes
from mapapp.facilities.query_params import NearestForm
from mapapp.facilities.view_counts import Uses
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import gettext, per_request, tell
from mapapp.web.params import Asked, asked
from mapapp.web.request import config, now, session

pages = Blueprint("facilities", __name__)
pages.app_template_filter("kind_label")(per_request(formatting.kind))
pages.app_template_filter("source_of_facility")(per_request(formatting.source))
pages.app_template_filter("of_when")(per_request(formatting.of_when))

SHOWN = 20
"""Facilities in the answer of the page; the API gives up to 100."""

PLACES = 10
_SAME_POINT = 2e-6  # degrees: addresses carry six decimals
RADII_KM = (5, 10, 20, 50)


def _path(tambon_code: str | None) -> Sequence[AreaName]:
    """The province, amphoe and tambon of a facility, for its page."""
    return areas.path_of(session(), tambon_code) if tambon_code else ()


@dataclass
class Answer:
    """What the page answers: the point, the places to choose from, or the facilities found."""

    point: geo.Point | None = None
    label: str = ""
    """The name the point was found by."""
    used: Place | None = None
    """The place of ours that those words were taken for."""
    around: areas.AreaPath | None = None
    """Where a point by that name lies that is none of our places."""
    places: with_geocoder.Found = field(default_factory=with_geocoder.Found)
    found: list[near.Found] = field(default_factory=list)
    left_out: int = 0
    """Closer facilities that are stale."""
    all_stale: bool = False
    """There is no other here: so those are given, and it is said."""
    instead: Instead | None = None
    """Where nothing was found: what there is without the filters."""

    def map_state(self, known: Lifetimes, moment: datetime, max_km: float | None) -> dict[str, Any]:
        """What the map shows: public facts, the place asked about, and how far around it was looked."""
        origin = None if self.point is None else [self.point.lon, self.point.lat]
        answer = near.Nearest(self.found, self.left_out)
        rings = [] if self.point is None or max_km is None else [max_km]
        found = features.nearest_collection(answer, known, moment)
        return {"origin": origin, "features": found, "rings_km": rings}


@pages.get("/nearest")
def nearest() -> Response:
    """The nearest facilities to here, to a place by name or to a tap on the map. With HX-Request only the answer."""
    form = asked(NearestForm)
    answer = _answer(form)
    known, moment = lifetimes(config()), now()
    fragment = (
        request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"
    )
    response = make_response(
        render_template(
            "facilities/_results.html" if fragment else "facilities/nearest.html",
            form=form,
            answer=answer,
            map_state=answer.map_state(known, moment, form.value.max_km if form.value else None),
            fragment=fragment,
            kinds=formatting.KINDS,
            radii=RADII_KM,
            most=SHOWN,
            said=formatting,
            lifetimes=known,
            now=moment,
        ),
        form.status,
    )
    response.vary.add("HX-Request")
    response.headers["Cache-Control"] = "private, no-cache"  # the address can contain a person's location
    return response


def _answer(form: Asked[NearestForm]) -> Answer:
    wanted = form.value
    if wanted is None:
        return Answer()
    answer = Answer(point=wanted.point, label=wanted.place)
    if wanted.place and (wanted.place != wanted.at or answer.point is None):
        answer = _by_name(form, wanted.place)
    elif wanted.place and answer.point is not None:
        _recall(answer)
    elif answer.point is None and (wanted.lat is not None or wanted.lon is not None):
        form.problems["place"] = [gettext("Give both lat and lon, or enter a place name.")]
    if answer.point is not None:
        asked_for = near.Wanted.of(wanted)
        made, answer.all_stale = near.nearest_or_old(
            session(), answer.point, asked_for, limit=SHOWN, lifetimes=lifetimes(config()), now=now()
        )
        try:
            near.refuse_outside(session(), answer.point, made, "place")
        except Invalid as error:
            forms.problem(form, error)
            return Answer(label=wanted.place)
        answer.found, answer.left_out = made.found, made.left_out
        if not made.found:
            answer.instead = instead(session(), answer.point, asked_for, now())
    return answer


def _by_name(form: Asked[NearestForm], name: str) -> Answer:
    try:
        places = with_geocoder.find(name, PLACES)
    except ValueError as error:
        form.problems["place"] = [tell(message_of(error))]
        return Answer(label=name)
    point, used = places.meant.point, places.meant.place
    if point is not None:
        return Answer(point=point, label=name, around=areas.area_at(session(), point))
    if places.elsewhere is not None:
        form.problems["place"] = [tell(places.elsewhere.said)]
        return Answer(label=name, places=places)
    if used is not None and not places.beyond:
        return Answer(point=used.point, label=name, used=used)
    if len(places.beyond) == 1 and not places.ours:
        return Answer(point=places.beyond[0].point, label=name)
    if not places.ours and not places.beyond:
        form.problems["place"] = [gettext("No place of this name was found. Try the tambon or the amphoe.")]
        if places.failed:
            form.problems["place"].append(gettext("You cannot search for shops, temples or streets right now."))
    return Answer(label=name, places=places)


def _recall(answer: Answer) -> None:
    """Which place the words of an address were taken for, so that the page can say it."""
    assert answer.point is not None
    try:
        found = resolve(session(), answer.label, Wanted(ANYWHERE)).found
    except ValueError:  # an address may say anything
        found = ()
    answer.used = next((place for place in found if _is_at(place, answer.point)), None)
    if answer.used is None:
        answer.around = areas.area_at(session(), answer.point)


def _is_at(place: Place, point: geo.Point) -> bool:
    return abs(place.lat - point.lat) < _SAME_POINT and abs(place.lon - point.lon) < _SAME_POINT


@pages.get("/facilities/<int:facility_id>")
def page(facility_id: int) -> str | Response:
    """All public facts of one facility; one that was joined with another leads to that."""
    pin = queries.get(session(), facility_id)
    if pin is None:
        raise NotFound(N_("Facility not found."))
    if pin.status == "closed" and (successor := merged.successor(session(), facility_id)) is not None:
        return moved_to(url_for("facilities.page", facility_id=successor))
    moment, known = now(), lifetimes(config())
    counted: Uses = current_app.extensions["mapapp_uses"]
    state = hours.state(pin, moment)
    same = page_freshness.unchanged(pin, state.reason, known.is_stale(pin.kind, pin.confirmed_at, moment), watch=False)
    if same is not None:
        return same
    if request.method == "GET":
        counted.opened(facility_id, moment)
    return render_template(
        "facilities/page.html",
        pin=pin,
        state=state,
        week=hours.week_of(pin, moment),
        path=_path(pin.tambon_code),
        map_state={
            "origin": None,
            "features": {"type": "FeatureCollection", "features": [features.feature(pin, known, moment)]},
        },
        said=formatting,
        lifetimes=known,
        now=moment,
    )
