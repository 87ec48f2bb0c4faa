-- Keeps the figures of a day (:day) where they are others than those kept last; a second look on the same day replaces
-- what the first has kept.
-- :stale  whether these are the figures with stale facilities counted
INSERT INTO coverage_history (
    kind, stale, area_code, day, computed_at,
    nearest_km, nearest_facility_id, within_share_5, within_share_10, within_share_20, beyond_people_5,
    beyond_people_10, beyond_people_20, facilities, beds, per_10000, beds_per_10000, population
)
SELECT
    c.kind, :stale, c.area_code, :day, c.computed_at,
    c.nearest_km, c.nearest_facility_id, c.within_share_5, c.within_share_10, c.within_share_20,
    c.beyond_people_5, c.beyond_people_10, c.beyond_people_20, c.facilities, c.beds, c.per_10000,
    c.beds_per_10000, c.population
FROM {figures} AS c
LEFT JOIN LATERAL (
    SELECT * FROM coverage_history AS h
    WHERE h.kind = c.kind AND h.stale = :stale AND h.area_code = c.area_code AND h.day <= :day
    ORDER BY h.day DESC
    LIMIT 1
) AS kept ON true
WHERE kept.day IS NULL OR (
    kept.nearest_km, kept.nearest_facility_id, kept.within_share_5, kept.within_share_10,
    kept.within_share_20, kept.beyond_people_5, kept.beyond_people_10, kept.beyond_people_20,
    kept.facilities, kept.beds, kept.per_10000, kept.beds_per_10000, kept.population
) IS DISTINCT FROM (
    c.nearest_km, c.nearest_facility_id, c.within_share_5, c.within_share_10, c.within_share_20,
    c.beyond_people_5, c.beyond_people_10, c.beyond_people_20, c.facilities, c.beds, c.per_10000,
    c.beds_per_10000, c.population
)
ON CONFLICT (kind, stale, area_code, day) DO UPDATE SET
    nearest_km = excluded.nearest_km,
    nearest_facility_id = excluded.nearest_facility_id,
    within_share_5 = excluded.within_share_5,
    within_share_10 = excluded.within_share_10,
    within_share_20 = excluded.within_share_20,
    beyond_people_5 = excluded.beyond_people_5,
    beyond_people_10 = excluded.beyond_people_10,
    beyond_people_20 = excluded.beyond_people_20,
    facilities = excluded.facilities,
    beds = excluded.beds,
    per_10000 = excluded.per_10000,
    beds_per_10000 = excluded.beds_per_10000,
    population = excluded.population,
    computed_at = excluded.computed_at
