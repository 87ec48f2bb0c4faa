"""Who refers to an area: found in the database's own catalogue, so that tables of later rooms are covered too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, MetaData, String, Table, delete, func, select, text, update
from sqlalchemy.orm import Session

from mapapp.areas.layer_recognition import Problems
from mapapp.areas.models import Village
from mapapp.core.errors import N_

# Rows that the database deletes with their area (ON DELETE CASCADE: shapes, names, figures) belong to it and are
# no reason to keep it. A point column lets a row find its new area by itself.
_REFERRING = text("""
SELECT c.conrelid::regclass::text AS "table", a.attname AS "column", NOT a.attnotnull AS nullable,
       EXISTS (SELECT FROM pg_attribute p WHERE p.attrelid = c.conrelid AND p.attname = 'point'
                 AND p.atttypid = 'geography'::regtype AND NOT p.attisdropped) AS has_point
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = 'areas'::regclass AND c.confdeltype <> 'c' AND cardinality(c.conkey) = 1
  AND c.conrelid <> 'areas'::regclass
ORDER BY 1, 2
""")

_AT_POINT = """
(SELECT a.code FROM (SELECT code, level, boundary FROM areas) a WHERE a.level = 'tambon' AND a.code <> ALL(:vanished)
   AND ST_Covers(a.boundary, point::geometry) ORDER BY a.code LIMIT 1)
"""


@dataclass(frozen=True, slots=True)
class Reference:
    """How many rows of one column refer to one area."""

    table: str
    column: str
    nullable: bool
    has_point: bool
    code: str
    count: int


def to(session: Session, codes: Sequence[str]) -> list[Reference]:
    """Everything that refers to one of these areas and would not be deleted with it."""
    if not codes:
        return []
    found = []
    for table, column, nullable, has_point in session.execute(_REFERRING).all():
        refers = _column(table, column)
        statement = select(refers, func.count()).where(refers.in_(codes)).group_by(refers).order_by(refers)
        for code, count in session.execute(statement):
            found.append(Reference(table, column, nullable, has_point, code, count))
    return found


def refuse(found: Sequence[Reference]) -> None:
    """Raises ``Invalid`` that names every reference to an area that would vanish."""
    problems = Problems()
    for item in found:
        problems.add(
            item.code,
            N_("Not in the new boundaries, but %(count)s rows of %(table)s refer to it. See --drop-vanished."),
            count=item.count,
            table=item.table,
        )  # fmt: skip
    problems.stop()


def let_go(session: Session, found: Sequence[Reference]) -> list[str]:
    """Frees the areas: rows with a point go to the tambon there, others lose the reference, village names go.

    Returns:
        a line for each kind of row and area that was changed.

    Raises:
        Invalid: a row must have an area and has no point to find another by.
    """
    codes = sorted({item.code for item in found})
    problems = Problems()
    told = []
    for item in found:
        is_village = item.table == Village.__tablename__
        if not (item.nullable or is_village):
            problems.add(item.code, N_("%(count)s rows of %(table)s need this area. Move them first."),
                         count=item.count, table=item.table)  # fmt: skip
        told.append(f"{item.table}.{item.column} {item.code}: {item.count}")
    problems.stop()
    for table, column, nullable, has_point in sorted({(i.table, i.column, i.nullable, i.has_point) for i in found}):
        refers = _column(table, column)
        if table == Village.__tablename__:
            session.execute(delete(Village).where(Village.tambon_code.in_(codes)))
        elif has_point:
            there = text(_AT_POINT).bindparams(vanished=codes)
            statement = update(refers.table).where(refers.in_(codes)).values({column: there})
            session.execute(statement)
        elif nullable:
            session.execute(update(refers.table).where(refers.in_(codes)).values({column: None}))
    return told


def _column(table: str, column: str) -> Column[str]:
    """A column named by the catalogue, quoted by SQLAlchemy; ``regclass`` text may carry a schema."""
    schema, _, name = table.rpartition(".")
    made = Table(name.strip('"'), MetaData(), Column(column, String), schema=schema.strip('"') or None)
    return made.c[column]
