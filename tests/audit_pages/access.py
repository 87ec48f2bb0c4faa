"""Who may do what in this room: a row for each of its routes, gathered by the access matrix."""

from __future__ import annotations

from tests.architecture.matrix import SOMEWHERE, Row, Rows

ROLES = {
    "audit.read": frozenset({"ministry", "province_admin", "auditor"}),
    "audit.export": frozenset({"ministry", "province_admin", "auditor"}),
}
"""Action → who may do it in their area."""

ROWS: Rows = {
    # The audit log
    ("audit.index", "GET"): Row("/officer/audit", "audit.read", SOMEWHERE),
    ("audit.export", "GET"): Row("/officer/audit.csv", "audit.export", SOMEWHERE),
}
