"""The text that a person agrees to when they ask for help, with its version (letter L3.2)."""

from __future__ import annotations

from typing import Final

from mapapp.core.config import Config
from mapapp.core.errors import N_
from mapapp.help_requests import cells

CONSENT_VERSION: Final = "2026-11-28.2"
"""Of the text below. Another text, another version: what was agreed to is kept with each request."""

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
"""Heading and text, with the days as they are set (``days``)."""


def days(config: Config) -> dict[str, int | str]:
    """What the text's places are filled with: the settings by which the service goes, and how wide a cell is."""
    return {
        "ask_days": config.ask_after_days, "kept_days": config.erase_after_days, "backup_days": config.backup_days,
        "km": cells.about_km(),
    }  # fmt: skip
