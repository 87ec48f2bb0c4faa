"""Pages of the areas room: find a place by name."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from mapapp.areas import finding, schemas
from mapapp.areas.labels import LEVEL_LABELS
from mapapp.web.i18n import gettext, per_request
from mapapp.web.params import asked

pages = Blueprint("areas", __name__)

SHOWN = 20


@pages.app_template_filter("level_label")
@per_request
def level_label(level: str) -> str:
    """What a level of areas is called, in the page's language."""
    return gettext(LEVEL_LABELS[level])


@pages.get("/places")
def places() -> Response:
    """Areas and villages by that name, and places beyond our names where a geocoder is configured."""
    form = asked(schemas.PlacesQuery)
    text = form.value.q if form.value else None
    # Going back, htmx asks for the page as a whole.
    fragment = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    context: dict[str, Any] = {
        "fragment": fragment,
        "form": form,
        "text": text,
        "found": finding.find(text, SHOWN) if text else finding.Found(),
        "next": form.value.next if form.value else None,
    }
    template = "areas/_places.html" if fragment else "areas/places.html"
    response = make_response(render_template(template, **context), form.status)
    response.vary.add("HX-Request")
    response.headers["Cache-Control"] = "private, no-cache"  # the address may say where somebody is
    return response
