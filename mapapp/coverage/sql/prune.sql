-- Takes away figures with stale facilities (:kind; :codes, their areas) that are no others than those without.
DELETE FROM coverage_with_stale AS w
USING coverage AS c
WHERE c.area_code = w.area_code AND c.kind = w.kind
  AND w.kind = :kind AND w.area_code = ANY(CAST(:codes AS text[]))
  AND (
      c.nearest_km, c.nearest_facility_id, c.within_share_5, c.within_share_10, c.within_share_20,
      c.beyond_people_5, c.beyond_people_10, c.beyond_people_20,
      c.facilities, c.beds, c.per_10000, c.beds_per_10000, c.population
  ) IS NOT DISTINCT FROM (
      w.nearest_km, w.nearest_facility_id, w.within_share_5, w.within_share_10, w.within_share_20,
      w.beyond_people_5, w.beyond_people_10, w.beyond_people_20,
      w.facilities, w.beds, w.per_10000, w.beds_per_10000, w.population
  )
