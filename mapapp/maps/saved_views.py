"""“Save map”: the map of a page as one file that opens without a network."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.areas.models import COUNTRY
from mapapp.core import formats, geo
from mapapp.core.addresses import network
from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, NotFound, TooMany
from mapapp.coverage import labels, unconfirmed
from mapapp.facilities import nearest as near
from mapapp.facilities.console import queries as console
from mapapp.facilities.console import view_helpers
from mapapp.facilities.console.query_params import Filters
from mapapp.facilities.freshness import lifetimes
from mapapp.facilities.labels import FRESHNESS, KIND_LABELS, STATUS_LABELS
from mapapp.facilities.query_params import NearestQuery
from mapapp.maps import saved
from mapapp.maps.schemas import SavedQuery
from mapapp.survey.overview import view_helpers as survey
from mapapp.web import limits
from mapapp.web.cache import cached
from mapapp.web.i18n import gettext, here, name_of
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
    about = _about(labels.of_unconfirmed(left, here(), counted=wanted.stale))
    place = wanted.chosen or wanted.within or COUNTRY
    made = saved.coverage(session(), wanted, about, chosen=wanted.chosen)
    shown = None if place == COUNTRY else areas.get(session(), place)
    spoken = (name_of(shown) if shown else gettext("All of Thailand"), gettext(KIND_LABELS[wanted.kind]))
    return _file(made, f"coverage-{place}-{wanted.kind}", *spoken)


@pages.get("/maps/saved/nearest")
def nearest() -> Response:
    """The map of ``/nearest`` as one HTML file: what the API answers to the same query."""
    wanted = query(NearestQuery)
    _counted()
    asked = near.Wanted.of(wanted)
    found = near.nearest(session(), wanted.point, asked, limit=wanted.limit, lifetimes=lifetimes(config()), now=now())
    near.refuse_outside(session(), wanted.point, found)
    response = _file(
        saved.nearest(session(), found, _whole(wanted.point), _about()), "nearest", gettext("The nearest facility")
    )
    response.headers["Cache-Control"] = "private, no-store"  # it says where somebody is
    return response


@pages.get("/officer/facilities/map")
@edge.officer_page("facilities.export")
def table() -> ResponseReturnValue:
    """The map beside the officers' table as one HTML file; recorded in the audit log."""
    area = edge.my_area("facilities.export")
    acting = edge.demand("facilities.export", area)
    known = lifetimes(config())
    wanted = query(Filters)
    conditions = console.matching(wanted, area, known, now())
    found = console.dots(session(), conditions, known, now(), limit=view_helpers.MOST_DOTS)
    missing = console.total(session(), conditions) - len(found)
    edge.on_record("facilities.export", "facilities", "html", by=acting, area_code=area)
    about = _about(*_of_the_table(wanted, missing))
    return _file(
        saved.table(session(), view_helpers.dots(found), area, about), f"facilities-{area}", gettext("Facilities")
    )


@pages.get("/officer/survey/map")
@edge.officer_page(survey.VIEW)
def survey_figures() -> ResponseReturnValue:
    """The map beside the officers' figures of the vaccination survey as one HTML file; recorded in the audit log."""
    read = survey.reading()
    acting = edge.demand(survey.VIEW, read.area)
    if read.round is None:
        raise NotFound(N_("This survey was not found."))
    state = survey.map_state(read, survey.villages_of(read.shown.lines))
    edge.on_record("survey.export", "survey", read.round.id, by=acting, area_code=read.area)
    notes = [f"{read.round.name}{' · ' + gettext('Example') if read.round.is_example else ''}"]
    notes.append(gettext("Figures of people who live there and were recorded, for officers."))
    place = None if read.area == COUNTRY else read.area
    made = saved.survey(session(), state, state["metric_label"], place, _about(*notes))
    return _file(made, f"survey-{read.area}", gettext("Vaccination survey"))


def _of_the_table(wanted: Filters, missing: int) -> list[str]:
    """What of the table is in the file, and what is not."""
    filters = [
        gettext(texts[chosen])
        for texts, chosen in ((KIND_LABELS, wanted.kind), (STATUS_LABELS, wanted.status), (FRESHNESS, wanted.freshness))
        if chosen
    ]
    filters += [f"“{wanted.q}”"] if wanted.q else []
    filters += [gettext("With problem reports")] if wanted.reports else []
    lines = [gettext("From the officers' table: only facilities that the person who saved it may see there.")]
    if filters:
        lines.append(gettext("Only with these filters: %(filters)s", filters=" · ".join(filters)))
    if missing > 0:
        lines.append(saved.left_out(missing, here()))
    return lines


def _whole(point: geo.Point) -> geo.Point:
    return geo.Point(lat=round(point.lat, 6), lon=round(point.lon, 6))


def _counted() -> None:
    wait = limits.wait_s("saved map", LIMIT, network(request.remote_addr or "unknown"))
    if wait:
        raise TooMany(wait, N_("Too many maps were saved from your network. Try again later."))


def _about(*notes: str) -> saved.About:
    return saved.About(now(), lifetimes(config()), here(), config().signature, notes)


def _file(text: str, name: str, *spoken: str) -> Response:
    """The answer.

    Args:
        text: the document.
        name: of the file, for programs that know only ASCII.
        spoken: what its name says to people: a place, a kind.
    """
    response = Response(text, mimetype="text/html")
    day = f"{now().astimezone(BANGKOK):%Y-%m-%d}"
    plain = f"map-{name}-{day}.html"
    told = "-".join([gettext("map"), *filter(None, map(_in_a_name, (*spoken, formats.day(now(), here()))))])
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(f'{told}.html', safe='')}"
    )
    return response


def _in_a_name(text: str) -> str:
    """Text as a file's name may hold it on every system: letters with their marks and digits, the rest as hyphens."""
    kept = (sign if unicodedata.category(sign)[0] in "LMN" else "-" for sign in text)
    return re.sub("-+", "-", "".join(kept)).strip("-")[:60]
