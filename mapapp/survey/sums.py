"""The sums by village and group, kept beside the entries: added to and taken from in the transaction of each change,
and computed anew from all entries to prove that both say the same.

Whoever changes them holds the village's row (``SurveyVillage``).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.survey import signals

ADD: Final = text("""
INSERT INTO survey_sums AS kept
    (round_id, village_code, target_group, entries, here, "none", one, two, more, unasked, refusing)
SELECT entry.round_id, entry.village_code, f.target_group, 1, f.here, f."none", f.one, f.two, f.more, f.unasked,
    f.refusing
FROM survey_figures AS f JOIN survey_entries AS entry ON entry.id = f.entry_id WHERE f.entry_id = :entry_id
ON CONFLICT (round_id, village_code, target_group) DO UPDATE SET
    entries = kept.entries + 1, here = kept.here + excluded.here, "none" = kept."none" + excluded."none",
    one = kept.one + excluded.one, two = kept.two + excluded.two, more = kept.more + excluded.more,
    unasked = kept.unasked + excluded.unasked, refusing = kept.refusing + excluded.refusing
""")

TAKE: Final = text("""
UPDATE survey_sums AS kept SET
    entries = kept.entries - 1, here = kept.here - f.here, "none" = kept."none" - f."none", one = kept.one - f.one,
    two = kept.two - f.two, more = kept.more - f.more, unasked = kept.unasked - f.unasked,
    refusing = kept.refusing - f.refusing
FROM survey_figures AS f JOIN survey_entries AS entry ON entry.id = f.entry_id
WHERE f.entry_id = :entry_id AND kept.round_id = entry.round_id AND kept.village_code = entry.village_code
  AND kept.target_group = f.target_group
""")

EMPTY: Final = text(
    "DELETE FROM survey_sums WHERE round_id = :round_id AND village_code = :village_code AND entries = 0"
)

COUNT: Final = text(
    "UPDATE survey_villages SET counted = counted + :step WHERE round_id = :round_id AND village_code = :village_code"
)

FROM_ENTRIES: Final = """
SELECT entry.round_id, entry.village_code, f.target_group, count(*)::int AS entries, sum(f.here)::int AS here,
    sum(f."none")::int AS "none", sum(f.one)::int AS one, sum(f.two)::int AS two, sum(f.more)::int AS more,
    sum(f.unasked)::int AS unasked, sum(f.refusing)::int AS refusing
FROM survey_entries AS entry JOIN survey_figures AS f ON f.entry_id = entry.id
WHERE entry.state = 'counted' AND entry.village_code >= :low AND entry.village_code < :high
  AND entry.round_id IN (SELECT id FROM survey_rounds)
GROUP BY entry.round_id, entry.village_code, f.target_group
"""

DIFFERENT: Final = text(f"""
WITH made AS ({FROM_ENTRIES}),
kept AS (
    SELECT round_id, village_code, target_group, entries, here, "none", one, two, more, unasked, refusing
    FROM survey_sums
    WHERE village_code >= :low AND village_code < :high AND round_id IN (SELECT id FROM survey_rounds)
)
SELECT count(*) FROM ((TABLE made EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE made)) AS apart
""")  # noqa: S608 - our own text

DIFFERENT_COUNTS: Final = text("""
SELECT count(*) FROM survey_villages AS village
WHERE village.village_code >= :low AND village.village_code < :high
  AND village.round_id IN (SELECT id FROM survey_rounds) AND village.counted <> (
    SELECT count(*) FROM survey_entries AS entry
    WHERE entry.round_id = village.round_id AND entry.village_code = village.village_code AND entry.state = 'counted')
