"""Whose API key it is, and what takes in a record of the survey, as functions of the database: it keeps their plans,
whatever stands between it and us. Planning these statements takes far longer than running them."""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision: str | None = "0031"
branch_labels = None
depends_on = None

GROUND = """
CREATE FUNCTION survey_ground(p_round bigint, p_village text, p_person uuid) RETURNS TABLE (
    id bigint, name varchar, area_code varchar, starts_on date, ends_on date, version smallint, opened_at timestamptz,
    closed_at timestamptz, is_example boolean, ended boolean, has_tambon boolean, unlisted boolean, standing text
)
LANGUAGE sql STABLE AS $ground$
    SELECT r.id, r.name, r.area_code, r.starts_on, r.ends_on, r.version, r.opened_at, r.closed_at, r.is_example,
        EXISTS (SELECT FROM survey_endings AS e WHERE e.round_id = r.id AND e.lifted_at IS NULL
            AND (e.area_code = 'TH' OR p_village LIKE e.area_code || '%')),
        EXISTS (SELECT FROM areas AS a WHERE a.code = left(p_village, 6)),
        EXISTS (SELECT FROM villages AS v WHERE v.tambon_code = left(p_village, 6))
            AND NOT EXISTS (SELECT FROM villages AS v WHERE v.code = p_village),
        CASE WHEN bool_or(a.person_id = p_person AND a.ended_at IS NULL) THEN 'mine'
            WHEN bool_or(a.person_id = p_person) THEN 'withdrawn'
            WHEN bool_or(a.id IS NOT NULL AND a.ended_at IS NULL) THEN 'others' ELSE 'free' END
    FROM survey_rounds AS r
    LEFT JOIN survey_assignments AS a ON a.round_id = r.id AND a.village_code = p_village
    WHERE r.id = p_round GROUP BY r.id
$ground$
"""

HOLD = """
CREATE FUNCTION hold_survey_village(
    p_round bigint, p_village text, p_unit text, p_person uuid, p_space integer, p_place integer, p_key bytea,
    p_an_hour integer, p_a_day integer, p_now timestamptz
) RETURNS TABLE (
    id bigint, name varchar, area_code varchar, starts_on date, ends_on date, version smallint, opened_at timestamptz,
    closed_at timestamptz, is_example boolean, ended boolean, has_tambon boolean, unlisted boolean, standing text,
    is_beyond boolean
)
LANGUAGE plpgsql VOLATILE AS $hold$
#variable_conflict use_column
DECLARE
    v_hour bigint;
    v_day bigint;
    v_beyond boolean := false;
BEGIN
    -- A person's records are counted one after the other, before any row is held. Without a key nothing is counted.
    IF p_key IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(p_space, p_place);
        SELECT count(*) FILTER (WHERE at > p_now - interval '1 hour'), count(*) INTO v_hour, v_day
        FROM limit_counts WHERE key = p_key AND at > p_now - interval '1 day';
        v_beyond := v_hour >= p_an_hour OR v_day >= p_a_day;
        IF NOT v_beyond THEN
            INSERT INTO limit_counts (key, at) VALUES (p_key, p_now);
        END IF;
    END IF;

    -- The village's row, to the end of the transaction. No constraint is named where it is made: the table has two that
    -- the first record of a village, sent by two at once, can meet, and only those that are named are waited for.
    IF NOT v_beyond THEN
        LOOP
            PERFORM FROM survey_villages WHERE round_id = p_round AND village_code = p_village FOR UPDATE;
            EXIT WHEN FOUND OR NOT EXISTS (
                SELECT FROM survey_rounds AS r WHERE r.id = p_round AND r.opened_at IS NOT NULL
            ) OR NOT EXISTS (SELECT FROM areas WHERE code = left(p_village, 6));
            INSERT INTO survey_villages (round_id, village_code, unit) VALUES (p_round, p_village, p_unit)
            ON CONFLICT DO NOTHING;
        END LOOP;
    END IF;

    RETURN QUERY SELECT ground.*, v_beyond FROM survey_ground(p_round, p_village, p_person) AS ground;
END
$hold$
"""

