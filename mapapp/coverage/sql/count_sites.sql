-- Writes facilities (:ids) into the snapshot as they are now, where they operate at :now.
INSERT INTO coverage_sites (facility_id, kind, point, tambon_code, beds)
SELECT id, kind, point, tambon_code, beds
FROM facilities
WHERE id = ANY(CAST(:ids AS bigint[]))
  AND (status = 'open' OR (status = 'temporarily_closed' AND closed_until <= :now))