""")

HOLD: Final = text("""
SELECT 1 FROM survey_villages
WHERE village_code >= :low AND village_code < :high AND round_id IN (SELECT id FROM survey_rounds)
ORDER BY round_id, village_code FOR UPDATE
""")

REBUILD: Final = text(f"""
WITH made AS MATERIALIZED ({FROM_ENTRIES}),
kept AS MATERIALIZED (
    SELECT round_id, village_code, target_group, entries, here, "none", one, two, more, unasked, refusing
    FROM survey_sums
    WHERE village_code >= :low AND village_code < :high AND round_id IN (SELECT id FROM survey_rounds)
),
new AS MATERIALIZED (TABLE made EXCEPT TABLE kept),
old AS MATERIALIZED (TABLE kept EXCEPT TABLE made),
gone AS (
    DELETE FROM survey_sums AS sums USING old
    WHERE sums.round_id = old.round_id AND sums.village_code = old.village_code
      AND sums.target_group = old.target_group AND NOT EXISTS (
        SELECT FROM new WHERE new.round_id = old.round_id AND new.village_code = old.village_code
          AND new.target_group = old.target_group)
),
put AS (
    INSERT INTO survey_sums
        (round_id, village_code, target_group, entries, here, "none", one, two, more, unasked, refusing)
    TABLE new
    ON CONFLICT (round_id, village_code, target_group) DO UPDATE SET
        entries = excluded.entries, here = excluded.here, "none" = excluded."none", one = excluded.one,
        two = excluded.two, more = excluded.more, unasked = excluded.unasked, refusing = excluded.refusing
)
SELECT (SELECT count(*) FROM new) + (SELECT count(*) FROM old)
""")  # noqa: S608 - our own text

RECOUNT: Final = text("""
WITH put AS (
    UPDATE survey_villages AS village SET counted = made.counted
    FROM (
        SELECT v.round_id, v.village_code, (
            SELECT count(*) FROM survey_entries AS entry
            WHERE entry.round_id = v.round_id AND entry.village_code = v.village_code AND entry.state = 'counted'
        ) AS counted
        FROM survey_villages AS v
        WHERE v.village_code >= :low AND v.village_code < :high AND v.round_id IN (SELECT id FROM survey_rounds)
    ) AS made
    WHERE village.round_id = made.round_id AND village.village_code = made.village_code
      AND village.counted <> made.counted
    RETURNING 1
)
SELECT count(*) FROM put
""")

AMPHOE: Final = text("SELECT DISTINCT left(village_code, 4) FROM survey_villages ORDER BY 1")


def add(session: Session, entry_id: int, round_id: int, village_code: str) -> None:
    """An entry counts from now on. Its figures are written already."""
    session.execute(ADD, {"entry_id": entry_id})
    session.execute(COUNT, {"step": 1, "round_id": round_id, "village_code": village_code})
    signals.tell_changed(session)


def take(session: Session, entry_id: int, round_id: int, village_code: str) -> None:
    """An entry does not count any more. Its figures are still those that were added."""
    session.execute(TAKE, {"entry_id": entry_id})
    session.execute(EMPTY, {"round_id": round_id, "village_code": village_code})
    session.execute(COUNT, {"step": -1, "round_id": round_id, "village_code": village_code})
    signals.tell_changed(session)


def _bounds(within: str) -> dict[str, str]:
    """Codes that begin so, as bounds: with the round before them indexes know bounds, but no beginnings."""
    return {"low": within, "high": within + "9" * 9}  # longer than a code, so after all that begin so


def different(session: Session, within: str = "") -> int:
    """How many sums are not what the entries say, in an area (its code; empty: everywhere)."""
    area = _bounds(within)
    found: int = session.execute(DIFFERENT, area).scalar_one() + session.execute(DIFFERENT_COUNTS, area).scalar_one()
    return found


def rebuild(session: Session, within: str = "") -> int:
    """Computes the sums of an area anew and writes those that differ; returns how many did. Whoever records waits;
    an amphoe takes a fraction of a second."""
    area = _bounds(within)
    session.execute(HOLD, area)
    differed: int = session.execute(REBUILD, area).scalar_one() + session.execute(RECOUNT, area).scalar_one()
    if differed:
        signals.tell_changed(session)
    return differed


def amphoe(session: Session) -> list[str]:
    """The amphoe that have sums."""
    return list(session.scalars(AMPHOE))
