"""What every table is built on, and names that migrations can rely on."""

from __future__ import annotations

from sqlalchemy import Index, MetaData
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table; names of constraints follow one convention, so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMING)


def gist(table: str, column: str) -> Index:
    """A GiST index with our naming; geometry columns say ``spatial_index=False`` and name theirs here."""
    return Index(f"ix_{table}_{column}", column, postgresql_using="gist")
