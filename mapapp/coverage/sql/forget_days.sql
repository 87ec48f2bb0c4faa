-- Takes away what days before :first needed; what still held on :first stays.
DELETE FROM coverage_history AS h
WHERE h.day < :first
  AND EXISTS (
      SELECT 1 FROM coverage_history AS n
      WHERE n.kind = h.kind AND n.stale = h.stale AND n.area_code = h.area_code AND n.day > h.day AND n.day <= :first
  )
