-- For each tambon in scope: no more people than this can come within reach by a site at its point. Counts everyone
-- beyond reach in the tambons whose box the circle's box meets, but of a tambon larger than the circle only as many
-- as can live in the circle.
-- :kind, :radius_km, :prefix (LIKE pattern of the tambons where a site may stand)
WITH site AS MATERIALIZED (
    SELECT code,
        ST_Expand(
            point::geometry, 1.002 * :radius_km / (111.32 * cos(radians(ST_Y(point::geometry)))), 1.002 * :radius_km / 110.5
        ) AS box
    FROM areas
    WHERE level = 'tambon' AND code LIKE :prefix
),
lacking AS MATERIALIZED (
    SELECT c.area_code AS code,
        least(
            CASE CAST(:radius_km AS integer)
                WHEN 5 THEN c.beyond_people_5 WHEN 10 THEN c.beyond_people_10 ELSE c.beyond_people_20 END,
            c.population * 1.01 * pi() * :radius_km * :radius_km / a.area_km2
        ) AS people
    FROM coverage AS c
    JOIN areas AS a ON a.code = c.area_code AND a.level = 'tambon'
    WHERE c.kind = :kind
)
SELECT site.code, sum(lacking.people) AS people
FROM site
JOIN areas AS t ON t.level = 'tambon' AND t.boundary && site.box
JOIN lacking ON lacking.code = t.code AND lacking.people > 0
GROUP BY site.code
ORDER BY people DESC, site.code
