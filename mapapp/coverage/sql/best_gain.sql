-- The people who come within reach by a site at the point of each tambon of :codes, over all tambons it reaches.
-- :kind, :radius_km
WITH site AS MATERIALIZED (
    SELECT code, coverage_circle(point, :radius_km * 1000) AS circle
    FROM areas
    WHERE code = ANY(CAST(:codes AS text[]))
),
pair AS MATERIALIZED (
    SELECT site.code AS site, site.circle, t.code
    FROM site
    JOIN areas AS t ON t.level = 'tambon' AND ST_Intersects(t.boundary, site.circle)
    JOIN {figures} AS c ON c.area_code = t.code AND c.kind = :kind AND c.population > 0
        AND CASE CAST(:radius_km AS integer)
            WHEN 5 THEN c.within_share_5 WHEN 10 THEN c.within_share_10 ELSE c.within_share_20 END < 1
),
tambon AS MATERIALIZED (
    SELECT a.code, a.point, a.boundary, c.population / ST_Area(a.boundary::geography) AS per_m2,
        1.02 * ST_MaxDistance(
            ST_Scale(a.point::geometry, 111320 * cos(radians(ST_Y(a.point::geometry))), 110900),
            ST_Scale(a.boundary, 111320 * cos(radians(ST_Y(a.point::geometry))), 110900)
        ) AS extent_m
    FROM (SELECT DISTINCT code FROM pair) AS p
    JOIN areas AS a ON a.code = p.code
    JOIN {figures} AS c ON c.area_code = a.code AND c.kind = :kind
),
beyond AS MATERIALIZED (
    -- The part of each tambon that no facility reaches yet.
    SELECT t.code, t.per_m2,
        coalesce((
            SELECT coverage_beyond(
                t.boundary, coverage_circle(s.point, :radius_km * 1000)
                ORDER BY ST_Distance(s.point, t.point), s.facility_id
            )
            FROM {sites} AS s
            WHERE s.kind = :kind AND ST_DWithin(s.point, t.point, 1002 * :radius_km + t.extent_m)
        ), t.boundary) AS rest
    FROM tambon AS t
),
gain AS (
    SELECT pair.site, pair.code, ST_Area(ST_Intersection(beyond.rest, pair.circle)::geography) * beyond.per_m2 AS people
    FROM pair JOIN beyond ON beyond.code = pair.code
)
SELECT site AS code,
    sum(people) AS people,
    coalesce(sum(people) FILTER (WHERE code = site), 0) AS own_people
FROM gain
GROUP BY site
