"""Who may see and end a follow-up: who wrote it down, and the officers of its village."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from mapapp.accounts import policy
from mapapp.core.actors import Actor
from mapapp.survey.followups import queries
from mapapp.survey.followups.schemas import Listed

OWN: Final = "survey.follow_up"
"""Writes follow-ups down, and works on one's own."""

ALL: Final = "survey.follow_ups"
"""Works on all follow-ups of an area."""


def demand(actor: Actor, row: Listed, now: datetime) -> Actor:
    """The actor, by the appointment that lets them see this follow-up.

    Raises:
        NotFound: it is not theirs; whether it exists is not said.
        NotSignedIn, StepNeeded, NotAllowed: as ``policy.demand``.
    """
    tambon = row.village_code[:6]
    if is_officer(actor, row):
        return policy.demand(actor, ALL, tambon, now)
    if row.by_person is None or row.by_person != actor.person_id:
        raise queries.not_there()
    return policy.demand(actor, OWN, tambon, now)


def is_officer(actor: Actor, row: Listed) -> bool:
    """Whether the actor is an officer of its village."""
    return sees_all(actor, row.village_code)


def sees_all(actor: Actor, village_code: str) -> bool:
    """Whether the actor works on all follow-ups of this village."""
    return policy.may(actor, ALL, village_code[:6]) is not None
