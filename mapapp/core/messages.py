"""Marks sentences for people for translation; the language is chosen only when they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools know
    """Marks a message for translation without translating it: the language is known only at the edge."""
    return message


CONTEXT_END: Final = "\x04"
"""Between context and text in one string, as gettext keeps them."""


def NC_(context: str, message: str) -> str:  # noqa: N802 - the name gettext tools know
    """The same for a text that has other meanings elsewhere: the context tells them apart for translators. What comes
    back goes wherever a marked text goes."""
    return f"{context}{CONTEXT_END}{message}"


def plain(message: str) -> str:
    """A marked text as it is in English, without its context."""
    return message.rpartition(CONTEXT_END)[2]


@dataclass(frozen=True)
class Message:
    """A sentence for a person: the English text as key, and what fills its ``%(name)s`` places."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        text = plain(self.text)
        return text % self.values if self.values else text
