"""The text that a person agrees to before their name is written down, with its version (letter L3.2). The data
volunteer reads it out at the door, so it is short."""

from __future__ import annotations

from typing import Final

from mapapp.core.config import Config
from mapapp.core.errors import N_

CONSENT_VERSION: Final = "survey-2026-11-28.1"
"""Version of the text below, stored with each follow-up. A new text, in any language, needs a new version."""

CONSENT: Final = (
    (
        N_("What we write down"),
        N_("Your name, your phone number, your house, the language you speak, and what you need. No ID card number."),
    ),
    (
        N_("Who sees it"),
        N_(
            "The person who visits you now, and the officers of your area. Each time they look at your name and "
            "number, this is recorded. If you are bedridden or need transport, we can ask volunteers for help: the "
            "one who accepts then sees your name, your number and your house."
        ),
    ),
    (
        N_("How long we keep it"),
        N_(
            "When it is done, or when you no longer want it, we delete your name and number. Otherwise we delete "
            "them after %(days)s days; backups are deleted after %(backup_days)s more days. You may say no. "
            "You can be vaccinated all the same."
        ),
    ),
)
"""Headings and texts; ``days`` returns the values of their placeholders."""


def days(config: Config) -> dict[str, int]:
    """The values of the placeholders, from the settings of the service."""
    return {"days": config.survey_follow_up_days, "backup_days": config.backup_days}
