"""Who may do what in this room: a row for each of its routes, gathered by the access matrix.

The survey of the matrix is one of tambon 900101.
"""

from __future__ import annotations

from mapapp.survey.followups.consent import CONSENT_VERSION
from tests.architecture.matrix import OFFICERS, SOMEWHERE, Row, Rows

ROLES = {
    "survey.enter": OFFICERS | {"data_volunteer"},
    "survey.view": OFFICERS | {"auditor"},
    "survey.manage": OFFICERS,
    "survey.follow_up": OFFICERS | {"data_volunteer"},
    "survey.follow_ups": OFFICERS,
}
"""Action → who may do it in their area."""

PERSONAL = {"survey.enter", "survey.manage", "survey.follow_up", "survey.follow_ups"}
"""Only with agreement and training (letters L3.8, L3.14)."""

HOUSE = {"unit": "household", "household": "77", "adult_more": "2", "rest": "nobody", "version": "1"}
PERSON = {"reason": "bedridden", "name": "ยายบัว", "phone": "081 234 5678", "consent": CONSENT_VERSION}
OF_OTHERS = "a data volunteer sees only the follow-ups that they wrote down"
NOT_THEIRS = {"data volunteer": 404, "program of the tambon, for its own follow-ups": 404}
TAKEN_IN = "what is recorded outside one's area is taken in, too, and waits for an officer"

