"""The old address of a pin that was joined with another."""

from __future__ import annotations

from flask import Response


def moved_to(address: str) -> Response:
    """301 that browsers ask about again: the joining can be taken back."""
    response = Response(status=301, headers={"Location": address})
    response.headers["Cache-Control"] = "public, max-age=60"
    return response
