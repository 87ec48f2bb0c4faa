"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

from tests.architecture.matrix import AGE_ONLY, Freshness

FRESHNESS: dict[str, Freshness] = {
    "home.api_docs": AGE_ONLY,
    "home.problems": AGE_ONLY,
    "home.problem": AGE_ONLY,
    "home.data": AGE_ONLY,
    "home.index": AGE_ONLY,
}
"""Page → how it says that it has changed."""
