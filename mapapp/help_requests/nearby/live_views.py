"""The stream through which open pages learn that something has changed in their areas."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, request
from sqlalchemy.orm import Session, sessionmaker

from mapapp.accounts import edge
from mapapp.core.errors import N_, TooMany
from mapapp.core.problem_types import UNAVAILABLE
from mapapp.help_requests.nearby.live_feed import FEED
from mapapp.help_requests.nearby.shared_search import Shared
from mapapp.web import limits, problems
from mapapp.web.i18n import gettext
from mapapp.web.live import Full, Hub, Stream

pages = Blueprint("help_live", __name__)

NEARBY, VIEW = "requests.nearby", "requests.view"
OFTEN = "30 per minute"
TRY_AGAIN_S = 60


def init(app: Flask, factory: sessionmaker[Session], *, threaded: bool) -> None:
    """Creates the application's watchers and the lists that they share.

    Args:
        factory: makes sessions for reading.
        threaded: whether this is the running service; in a test everything is one transaction, whose snapshot does not
            change.
    """
    app.extensions["mapapp_live"] = Hub(factory, FEED, threaded=threaded)
    app.extensions["mapapp_shared"] = Shared() if threaded else None


@pages.get("/live/requests")
@edge.officer_page(NEARBY)
def stream() -> Response:
    """Sends changes to open pages by server-sent events: ``changed`` with the tambons that have changed.

    ``?area=`` (a code) limits it; without it, all areas of this person. Changes count by the cell's tambon for
    volunteers, and for officers also by the exact one. ``again``: reload; ``aside``: another page of the same person
    has taken this place.
    """
    actor = edge.actor()
    wait = limits.wait_s("live", OFTEN, str(actor.person_id))
    if wait:
        raise TooMany(wait, N_("You asked for this too many times. Wait a few minutes."))
    cells, places = edge.my_areas(NEARBY), edge.my_areas(VIEW)
    if request.args.get("area"):
        area = edge.my_area(NEARBY)
        cells, places = (area,), (area,) if edge.may(VIEW, area) else ()
    if request.method == "HEAD":
        return Response(mimetype="text/event-stream")
    hub: Hub = current_app.extensions["mapapp_live"]
    try:
        who = f"{actor.person_id}/{actor.token_id or actor.session_id}"
        watcher = hub.watch(
            who, cells=cells, places=places, key=actor.token_id or actor.session_id, rights=frozenset(actor.standings)
        )
    except Full:
        said = gettext("Too many pages are open now. This page updates more slowly.")
        return problems.answer(UNAVAILABLE, said, retry_after_s=TRY_AGAIN_S)
    made = Response(Stream(hub, watcher), mimetype="text/event-stream", direct_passthrough=True)
    made.headers["X-Accel-Buffering"] = "no"  # a proxy that buffers answers would delay the updates
    return made
