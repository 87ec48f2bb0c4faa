"""The names of volunteers' types, skills and equipment, as messages to translate; and the version of their consent
text."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_

CONSENT_VERSION: Final = "volunteer-2"
"""Version of the text that a volunteer agrees to (``templates/volunteers/_parts.html``). A new text needs a new
version."""

KIND_LABELS: Final[dict[str, str]] = {
    "village_head": N_("Kamnan, village head or their assistant"),
    "health_volunteer": N_("Village health volunteer (VHV)"),
    "local_staff": N_("Staff of a municipality or TAO"),
    "student": N_("Student"),
    "community_leader": N_("Community-development leader"),
    "womens_fund": N_("Member of the Women's Fund"),
    "environment": N_("Local environmental volunteer"),
    "foundation": N_("Rescue foundation"),
    "other": N_("Another person who wants to help"),
}
"""Kind → its name (letter L4.3)."""

SKILL_LABELS: Final[dict[str, str]] = {
    "first_aid": N_("First aid"),
    "nursing": N_("Nursing"),
    "medicine": N_("Physician or pharmacist"),
    "care": N_("Caring for bedridden people"),
    "counselling": N_("Listening and counselling"),
    "cooking": N_("Cooking"),
    "repair": N_("Repairing things"),
}

MEANS_LABELS: Final[dict[str, str]] = {
    "motorcycle": N_("Motorcycle"),
    "car": N_("Car"),
    "pickup": N_("Pickup"),
    "van": N_("Van"),
    "boat": N_("Boat"),
    "ambulance": N_("Ambulance"),
    "oxygen": N_("Oxygen"),
    "kitchen": N_("Kitchen for many"),
}

LANGUAGE_LABELS: Final[dict[str, str]] = {
    "th": N_("Thai"),
    "en": N_("English"),
    "my": N_("Burmese"),
    "km": N_("Khmer"),
    "lo": N_("Lao"),
    "shn": N_("Shan"),
    "ms": N_("Malay"),
    "zh": N_("Chinese"),
    "sign": N_("Thai Sign Language"),
}

STATE_LABELS: Final[dict[str, str]] = {
    "waiting": N_("Waiting for an officer"),
    "approved": N_("Approved"),
    "refused": N_("Refused"),
    "suspended": N_("Suspended"),
    "left": N_("Left"),
    "ended": N_("Role ended"),
}
"""State (``queries.State``) → its name for officers."""
