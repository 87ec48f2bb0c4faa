"""What the entries of the audit log about the survey are called."""

from __future__ import annotations

from mapapp.core.declarations import AuditWords
from mapapp.core.errors import N_, NC_
from mapapp.survey.followups.reasons import REASONS, STATES, VIEW_REASONS

AUDIT_WORDS = AuditWords(
    group=N_("Vaccination survey"),
    actions={
        "survey.make": N_("Created a survey"),
        "survey.open": N_("Opened a survey"),
        "survey.close": N_("Closed a survey"),
        "survey.reopen": N_("Opened a survey again"),
        "survey.end": N_("Ended a survey in an area"),
        "survey.resume": N_("Continued a survey in an area"),
        "survey.assign": N_("Assigned villages"),
        "survey.withdraw": N_("Took a village back"),
        "survey.decide": N_("Decided about a survey record"),
        "survey.export": N_("Exported survey figures"),
        "survey.upload": N_("Uploaded a list of survey records"),
        "survey.import": N_("Imported a list of survey records"),
        "survey.import_undo": N_("Undid an import of survey records"),
        "survey.follow_up": N_("Wrote down a follow-up"),
        "survey.follow_up_contact": N_("Viewed name and phone number of a follow-up"),
        "survey.follow_up_request": N_("Requested help for a follow-up"),
        "survey.follow_up_end": N_("Ended a follow-up"),
    },
    subjects={"survey": N_("Survey"), "survey entry": N_("Survey record"), "survey follow-up": N_("Survey follow-up")},
    fields={
        "villages": N_("Villages"),
        "chosen": N_("Decision"),
        "needed": N_("Reason for the follow-up"),
        "viewed_for": N_("Reason for the view"),
        "became": N_("State"),
        "help_request": N_("Help request"),
    },
    values={
        "needed": REASONS,
        "viewed_for": VIEW_REASONS,
        "became": STATES,
        "chosen": {
            "this": N_("This record counts"),
            "other": N_("The other record counts"),
            "another": N_("Another household"),
            "accept": N_("Accepted"),
            "refuse": NC_("survey entry", "Not accepted"),
        },
    },
)
