"""What roles, purposes and areas are called, as messages to translate."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_

ROLES: Final[dict[str, str]] = {
    "ministry": N_("Ministry"),
    "province_admin": N_("Province administrator"),
    "amphoe_coordinator": N_("Amphoe coordinator"),
    "tambon_officer": N_("Tambon officer"),
    "data_volunteer": N_("Data volunteer"),
    "volunteer": N_("Volunteer"),
    "auditor": N_("Auditor"),
}

COUNTRY: Final = N_("The whole country")

PURPOSES: Final[dict[str, str]] = {
    "join": N_("Your invitation"),
    "new_password": N_("A new password"),
    "new_second_factor": N_("Set up two-step sign-in again"),
}


def role(name: str) -> str:
    """A role's name, to be translated."""
    return ROLES.get(name, name)
