"""The text that a person agrees to when they ask for help, with its version (letter L3.2)."""

from __future__ import annotations

from typing import Final

from mapapp.core.config import Config
from mapapp.core.errors import N_
from mapapp.help_requests import cells

CONSENT_VERSION: Final = "2026-11-28.2"
"""Version of the text below, stored with each request. A new text, in any language, needs a new version."""

CONSENT: Final = (
    (
        N_("What we store"),
        N_("What you write here: what you need, the location, your contact details, and your name if you give it."),
    ),
    (
        N_("Who sees it"),
        N_(
            "Everyone can see what is needed and a square of about %(km)s km. Approved volunteers can also "
            "read your description. Officers in your area can see your exact location and contact details. "
            "The volunteer who accepts your request can see them too, but only while helping you. Your "
            "page shows who viewed them and when."
        ),
    ),
    (
        N_("How long we store it"),
        N_(
            "You can delete it on your page at any time. After %(ask_days)s days, we ask whether you still "
            "need help. If no one answers, we close the request. %(kept_days)s days after it is closed, we "
            "delete everything that shows who and where you are and everything written about the request, "
            "and your page ends. We keep only the type of help, the urgency, the tambon and the times, for "
            "statistics. Backups are deleted after %(backup_days)s more days. A blocked number stays "
            "blocked until the block ends."
        ),
    ),
)
"""Headings and texts; ``days`` returns the values of their placeholders."""


def days(config: Config) -> dict[str, int | str]:
    """The values of the placeholders: the settings of the service, and the width of a cell."""
    return {
        "ask_days": config.ask_after_days, "kept_days": config.erase_after_days, "backup_days": config.backup_days,
        "km": cells.about_km(),
    }  # fmt: skip
