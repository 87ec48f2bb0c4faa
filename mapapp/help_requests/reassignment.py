"""Updates the tambons of requests after new boundaries were imported."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

# A request that has only a tambon keeps it: there is no better information. A cell never moves; its tambon can change.
_TRUE = text("""
UPDATE help_requests AS r SET tambon_code = a.code
FROM areas AS a
WHERE r.point IS NOT NULL AND a.level = 'tambon' AND ST_Covers(a.boundary, r.point::geometry)
  AND r.tambon_code <> a.code
""")
_CELL = text("""
UPDATE help_requests AS r SET cell_tambon_code = a.code
FROM areas AS a
WHERE r.cell_size > 0 AND a.level = 'tambon' AND ST_Covers(a.boundary, r.cell::geometry)
  AND r.cell_tambon_code <> a.code
""")


def reassign(session: Session) -> None:
    """Updates the tambons of requests, in the transaction of the import."""
    session.execute(_TRUE)
    session.execute(_CELL)
