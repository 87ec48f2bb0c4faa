"""What the audit log calls what is done to facilities."""

from __future__ import annotations

from typing import Final

from mapapp.core.declarations import AuditWords
from mapapp.core.errors import N_, NC_
from mapapp.facilities.labels import FIELD_LABELS, KIND_LABELS, SAID_LABELS, STATUS_LABELS

AUDIT_WORDS: Final = AuditWords(
    group=N_("Facilities"),
    actions={
        "facility.add": N_("Added a facility"),
        "facility.edit": N_("Edited a facility"),
        "facility.move": N_("Moved a facility on the map"),
        "facility.confirm": N_("Confirmed: still correct"),
        "facility.capacity": N_("Updated free capacity"),
        "facility.close": N_("Closed a facility"),
        "facility.reopen": N_("Reopened a facility"),
        "facility.merge": N_("Merged two facilities"),
        "facility.undo": N_("Undid a change"),
        "facility.doubt": N_("Warning shown after three reports"),
        "reports.fixed": N_("Reports: corrected the facility"),
        "reports.still_right": N_("Reports: still correct"),
        "reports.dismissed": N_("Reports: dismissed"),
        "reports.reopened": N_("Reports: reopened"),
        "facilities.import_upload": N_("Uploaded a list"),
        "facilities.import": N_("Imported a list"),
        "facilities.import_undo": N_("Undid an import"),
        "facilities.export": N_("Downloaded facilities"),
    },
    subjects={
        "facility": N_("Facility"),
        "facilities": N_("Facilities"),
        "import": N_("Import"),
    },
    fields={
        **FIELD_LABELS,
        **SAID_LABELS,
        "verified_at": N_("Checked on"),
        "confirmed_at": N_("Last confirmed"),
        "doubtful_at": N_("Problems reported since"),
        "sources": N_("Source"),
        "source": N_("Source"),
        "bytes": N_("Size in bytes"),
        "new": NC_("number of facilities", "New"),
        "changed": N_("Changed"),
        "same": N_("The same"),
        "closed": NC_("number of facilities", "Closed"),
        "merged": N_("Belong to merged facilities"),
        "restored": N_("Old values restored"),
        "left": N_("Not changed"),
        "facility": N_("Facility"),
        "reports": N_("Reports"),
        "answer": N_("Result"),
    },
    values={
        "status": STATUS_LABELS,
        "kind": KIND_LABELS,
        "answer": {
            "still_right": N_("Still correct"),
            "full": N_("Set to full"),
            "close": N_("Close temporarily"),
            "fixed": N_("Fixed"),
            "dismiss": N_("Dismiss"),
        },
    },
)
