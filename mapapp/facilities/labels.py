"""What the kinds of facilities are called."""

from __future__ import annotations

from mapapp.core.errors import N_

KIND_LABELS: dict[str, str] = {
    "test_site": N_("COVID test site"),
    "vaccination_site": N_("Vaccination site"),
    "hospital": N_("Hospital"),
    "field_hospital": N_("Field hospital"),
    "waiting_centre": N_("Community isolation centre"),
}
"""The English key of each kind, for gettext."""
