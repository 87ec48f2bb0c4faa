"""The domain's errors and its translatable messages. No HTTP in here: ``web/problems.py`` turns these into answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic_core import PydanticCustomError


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


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field of what was sent. ``field`` is its name, ``""`` where it is the whole.

    In a file that was read, ``field`` names the file; ``row`` and ``column`` say where in it.
    """

    field: str
    message: Message
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        place = ", ".join(filter(None, (self.field, f"row {self.row}" if self.row else "", self.column)))
        return f"{place}: {self.message}" if place else str(self.message)


class DomainError(Exception):
    """Base of everything the core refuses; ``message`` says what to do, in terms a person can use."""

    def __init__(self, text: str, **values: Any) -> None:
        self.message = Message(text, values)
        super().__init__(str(self.message))


class NotFound(DomainError):
    """There is no such thing."""


class Conflict(DomainError):
    """It has changed meanwhile, or its state does not allow this step."""


class NotAllowed(DomainError):
    """This actor may not do this here."""


class NotSignedIn(DomainError):
    """This is for people who have signed in; signing in may help."""


class StepNeeded(DomainError):
    """One more step first: a second factor, or the password once more. ``step`` says which."""

    def __init__(self, step: str, text: str, **values: Any) -> None:
        self.step = step
        super().__init__(text, **values)


class TooMany(DomainError):
    """A limit is reached; ``seconds`` from now it may be tried again."""

    def __init__(self, seconds: int, text: str, **values: Any) -> None:
        self.seconds = seconds
        super().__init__(text, **values)


class TooLarge(DomainError):
    """More bytes than this address takes."""


class Gone(DomainError):
    """It was here once and is not any more: a link that was used or has run out."""


class Unavailable(DomainError):
    """Something we lean on (database, geocoder) does not answer now."""


class Invalid(DomainError):
    """What was sent cannot be used; ``problems`` names each field and what to do."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        self.problems = problems
        super().__init__(N_("Some of the data sent is not valid."))

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems))


def invalid(field_name: str, text: str, **values: Any) -> Invalid:
    """An ``Invalid`` about one field."""
    return Invalid([FieldProblem(field_name, Message(text, values))])


def message_of(error: ValueError, otherwise: str = "") -> Message:
    """The sentence that ``refuse`` put into an error; ``otherwise`` where it is another's error."""
    context: dict[str, Any] = getattr(error, "context", None) or {}
    return Message(context.get("text", otherwise or N_("This value is not valid.")), dict(context.get("values", {})))


def refuse(text: str, **values: Any) -> PydanticCustomError:
    """For validators in ``schemas``: an error whose text the edge can translate. ``raise refuse(N_("…"), x=1)``."""
    return PydanticCustomError(
        "mapapp", "{shown}", {"text": text, "values": values, "shown": str(Message(text, values))}
    )
