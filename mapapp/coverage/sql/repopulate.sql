-- Takes new population figures into the tambons' rows, from the shares as stored; returns the tambons.
UPDATE {store} AS c SET
    population = a.population,
    beyond_people_5 = a.population * (1 - c.within_share_5),
    beyond_people_10 = a.population * (1 - c.within_share_10),
    beyond_people_20 = a.population * (1 - c.within_share_20),
    per_10000 = c.facilities * 10000.0 / nullif(a.population, 0),
    beds_per_10000 = c.beds * 10000.0 / nullif(a.population, 0),
    computed_at = :now
FROM areas AS a
WHERE a.code = c.area_code AND a.level = 'tambon' AND a.population IS DISTINCT FROM c.population
RETURNING c.area_code
