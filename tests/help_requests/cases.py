"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

from pydantic import BaseModel

from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.asking.forms import AskForm
from mapapp.help_requests.board.schemas import FORMS as FORMS_OF_BOARD
from mapapp.help_requests.nearby.schemas import FiltersIn
from mapapp.help_requests.resident.changes import ChangeForm
from mapapp.help_requests.resident.schemas import STEPS as DO_STEPS
from mapapp.help_requests.resident.schemas import CodeIn, DoIn
from mapapp.help_requests.working import schemas as working
from tests.architecture.matrix import AGE_ONLY, LIVE, ON_RETURN, WATCHED, Freshness, Post

SWEPT: dict[str, str] = {
    "help_public_counts": "public counts of requests",  # all of it is written anew each day
    "help_requests": "closed requests",  # what they say of anybody; the rows stay for the figures
    "help_links": "closed requests",
    "written_texts": "closed requests",  # of requests; those of the audit log go with its entries
    "help_blocks": "old requests",
}
"""Table → the chore that takes out what has served its time."""

KEPT: dict[str, str] = {
    "help_needs": "erased with their request, but for what was needed and how it ended",
    "help_leases": "who held what when is part of the record",
    "help_offers": "who held what when is part of the record",
    "help_events": "nothing is ever taken out of a request's history",
    "help_reports": "what officers looked at is part of the record",
}
"""Table → why nothing is swept."""

FRESHNESS: dict[str, Freshness] = {
    "help_board.one": WATCHED,
    "help_resident.mine": WATCHED,
    "help_working.page": WATCHED,
    "help_working.tasks": WATCHED,
    "help_nearby.public": ON_RETURN,
    "help_board.board": LIVE,
    "help_nearby.nearby": LIVE,
    "help_asking.new": AGE_ONLY,
    "help_asking.take": AGE_ONLY,
    "help_board.figures": AGE_ONLY,
    "help_resident.find": AGE_ONLY,
}
"""Page → how it says that it has changed."""

MODELS: dict[str, tuple[type[BaseModel], ...]] = {
    "help_asking.send": (AskForm,),
    "help_asking.taken": (AskForm,),
    "help_board.act": (*FORMS_OF_BOARD.values(),),
    "help_nearby.filter_nearby": (FiltersIn,),
    "help_resident.act": (DoIn, ChangeForm),
    "help_resident.open_by_code": (CodeIn,),
    "help_working.answer": (working.AnswerIn,),
    "help_working.claim": (working.ClaimForm,),
    "help_working.contact": (working.ContactIn,),
    "help_working.hand_over": (working.HandOverIn,),
    "help_working.progress": (working.ProgressForm,),
    "help_working.release": (working.ReleaseIn,),
    "help_working.renew": (working.NothingIn,),
    "help_working.report": (working.ReportIn,),
}
"""Form → what its fields are; a form that is not here has none of its own."""

STEPS: dict[str, list[str]] = {
    "help_board.act": sorted(FORMS_OF_BOARD),
    "help_resident.act": ["change", "report", "erase", *DO_STEPS],
}
"""Forms of one address that a button tells apart."""


def payload_posts(payload: str, number: int) -> list[Post]:
    """What looks like code, in every text of this room that somebody can store."""
    return [
        ("/requests/new", {"needs": "food", "detail_food": payload, "urgency": "normal", "point": "14.02, 100.02",
                           "who": "me", "landmark": payload, "phone": f"08134{number:05}", "other": payload,
                           "name": payload, "description": payload, "consent": CONSENT_VERSION}, 303),
        ("/volunteer/requests/{asked}/report", {"reason": "other", "note": payload}, 303),
        ("/officer/requests/{asked}", {"do": "called", "outcome": "answered", "note": payload}, 303),
        ("/officer/requests/{asked}", {"do": "urgency", "urgency": "life", "was": "urgent", "reason": payload}, 303),
        ("/officer/requests/{asked}", {"do": "team", "team": payload}, 303),
        ("/requests/mine/{asked}", {"do": "report", "reason": "rude", "note": payload}, 303),
    ]  # fmt: skip
