"""The record in plain words: actions, what they were about, who did them, and fields that changed.

The words are those of the rooms the entries come from, which lie above; they are told here (``rooms.connect``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mapapp.core.declarations import AuditWords
from mapapp.core.errors import N_, NC_

ACTIONS: Final[dict[str, dict[str, str]]] = {}
"""Group → action → what was done. An action that is not here is shown by its own name."""

ACTION_LABELS: Final[dict[str, str]] = {}

SUBJECTS: Final[dict[str, str]] = {}

WITHOUT_NAME: Final[dict[str, str]] = {
    "public": N_("Someone without an account"),
    "command": N_("System operator (command line)"),
    "system": N_("The service (automatic)"),
    "person": N_("Deleted account"),
    "token": N_("A program of a deleted account"),
}
"""Who it was, where there is no name to show."""

FIELDS: Final[dict[str, str]] = {
    "reason": N_("Reason"),
    "version": N_("Version"),
    "until": N_("Until"),
    "from": NC_("before the change", "From"),
    "to": NC_("after the change", "To"),
}
"""Name in an entry's details → what it is called. Here stand those that say the same in every room."""

VALUES: Final[dict[str, dict[str, str]]] = {}
"""Name in an entry's details → what is stored → what it means."""


def register(words: AuditWords) -> None:
    """Takes in a room's words.

    Raises:
        ValueError: another room has said something else of the same name.
    """
    known = ACTIONS.setdefault(words.group, {})
    _add(known, words.actions)
    _add(ACTION_LABELS, words.actions)
    _add(SUBJECTS, words.subjects)
    _add(FIELDS, words.fields)
    for name, meanings in words.values.items():
        _add(VALUES.setdefault(name, {}), meanings)


def _add(known: dict[str, str], told: Mapping[str, str]) -> None:
    for name, label in told.items():
        if known.setdefault(name, label) != label:
            raise ValueError(f"{name} is called {known[name]!r} and {label!r}")
