"""What the pages of the survey share: words, names of villages, what stands around a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from flask import Response, make_response, render_template, request
from pydantic import BaseModel

from mapapp.accounts import edge
from mapapp.accounts.labels import ROLES
from mapapp.accounts.people.view_helpers import area_words
from mapapp.areas import queries as areas
from mapapp.areas.results import AreaName, AreaRow
from mapapp.core.errors import N_, invalid
from mapapp.survey import groups, labels
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.assigning.schemas import VillageName
from mapapp.survey.rounds import queries as rounds
from mapapp.survey.rounds.schemas import Round
from mapapp.web import forms
from mapapp.web.i18n import gettext, here, name_of
from mapapp.web.params import Asked
from mapapp.web.request import now, session


def on_phone() -> str:
    """Who asks, as a phone knows them: it tells people apart, and says nothing about them."""
    return edge.vault().index(str(edge.actor().person_id), "outbox").hex()[:24]


WORDS: Final[dict[str, Any]] = {
    "on_phone": on_phone,
    "groups": groups.GROUPS,
    "group_names": {group.code: group.name for group in groups.GROUPS},
    "fields": groups.FIELDS,
    "rule": groups.RULE,
    "state_names": labels.STATE_LABELS,
    "mark_names": labels.MARK_LABELS,
    "step_names": labels.STEP_LABELS,
    "unit_names": labels.UNIT_LABELS,
    "round_states": labels.ROUND_STATES,
    "area_words": area_words,
    "data_volunteer": ROLES["data_volunteer"],
}
"""For every template of this room."""


def page(name: str, status: int = 200, **values: Any) -> Response:
    """A page of this room; nothing of it is kept by a browser, and no other site learns its address."""
    given = {"now": now(), "joined": joined, "differing": differing, **WORDS, **values}
    made = make_response(render_template(f"survey/{name}.html", **given), status)
    made.headers["Cache-Control"] = "no-store"
    made.headers["Referrer-Policy"] = "same-origin"
    return made


def village_words(village: VillageName) -> str:
    """“หมู่ที่ 3 บ้านดอน”, “Village 3 Ban Don”; by its number alone where it is in no list."""
    number = gettext("Village %(number)s", number=village.number)
    name = name_of(village) if village.name_th else ""
    return f"{number} {name}" if name else number


def step_asked(models: Mapping[str, type[BaseModel]]) -> Asked[Any]:
    """What was sent by a page with several forms: its field ``do`` says by which, and so what is read.

    Raises:
        Invalid: by none of them.
    """
    model = models.get(request.form.get("do", ""))
    if model is None:
        raise invalid("do", N_("Choose one from the list."))
    return forms.posted(model)


def joined(*parts: str) -> str:
    """House, village and tambon in one line: Thai puts a space between them, English a comma."""
    return here().separator.join(parts)


def differing(first: Mapping[str, Mapping[str, int]], second: Mapping[str, Mapping[str, int]]) -> str:
    """What to look at in two records of one household: the target groups whose numbers differ."""
    names = [gettext(one.name) for one in groups.GROUPS if first.get(one.code) != second.get(one.code)]
    if not names:
        return gettext("Both records have the same numbers.")
    return gettext("The records differ in: %(groups)s", groups=", ".join(names))


def villages_named(codes: Collection[str]) -> dict[str, str]:
    """Villages in words, by code."""
    return {code: village_words(one) for code, one in assigning.named(session(), codes).items()}


def tambons_of(codes: Collection[str]) -> dict[str, AreaName]:
    """The names of the tambons of these villages, and of what they lie in."""
    return areas.with_parents(session(), {code[:6] for code in codes})


def my_tambons(action: str) -> list[AreaRow]:
    """The tambons in which the one who asks may do this, to choose from; at most what a list on a phone can have."""
    found: list[AreaRow] = []
    for area in edge.my_areas(action):
        found += areas.listed(session(), level="tambon", within=area, limit=400)
    return found[:400]


def household_words(household: str | None) -> str:
    """“House 12/3”, or that it is the whole village."""
    return gettext("Whole village") if household is None else gettext("House %(number)s", number=household)


def rounds_of(action: str, *, begun: bool = False) -> list[Round]:
    """The rounds that have to do with the areas in which the one who asks may do this."""
    return rounds.listed(session(), edge.my_areas(action), begun=begun)
