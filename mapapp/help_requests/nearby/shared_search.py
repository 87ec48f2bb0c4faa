"""One search for all who ask the same of the same data: after a change, every open page of an area asks at once.

What the database would say is the same as long as its snapshot is: a list that was made under the same snapshot, or a
newer one, is never older than the asking. Lists from a place of one's own are not kept: nobody else asks from there.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any, Final, NamedTuple

from cachetools import LRUCache
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.areas import queries as areas
from mapapp.areas.results import AreaName
from mapapp.help_requests.nearby import queries

MOST: Final = 32
"""Lists a process keeps; each is used for a second at most."""


class Found(NamedTuple):
    """Open requests, whether there are more, and the tambons of their cells."""

    requests: list[queries.Near]
    has_more: bool
    tambons: dict[str, AreaName]


def near(session: Session, wanted: queries.Wanted, now: datetime) -> Found:
    """The search of one list."""
    found, has_more = queries.near(session, wanted, now)
    return Found(found, has_more, areas.names(session, {one.cell_tambon_code for one in found}))


class Shared:
    """The lists of one process."""

    def __init__(self) -> None:
        self._kept: LRUCache[Any, Found] = LRUCache(MOST)
        self._lock = threading.Lock()

    def near(self, session: Session, wanted: queries.Wanted, now: datetime) -> Found:
        """``near``, made once for this snapshot, this second and these wishes."""
        snapshot = database.driver_rows(session, "SELECT pg_current_snapshot()::text", {})[0][0]
        key = (snapshot, int(now.timestamp()), wanted)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = near(session, wanted, now)
            with self._lock:
                self._kept[key] = found
        return found
