-- Computes and stores the figures of some tambons for one kind, from the snapshot of facilities.
-- :kind          the kind (a literal once it arrives: each kind has its own index)
-- :codes         the tambons
-- :share_codes,  pairs of tambon and radius in metres whose share is computed; the other shares stay as stored
-- :share_metres
-- :now           the moment that is written beside the figures
WITH tambon AS MATERIALIZED (
    SELECT
        a.code, a.boundary, a.point, a.population,
        md5(ST_AsBinary(a.boundary) || ST_AsBinary(a.point::geometry)) AS digest,
        nearest.facility_id,
        nearest.metres AS nearest_m,
        -- No place of the tambon is further from its point than this: measured on a plane of metres, which is
        -- right to 1 % over such extents, and 2 % are added.
        1.02 * ST_MaxDistance(
            ST_Scale(a.point::geometry, 111320 * cos(radians(ST_Y(a.point::geometry))), 110900),
            ST_Scale(a.boundary, 111320 * cos(radians(ST_Y(a.point::geometry))), 110900)
        ) AS extent_m
    FROM areas AS a
    LEFT JOIN LATERAL (
        -- <-> orders by the sphere, which is up to 0.6 % off: its first gives a bound, within which the
        -- ellipsoid decides; of two at the same distance the older one.
        SELECT s.facility_id, ST_Distance(a.point, s.point) AS metres
        FROM (
            SELECT ST_Distance(a.point, k.point) AS metres
            FROM {sites} AS k
            WHERE k.kind = :kind
            ORDER BY k.point <-> a.point
            LIMIT 1
        ) AS bound
        JOIN {sites} AS s ON s.kind = :kind AND ST_DWithin(s.point, a.point, bound.metres + 0.001)
        ORDER BY metres, s.facility_id
        LIMIT 1
    ) AS nearest ON true
    WHERE a.level = 'tambon' AND a.code = ANY(CAST(:codes AS text[]))
),
asked AS (
    SELECT t.*, w.radius_m
    FROM unnest(CAST(:share_codes AS text[]), CAST(:share_metres AS integer[])) AS w (code, radius_m)
    JOIN tambon AS t ON t.code = w.code
),
-- Neither wholly within the nearest circle nor out of every circle. Between corners the circle polygons run up to
-- 0.07 % inside the true circle, their corners stand 0.15 % outside it.
partly AS MATERIALIZED (
    SELECT * FROM asked
    WHERE nearest_m + extent_m > radius_m * 0.998 AND nearest_m - extent_m <= radius_m * 1.002
),
candidate AS MATERIALIZED (
    SELECT p.code, p.radius_m, s.facility_id, ST_Distance(s.point, p.point) AS metres
    FROM partly AS p
    JOIN {sites} AS s ON s.kind = :kind AND ST_DWithin(s.point, p.point, p.radius_m * 1.002 + p.extent_m)
),
-- Each circle once, though it reaches several tambons.
reach AS MATERIALIZED (
    SELECT s.facility_id, c.radius_m, coverage_circle(s.point, c.radius_m) AS circle
    FROM (SELECT DISTINCT facility_id, radius_m FROM candidate) AS c
    JOIN {sites} AS s ON s.facility_id = c.facility_id
),
beyond AS (
    SELECT p.code, p.radius_m,
        coverage_beyond(p.boundary, r.circle ORDER BY c.metres, c.facility_id) AS rest
    FROM partly AS p
    JOIN candidate AS c ON c.code = p.code AND c.radius_m = p.radius_m
    JOIN reach AS r ON r.facility_id = c.facility_id AND r.radius_m = c.radius_m
    GROUP BY p.code, p.radius_m
),
share AS (
    SELECT a.code, a.radius_m,
        CASE
            WHEN a.nearest_m + a.extent_m <= a.radius_m * 0.998 THEN 1
            WHEN b.rest IS NULL THEN 0
            ELSE greatest(0, least(1, 1 - ST_Area(b.rest::geography) / ST_Area(a.boundary::geography)))
        END AS part
    FROM asked AS a
    LEFT JOIN beyond AS b ON b.code = a.code AND b.radius_m = a.radius_m
),
shares AS (
    SELECT code,
        max(part) FILTER (WHERE radius_m = 5000) AS within_5,
        max(part) FILTER (WHERE radius_m = 10000) AS within_10,
        max(part) FILTER (WHERE radius_m = 20000) AS within_20,
        count(*) = 3 AS whole
    FROM share
    GROUP BY code
),
counted AS (
    SELECT tambon_code AS code, count(*) AS facilities, sum(beds) AS beds
    FROM {sites}
    WHERE kind = :kind AND tambon_code = ANY(CAST(:codes AS text[]))
    GROUP BY tambon_code
),
made AS (
    SELECT
        t.code, t.nearest_m / 1000 AS nearest_km, t.facility_id, t.population,
        coalesce(s.within_5, old.within_share_5) AS within_5,
        coalesce(s.within_10, old.within_share_10) AS within_10,
        coalesce(s.within_20, old.within_share_20) AS within_20,
        coalesce(n.facilities, 0) AS facilities,
        -- Facilities whose beds nobody knows make no nought.
        CASE WHEN n.facilities IS NULL THEN 0 ELSE n.beds END AS beds,
        CASE WHEN s.whole THEN t.digest ELSE old.boundary_digest END AS digest
    FROM tambon AS t
    LEFT JOIN shares AS s ON s.code = t.code
    LEFT JOIN counted AS n ON n.code = t.code
    LEFT JOIN {figures} AS old ON old.area_code = t.code AND old.kind = :kind
)
INSERT INTO {store} (area_code, kind, boundary_digest, {columns})
SELECT
    code, :kind, digest, nearest_km, facility_id,
    within_5, within_10, within_20,
    population * (1 - within_5), population * (1 - within_10), population * (1 - within_20),
    facilities, beds, facilities * 10000.0 / nullif(population, 0), beds * 10000.0 / nullif(population, 0),
    population, :now
FROM made
ON CONFLICT (area_code, kind) DO UPDATE SET boundary_digest = excluded.boundary_digest, {put columns}
