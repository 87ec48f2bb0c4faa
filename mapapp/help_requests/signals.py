"""Signals for the rooms above. They are sent inside the transaction of the change, before the commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from blinker import Signal
from sqlalchemy.orm import Session

from mapapp.core.actors import Actor

moved: Final = Signal(
    "Needs of these requests changed: they may be claimed, done, closed or open again. The requests are locked. Sent as"
    " (None, session=session, request_ids=…, now=…)."
)
erased: Final = Signal(
    "The data of a request was deleted. Sent as (None, session=session, request_id=…, asked=…, now=…); asked: the"
    " resident wanted it, so whatever else is stored about them for this request goes, too."
)


def tell_moved(session: Session, request_ids: Sequence[int], now: datetime) -> None:
    """Sends the signal. An exception in a receiver rolls the change back."""
    moved.send(None, session=session, request_ids=list(request_ids), now=now)


def tell_erased(session: Session, actor: Actor | None, request_id: int, now: datetime) -> None:
    """Sends the signal. ``actor``: who deleted it; None: the resident, by the secret link."""
    asked = actor is None or actor.kind != "system"
    erased.send(None, session=session, request_id=request_id, asked=asked, now=now)
