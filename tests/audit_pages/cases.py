"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

from tests.architecture.matrix import WATCHED, Freshness

FRESHNESS: dict[str, Freshness] = {
    "audit.index": WATCHED,
}
"""Page → how it says that it has changed."""
