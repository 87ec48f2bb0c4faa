"""The one place that says whether somebody records where they should: by their appointment and the assignments.

Nothing is dropped for it. What is recorded elsewhere is taken in with a mark and waits for an officer, because a phone
may have been without a signal when an assignment was taken back.
"""

from __future__ import annotations

from typing import Final, Literal

from mapapp.accounts import policy
from mapapp.core.actors import Actor

ENTER: Final = "survey.enter"
MANAGE: Final = "survey.manage"

Standing = Literal["mine", "withdrawn", "others", "free"]
"""How somebody stands to a village in a round: it is theirs, was theirs, is somebody else's, or nobody's."""


def marks(actor: Actor, village_code: str, standing: Standing) -> list[str]:
    """Why an officer should look at what this actor records in this village (``labels.MARK_LABELS``); empty: no reason.

    A village that nobody has may be recorded by every data volunteer of its area; officers record anywhere in theirs.
    """
    tambon = village_code[:6]
    if policy.may(actor, MANAGE, tambon) is not None:
        return []
    if policy.may(actor, ENTER, tambon) is None:
        return ["elsewhere"]
    return {"withdrawn": ["withdrawn"], "others": ["not_assigned"]}.get(standing, [])
