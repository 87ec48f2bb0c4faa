"""Which survey round counts in which tambon: what every measure of the survey starts from."""

from __future__ import annotations

from typing import Final

CURRENT: Final = """
place AS (
    SELECT code FROM areas
    WHERE level = 'tambon' AND (CAST(:codes AS text[]) IS NULL OR code = ANY(CAST(:codes AS text[])))
    -- Villages whose tambon has left the list of areas: their people still live in the amphoe.
    UNION SELECT unnest(CAST(:codes AS text[]))
    UNION SELECT left(village_code, 6) FROM survey_villages WHERE CAST(:codes AS text[]) IS NULL
),
current AS (
    SELECT DISTINCT ON (place.code) place.code, r.id AS round_id
    FROM place JOIN survey_rounds AS r ON r.opened_at IS NOT NULL
        AND r.area_code IN ('TH', left(place.code, 2), left(place.code, 4), place.code)
    ORDER BY place.code, r.is_example, r.starts_on DESC, r.id DESC
)
"""
"""CTEs ``place`` (tambons) and ``current`` (tambon, its round): the newest round that was opened, real before example.
What was recorded in older rounds stays in their own pages and in old Fridays."""


def within(village: str, tambon: str) -> str:
    """Whether a village lies in a tambon, as bounds: an index with the round before them knows those, too."""
    return f"{village} >= {tambon} AND {village} < {tambon} || '999'"
