-- Adds the tambons' figures up to amphoe and provinces (:parents, codes of 4 and 2 digits) for some kinds (:kinds).
-- Counts and people are sums; distance and shares are means over the people where every tambon has a population
-- figure, or over the square kilometres where one of them has none: people nobody has counted must not weigh nothing.
-- How many people there are, and what hangs on it, is unknown where it is for one of them.
WITH figure AS (
    SELECT up.code AS parent, c.*, a.area_km2,
        count(c.population) OVER same = count(*) OVER same AND sum(c.population) OVER same > 0 AS peopled
    FROM {figures} AS c
    JOIN areas AS a ON a.code = c.area_code AND a.level = 'tambon'
    CROSS JOIN LATERAL (VALUES (left(c.area_code, 4)), (left(c.area_code, 2))) AS up (code)
    WHERE c.kind = ANY(CAST(:kinds AS text[]))
      AND left(c.area_code, 2) = ANY(CAST(:provinces AS text[]))
      AND up.code = ANY(CAST(:parents AS text[]))
    WINDOW same AS (PARTITION BY up.code, c.kind)
),
weighed AS (
    SELECT *, CASE WHEN peopled THEN population::double precision ELSE area_km2 END AS weight
    FROM figure
),
summed AS (
    SELECT
        w.parent, w.kind,
        sum(w.nearest_km * w.weight) / nullif(sum(w.weight), 0) AS nearest_km,
        coalesce(sum(w.within_share_5 * w.weight) / nullif(sum(w.weight), 0), 0) AS within_5,
        coalesce(sum(w.within_share_10 * w.weight) / nullif(sum(w.weight), 0), 0) AS within_10,
        coalesce(sum(w.within_share_20 * w.weight) / nullif(sum(w.weight), 0), 0) AS within_20,
        CASE WHEN count(w.population) = count(*) THEN sum(w.beyond_people_5) END AS beyond_5,
        CASE WHEN count(w.population) = count(*) THEN sum(w.beyond_people_10) END AS beyond_10,
        CASE WHEN count(w.population) = count(*) THEN sum(w.beyond_people_20) END AS beyond_20,
        sum(w.facilities) AS facilities,
        CASE WHEN sum(w.facilities) = 0 THEN 0 ELSE sum(w.beds) FILTER (WHERE w.facilities > 0) END AS beds,
        CASE WHEN count(w.population) = count(*) THEN sum(w.population) END AS people,
        count(w.population) AS counted
    FROM weighed AS w
    GROUP BY w.parent, w.kind
),
made AS (
    -- A figure known for the amphoe or province alone still counts, spread over its area.
    SELECT s.*, CASE WHEN s.counted = 0 THEN a.population ELSE s.people END AS population
    FROM summed AS s
    JOIN areas AS a ON a.code = s.parent
)
INSERT INTO {store} (area_code, kind, {summed})
SELECT
    parent, kind, nearest_km, within_5, within_10, within_20,
    coalesce(beyond_5, population * (1 - within_5)),
    coalesce(beyond_10, population * (1 - within_10)),
    coalesce(beyond_20, population * (1 - within_20)),
    facilities, beds, facilities * 10000.0 / nullif(population, 0), beds * 10000.0 / nullif(population, 0),
    population, :now
FROM made
ON CONFLICT (area_code, kind) DO UPDATE SET {put summed}
