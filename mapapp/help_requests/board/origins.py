"""Where a request came from, if a room above made it: a link for the officers who may see that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from mapapp.core.actors import Actor
from mapapp.core.errors import Message


@dataclass(frozen=True, slots=True)
class Origin:
    """What a request was made from."""

    text: Message
    path: str


finders: Final[list[Callable[[Session, Actor, int], Origin | None]]] = []
"""Rooms above add theirs (``Room.connect``): what a request was made from, as far as this actor may know it."""


def of(session: Session, actor: Actor, request_id: int) -> list[Origin]:
    """What a request was made from; empty for one that someone sent."""
    return [found for find in finders if (found := find(session, actor, request_id)) is not None]
