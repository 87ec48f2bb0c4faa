-- Remembers tambons whose figures are to be computed; what was remembered of them before is joined.
-- :kind          the kind
-- :codes         the tambons, with, in the same order:
-- :metres        radii as text ({5000,10000})
-- :forget_stale  whether what is kept with stale facilities goes first
-- :now           the moment
INSERT INTO coverage_pending AS p (kind, area_code, metres, forget_stale, since)
SELECT :kind, n.code, CAST(n.metres AS integer[]), :forget_stale, :now
FROM unnest(CAST(:codes AS text[]), CAST(:metres AS text[])) AS n (code, metres)
ON CONFLICT (kind, area_code) DO UPDATE SET
    metres = ARRAY(SELECT DISTINCT unnest(p.metres || excluded.metres) ORDER BY 1),
    forget_stale = p.forget_stale OR excluded.forget_stale
