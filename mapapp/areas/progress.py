"""How a long import says how far it is, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with a step (an English msgid), how much of it is done, and how much there is."""


def silent(_step: str, _done: int, _total: int) -> None:
    """For callers that show no progress."""
