"""Signals for the rooms above. They are sent inside the transaction of the change, before the commit."""

from __future__ import annotations

from typing import Final

from blinker import Signal
from sqlalchemy.orm import Session

figures_changed: Final = Signal("Something was recorded, or counts otherwise now. Sent as (None, session=session).")


def tell_changed(session: Session) -> None:
    """Sends it. An exception in a receiver rolls the change back."""
    figures_changed.send(None, session=session)
