-- What one more facility at a point would change before it is built: the tambons it reaches or becomes the nearest
-- of, with their figures before and after. Computed as tambons.sql computes them, with the new place among the others.
-- :kind, :radius_km, :lon, :lat
WITH site AS MATERIALIZED (
    SELECT p::geography AS point, coverage_circle(p::geography, :radius_km * 1000) AS circle
    FROM ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS p
),
figure AS (
    SELECT area_code AS code, population, nearest_km,
        CASE CAST(:radius_km AS integer)
            WHEN 5 THEN within_share_5 WHEN 10 THEN within_share_10 ELSE within_share_20 END AS share
    FROM {figures}
    WHERE kind = :kind
),
furthest AS MATERIALIZED (
    SELECT CASE WHEN bool_or(nearest_km IS NULL) THEN NULL ELSE max(nearest_km) * 1000 END AS metres
    FROM figure
    WHERE length(code) = 6
),
touched AS MATERIALIZED (
    SELECT a.code
    FROM site CROSS JOIN furthest
    JOIN areas AS a ON a.level = 'tambon' AND ST_DWithin(a.point, site.point, coalesce(furthest.metres, 1e8))
    JOIN figure AS f ON f.code = a.code
    WHERE f.nearest_km IS NULL OR ST_Distance(a.point, site.point) < f.nearest_km * 1000
    UNION
    SELECT a.code
    FROM site
    JOIN areas AS a ON a.level = 'tambon' AND ST_Intersects(a.boundary, site.circle)
    JOIN figure AS f ON f.code = a.code
    WHERE f.share < 1
),
tambon AS MATERIALIZED (
    SELECT a.code, f.population, f.share, f.nearest_km,
        least(f.nearest_km * 1000, ST_Distance(a.point, site.point)) AS nearest_m,
        ST_Distance(a.point, site.point) AS site_m,
        f.share < 1 AND a.boundary && site.circle AS is_reached
    FROM touched JOIN areas AS a ON a.code = touched.code
    JOIN figure AS f ON f.code = a.code
    CROSS JOIN site
),
-- Of a tambon that the new circle covers wholly nothing is left; of the others, what no circle takes away.
partly AS MATERIALIZED (
    SELECT * FROM (
        SELECT t.code, t.nearest_m, t.site_m, a.boundary, a.point,
            1.02 * ST_MaxDistance(
                ST_Scale(a.point::geometry, 111320 * cos(radians(ST_Y(a.point::geometry))), 110900),
                ST_Scale(a.boundary, 111320 * cos(radians(ST_Y(a.point::geometry))), 110900)
            ) AS extent_m
        FROM tambon AS t JOIN areas AS a ON a.code = t.code
        WHERE t.is_reached
    ) AS measured
    WHERE nearest_m + extent_m > 998 * :radius_km
),
candidate AS MATERIALIZED (
    SELECT p.code, s.facility_id, ST_Distance(s.point, p.point) AS metres
    FROM partly AS p
    JOIN {sites} AS s ON s.kind = :kind AND ST_DWithin(s.point, p.point, 1002 * :radius_km + p.extent_m)
),
reach AS MATERIALIZED (
    SELECT s.facility_id, coverage_circle(s.point, :radius_km * 1000) AS circle
    FROM (SELECT DISTINCT facility_id FROM candidate) AS c
    JOIN {sites} AS s ON s.facility_id = c.facility_id
),
taken AS (
    SELECT c.code, c.metres, c.facility_id, r.circle FROM candidate AS c JOIN reach AS r ON r.facility_id = c.facility_id
    UNION ALL
    SELECT p.code, p.site_m, 9223372036854775807, site.circle FROM partly AS p CROSS JOIN site
),
beyond AS (
    SELECT p.code, ST_Area(coverage_beyond(p.boundary, t.circle ORDER BY t.metres, t.facility_id)::geography)
        / ST_Area(p.boundary::geography) AS part
    FROM partly AS p JOIN taken AS t ON t.code = p.code
    GROUP BY p.code, p.boundary
),
after AS MATERIALIZED (
    SELECT t.code, t.population, t.share AS share_before, t.nearest_km AS nearest_before,
        t.nearest_m / 1000 AS nearest_after,
        CASE
            WHEN NOT t.is_reached THEN t.share
            WHEN b.part IS NULL THEN 1
            ELSE greatest(t.share, least(1, 1 - b.part))
        END AS share_after
    FROM tambon AS t
    LEFT JOIN beyond AS b ON b.code = t.code
)
SELECT after.*, a.name_th, a.name_en, a.area_km2,
    amphoe.name_th AS amphoe_th, amphoe.name_en AS amphoe_en,
    province.name_th AS province_th, province.name_en AS province_en
FROM after
JOIN areas AS a ON a.code = after.code
JOIN areas AS amphoe ON amphoe.code = left(a.code, 4)
JOIN areas AS province ON province.code = left(a.code, 2)
WHERE after.share_after > after.share_before OR after.nearest_before IS NULL
    OR after.nearest_after < after.nearest_before
