"""What reasons, states, languages and views of follow-ups are called, as messages to translate."""

from __future__ import annotations

from typing import Final, Literal

from mapapp.core.errors import N_, NC_

Reason = Literal["wants_vaccine", "bedridden", "transport", "undecided"]
REASONS: Final[dict[str, str]] = {
    "wants_vaccine": N_("Wants a vaccine"),
    "bedridden": N_("Bedridden at home"),
    "transport": N_("Needs transport"),
    "undecided": N_("Undecided"),
}
"""Why someone should come back to them."""

NEEDS: Final[dict[str, str]] = {"bedridden": "home_visit", "transport": "transport"}
"""Reason → the need of the help request that it becomes (``help_requests.labels.KINDS``)."""

State = Literal["open", "requested", "done", "unwanted"]
STATES: Final[dict[str, str]] = {
    "open": NC_("follow-up", "Open"),
    "requested": NC_("follow-up", "Help was requested"),
    "done": NC_("follow-up", "Done"),
    "unwanted": NC_("follow-up", "Not wanted"),
}

Spoken = Literal["th", "my", "shn", "ksw", "km", "lo", "mfa", "en", "other"]
SPOKEN: Final[dict[str, str]] = {
    "th": N_("Thai"),
    "my": N_("Burmese"),
    "shn": N_("Shan"),
    "ksw": N_("Karen"),
    "km": N_("Khmer"),
    "lo": N_("Lao"),
    "mfa": N_("Malay"),
    "en": N_("English"),
    "other": NC_("language", "Another language"),
}
"""Languages that people speak, by code."""

ViewReason = Literal["visit", "tell", "ask", "check"]
VIEW_REASONS: Final[dict[str, str]] = {
    "visit": N_("To agree on a visit"),
    "tell": N_("To tell them where they can be vaccinated"),
    "ask": N_("To ask how it went"),
    "check": N_("To check whether this is right"),
}
"""Reasons for viewing name and phone number; the reason is recorded."""