ROWS: Rows = {
    # Who records
    ("survey_entering.mine", "GET"): Row("/volunteer/survey", "survey.enter", SOMEWHERE),
    ("survey_entering.manual", "GET"): Row("/volunteer/survey/manual", "survey.enter", SOMEWHERE),
    ("survey_entering.open_village", "GET"): Row(
        "/volunteer/survey/open?round={survey}&tambon=900101&number=3", "survey.enter", SOMEWHERE, ok=303
    ),
    ("survey_entering.form", "GET"): Row("/volunteer/survey/{survey}/90010103", "survey.enter"),
    ("survey_entering.save", "POST"): Row(
        "/volunteer/survey/{survey}/90010103", "survey.enter", SOMEWHERE, ok=303, form=HOUSE, why=TAKEN_IN
    ),
    ("survey_entering.record", "GET"): Row("/volunteer/survey/records/{survey_record}", "survey.enter", refused=404),
    ("survey_entering.choose", "POST"): Row(
        "/volunteer/survey/records/{survey_record}",
        "survey.enter",
        ok=303,
        refused=404,
        form={"do": "other", "seen": "1"},
        but={"data volunteer": 403, "program of the tambon, for the survey": 403},
        why="beside officers, only the two who recorded the household choose",
    ),
    ("survey_api.list_rounds", "GET"): Row("/api/v1/survey/rounds", "survey.enter", SOMEWHERE),
    ("survey_api.villages", "GET"): Row("/api/v1/survey/villages?round={survey}", "survey.enter", SOMEWHERE),
    ("survey_api.households", "GET"): Row("/api/v1/survey/rounds/{survey}/villages/90010103/records", "survey.enter"),
    ("survey_api.record", "PUT"): Row(
        "/api/v1/survey/entries/6f1a2f0e-4c1b-4b0e-9a53-3a6d8e2f9a10",
        "survey.enter",
        SOMEWHERE,
        ok=201,
        json={"round": "{survey}", "village": "90010103", "household": "78", "groups": {"adult": {"here": 0}}},
        why=TAKEN_IN,
    ),
    # Paper, workbooks and other tools
    ("survey_sheets.index", "GET"): Row("/officer/survey/rounds/{survey}/sheets", "survey.manage", refused=404),
    ("survey_sheets.upload", "POST"): Row(
        "/officer/survey/rounds/{survey}/sheets", "survey.manage", ok=400, refused=404
    ),
    ("survey_sheets.template", "GET"): Row(
        "/officer/survey/rounds/{survey}/template.xlsx?area=900101", "survey.manage", refused=404
    ),
    ("survey_sheets.other_tools", "GET"): Row(
        "/officer/survey/rounds/{survey}/xlsform.xlsx?area=900101", "survey.manage", refused=404
    ),
    ("survey_sheets.on_paper", "GET"): Row(
        "/officer/survey/rounds/{survey}/paper.pdf?area=900101", "survey.manage", refused=404
    ),
    ("survey_sheets.one", "GET"): Row("/officer/survey/imports/{survey_import}", "survey.manage"),
    ("survey_sheets.columns", "POST"): Row(
        "/officer/survey/imports/{survey_import}/columns", "survey.manage", ok=303, form={"village": "0"}
    ),
    ("survey_sheets.act", "POST"): Row(
        "/officer/survey/imports/{survey_import}", "survey.manage", ok=303, form={"do": "good"}
    ),
    # Follow-ups
    ("survey_followups.form", "GET"): Row(
        "/volunteer/survey/records/{survey_record}/follow-up", "survey.follow_up", refused=404
    ),
    ("survey_followups.add", "POST"): Row(
        "/volunteer/survey/records/{survey_record}/follow-up", "survey.follow_up", ok=303, refused=404, form=PERSON
    ),
    ("survey_followups.mine", "GET"): Row("/volunteer/survey/follow-ups", "survey.follow_up", SOMEWHERE),
    ("survey_followups.one", "GET"): Row(
        "/volunteer/survey/follow-ups/{follow_up}",
        "survey.follow_up",
        refused=404,
        but=NOT_THEIRS,
        why=OF_OTHERS,
    ),
    ("survey_followups.act", "POST"): Row(
        "/volunteer/survey/follow-ups/{follow_up}",
        "survey.follow_up",
        refused=404,
        form={"do": "view", "reason": "visit"},
        but=NOT_THEIRS,
        why=OF_OTHERS,
    ),
    ("survey_followups.index", "GET"): Row("/officer/survey/follow-ups", "survey.follow_ups", SOMEWHERE),
    ("survey_followups_api.list_follow_ups", "GET"): Row("/api/v1/survey/follow-ups", "survey.follow_up", SOMEWHERE),
    ("survey_followups_api.add", "PUT"): Row(
        "/api/v1/survey/follow-ups/0f6d2f0e-4c1b-4b0e-9a53-3a6d8e2f9a11",
        "survey.follow_up",
        ok=201,
        refused=404,
        json={**PERSON, "entry": "{survey_record}"},
    ),
    ("survey_followups_api.contact", "POST"): Row(
        "/api/v1/survey/follow-ups/{follow_up}/contact",
        "survey.follow_up",
        refused=404,
        json={"reason": "visit"},
        but=NOT_THEIRS,
        why=OF_OTHERS,
    ),
    ("survey_followups_api.step", "POST"): Row(
        "/api/v1/survey/follow-ups/{follow_up}/steps",
        "survey.follow_up",
        refused=404,
        json={"do": "request"},
        but=NOT_THEIRS,
        why=OF_OTHERS,
    ),
    ("survey_api.record_many", "POST"): Row(
        "/api/v1/survey/entries",
        "survey.enter",
        SOMEWHERE,
        json={
            "entries": [
                {
                    "key": "6f1a2f0e-4c1b-4b0e-9a53-3a6d8e2f9a11",
                    "round": "{survey}",
                    "village": "90010103",
                    "household": "79",
                    "groups": {"adult": {"here": 0}},
                }
            ]
        },
        why=TAKEN_IN,
    ),
    # What a phone keeps
    ("survey_offline.shell", "GET"): Row("/volunteer/survey/offline"),
    ("survey_offline.worker", "GET"): Row("/volunteer/survey/worker.js"),
    ("survey_offline.phone", "GET"): Row(
        "/volunteer/survey/phone",
        "survey.enter",
        SOMEWHERE,
        but={"program of the tambon, for the survey": 403},
        why="the key of what a phone keeps is for the person who is signed in, not for a program",
    ),
    # Officers
    ("survey_overview.index", "GET"): Row("/officer/survey", "survey.view", SOMEWHERE),
    ("survey_overview.export", "GET"): Row("/officer/survey/export?area=900101&round={survey}", "survey.view"),
    ("survey_reference_api.figures", "GET"): Row("/api/v1/survey/reference?province=90", "survey.view", SOMEWHERE),
    ("survey_overview.undecided", "GET"): Row("/officer/survey/waiting", "survey.manage", SOMEWHERE),
    ("survey_rounds.index", "GET"): Row("/officer/survey/rounds", "survey.manage", SOMEWHERE),
    ("survey_rounds.make", "POST"): Row(
        "/officer/survey/rounds",
        "survey.manage",
        ok=303,
        form={"do": "make", "name": "รอบใหม่", "area": "900101", "starts_on": "2026-11-20", "ends_on": "2026-12-20"},
    ),
    ("survey_rounds.one", "GET"): Row("/officer/survey/rounds/{survey}", "survey.manage", refused=404),
    ("survey_rounds.act", "POST"): Row(
        "/officer/survey/rounds/{survey}", "survey.manage", ok=303, refused=404, form={"do": "close"}
    ),
    ("survey_assigning.index", "GET"): Row("/officer/survey/rounds/{survey}/villages", "survey.manage", refused=404),
    ("survey_assigning.act", "POST"): Row(
        "/officer/survey/rounds/{survey}/villages",
        "survey.manage",
        ok=303,
        refused=404,
        form={"do": "assign", "tambon": "900101", "numbers": "4-6", "person": "{helper}"},
    ),
    # Everybody
    ("survey_publishing.index", "GET"): Row("/vaccinated"),
    ("survey_published_api.table", "GET"): Row("/api/v1/survey/vaccinated"),
    ("survey_published_api.values", "GET"): Row("/api/v1/survey/vaccinated/values"),
}
