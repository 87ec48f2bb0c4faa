-- Takes out what is computed next: of one kind whole provinces, those with the fewest tambons first, so that what one
-- officer has changed does not wait for a whole country. One province at least, more while they have few (:few).
WITH waiting AS (
    SELECT kind, left(area_code, 2) AS province, count(*) AS tambons
    FROM coverage_pending
    GROUP BY kind, left(area_code, 2)
),
smallest AS (
    SELECT kind FROM waiting ORDER BY tambons, kind, province LIMIT 1
),
summed AS (
    SELECT w.kind, w.province, w.tambons, sum(w.tambons) OVER (ORDER BY w.tambons, w.province) AS so_far
    FROM waiting AS w
    JOIN smallest AS s ON s.kind = w.kind
),
chosen AS (
    SELECT kind, province FROM summed WHERE so_far <= :few OR so_far = tambons
)
DELETE FROM coverage_pending AS p
USING chosen AS c
WHERE p.kind = c.kind AND left(p.area_code, 2) = c.province
RETURNING p.kind, p.area_code, p.metres, p.forget_stale
