-- Writes facilities (:ids) into the snapshot as they are now, where they operate at :now.
-- :kinds and :fresh_from as in changed.sql.
INSERT INTO coverage_sites (facility_id, kind, point, tambon_code, beds, stale)
SELECT id, facilities.kind, point, tambon_code, beds, COALESCE(confirmed_at < current.since, true)
FROM facilities
JOIN unnest(CAST(:kinds AS text[]), CAST(:fresh_from AS timestamptz[])) AS current (kind, since)
    ON current.kind = facilities.kind
WHERE id = ANY(CAST(:ids AS bigint[]))
  AND (status = 'open'
      OR (status = 'temporarily_closed' AND (closed_until <= :now OR closed_from > :now)))
