"""What officers send with an old form's export, and what comes out of the comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import create_model

from mapapp.core.errors import Message
from mapapp.core.fields import FormModel
from mapapp.lists.tables import MAX_COLUMNS
from mapapp.statistics.states import Shown


class UploadForm(FormModel):
    """An upload, beside its file."""


class ColumnsBase(FormModel):
    """What becomes of several rows of an area."""

    same_area: Literal["last", "sum"] = "last"


_SAID: Final[Any] = (str, "")
ColumnsForm: type[ColumnsBase] = create_model(
    "ColumnsForm", __base__=ColumnsBase, **dict.fromkeys((f"c{number}" for number in range(MAX_COLUMNS)), _SAID)
)
"""Number of a column → what it says, so that its name may be anything."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of an area, as the old form tells it, and as it is here."""

    area_code: str
    measure: str
    figure: str
    old: int
    ours: Shown

    @property
    def apart(self) -> float | None:
        """Ours less the old one; None: nothing was entered here."""
        return None if self.ours.value is None else self.ours.value - self.old

    @property
    def agrees(self) -> bool:
        """Whether both say the same. Nothing entered is no zero."""
        return self.apart == 0

    @property
    def size(self) -> float:
        """How far they are apart, to put the largest first; nothing entered counts like a zero for this alone."""
        return abs(self.old if self.apart is None else self.apart)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row of the export that was not read."""

    row: int
    column: str
    message: Message
