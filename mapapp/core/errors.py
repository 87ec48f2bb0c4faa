"""Domain errors. ``web/problems.py`` turns them into answers; each has a kind that programs can distinguish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

from mapapp.core import problem_types as types
from mapapp.core.messages import CONTEXT_END as CONTEXT_END
from mapapp.core.messages import N_ as N_
from mapapp.core.messages import NC_ as NC_
from mapapp.core.messages import Message as Message
from mapapp.core.messages import plain as plain
from mapapp.core.problem_types import ProblemType

_LEFT_OUT = N_("“%(cell)s” was left out. %(why)s")


@dataclass(frozen=True)
class FieldProblem:
    """A problem of one field. ``field`` is its name, ``""`` for the whole input.

    In a file that was read, ``field`` names the file; ``row`` and ``column`` are the place in it.
    """

    field: str
    message: Message
    row: int | None = None
    column: str = ""
    cell: str = ""
    """What an optional cell says that was left out for this; the rest of its row is taken."""

    def __str__(self) -> str:
        place = ", ".join(filter(None, (self.field, f"row {self.row}" if self.row else "", self.column)))
        return f"{place}: {self.told}" if place else str(self.told)

    @property
    def told(self) -> Message:
        """The message; of a cell that was left out, with what it says."""
        return Message(_LEFT_OUT, {"cell": self.cell, "why": self.message}) if self.cell else self.message


class DomainError(Exception):
    """Base class of domain errors; ``message`` tells a person what to do.

    ``kind`` is the problem type for programs: the general one of the class, unless the error is raised with another
    one.
    """

    kind: ProblemType = types.CONFLICT

    def __init__(self, text: str, *, kind: ProblemType | None = None, **values: Any) -> None:
        self.kind = kind or self.kind
        self.message = Message(text, values)
        super().__init__(str(self.message))

    @property
    def members(self) -> Mapping[str, Any]:
        """Additional members for programs, as the row of its kind lists them."""
        return {}


class NotFound(DomainError):
    """The object does not exist."""

    kind = types.NOT_FOUND


class Conflict(DomainError):
    """The object has changed in the meantime, or its state does not allow this step."""

    kind = types.CONFLICT


class NotAllowed(DomainError):
    """This actor may not do this here."""

    kind = types.FORBIDDEN


class NotSignedIn(DomainError):
    """Only for signed-in people; signing in may help."""

    kind = types.NOT_SIGNED_IN


class StepNeeded(DomainError):
    """One more step is needed: two-step sign-in, or the password again. ``step`` says which."""

    kind = types.STEP_NEEDED

    def __init__(self, step: str, text: str, **values: Any) -> None:
        self.step = step
        super().__init__(text, **values)

    @property
    def members(self) -> Mapping[str, Any]:
        return {"step": self.step}


class TooMany(DomainError):
    """A limit is reached; ``seconds`` from now it can be tried again."""

    kind = types.LIMIT

    def __init__(self, seconds: int, text: str, **values: Any) -> None:
        self.seconds = seconds
        super().__init__(text, **values)

    @property
    def members(self) -> Mapping[str, Any]:
        return {"retry_after": self.seconds}


class Gone(DomainError):
    """It existed before: a link that was used or has expired."""

    kind = types.GONE


class Unavailable(DomainError):
    """The database or the geocoder does not answer now."""

    kind = types.UNAVAILABLE


class Invalid(DomainError):
    """The input is not valid; ``problems`` names each field and what to do."""

    kind = types.INVALID

    def __init__(self, problems: list[FieldProblem], *, kind: ProblemType | None = None) -> None:
        self.problems = problems
        super().__init__(N_("Some of the data sent is not valid."), kind=kind)

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems))


def invalid(field_name: str, text: str, **values: Any) -> Invalid:
    """An ``Invalid`` about one field."""
    return Invalid([FieldProblem(field_name, Message(text, values))])


def message_of(error: ValueError, otherwise: str = "") -> Message:
    """The message that ``refuse`` put into an error; ``otherwise`` for other errors."""
    context: dict[str, Any] = getattr(error, "context", None) or {}
    return Message(context.get("text", otherwise or N_("This value is not valid.")), dict(context.get("values", {})))


def refuse(text: str, **values: Any) -> PydanticCustomError:
    """For validators in ``schemas``: an error whose text the edge can translate. ``raise refuse(N_("…"), x=1)``."""
    return PydanticCustomError(
        "mapapp", "{shown}", {"text": text, "values": values, "shown": str(Message(text, values))}
    )
