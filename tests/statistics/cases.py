"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

from pydantic import BaseModel

from mapapp.statistics.confirming.schemas import ConfirmIn
from mapapp.statistics.ending import schemas as ending
from mapapp.statistics.parallel import schemas as parallel
from tests.architecture.matrix import AGE_ONLY, WATCHED, Freshness, Post

SWEPT: dict[str, str] = {
    "statistics_pending": "statistics",  # each note goes when it is counted
    "statistics_figures": "statistics",
    "statistics_measures": "statistics",
    "statistics_old_forms": "exports of old forms",
    "statistics_old_figures": "exports of old forms",
}
"""Table → the chore that takes out what has served its time."""

KEPT: dict[str, str] = {
    "statistics_confirmations": "who confirmed which Friday is part of the record",
    "statistics_endings": "when and why reporting ended in an area is part of the record",
    "statistics_snapshots": "one row for each Friday; the chain of them is the proof that none was changed",
    "statistics_frozen": "figures without anything that leads to a person, by area, as they were on a Friday",
    "statistics_published": "what was published stays as it was",
}
"""Table → why nothing is swept."""

FRESHNESS: dict[str, Freshness] = {
    "statistics.index": WATCHED,
    "statistics.area": WATCHED,
    "statistics.to_call": WATCHED,
    "statistics_ending.index": WATCHED,
    "statistics_weeks.index": WATCHED,
    "statistics_weeks.one": WATCHED,
    "statistics_weeks.to_call": WATCHED,
    "statistics_sharing.page": AGE_ONLY,
    "statistics_parallel.index": WATCHED,
    "statistics_parallel.one": WATCHED,
    "statistics_published.index": AGE_ONLY,
    "statistics_published.area": AGE_ONLY,
}
"""Page → how it says that it has changed."""

MODELS: dict[str, tuple[type[BaseModel], ...]] = {
    "statistics_weeks.confirm": (ConfirmIn,),
    "statistics_ending.act": (ending.EndIn, ending.LiftIn),
    "statistics_parallel.upload": (parallel.UploadForm,),
    "statistics_parallel.columns": (parallel.ColumnsForm,),
}
"""Form → what its fields are; a form that is not here has none of its own."""

STEPS: dict[str, list[str]] = {"statistics_ending.act": ["end", "lift"]}
"""Forms of one address that a button tells apart."""

GOOD: dict[str, dict[str, str]] = {"statistics_ending.act": {"area": "900101", "reason": "ประกาศ"}}
"""Right values beside those of the access rows."""


def payload_posts(payload: str, _number: int) -> list[Post]:
    """What looks like code, in every text of this room that somebody can store."""
    return [("/officer/statistics/endings", {"do": "end", "area": "900101", "reason": payload}, 303)]
