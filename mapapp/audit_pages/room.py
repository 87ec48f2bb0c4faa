"""Registration of the room with the audit log's pages."""

from __future__ import annotations

from mapapp.audit_pages import views
from mapapp.core.declarations import Action, AuditWords
from mapapp.core.errors import N_
from mapapp.web.room import MenuEntry, Room

_READERS = frozenset({"ministry", "province_admin", "auditor"})

room = Room(
    "audit_pages",
    blueprints=(views.pages,),
    actions=(Action("audit.read", _READERS), Action("audit.export", _READERS, delicate=True)),
    audit=(
        AuditWords(
            group=N_("The audit log"),
            actions={
                "audit.export": N_("Downloaded the audit log"),
                "audit.prune": N_("Deleted old entries"),
                "keys.reseal": N_("Encrypted personal data with the newest key"),
            },
            subjects={"audit": N_("Audit log")},
            fields={"entries": N_("Entries")},
        ),
    ),
    menu=(MenuEntry("/officer/audit", N_("Audit log"), 90, "audit.read"),),
)
