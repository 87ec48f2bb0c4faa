"""What the levels of areas are called."""

from __future__ import annotations

from mapapp.errors import N_

LEVEL_LABELS: dict[str, str] = {
    "province": N_("Province"),
    "amphoe": N_("Amphoe"),
    "tambon": N_("Tambon"),
    "village": N_("Village"),
}
"""The English key of each level, and of villages, for gettext."""
