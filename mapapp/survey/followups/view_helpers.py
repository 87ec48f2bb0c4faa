"""What the pages of follow-ups share: who asks, and a page with its words."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any, Final

from flask import Response, g

from mapapp.accounts import edge
from mapapp.core import phones
from mapapp.help_requests.labels import KIND_LABELS, OUTCOME_LABELS
from mapapp.survey import view_helpers
from mapapp.survey.followups import queries, reasons, rights
from mapapp.survey.followups.consent import CONSENT, CONSENT_VERSION, days
from mapapp.survey.followups.schemas import Listed
from mapapp.web.request import config, session

WORDS: Final[dict[str, Any]] = {
    "reasons": reasons.REASONS,
    "follow_up_states": reasons.STATES,
    "spoken_languages": reasons.SPOKEN,
    "view_reasons": reasons.VIEW_REASONS,
    "kind_labels": KIND_LABELS,
    "outcome_labels": OUTCOME_LABELS,
    "consent": CONSENT,
    "consent_version": CONSENT_VERSION,
    "spoken": phones.spoken,
    "households": view_helpers.household_words,
}


FOLLOW_UP_WORDS: Final[dict[str, Any]] = {
    "follow_up_reasons": reasons.REASONS, "follow_up_states": reasons.STATES,
}  # fmt: skip
"""For the page of someone's villages."""

SHOWN: Final = 10
"""Unfinished follow-ups on the page of someone's villages; the others are on their own page."""


def page(name: str, status: int = 200, *, codes: Collection[str] = (), **values: Any) -> Response:
    """A page about follow-ups in these villages."""
    given = {
        **WORDS, "consent_days": days(config()), "villages": view_helpers.villages_named(codes),
        "names": view_helpers.tambons_of(codes), **values,
    }  # fmt: skip
    return view_helpers.page(f"followups/{name}", status, **given)


def me() -> uuid.UUID:
    """Who asks."""
    found = edge.actor().person_id
    assert found is not None
    return found


def my_follow_ups() -> list[Listed]:
    """The unfinished follow-ups that someone wrote down, in the areas that are still theirs."""
    mine = edge.my_areas(rights.OWN)
    return queries.listed(session(), queries.inside(mine), queries.of_person(me()), limit=SHOWN) if mine else []


def waiting(area: str | None = None) -> int:
    """How many open follow-ups wait for the one who asks, in all their areas or in one; one statement for a page."""
    mine = edge.my_areas(rights.ALL)
    if not mine or (area is not None and not edge.may(rights.ALL, area)):
        return 0
    known: dict[tuple[str, ...], int] = g.setdefault("survey_follow_ups", {})
    wanted = tuple(mine) if area is None else (area,)
    if wanted not in known:
        known[wanted] = queries.waiting(session(), wanted)
    return known[wanted]
