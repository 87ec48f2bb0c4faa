"""Pages of the areas room: find a place by name."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from mapapp.areas import schemas
from mapapp.areas.address_lines import address_line, address_of
from mapapp.areas.labels import LEVEL_LABELS, LICENCES, SOURCES
from mapapp.areas.resolving import with_geocoder
from mapapp.core.errors import message_of
from mapapp.web.i18n import gettext, per_request, tell
from mapapp.web.params import Asked, asked
from mapapp.web.request import config

pages = Blueprint("areas", __name__)

SHOWN = 20


@pages.app_template_filter("level_label")
@per_request
def level_label(level: str) -> str:
    """What a level of areas is called, in the page's language."""
    return gettext(LEVEL_LABELS[level])


@pages.app_template_filter("licence_of_area")
@per_request
def licence_of_area(stored: str) -> str:
    """The licence of boundaries of a source; empty where it is not known."""
    return LICENCES.get(stored, "")


@pages.app_template_filter("source_of_area")
@per_request
def source_of_area(stored: str | None) -> str:
    """Where boundaries or figures come from, in the page's language as far as we know it."""
    known = SOURCES.get(stored or "")
    return gettext(known) if known else stored or "–"


pages.add_app_template_global(address_of, "address_of")
pages.add_app_template_global(address_line, "address_line")


@pages.app_template_global("help_elsewhere")
def help_elsewhere() -> dict[str, str]:
    """Where people outside the area of this service find help: a phone number, and a link that can be empty."""
    return {"phone": config().help_line, "url": config().help_elsewhere_url}


@pages.get("/places")
def places() -> Response:
    """Areas and villages by that name, and places beyond our names where a geocoder is configured."""
    form = asked(schemas.PlacesQuery)
    text = form.value.q if form.value else None
    # Going back, htmx asks for the page as a whole.
    fragment = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    found = _found(form, text) if text else with_geocoder.Found()
    context: dict[str, Any] = {
        "fragment": fragment,
        "form": form,
        "text": text,
        "found": found,
        "elsewhere_said": tell(found.elsewhere.said) if found.elsewhere else "",
        "next": form.value.next if form.value else None,
    }
    template = "areas/_places.html" if fragment else "areas/places.html"
    response = make_response(render_template(template, **context), form.status)
    response.vary.add("HX-Request")
    response.headers["Cache-Control"] = "private, no-cache"  # the address can contain a person's location
    return response


def _found(form: Asked[schemas.PlacesQuery], text: str) -> with_geocoder.Found:
    try:
        return with_geocoder.find(text, SHOWN)
    except ValueError as error:
        form.problems["q"] = [tell(message_of(error))]
        return with_geocoder.Found()
