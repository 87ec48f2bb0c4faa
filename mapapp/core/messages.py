"""Sentences for people, before anybody knows in which language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools know
    """Marks a message for translation without translating it: the language is known only at the edge."""
    return message


@dataclass(frozen=True)
class Message:
    """A sentence for a person: the English text as key, and what fills its ``%(name)s`` places."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text
