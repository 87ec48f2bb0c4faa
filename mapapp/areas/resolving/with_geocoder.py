"""A typed place name for a page: our own names first, and a configured geocoder for what they do not know."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import current_app

from mapapp.areas.geocoder import Geocoded, Geocoder
from mapapp.areas.resolving.outside_places import Elsewhere
from mapapp.areas.resolving.resolver import resolve
from mapapp.areas.resolving.results import ANYWHERE, Resolved, Wanted
from mapapp.areas.search import Place
from mapapp.web.i18n import language
from mapapp.web.limits import within_limit
from mapapp.web.request import config, session

GEOCODER_LIMIT = "30 per minute"
"""How often one address may have the geocoder asked. Beyond it our own names go on answering: behind one address of a
mobile network may be thousands of people."""


@dataclass(frozen=True)
class Found:
    """What words mean, places by that name of ours, best first, and then what the geocoder knows. ``failed``: it should
    have been asked and did not answer."""

    meant: Resolved = field(default_factory=Resolved)
    ours: tuple[Place, ...] = ()
    beyond: tuple[Geocoded, ...] = ()
    failed: bool = False

    @property
    def elsewhere(self) -> Elsewhere | None:
        """A place of that name outside the provinces of this service."""
        return self.meant.elsewhere


def find(text: str, limit: int) -> Found:
    """Places of this name; for the views of any room.

    The geocoder is asked only where our own names leave something unanswered: its host belongs to others.

    Raises:
        ValueError: coordinates that are none, or outside Thailand (``errors.message_of``).
    """
    meant = resolve(session(), text, Wanted(ANYWHERE, most=limit))
    ours = meant.found[:limit]
    if not config().geocoder_url or meant.answered:
        return Found(meant, ours)
    beyond = _geocoder().find(text, language()) if within_limit("geocoder", GEOCODER_LIMIT) else None
    return Found(meant, ours, failed=True) if beyond is None else Found(meant, ours, beyond)


def _geocoder() -> Geocoder:
    made: Geocoder | None = current_app.extensions.get("mapapp_geocoder")
    if made is None:
        made = Geocoder(config().geocoder_url, config().geocoder_user_agent)
        current_app.extensions["mapapp_geocoder"] = made
    return made
