"""The words of the audit log: actions, objects, actors, and changed fields.

The rooms above, where the entries come from, register their words here (``rooms.connect``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mapapp.core.declarations import AuditWords
from mapapp.core.errors import N_, NC_

ACTIONS: Final[dict[str, dict[str, str]]] = {}
"""Group → action → its text. An unknown action is shown by its code."""

ACTION_LABELS: Final[dict[str, str]] = {}

SUBJECTS: Final[dict[str, str]] = {}

WITHOUT_NAME: Final[dict[str, str]] = {
    "public": N_("Someone without an account"),
    "command": N_("System operator (command line)"),
    "system": N_("The service (automatic)"),
    "person": N_("Deleted account"),
    "token": N_("A program of a deleted account"),
}
"""Texts for actors without a name."""

FIELDS: Final[dict[str, str]] = {
    "reason": N_("Reason"),
    "version": N_("Version"),
    "until": N_("Until"),
    "from": NC_("before the change", "From"),
    "to": NC_("after the change", "To"),
}
"""Field in an entry's details → its label. Only fields that have the same label in every room."""

VALUES: Final[dict[str, dict[str, str]]] = {}
"""Field in an entry's details → stored value → its text."""


def register(words: AuditWords) -> None:
    """Registers the words of a room.

    Raises:
        ValueError: another room has registered a different text for the same name.
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
