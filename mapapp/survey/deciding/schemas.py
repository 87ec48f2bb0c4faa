"""What is sent to decide about a record."""

from __future__ import annotations

from typing import Literal

from mapapp.core.fields import FormModel, Id


class DecideIn(FormModel):
    """What becomes of a record that waits: of one that was recorded twice ``this``, ``other`` or ``another`` household;
    of one that came late ``accept`` or ``refuse``."""

    do: Literal["this", "other", "another", "accept", "refuse"]
    seen: Id
    """The revision of it that was seen."""
