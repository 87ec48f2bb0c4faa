"""Rate limit for views of single requests: a person who asks from many locations learns more than a resident of one."""

from __future__ import annotations

from mapapp.accounts import edge
from mapapp.core.errors import N_, TooMany
from mapapp.web import limits

NEARBY = "requests.nearby"
"""The action of the policy."""

OFTEN = "60 per minute"


def within_share() -> None:
    """Counts one view.

    Raises:
        TooMany: this person, or this address, has reached the limit per minute.
    """
    actor = edge.actor()
    who = str(actor.person_id) if actor.is_signed_in else edge.address()
    wait = limits.wait_s("nearby", OFTEN, who)
    if wait:
        raise TooMany(wait, N_("You asked for this too many times. Wait a few minutes."))
