"""The public page of the vaccinated (letter L4.2): a map, the table beside it, and what the figures are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for

from mapapp.areas import queries as areas
from mapapp.core.errors import N_
from mapapp.survey.publishing import queries
from mapapp.survey.publishing.rules import AT_LEAST, BREAKS, DATA
from mapapp.web.cache import cached
from mapapp.web.i18n import gettext
from mapapp.web.request import session

pages = Blueprint("survey_publishing", __name__)

LABEL, EXAMPLE = N_("Vaccinated, of the people who live there and were asked"), N_("Example")


def layer() -> dict[str, Any]:
    """What a map needs to know to paint the figures; the numbers it fetches itself, from the public address."""
    address = url_for("survey_published_api.values", lang=None)
    label = f"{gettext(EXAMPLE)}: {gettext(LABEL)}" if queries.holds_examples(session()) else gettext(LABEL)
    return {"level": "amphoe", "within": None, "values_url": address, "metric_label": label}


@pages.get("/vaccinated")
@cached(*DATA, every=300, takes=())
def index() -> Response:
    """The share of people with a dose by amphoe, where enough people were asked."""
    rows = queries.table(session())
    state = {**layer(), "bounds": areas.frame(session()).edges}
    made = render_template(
        "survey/vaccinated.html", rows=rows, state=state, breaks=BREAKS, at_least=AT_LEAST,
    )  # fmt: skip
    return make_response(made)
