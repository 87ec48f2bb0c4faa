"""Imports in words, for the pages."""

from __future__ import annotations

from mapapp.core.errors import Message
from mapapp.facilities import fields
from mapapp.facilities.editing import formatting as pins
from mapapp.facilities.imports.plan import Outcome, PlannedRow
from mapapp.facilities.labels import FIELD_LABELS, OUTCOME_LABELS, STATE_LABELS
from mapapp.web.i18n import gettext, language, tell

FIELDS = (
    "name_th",
    *(row.name for row in fields.LIST_ROWS if row.label),
    *(row.name for row in fields.FIELD_ROWS if row.name in fields.HEADERS and row.name != "name_th"),
)
"""The fields an officer's list can fill, in the order in which they are asked for."""


def field(name: str) -> str:
    """What a field is called."""
    return gettext(fields.BY_NAME[name].label)


def outcome(code: Outcome) -> str:
    """What becomes of a row."""
    return gettext(OUTCOME_LABELS[code])


def state(code: str) -> str:
    """Where an import stands."""
    return gettext(STATE_LABELS[code])


def changes(row: PlannedRow) -> list[tuple[str, str, str]]:
    """What a row changes: the field, what it is and what it will be."""
    return [
        (field(name), pins.told(name, before), pins.told(name, after))
        for name, (before, after) in row.changes.items()
        if name in FIELD_LABELS
    ]


def note(message: Message) -> str:
    """What was understood of a cell, with opening hours as the page will say them."""
    read = {
        name: pins.hours(str(value), language()) if name == "hours" else value for name, value in message.values.items()
    }
    return tell(Message(message.text, read))


def source(stored: str, area: str) -> str:
    """A source as the officer named it."""
    return stored.removesuffix(f" [{area}]")
