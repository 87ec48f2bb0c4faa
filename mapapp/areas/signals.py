"""What the rooms above may listen to. Sent inside the transaction that makes the change; nothing is committed yet."""

from __future__ import annotations

from blinker import Signal
from sqlalchemy.orm import Session

boundaries_changed = Signal("Areas were added, moved or taken away. Sent as (None, session=session).")
population_changed = Signal("Population figures of areas changed. Sent as (None, session=session).")


def tell(signal: Signal, session: Session) -> None:
    """Sends it; an exception of a listener undoes the change it was told of."""
    signal.send(None, session=session)
