"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

from pydantic import BaseModel

from mapapp.volunteers import schemas as volunteering
from tests.architecture.matrix import AGE_ONLY, WATCHED, Freshness
from tests.people import PASSWORD

KEPT: dict[str, str] = {
    "volunteers": "one row for each person",
}
"""Table → why nothing is swept."""

FRESHNESS: dict[str, Freshness] = {
    "vetting.index": WATCHED,
    "vetting.one": WATCHED,
    "volunteers.join_page": AGE_ONLY,
}
"""Page → how it says that it has changed."""

MODELS: dict[str, tuple[type[BaseModel], ...]] = {
    "volunteers.join": (volunteering.JoinIn, volunteering.FillIn),
    "volunteers.profile": (volunteering.ChangeIn, volunteering.StepIn),
    "vetting.decide": (volunteering.ApproveIn, volunteering.RefuseIn, volunteering.SuspendIn),
}
"""Form → what its fields are; a form that is not here has none of its own."""

GOOD: dict[str, dict[str, str]] = {
    "volunteers.join": {
        "name": "สมหญิง",
        "phone": "0812345670",
        "kind": "student",
        "home": "900101",
        "consent": "1",
        "password": PASSWORD,
        "again": PASSWORD,
    },
    "volunteers.profile": {"do": "change", "kind": "student", "home": "900101"},
}
"""Right values beside those of the access rows."""
