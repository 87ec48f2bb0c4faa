"""When it is the database that cannot answer, and not we who asked wrongly: one place that tells the two apart."""

from __future__ import annotations

from typing import Final

import psycopg2
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_ANOTHER_SERVER: Final = frozenset({"25006", "25P03", "25P04"})
"""What the driver files under its own faults: a standby that took over and only reads, and a transaction that was ended
because it stood still or lasted too long."""

_CANNOT_GO_ON: Final = "8s2b"
"""SQLAlchemy's code of “can't reconnect until invalid transaction is rolled back”: its line was lost a moment ago."""


_NOT_THERE: Final = frozenset({"42P01", "42703", "42883"})
"""What is said of a table, a column and a function that the database does not have."""


def is_not_there(error: BaseException) -> bool:
    """Whether a statement named something that the database does not have: written for an older one or a newer one, or
    wrongly."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "pgcode", None) in _NOT_THERE


def is_away(error: BaseException) -> bool:
    """Whether this error says that the database is gone, going, full, busy or read-only: the same may go well later.

    The driver's own errors count too, wherever one comes through unwrapped.
    """
    if isinstance(error, PendingRollbackError):
        return error.code == _CANNOT_GO_ON
    if isinstance(error, DBAPIError):
        if error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError)):
            return True
        return error.orig is not None and is_away(error.orig)
    if isinstance(error, psycopg2.Error):
        if isinstance(error, (psycopg2.OperationalError, psycopg2.InterfaceError)):
            return True
        # A line cut in the middle of a result has no code and no kind of its own.
        return error.pgcode in _ANOTHER_SERVER or (error.pgcode is None and type(error) is psycopg2.DatabaseError)
    return isinstance(error, PoolTimeout)
