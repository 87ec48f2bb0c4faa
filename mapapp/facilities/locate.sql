-- The tambon of each of many points: :lons and :lats are arrays of degrees of one length. Rows come in their order.
WITH asked AS (
    SELECT given.number, made.point, made.point::geography AS place
    FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) WITH ORDINALITY AS given (lon, lat, number)
    CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(given.lon, given.lat), 4326) AS point) AS made
)
SELECT coalesce(inside.code, beside.code) AS code
FROM asked
/* which_tambon */
ORDER BY asked.number
