"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

KEPT: dict[str, str] = {
    "audit_log": "kept at least 90 days (letter L3.6); mapapp audit prune takes older entries away",
    "audit_heads": "one row a day",
}
"""Table → why nothing is swept."""
