"""Shares one search among all pages that ask the same at the same time: after a change, every open page of an area
asks.

The result depends only on the snapshot of the database: a list made under the same snapshot, or a newer one, is never
older than the question. Lists from a person's own location are not shared: no one else asks from there.
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
"""Maximum number of lists in a process; each is used for one second at most."""


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
        """``near``, run once for this snapshot, this second and these parameters."""
        snapshot = database.driver_rows(session, "SELECT pg_current_snapshot()::text", {})[0][0]
        key = (snapshot, int(now.timestamp()), wanted)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = near(session, wanted, now)
            with self._lock:
                self._kept[key] = found
        return found
