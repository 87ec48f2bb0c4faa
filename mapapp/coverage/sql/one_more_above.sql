-- The figures of areas above (:codes) as they stand, and what they are weighed by, as parents.sql weighs them: the
-- people where every tambon has a population figure, else the square kilometres.
-- :kind, :radius_km
SELECT p.code, p.level, p.name_th, p.name_en, c.population, c.nearest_km, c.facilities,
    CASE CAST(:radius_km AS integer)
        WHEN 5 THEN c.within_share_5 WHEN 10 THEN c.within_share_10 ELSE c.within_share_20 END AS share,
    CASE CAST(:radius_km AS integer)
        WHEN 5 THEN c.beyond_people_5 WHEN 10 THEN c.beyond_people_10 ELSE c.beyond_people_20 END AS beyond_people,
    part.peopled,
    CASE WHEN part.peopled THEN part.people::double precision ELSE part.km2 END AS weight
FROM areas AS p
JOIN {figures} AS c ON c.area_code = p.code AND c.kind = :kind
CROSS JOIN LATERAL (
    SELECT count(f.population) = count(*) AND sum(f.population) > 0 AS peopled, sum(f.population) AS people,
        sum(a.area_km2) AS km2
    FROM areas AS a JOIN {figures} AS f ON f.area_code = a.code AND f.kind = :kind
    WHERE a.level = 'tambon' AND left(a.code, length(p.code)) = p.code
) AS part
WHERE p.code = ANY(CAST(:codes AS text[]))
ORDER BY length(p.code) DESC
