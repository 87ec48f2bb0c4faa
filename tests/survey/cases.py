"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

from pydantic import BaseModel

from mapapp.survey.assigning import schemas as assigning
from mapapp.survey.deciding.schemas import DecideIn
from mapapp.survey.entering.forms import EntryForm
from mapapp.survey.followups.schemas import FollowUpForm, FollowUpStepIn, ViewIn
from mapapp.survey.rounds import schemas as rounds
from mapapp.survey.sheets import views as sheets
from tests.architecture.matrix import AGE_ONLY, PARTS, WATCHED, Freshness, Post
from tests.survey.access import HOUSE, PERSON

SWEPT: dict[str, str] = {
    "survey_imports": "old lists of surveys",  # the files; the rows say what was loaded by whom
    "survey_entries": "house numbers of old surveys",  # the rows stay for the figures
    "survey_follow_ups": "old follow-ups",
    "survey_follow_up_views": "old follow-ups",
}
"""Table → the chore that takes out what has served its time."""

KEPT: dict[str, str] = {
    "survey_rounds": "one row for each survey",
    "survey_endings": "when and why a survey ended in an area is part of the record",
    "survey_assignments": "who had which village when is part of the record",
    "survey_villages": "one row for each village of a survey",
    "survey_figures": "numbers without anything that leads to a person, once the house numbers are gone",
    "survey_sums": "one row for each village and target group of a survey",
    "survey_import_entries": "which records a list made, to take it back",
    "survey_published": "one row for each amphoe",
    "survey_told": "a few numbers for each amphoe of a survey, so that no later figure comes near them",
    "survey_reference": "official figures, which lead to nobody",
    "survey_revisions": "what was corrected by whom is part of the record",
}
"""Table → why nothing is swept."""

FRESHNESS: dict[str, Freshness] = {
    "survey_entering.mine": WATCHED,
    "survey_entering.record": WATCHED,
    "survey_overview.index": WATCHED,
    "survey_overview.undecided": WATCHED,
    "survey_rounds.index": WATCHED,
    "survey_rounds.one": WATCHED,
    "survey_assigning.index": WATCHED,
    "survey_sheets.index": WATCHED,
    "survey_sheets.one": WATCHED,
    "survey_entering.form": AGE_ONLY,
    "survey_entering.manual": AGE_ONLY,
    "survey_followups.one": WATCHED,
    "survey_followups.mine": WATCHED,
    "survey_followups.index": WATCHED,
    "survey_followups.form": AGE_ONLY,
    "survey_offline.shell": PARTS,
    "survey_publishing.index": AGE_ONLY,
}
"""Page → how it says that it has changed."""

MODELS: dict[str, tuple[type[BaseModel], ...]] = {
    "survey_entering.save": (EntryForm,),
    "survey_entering.choose": (DecideIn,),
    "survey_followups.add": (FollowUpForm,),
    "survey_followups.act": (ViewIn, FollowUpStepIn),
    "survey_rounds.make": (rounds.RoundIn,),
    "survey_rounds.act": (rounds.StepIn, rounds.EndIn, rounds.LiftIn),
    "survey_sheets.upload": (sheets.UploadForm,),
    "survey_sheets.columns": (sheets.ColumnsForm,),
    "survey_sheets.act": (sheets.ActForm,),
    "survey_assigning.act": (assigning.AssignIn, assigning.EvenlyIn, assigning.ListIn, assigning.WithdrawIn),
}
"""Form → what its fields are; a form that is not here has none of its own."""

STEPS: dict[str, list[str]] = {
    "survey_entering.choose": ["this", "other", "another", "accept", "refuse"],
    "survey_followups.act": ["view", "request", "done", "unwanted"],
    "survey_rounds.act": ["open", "close", "reopen", "end", "lift"],
    "survey_sheets.act": ["all", "good", "undo", "discard"],
    "survey_assigning.act": ["assign", "evenly", "list", "withdraw"],
}
"""Forms of one address that a button tells apart."""

GOOD: dict[str, dict[str, str]] = {
    "survey_followups.act": {"reason": "visit"},
    "survey_rounds.act": {"area": "900101", "reason": "ประกาศ"},
    "survey_assigning.act": {"area": "900101", "lines": "90010104, อาสาข้อมูล"},
}
"""Right values beside those of the access rows."""


def payload_posts(payload: str, number: int) -> list[Post]:
    """What looks like code, in every text of this room that somebody can store."""
    made = {"do": "make", "name": payload, "area": "900101", "starts_on": "2026-11-20", "ends_on": "2026-12-20"}
    return [
        ("/officer/survey/rounds", made, 303),
        ("/officer/survey/rounds/{survey}", {"do": "end", "area": "900101", "reason": payload}, 303),
        ("/volunteer/survey/records/{survey_record}/follow-up", {**PERSON, "name": payload, "other": payload}, 303),
        # House numbers are no texts: what looks like code is refused, beside its field.
        (f"/volunteer/survey/{{survey}}/9001010{number % 9 + 1}", {**HOUSE, "household": payload}, 400),
    ]