TAKE_IN = """
CREATE FUNCTION take_in_survey_entries(
    p_rows jsonb, p_round bigint, p_village text, p_unit text, p_now timestamptz, p_person uuid
) RETURNS TABLE (key uuid, id bigint, revision integer, state varchar, marks varchar[], rival bigint, is_told boolean)
LANGUAGE plpgsql VOLATILE AS $take$
#variable_conflict use_column
BEGIN
    -- Records of one village, no two of them of one household, with all that hangs on them: figures, history, sums. The
    -- village's row is held. Keys that are there already change nothing and return no row.
    RETURN QUERY
    WITH given AS MATERIALIZED (
        SELECT g.key, g.household, g.marks, g.waits, g.version, g.observed_at, g.digest, g.told,
            village.counted > 0 AND village.unit <> p_unit AS other_way,
            CASE WHEN g.another
                THEN (SELECT coalesce(max(e.twin), 0) + 1 FROM survey_entries AS e WHERE e.round_id = p_round
                    AND e.village_code = p_village AND e.household = g.household)
                ELSE g.twin END AS twin
        FROM jsonb_to_recordset(p_rows) AS g (
            key uuid, household text, twin smallint, another boolean, marks varchar[], waits boolean, version smallint,
            observed_at timestamptz, digest text, told jsonb)
        CROSS JOIN survey_villages AS village
        WHERE village.round_id = p_round AND village.village_code = p_village
    ),
    -- In the words of the index of what counts, so that it is found by it.
    met AS MATERIALIZED (
        SELECT given.*, EXISTS (SELECT FROM survey_revisions AS r WHERE r.key = given.key) AS is_there, (
            SELECT e.id FROM survey_entries AS e
            WHERE e.round_id = p_round AND e.village_code = p_village AND e.unit = p_unit AND e.state = 'counted'
                AND coalesce(e.household, '') = coalesce(given.household, '') AND e.twin = given.twin
        ) AS rival
        FROM given
    ),
    made AS (
        INSERT INTO survey_entries AS entry (key, round_id, village_code, unit, household, twin, state, marks, rival,
            version, observed_at, received_at, changed_at, by_person)
        SELECT met.key, p_round, p_village, p_unit, met.household, met.twin,
            CASE WHEN met.waits THEN 'waiting' WHEN met.other_way OR met.rival IS NOT NULL THEN 'conflict'
                ELSE 'counted' END,
            CASE WHEN met.other_way THEN met.marks || 'other_way'::varchar ELSE met.marks END,
            met.rival, met.version, met.observed_at, p_now, p_now, p_person
        FROM met WHERE NOT met.is_there
        ON CONFLICT (key) DO NOTHING
        RETURNING entry.id, entry.key, entry.revision, entry.state, entry.marks, entry.rival
    ),
    sent AS MATERIALIZED (
        SELECT made.id, made.state, told.key AS target_group, f.*
        FROM made JOIN given ON given.key = made.key
        CROSS JOIN LATERAL jsonb_each(given.told) AS told
        CROSS JOIN LATERAL jsonb_to_record(told.value) AS f (
            here int, "none" int, one int, two int, more int, unasked int, refusing int)
    ),
    figures AS (
        INSERT INTO survey_figures (entry_id, target_group, here, "none", one, two, more, unasked, refusing)
        SELECT sent.id, target_group, here, "none", one, two, more, unasked, refusing FROM sent
    ),
    history AS (
        INSERT INTO survey_revisions AS step
            (key, entry_id, revision, step, at, observed_at, by_person, digest, figures)
        SELECT given.key, made.id, 1, 'recorded', p_now, given.observed_at, p_person, decode(given.digest, 'hex'),
            given.told
        FROM made JOIN given ON given.key = made.key
        ON CONFLICT (key) DO NOTHING -- a correction of another village, at the same moment
        RETURNING step.key
    ),
    summed AS (
        INSERT INTO survey_sums AS kept
            (round_id, village_code, target_group, entries, here, "none", one, two, more, unasked, refusing)
        SELECT p_round, p_village, target_group, count(*), sum(here), sum("none"), sum(one), sum(two), sum(more),
            sum(unasked), sum(refusing)
        FROM sent WHERE sent.state = 'counted' GROUP BY target_group
        ON CONFLICT (round_id, village_code, target_group) DO UPDATE SET
            entries = kept.entries + excluded.entries, here = kept.here + excluded.here,
            "none" = kept."none" + excluded."none", one = kept.one + excluded.one, two = kept.two + excluded.two,
            more = kept.more + excluded.more, unasked = kept.unasked + excluded.unasked,
            refusing = kept.refusing + excluded.refusing
    ),
    counted AS (
        UPDATE survey_villages SET unit = CASE WHEN counted = 0 THEN p_unit ELSE unit END, -- what counts first sets it
            counted = counted + (SELECT count(*) FROM made WHERE made.state = 'counted')
        WHERE round_id = p_round AND village_code = p_village AND EXISTS (SELECT FROM made WHERE made.state = 'counted')
    )
    SELECT made.key, made.id, made.revision, made.state, made.marks, made.rival,
        EXISTS (SELECT FROM history WHERE history.key = made.key)
    FROM made;
END
$take$
"""


KEY = """
CREATE FUNCTION find_api_key(p_hash bytea, p_now timestamptz) RETURNS TABLE (
    id uuid, person_id uuid, last_used_at timestamptz, name varchar, scopes varchar[], facility_id bigint,
    organisation varchar, is_demo boolean, appointment_id bigint, role varchar, area_code varchar,
    confidentiality_on date, training_expires_on date
)
LANGUAGE plpgsql STABLE AS $key$
#variable_conflict use_column
BEGIN
    -- The actor of an API key; it ends with its appointment (sessions.in_force).
    RETURN QUERY
    SELECT t.id, t.person_id, t.last_used_at, t.name, t.scopes, t.facility_id, p.organisation, p.is_demo, a.id, a.role,
        a.area_code, a.confidentiality_on, a.training_expires_on
    FROM api_tokens AS t
    JOIN people AS p ON p.id = t.person_id
    JOIN appointments AS a ON a.id = t.appointment_id AND a.person_id = t.person_id
    WHERE t.token_hash = p_hash AND t.revoked_at IS NULL AND t.expires_at > p_now
        AND p.erased_at IS NULL AND p.suspended_at IS NULL
        AND a.starts_at <= p_now AND (a.ends_at IS NULL OR a.ends_at > p_now)
        AND (a.ended_at IS NULL OR a.ended_at > p_now);
END
$key$
"""


def upgrade() -> None:
    """Adds them."""
    op.execute(KEY)
    op.execute(GROUND)
    op.execute(HOLD)
    op.execute(TAKE_IN)


def downgrade() -> None:
    """Takes them away; older code sends the statements itself."""
    op.execute("DROP FUNCTION take_in_survey_entries")
    op.execute("DROP FUNCTION hold_survey_village")
    op.execute("DROP FUNCTION survey_ground")
    op.execute("DROP FUNCTION find_api_key")
