-- Takes facilities out of the snapshot (:ids); those that still operate are written again by count_sites.sql.
DELETE FROM coverage_sites WHERE facility_id = ANY(CAST(:ids AS bigint[]))
