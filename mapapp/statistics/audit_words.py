"""What the entries of the audit log about statistics are called."""

from __future__ import annotations

from mapapp.core.declarations import AuditWords
from mapapp.core.errors import N_

AUDIT_WORDS = AuditWords(
    group=N_("Statistics"),
    actions={
        "statistics.export": N_("Downloaded statistics"),
        "statistics.contact": N_("Looked at phone numbers of people responsible"),
        "statistics.end": N_("Ended reporting in an area"),
        "statistics.resume": N_("Started reporting again in an area"),
        "statistics.confirm": N_("Confirmed a Friday"),
        "statistics.old_form": N_("Compared an old form with the figures"),
    },
    subjects={"area": N_("Area")},
    fields={"friday": N_("Friday"), "note": N_("Note")},
)
