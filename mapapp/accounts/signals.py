"""Signals for the rooms above. They are sent inside the transaction of the change, before the commit."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final, Literal

from blinker import Signal
from sqlalchemy.orm import Session

Why = Literal["appointment_ended", "suspended", "erased"]

rights_ended: Final = Signal(
    "An appointment was ended, an account suspended or deleted: what its person holds by a right they have no more is"
    " to be let go. Sent as (None, session=session, person_id=…, why=…, now=…)."
)


def tell_ended(session: Session, person_id: uuid.UUID, why: Why, now: datetime) -> None:
    """Sends the signal. An exception in a receiver rolls the change back."""
    rights_ended.send(None, session=session, person_id=person_id, why=why, now=now)
