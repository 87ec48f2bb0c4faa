-- Joined to a row source called asked, with point (geometry) and place (geography): inside.code is the tambon that
-- holds it, beside.code the nearest one within :metres where none does.
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
        WHERE inside.code IS NULL  -- said here, or it would be measured for every point
          AND areas.level = 'tambon'
          AND areas.boundary && ST_Expand(asked.point, CAST(:metres AS float8) / 103000)
    ) AS near
    WHERE near.metres <= :metres
    ORDER BY near.metres, near.code
    LIMIT 1
) AS beside ON true
