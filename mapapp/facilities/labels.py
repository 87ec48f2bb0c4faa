"""What the kinds of facilities are called."""

from __future__ import annotations

from typing import Final

from mapapp.facilities.kinds import KIND_ROWS

KIND_LABELS: Final[dict[str, str]] = {row.name: row.label for row in KIND_ROWS}
"""The English key of each kind, for gettext."""
