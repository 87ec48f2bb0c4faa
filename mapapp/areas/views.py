"""Pages of the areas room: find a place by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request

from mapapp.areas import queries, schemas
from mapapp.areas.geocoder import Geocoded, Geocoder
from mapapp.web.i18n import language
from mapapp.web.limits import limit
from mapapp.web.params import asked
from mapapp.web.request import config, session

pages = Blueprint("areas", __name__)

SHOWN = 20


@dataclass(frozen=True)
class Beyond:
    """What the configured geocoder knows: ``failed`` where it was asked and did not answer."""

    places: tuple[Geocoded, ...] = ()
    failed: bool = False


@pages.get("/places")
@limit("30 per minute", exempt_when=lambda: not config().geocoder_url)
def places() -> Response:
    """Areas and villages by that name, and places beyond our names where a geocoder is configured."""
    form = asked(schemas.PlacesQuery)
    text = form.value.q if form.value else None
    found = queries.search(session(), text, SHOWN) if text else []
    # Going back, htmx asks for the page as a whole.
    fragment = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    context: dict[str, Any] = {
        "fragment": fragment,
        "form": form,
        "text": text,
        "found": found,
        "beyond": _beyond(text, found) if text else Beyond(),
        "next": form.value.next if form.value else None,
    }
    template = "areas/_places.html" if fragment else "areas/places.html"
    response = make_response(render_template(template, **context), form.status)
    response.headers["Vary"] = "HX-Request"
    response.headers["Cache-Control"] = "private, no-cache"  # the address may say where somebody is
    return response


def _beyond(text: str, found: list[queries.Place]) -> Beyond:
    """Asks the geocoder only where our own names have no exact answer: its host is somebody else's machine."""
    if not config().geocoder_url or any(place.score > 0.99 for place in found):
        return Beyond()
    places = _geocoder().find(text, language())
    return Beyond(failed=True) if places is None else Beyond(places)


def _geocoder() -> Geocoder:
    made: Geocoder | None = current_app.extensions.get("mapapp_geocoder")
    if made is None:
        made = Geocoder(config().geocoder_url, config().geocoder_user_agent)
        current_app.extensions["mapapp_geocoder"] = made
    return made
