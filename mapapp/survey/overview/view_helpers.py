"""What the officers' page of the survey, its map and its files are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.areas.models import COUNTRY
from mapapp.core.errors import N_, NotFound
from mapapp.survey import view_helpers
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.overview import painting, queries, service
from mapapp.survey.overview.schemas import Line, OverviewQuery
from mapapp.survey.overview.service import Shown
from mapapp.survey.rounds.schemas import Round
from mapapp.survey.view_helpers import village_words
from mapapp.web.i18n import here
from mapapp.web.params import Asked, asked
from mapapp.web.request import session

VIEW: Final = "survey.view"


def round_of(wanted: int | None, found: list[Round], area: str) -> Round | None:
    """The round that is asked for; else the first that is open in the area."""
    if wanted is not None:
        chosen = next((one for one in found if one.id == wanted), None)
        if chosen is None:
            raise NotFound(N_("This survey was not found."))
        return chosen
    here = [one for one in found if one.covers(area) or area == "TH" or one.area_code.startswith(area)]
    return next(iter(here), None)


@dataclass(frozen=True)
class Reading:
    """What the page of an area, its map and its files are made from."""

    form: Asked[Any]
    wanted: OverviewQuery
    area: str
    rounds: list[Round]
    round: Round | None
    shown: Shown


def reading(model: type[OverviewQuery] = OverviewQuery) -> Reading:
    """What the address asks for, with its figures.

    Raises:
        NotAllowed: the area is none of the reader's.
        NotFound: there is no such survey there.
    """
    form = asked(model)
    wanted = form.value or model()
    area = edge.my_area(VIEW)
    found = [one for one in view_helpers.rounds_of(VIEW) if one.opened_at is not None]
    chosen = round_of(wanted.round, found, area)
    return Reading(form, wanted, area, found, chosen, service.shown(session(), chosen, area))


def map_state(read: Reading, villages: Mapping[str, str]) -> dict[str, Any]:
    """What the map shows, handed in by the page: its frame is nobody and may ask for nothing of this."""
    wanted, shown = read.wanted, read.shown
    return {
        "level": shown.level, "within": None if read.area == COUNTRY else read.area,
        "metric_label": painting.heading(wanted.group, wanted.figure, here()),
        "figures": painting.values(shown.painted, wanted.group, wanted.figure, shown.level),
        "bounds": areas.frame(session(), read.area).edges, "villages": village_points(read, villages),
    }  # fmt: skip


def village_points(read: Reading, villages: Mapping[str, str]) -> list[dict[str, Any]]:
    """The villages of an amphoe or a tambon whose place is known, as ``VillageDots`` takes them."""
    if not read.shown.is_by_village:
        return []
    places = queries.points(session(), read.area)
    lines = ((line, places[line.code]) for line in read.shown.lines if line.code in places)
    return [
        {
            "lat": place.lat, "lon": place.lon, "name": villages[line.code],
            "told": painting.told(line, read.wanted.group, read.wanted.figure, here()),
        }
        for line, place in lines
    ]  # fmt: skip


def villages_of(lines: list[Line]) -> dict[str, str]:
    """The villages among these rows in words, by code."""
    codes = [line.code for line in lines if len(line.code) == 8]
    return {code: village_words(one) for code, one in assigning.named(session(), codes).items()}
