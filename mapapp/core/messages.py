"""Marks sentences for people for translation; the language is chosen only when they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools know
    """Marks a message for translation without translating it: the language is known only when the answer is made."""
    return message


CONTEXT_END: Final = "\x04"
"""Separates context and text in one string, as gettext does."""


def NC_(context: str, message: str) -> str:  # noqa: N802 - the name gettext tools know
    """Marks a text that has different meanings in different places: the context distinguishes them for translators. The
    result can be used like any marked text."""
    return f"{context}{CONTEXT_END}{message}"


def plain(message: str) -> str:
    """The English text of a marked message, without its context."""
    return message.rpartition(CONTEXT_END)[2]


@dataclass(frozen=True)
class Message:
    """A sentence for a person: the English text as key, and the values of its ``%(name)s`` placeholders.

    A value can be a message itself, or ``Words``: it is shown in the language of the sentence.
    """

    text: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        text = plain(self.text)
        return text % self.values if self.values else text


@dataclass(frozen=True)
class Words:
    """Marked texts in a row, as a value of a message: the choices a person has."""

    texts: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(map(plain, self.texts))
