-- Facilities that are counted otherwise than they now are: the difference between the snapshot and the table,
-- whatever the cause (edit, import, a hand in psql, a closing date that has passed, time since it was confirmed).
-- :now        the moment; a facility closed until then is open again, one closed from later on is open still
-- :kinds,     for each kind the moment from which on a facility must have been confirmed to be current
-- :fresh_from
-- :everything true: compare all; false: only the facilities of :ids
SELECT
    coalesce(f.id, s.facility_id) AS id,
    s.kind AS was_kind,
    f.kind AS is_kind,
    s.point::text AS was_point,
    f.point::text AS is_point,
    s.tambon_code AS was_tambon,
    f.tambon_code AS is_tambon,
    s.stale AS was_stale,
    f.stale AS is_stale
FROM (
    SELECT id, facilities.kind, point, tambon_code, beds, COALESCE(confirmed_at < current.since, true) AS stale
    FROM facilities
    JOIN unnest(CAST(:kinds AS text[]), CAST(:fresh_from AS timestamptz[])) AS current (kind, since)
        ON current.kind = facilities.kind
    WHERE (status = 'open'
       OR (status = 'temporarily_closed' AND (closed_until <= :now OR closed_from > :now)))
      AND (:everything OR id = ANY(CAST(:ids AS bigint[])))
) AS f
FULL JOIN (
    SELECT facility_id, kind, point, tambon_code, beds, stale
    FROM coverage_sites
    WHERE :everything OR facility_id = ANY(CAST(:ids AS bigint[]))
) AS s ON s.facility_id = f.id
WHERE f.id IS NULL
   OR s.facility_id IS NULL
   OR f.kind <> s.kind
   OR f.stale <> s.stale
   OR f.tambon_code IS DISTINCT FROM s.tambon_code
   OR f.beds IS DISTINCT FROM s.beds
   -- = on geography compares every coordinate (since PostGIS 2.4), not the boxes.
   OR NOT (f.point = s.point)
