"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

from pydantic import BaseModel

from mapapp.facilities.console import query_params
from mapapp.facilities.editing import forms as editing
from mapapp.facilities.imports import views
from mapapp.facilities.reports.schemas import AnswerIn, ReportIn
from tests.architecture.matrix import AGE_ONLY, ON_RETURN, PARTS, WATCHED, Freshness, Post

SWEPT: dict[str, str] = {
    "facility_uses": "old uses",
    "facility_imports": "old uploads",  # the files; the rows say what was loaded by whom
    "facility_reports": "notes of reports",  # and the senders; the rest belongs to the pin's history
}
"""Table → the chore that takes out what has served its time."""

KEPT: dict[str, str] = {
    "facilities": "a pin is closed, never deleted",
    "facility_changes": "nothing is ever taken out of a pin's history",
}
"""Table → why nothing is swept."""

FRESHNESS: dict[str, Freshness] = {
    "console.home": WATCHED,
    "console.stale": WATCHED,
    "console.table": WATCHED,
    "facility_editing.edit": WATCHED,
    "facility_imports.index": WATCHED,
    "facility_imports.page": WATCHED,
    "facility_reports.queue": WATCHED,
    "facility_steps.closing": WATCHED,
    "facility_steps.history": WATCHED,
    "facility_steps.merging": WATCHED,
    "facilities.page": ON_RETURN,
    "facilities.nearest": AGE_ONLY,
    "facility_editing.new": AGE_ONLY,
    "facility_reports.form": AGE_ONLY,
    "facility_reports.thanks": AGE_ONLY,
    "console.pins": PARTS,
    "facility_editing.hours": PARTS,
    "facility_editing.place": PARTS,
    "facility_imports.progress": PARTS,
}
"""Page → how it says that it has changed."""

MODELS: dict[str, tuple[type[BaseModel], ...]] = {
    "console.bulk": (query_params.BulkForm,),
    "console.check": (query_params.BulkForm,),
    "console.undo": (query_params.UndoForm,),
    "facility_editing.create": (editing.PinForm,),
    "facility_editing.save": (editing.EditForm,),
    "facility_steps.close": (editing.CloseForm,),
    "facility_steps.reopen": (editing.VersionForm,),
    "facility_steps.merge": (editing.MergeForm,),
    "facility_reports.handle": (AnswerIn,),
    "facility_reports.send": (ReportIn,),
    "facility_imports.upload": (views.UploadForm,),
    "facility_imports.options": (views.OptionsForm,),
    "facility_imports.run": (views.RunForm,),
}
"""Form → what its fields are; a form that is not here has none of its own."""

GOOD: dict[str, dict[str, str]] = {
    "facility_editing.save": {"name_th": "ชื่อใหม่"},
}
"""Right values beside those of the access rows."""


def payload_posts(payload: str, number: int) -> list[Post]:
    """What looks like code, in every text of this room that somebody can store."""
    pin = {"kind": "hospital", "name_th": payload, "name_en": payload, "address": payload, "serves": payload,
           "place": f"14.0{number % 90 + 10}, 100.0{number // 111 + 10}"}  # fmt: skip
    return [
        ("/officer/facilities/new", pin, 303),
        ("/facilities/{hospital}/report", {"reason": "other", "note": payload}, 303),
        ("/officer/facilities/bulk", {"pick": "{twin}.1", "do": "temporarily_closed", "reason": payload}, 303),
    ]
