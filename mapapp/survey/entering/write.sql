-- One entry with everything that hangs on it: its figures, its history, the village's sums. One statement, after the
-- village's row is held. A key that is there already changes nothing and returns no row.
WITH place AS (
    SELECT village.unit <> :unit AS other_way, CASE WHEN :another
        THEN (SELECT COALESCE(max(e.twin), 0) + 1 FROM survey_entries AS e WHERE e.round_id = :round_id
            AND e.village_code = :village_code AND e.household = :household)
        ELSE :twin END AS twin
    FROM survey_villages AS village WHERE village.round_id = :round_id AND village.village_code = :village_code
),
made AS (
    INSERT INTO survey_entries (key, round_id, village_code, unit, household, twin, state, marks, rival, version,
        observed_at, received_at, changed_at, by_person)
    SELECT :key, :round_id, :village_code, :unit, :household, place.twin,
        CASE WHEN :waits THEN 'waiting' WHEN place.other_way OR rival.id IS NOT NULL THEN 'conflict' ELSE 'counted' END,
        CASE WHEN place.other_way THEN CAST(:marks AS varchar[]) || 'other_way'::varchar
            ELSE CAST(:marks AS varchar[]) END,
        rival.id, :version, :observed_at, :now, :now, :by_person
    FROM place LEFT JOIN survey_entries AS rival ON rival.round_id = :round_id AND rival.village_code = :village_code
        AND rival.unit = :unit AND rival.household IS NOT DISTINCT FROM :household AND rival.twin = place.twin
        AND rival.state = 'counted'
    WHERE NOT EXISTS (SELECT FROM survey_revisions WHERE key = :key)
    ON CONFLICT (key) DO NOTHING
    RETURNING id, revision, state, marks, rival
),
sent AS (
    SELECT made.id, made.state, f.* FROM made, jsonb_to_recordset(CAST(:figures AS jsonb)) AS f (
        target_group text, here int, "none" int, one int, two int, more int, unasked int, refusing int)
),
figures AS (
    INSERT INTO survey_figures (entry_id, target_group, here, "none", one, two, more, unasked, refusing)
    SELECT id, target_group, here, "none", one, two, more, unasked, refusing FROM sent
),
history AS (
    INSERT INTO survey_revisions (key, entry_id, revision, step, at, observed_at, by_person, digest, figures)
    SELECT :key, made.id, 1, 'recorded', :now, :observed_at, :by_person, :digest, CAST(:told AS jsonb) FROM made
    ON CONFLICT (key) DO NOTHING -- a correction of another village, at the same moment
    RETURNING key
),
summed AS (
    INSERT INTO survey_sums AS kept
        (round_id, village_code, target_group, entries, here, "none", one, two, more, unasked, refusing)
    SELECT :round_id, :village_code, target_group, 1, here, "none", one, two, more, unasked, refusing
    FROM sent WHERE state = 'counted'
    ON CONFLICT (round_id, village_code, target_group) DO UPDATE SET
        entries = kept.entries + 1, here = kept.here + excluded.here, "none" = kept."none" + excluded."none",
        one = kept.one + excluded.one, two = kept.two + excluded.two, more = kept.more + excluded.more,
        unasked = kept.unasked + excluded.unasked, refusing = kept.refusing + excluded.refusing
),
counted AS (
    UPDATE survey_villages SET counted = counted + 1
    WHERE round_id = :round_id AND village_code = :village_code AND EXISTS (SELECT FROM made WHERE state = 'counted')
)
SELECT id, revision, state, marks, rival, EXISTS (SELECT FROM history) AS is_told FROM made
