"""The page that tries one more facility at a place: by a tap, by a place's name, by keyboard, without scripts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from mapapp.areas import queries as areas
from mapapp.areas.resolving import with_geocoder
from mapapp.core import geo
from mapapp.core.errors import N_, Invalid, message_of
from mapapp.coverage import labels
from mapapp.coverage.models import RADII_KM
from mapapp.coverage.one_more import one_more
from mapapp.coverage.one_more_schemas import OneMore, OneMoreForm, OneMoreQuery
from mapapp.coverage.schemas import FigureQuery
from mapapp.coverage.unconfirmed import Unconfirmed, by_kind
from mapapp.coverage.view_helpers import limited
from mapapp.facilities.labels import KIND_LABELS
from mapapp.web import forms
from mapapp.web.i18n import gettext, here, tell
from mapapp.web.params import Asked, asked
from mapapp.web.request import session

pages = Blueprint("one_more", __name__)

PLACES = 10
ROWS = 30


@dataclass
class Answer:
    """The place, the places to choose from, and what a facility there would change."""

    point: geo.Point | None = None
    label: str = ""
    places: with_geocoder.Found = field(default_factory=with_geocoder.Found)
    found: OneMore | None = None
    path: Any = ()


@pages.get("/coverage/one-more")
def page() -> Response:
    """What one more facility at a place would change, before it is built. With HX-Request only the answer."""
    form = asked(OneMoreForm)
    typed = OneMoreForm() if form.value is None else form.value
    left = by_kind(session(), [typed.kind])[typed.kind]
    said = "stale" in form.typed and form.typed["stale"] != ""
    typed = typed.model_copy(update={"stale": left.counted(typed.stale if said else None)})
    answer = _answer(form, typed)
    fragment = (
        request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"
    )
    response = make_response(
        render_template(
            "coverage/_one_more.html" if fragment else "coverage/one_more.html",
            form=form,
            typed=typed,
            chosen=typed.model_dump(),
            answer=answer,
            found=answer.found,
            fragment=fragment,
            kinds=KIND_LABELS,
            radius_options=[(km, gettext(N_("%(km)s km"), km=km)) for km in RADII_KM],
            translated=[(value, gettext(label)) for value, label in KIND_LABELS.items()],
            basis=labels.of_unconfirmed(left, here(), counted=typed.stale),
            left=left,
            otherwise=_otherwise(typed, left),
            rows=ROWS,
            state=_state(typed, answer),
        ),
        form.status,
    )
    response.vary.add("HX-Request")
    response.headers["Cache-Control"] = "private, no-store"  # the address can contain a person's location
    return response


def _answer(form: Asked[OneMoreForm], typed: OneMoreForm) -> Answer:
    answer = Answer(point=typed.point if form.value is not None else None, label=typed.place)
    if form.value is None:
        return answer
    if typed.place and (typed.place != typed.at or answer.point is None):
        answer = _by_name(form, typed.place)
    elif answer.point is None and (typed.lat is not None or typed.lon is not None):
        form.problems["place"] = [gettext("Give both lat and lon, or enter a place name.")]
    if answer.point is None:
        return answer
    limited()
    wanted = OneMoreQuery(
        lat=answer.point.lat, lon=answer.point.lon, kind=typed.kind, radius_km=typed.radius_km, stale=typed.stale
    )
    try:
        answer.found = one_more(session(), wanted, "place")
    except Invalid as error:
        forms.problem(form, error)
        return Answer(label=typed.place)
    answer.path = areas.path_of(session(), answer.found.tambon)
    return answer


def _by_name(form: Asked[OneMoreForm], name: str) -> Answer:
    try:
        places = with_geocoder.find(name, PLACES)
    except ValueError as error:
        form.problems["place"] = [tell(message_of(error))]
        return Answer(label=name)
    if places.meant.point is not None:
        return Answer(point=places.meant.point, label=name)
    if places.elsewhere is not None:
        form.problems["place"] = [tell(places.elsewhere.said)]
    elif places.meant.place is not None and not places.beyond:
        return Answer(point=places.meant.place.point, label=name)
    elif not places.ours and not places.beyond:
        form.problems["place"] = [gettext("No place of this name was found. Try the tambon or the amphoe.")]
    return Answer(label=name, places=places)


def _otherwise(typed: OneMoreForm, left: Unconfirmed) -> str | None:
    """The same page, counting what this one leaves out, or the other way round; None where there is no such thing."""
    if not left.count:
        return None
    kept = typed.model_dump(exclude={"stale", "at"}, exclude_none=True, exclude_defaults=True)
    if typed.place and typed.point is not None:
        kept["at"] = typed.place
    address: str = url_for("one_more.page", **kept, stale=int(not typed.stale))
    return address


def _state(typed: OneMoreForm, answer: Answer) -> dict[str, Any]:
    """What the map shows: the tambons of the province in question by people beyond reach, and the place with its
    circle."""
    within = answer.found.areas[-1].code if answer.found and answer.found.areas else (typed.within or "")[:2] or None
    query = FigureQuery(
        level="tambon" if within else "province",
        kind=typed.kind,
        metric="beyond_people",
        radius_km=typed.radius_km,
        within=within,
        stale=typed.stale,
    )
    shown = query.model_dump(include={"level", "metric", "kind", "radius_km", "within"}, exclude_none=True)
    point = answer.point
    return {
        **shown,
        "within": within,
        "values_url": url_for("coverage_api.values", **shown, stale=1 if typed.stale else None),
        "bounds": None if point else areas.frame(session(), within).edges,
        "metric_label": labels.heading(query, here()),
        "counted": labels.counted(query, here()),
        "site": None if point is None else {"lat": point.lat, "lon": point.lon, "radius_km": typed.radius_km},
    }
