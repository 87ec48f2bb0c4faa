-- How many tambon figures no longer fit the areas: no row, another population, another boundary or point; and how
-- many are being computed anew.
WITH kinds AS (SELECT unnest(CAST(:kinds AS text[])) AS kind),
tambon AS MATERIALIZED (
    SELECT code, population, md5(ST_AsBinary(boundary) || ST_AsBinary(point::geometry)) AS digest
    FROM areas
    WHERE level = 'tambon'
)
SELECT
    count(*) FILTER (WHERE c.area_code IS NULL) AS missing,
    count(*) FILTER (WHERE c.area_code IS NOT NULL AND c.population IS DISTINCT FROM t.population) AS population,
    count(*) FILTER (WHERE c.area_code IS NOT NULL AND c.boundary_digest IS DISTINCT FROM t.digest) AS boundaries,
    (SELECT count(*) FROM coverage_pending AS p WHERE p.kind = ANY(CAST(:kinds AS text[]))) AS pending
FROM tambon AS t
CROSS JOIN kinds
LEFT JOIN coverage AS c ON c.area_code = t.code AND c.kind = kinds.kind
