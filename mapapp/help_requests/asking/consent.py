"""What somebody agrees to when they ask for help: one text, with its version (letter L3.2)."""

from __future__ import annotations

from typing import Final

from mapapp.errors import N_

CONSENT_VERSION: Final = "2026-11"
"""Of the text below. Another text, another version: what was agreed to is kept with each request."""

CONSENT: Final = (
    (
        N_("What is kept"),
        N_("What you write here: what is needed, the place, how to reach you, and your name if you give it."),
    ),
    (
        N_("Who sees it"),
        N_(
            "Everybody sees only a square of about one kilometre and what is needed. Checked volunteers also read your "
            "own words. Your exact place and how to reach you are shown to the volunteer who takes it on, for as long "
            "as they help, and to the officers of your area. Your page tells you who looked, and when."
        ),
    ),
    (
        N_("For how long"),
        N_(
            "Until you erase it on your page, which you can do at any time. We ask after 14 days whether it is still "
            "needed, and close it where nobody answers. The page can be opened for 90 days after that."
        ),
    ),
)
"""Heading and text. Counted in days here as the settings have it by default."""
