"""What the tests of the whole house are told of this room: tables, pages and forms."""

from __future__ import annotations

from tests.architecture.matrix import AGE_ONLY, Freshness

KEPT: dict[str, str] = {
    "areas": "as many as there are",
    "area_shapes": "as many as there are",
    "villages": "as many as there are",
    "place_names": "as many as there are",
}
"""Table → why nothing is swept."""

FRESHNESS: dict[str, Freshness] = {
    "areas.places": AGE_ONLY,
}
"""Page → how it says that it has changed."""
