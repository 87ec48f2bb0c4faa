-- Keeps the figures of a day (:day) where they are others than those kept last; a second look on the same day replaces
-- what the first has kept.
-- :stale  whether these are the figures with stale facilities counted
INSERT INTO coverage_history (kind, stale, area_code, day, {columns})
SELECT c.kind, :stale, c.area_code, :day, {c.columns}
FROM {figures} AS c
LEFT JOIN LATERAL (
    SELECT * FROM coverage_history AS h
    WHERE h.kind = c.kind AND h.stale = :stale AND h.area_code = c.area_code AND h.day <= :day
    ORDER BY h.day DESC
    LIMIT 1
) AS kept ON true
WHERE kept.day IS NULL OR ({kept.told}) IS DISTINCT FROM ({c.told})
ON CONFLICT (kind, stale, area_code, day) DO UPDATE SET {put columns}
