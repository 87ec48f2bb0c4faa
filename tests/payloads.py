"""What must never stand on a page: the result of `{{98765*54321}}`, which tests type and store everywhere."""

from __future__ import annotations

EVALUATED = str(98765 * 54321)
"""What a template engine would make of it. Long enough that no time of day and no checksum holds it by chance."""
