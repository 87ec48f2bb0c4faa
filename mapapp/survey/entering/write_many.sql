-- As write.sql, for many records of one village at once: no two of them of the same household. Keys that are there
-- already return no row.
WITH given AS (
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
        key uuid, household text, marks text[], waits boolean, version smallint, observed_at timestamptz, digest text,
        told jsonb)
),
place AS (
    SELECT village.unit <> :unit AS other_way FROM survey_villages AS village
    WHERE village.round_id = :round_id AND village.village_code = :village_code
),
made AS (
    INSERT INTO survey_entries (key, round_id, village_code, unit, household, twin, state, marks, rival, version,
        observed_at, received_at, changed_at, by_person)
    SELECT given.key, :round_id, :village_code, :unit, given.household, 1,
        CASE WHEN given.waits THEN 'waiting' WHEN place.other_way OR rival.id IS NOT NULL THEN 'conflict'
            ELSE 'counted' END,
        CASE WHEN place.other_way THEN CAST(given.marks AS varchar[]) || 'other_way'::varchar
            ELSE CAST(given.marks AS varchar[]) END,
        rival.id, given.version, given.observed_at, :now, :now, :by_person
    FROM given CROSS JOIN place
    LEFT JOIN survey_entries AS rival ON rival.round_id = :round_id AND rival.village_code = :village_code
        AND rival.unit = :unit AND rival.household IS NOT DISTINCT FROM given.household AND rival.twin = 1
        AND rival.state = 'counted'
    WHERE NOT EXISTS (SELECT FROM survey_revisions AS r WHERE r.key = given.key)
    ON CONFLICT (key) DO NOTHING
    RETURNING id, key, revision, state, marks, rival
),
sent AS (
    SELECT made.id, made.state, told.key AS target_group, f.* FROM made JOIN given ON given.key = made.key
    CROSS JOIN LATERAL jsonb_each(given.told) AS told
    CROSS JOIN LATERAL jsonb_to_record(told.value) AS f (
        here int, "none" int, one int, two int, more int, unasked int, refusing int)
),
figures AS (
    INSERT INTO survey_figures (entry_id, target_group, here, "none", one, two, more, unasked, refusing)
    SELECT id, target_group, here, "none", one, two, more, unasked, refusing FROM sent
),
history AS (
    INSERT INTO survey_revisions (key, entry_id, revision, step, at, observed_at, by_person, digest, figures)
    SELECT given.key, made.id, 1, 'recorded', :now, given.observed_at, :by_person, decode(given.digest, 'hex'),
        given.told
    FROM made JOIN given ON given.key = made.key
    ON CONFLICT (key) DO NOTHING
    RETURNING key
),
summed AS (
    INSERT INTO survey_sums AS kept
        (round_id, village_code, target_group, entries, here, "none", one, two, more, unasked, refusing)
    SELECT :round_id, :village_code, target_group, count(*), sum(here), sum("none"), sum(one), sum(two), sum(more),
        sum(unasked), sum(refusing)
    FROM sent WHERE state = 'counted' GROUP BY target_group
    ON CONFLICT (round_id, village_code, target_group) DO UPDATE SET
        entries = kept.entries + excluded.entries, here = kept.here + excluded.here,
        "none" = kept."none" + excluded."none", one = kept.one + excluded.one, two = kept.two + excluded.two,
        more = kept.more + excluded.more, unasked = kept.unasked + excluded.unasked,
        refusing = kept.refusing + excluded.refusing
),
counted AS (
    UPDATE survey_villages SET counted = counted + (SELECT count(*) FROM made WHERE state = 'counted')
    WHERE round_id = :round_id AND village_code = :village_code
)
SELECT made.id, made.state, EXISTS (SELECT FROM history WHERE history.key = made.key) AS is_told FROM made
