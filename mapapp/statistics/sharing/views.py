"""Everyone's pages to pass a Friday on: ten lines to copy, the card as a picture, a page that prints on two sheets."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, make_response, render_template, request, url_for

from mapapp.accounts.people.view_helpers import area_words
from mapapp.core.addresses import network
from mapapp.core.errors import N_, TooMany
from mapapp.statistics.sharing import card, lines
from mapapp.statistics.sharing.view_helpers import friday_of, sheet
from mapapp.web import limits
from mapapp.web.cache import cached
from mapapp.web.request import config

pages = Blueprint("statistics_sharing", __name__)

DATA: Final = ("areas", "statistics")

LIMIT: Final = "60 per minute"
"""Cards drawn for one address; those that are kept cost nothing and are not counted."""


@pages.get("/statistics/<code>/friday")
@cached(*DATA, takes=())
def page(code: str) -> Response:
    """The last Friday of an area on one page that prints on two sheets; ten lines to copy, and a card."""
    told = sheet(code)
    image = config().own_address() + url_for("statistics_sharing.picture", code=code)
    return make_response(
        render_template(
            "statistics/share.html", code=code, told=told, lines=lines.text(told.friday), image=image,
            area_words=area_words,
        )
    )  # fmt: skip


@pages.get("/statistics/<code>/friday.png")
@cached(*DATA, max_age=300, takes=())
def picture(code: str) -> Response:
    """The last Friday of an area as a picture of 1200 × 630 pixels."""
    told, _newest, _teller = friday_of(code)
    wait = limits.wait_s("picture", LIMIT, network(request.remote_addr or "unknown"))
    if wait:
        raise TooMany(wait, N_("Too many pictures were asked for from your network. Try again later."))
    return Response(card.png(told), mimetype="image/png")
