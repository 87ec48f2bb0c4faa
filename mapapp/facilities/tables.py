"""Lists of facilities are read as every list is (``mapapp.tables``)."""

from __future__ import annotations

from mapapp.tables import IsHeading, Row, Table, Unusable, is_workbook, read, read_bytes, sheets, too_long

__all__ = ["IsHeading", "Row", "Table", "Unusable", "is_workbook", "read", "read_bytes", "sheets", "too_long"]
