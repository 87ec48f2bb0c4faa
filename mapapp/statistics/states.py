"""The four states of a figure. They are never mixed: not on a page, not in a file, chart or map."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from mapapp.core.errors import N_, NC_


class State(StrEnum):
    """What is known of a figure, and may be told."""

    VALUE = "value"
    ZERO = "zero"
    """A true zero: somebody looked, and there is none."""
    NOT_ENTERED = "not_entered"
    """Nobody has entered anything that the figure could be made from. That is no zero."""
    WITHHELD = "withheld"
    """There is a figure, but it would tell of single people."""


STATE_LABELS: Final[dict[State, str]] = {
    State.VALUE: NC_("statistics", "Figure"),
    State.ZERO: NC_("statistics", "Zero"),
    State.NOT_ENTERED: NC_("statistics", "Not entered"),
    State.WITHHELD: NC_("statistics", "Withheld"),
}
"""State → its name, a message to translate."""

STATE_MEANINGS: Final[dict[State, str]] = {
    State.VALUE: N_("There is a figure."),
    State.ZERO: N_("Someone looked, and there are none."),
    State.NOT_ENTERED: N_("No one has entered anything yet. This does not mean zero."),
    State.WITHHELD: N_("There is a figure, but it is too small to publish: it could tell about single people."),
}
"""State → what it means, for legends and files; a message to translate."""

Bound = Literal["", "below", "above"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as it may be shown.

    Attributes:
        value: None exactly if it is not entered or withheld. Shares are 0–1.
        bound: the value is only a bound: the figure is ``below`` or ``above`` it.
    """

    state: State
    value: float | None = None
    bound: Bound = ""

    def __post_init__(self) -> None:
        # A figure in the wrong state would be read as something else; better none is made at all.
        told = self.state in (State.VALUE, State.ZERO)
        if told is (self.value is None) or (self.state is State.ZERO) is not (self.value == 0 and not self.bound):
            raise ValueError(f"{self.state} with the value {self.value}")

    @property
    def is_told(self) -> bool:
        """Whether there is a number to show."""
        return self.value is not None


NOT_ENTERED: Final = Shown(State.NOT_ENTERED)
WITHHELD: Final = Shown(State.WITHHELD)


def shown(value: float | None, bound: Bound = "") -> Shown:
    """A figure that may be told: None was not entered, 0 is a true zero."""
    if value is None:
        return NOT_ENTERED
    return Shown(State.ZERO if value == 0 and not bound else State.VALUE, value, bound)
