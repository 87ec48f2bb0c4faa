-- Gives facilities the tambon they lie in. :ids is an array of ids or NULL for all; :metres is how far outside every
-- tambon a point may lie and still belong to the nearest one. Returns the ids that changed.
WITH asked AS (
    SELECT id, point::geometry AS point, point AS place, tambon_code
    FROM facilities
    WHERE CAST(:ids AS bigint[]) IS NULL OR id = ANY (CAST(:ids AS bigint[]))
),
found AS (
    SELECT asked.id, asked.tambon_code AS old, coalesce(inside.code, beside.code) AS new
    FROM asked
    -- On a border the lower code has it, so that two runs agree.
    LEFT JOIN LATERAL (
        SELECT areas.code
        FROM areas
        WHERE areas.level = 'tambon' AND ST_Covers(areas.boundary, asked.point)
        ORDER BY areas.code
        LIMIT 1
    ) AS inside ON true
    LEFT JOIN LATERAL (
        SELECT near.code
        FROM (
            SELECT areas.code, ST_Distance(areas.boundary::geography, asked.place) AS metres
            FROM areas
            -- A degree has at least 103 km here, so this box holds every boundary within :metres.
            WHERE areas.level = 'tambon'
              AND areas.boundary && ST_Expand(asked.point, CAST(:metres AS float8) / 103000)
        ) AS near
        WHERE near.metres <= :metres
        ORDER BY near.metres, near.code
        LIMIT 1
    ) AS beside ON inside.code IS NULL
)
UPDATE facilities
SET tambon_code = found.new
FROM found
WHERE facilities.id = found.id AND found.new IS DISTINCT FROM found.old
RETURNING facilities.id
