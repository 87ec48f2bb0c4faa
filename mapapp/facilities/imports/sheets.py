"""Lists of facilities go out as every list does (``mapapp.sheets``)."""

from __future__ import annotations

from mapapp.sheets import MIME, as_csv, fill, neutral, packed, workbook

__all__ = ["MIME", "as_csv", "fill", "neutral", "packed", "workbook"]
