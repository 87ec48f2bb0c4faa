"""What the entries of the audit log about the survey are called."""

from __future__ import annotations

from mapapp.core.declarations import AuditWords
from mapapp.core.errors import N_, NC_

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
    },
    subjects={"survey": N_("Survey"), "survey entry": N_("Survey record")},
    fields={"villages": N_("Villages"), "chosen": N_("Decision")},
    values={
        "chosen": {
            "this": N_("This record counts"),
            "other": N_("The other record counts"),
            "another": N_("Another household"),
            "accept": N_("Accepted"),
            "refuse": NC_("survey entry", "Not accepted"),
        }
    },
)
