"""The database: tables' base, connections, versions of data, locks, counters, the scheduler, migrations, roles, keys.

What nearly every module needs is at hand here; the rest is imported by its module. No Flask in here.
"""

from __future__ import annotations

from mapapp.database.base import Base, gist
from mapapp.database.connections import cursor, driver_rows, engine, only_reads, sessions
from mapapp.database.versions import DataVersion, data_versions, mark_changed

__all__ = [
    "Base",
    "DataVersion",
    "cursor",
    "data_versions",
    "driver_rows",
    "engine",
    "gist",
    "mark_changed",
    "only_reads",
    "sessions",
]
