-- For each tambon in scope: no more people than this can come within reach by a site at its point. In each tambon
-- that the box around the site's circle meets, it is at most everyone beyond reach, and at most those who live in
-- the part of the tambon inside the box (measured in square degrees, whose error over a tambon 1 % makes up for).
-- :kind, :radius_km, :codes (the tambons where a site may stand)
WITH site AS MATERIALIZED (
    SELECT code,
        ST_Expand(
            point::geometry, 1.002 * :radius_km / (111.32 * cos(radians(ST_Y(point::geometry)))), 1.002 * :radius_km / 110.5
        ) AS box
    FROM areas
    WHERE code = ANY(:codes)
),
lacking AS MATERIALIZED (
    SELECT a.code, a.boundary, c.population / ST_Area(a.boundary) AS per_square,
        CASE CAST(:radius_km AS integer)
            WHEN 5 THEN c.beyond_people_5 WHEN 10 THEN c.beyond_people_10 ELSE c.beyond_people_20 END AS people
    FROM {figures} AS c
    JOIN areas AS a ON a.code = c.area_code AND a.level = 'tambon'
    WHERE c.kind = :kind
)
SELECT site.code,
    sum(least(l.people, 1.01 * l.per_square * ST_Area(ST_ClipByBox2D(l.boundary, site.box)))) AS people
FROM site
JOIN areas AS t ON t.level = 'tambon' AND t.boundary && site.box
JOIN lacking AS l ON l.code = t.code AND l.people > 0
GROUP BY site.code
ORDER BY people DESC, site.code
