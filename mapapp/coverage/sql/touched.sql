-- The tambons that changed pins of one kind can touch, and for which radius (0: only distance or count).
-- :kind      the kind
-- :points    where pins stood or stand now, as text (EWKT or hex EWKB)
-- :added     those of them where a pin stands now
-- :ids       the pins: a tambon whose nearest is one of them looks for another
-- :tambons   tambons the pins are or were counted in
WITH pin AS MATERIALIZED (
    SELECT DISTINCT p::geography AS point FROM unnest(CAST(:points AS text[])) AS p
),
reach AS MATERIALIZED (
    SELECT pin.point, r.metres, coverage_circle(pin.point, r.metres) AS circle
    FROM pin CROSS JOIN (VALUES (5000), (10000), (20000)) AS r (metres)
),
furthest AS MATERIALIZED (
    SELECT coalesce(max(nearest_km), 0) * 1000 AS metres
    FROM {figures}
    WHERE kind = :kind AND nearest_facility_id IS NOT NULL
),
touched AS (
    SELECT a.code, reach.metres
    FROM reach JOIN areas AS a ON a.level = 'tambon' AND ST_Intersects(a.boundary, reach.circle)
    UNION
    SELECT c.area_code, 0
    FROM {figures} AS c
    WHERE c.kind = :kind AND c.nearest_facility_id = ANY(CAST(:ids AS bigint[]))
    UNION
    -- A new pin is someone's nearest where it stands no further than the nearest did (1 mm for rounding).
    SELECT a.code, 0
    FROM unnest(CAST(:added AS text[])) AS p
    CROSS JOIN furthest
    JOIN areas AS a ON a.level = 'tambon' AND ST_DWithin(a.point, p::geography, furthest.metres + 0.001)
    JOIN {figures} AS c ON c.area_code = a.code AND c.kind = :kind
    WHERE ST_Distance(a.point, p::geography) <= c.nearest_km * 1000 + 0.001
    UNION
    -- Where there was no nearest at all, the first pin is it.
    SELECT c.area_code, 0
    FROM {figures} AS c
    WHERE c.kind = :kind AND c.nearest_km IS NULL AND length(c.area_code) = 6
      AND cardinality(CAST(:added AS text[])) > 0
    UNION
    SELECT a.code, 0 FROM areas AS a WHERE a.code = ANY(CAST(:tambons AS text[]))
)
SELECT
    t.code,
    -- A tambon that has no figures yet needs them for every radius.
    CASE WHEN bool_or(c.area_code IS NULL) THEN ARRAY[5000, 10000, 20000]
         ELSE array_remove(array_agg(t.metres ORDER BY t.metres), 0) END AS metres
FROM touched AS t
LEFT JOIN {figures} AS c ON c.area_code = t.code AND c.kind = :kind
GROUP BY t.code
ORDER BY t.code
