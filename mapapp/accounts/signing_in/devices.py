"""Browser and operating system in words, for a person's list of sessions: ``Chrome, Android``."""

from __future__ import annotations

from typing import Final

_BROWSERS: Final = (
    # The first match counts: most browsers also claim to be Chrome or Safari.
    ("Line/", "LINE"),
    ("FBAN", "Facebook"),
    ("FBAV", "Facebook"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium", "Chromium"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "Chrome OS"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def words(user_agent: str) -> str:
    """Browser and system as far as they are recognised, in names that are the same in every language; can be empty."""
    found = (next((name for mark, name in table if mark in user_agent), "") for table in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, found))
