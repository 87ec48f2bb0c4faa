"""A typed place name for a page: our own names first, and a configured geocoder for what they do not know."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from mapapp.areas import queries
from mapapp.areas.geocoder import Geocoded, Geocoder
from mapapp.areas.outside_places import Elsewhere, told_apart
from mapapp.areas.queries import Place
from mapapp.web.i18n import language
from mapapp.web.limits import within_limit
from mapapp.web.request import config, session

GEOCODER_LIMIT = "30 per minute"
"""How often one address may have the geocoder asked. Beyond it our own names go on answering: behind one address of a
mobile network may be thousands of people."""

EXACT = 0.99
"""From this score on a name is ours as it was typed."""


@dataclass(frozen=True)
class Found:
    """Places by name: ours, best first, then what the geocoder knows. ``failed``: it should have been asked and did
    not answer. ``elsewhere``: a place of that name outside the provinces of this service."""

    ours: tuple[Place, ...] = ()
    beyond: tuple[Geocoded, ...] = ()
    failed: bool = False
    elsewhere: Elsewhere | None = None


def find(text: str, limit: int) -> Found:
    """Places of this name; for the views of any room.

    The geocoder is asked only if our own names have no exact answer: its host belongs to others.
    """
    found, there = told_apart(session(), text, queries.search(session(), text, limit))
    ours = tuple(found)
    if not config().geocoder_url or any(place.score > EXACT for place in ours):
        return Found(ours, elsewhere=there)
    beyond = _geocoder().find(text, language()) if within_limit("geocoder", GEOCODER_LIMIT) else None
    return Found(ours, failed=True, elsewhere=there) if beyond is None else Found(ours, beyond, elsewhere=there)


def _geocoder() -> Geocoder:
    made: Geocoder | None = current_app.extensions.get("mapapp_geocoder")
    if made is None:
        made = Geocoder(config().geocoder_url, config().geocoder_user_agent)
        current_app.extensions["mapapp_geocoder"] = made
    return made
