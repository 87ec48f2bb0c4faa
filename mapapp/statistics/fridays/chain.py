"""The digest of a Friday: over the one before it, and everything that was kept. Whoever changes a number later changes
every digest from there on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

FIRST: Final = bytes(32)
"""What stands before the first Friday."""


def digest(
    previous: bytes,
    friday: date,
    frozen_at: datetime,
    measures: dict[str, Any],
    frozen: Iterable[tuple[str, str, Sequence[int | None]]],
    published: Iterable[tuple[str, str, str, Sequence[int]]],
) -> bytes:
    """SHA-256, in one spelling of everything.

    Args:
        frozen: measure, area, values; in the order of measure and area.
        published: measure, area, states, numbers; in the same order.
    """
    made = hashlib.sha256(previous)
    head = {"friday": friday.isoformat(), "frozen_at": frozen_at.astimezone(UTC).isoformat(), "measures": measures}
    made.update(json.dumps(head, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    for measure, area, values in frozen:
        made.update(f"f|{measure}|{area}|{_list(values)}\n".encode())
    for measure, area, states, numbers in published:
        made.update(f"p|{measure}|{area}|{states}|{_list(numbers)}\n".encode())
    return made.digest()


def _list(values: Sequence[int | None]) -> str:
    return ",".join("" if value is None else str(value) for value in values)
