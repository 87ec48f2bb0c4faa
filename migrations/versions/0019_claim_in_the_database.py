"""The claim as a function: its plans are kept by the database, whatever stands between it and us."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision: str | None = "0018"
branch_labels = None
depends_on = None

CLAIM = """
CREATE FUNCTION claim_help(
    p_space integer, p_person uuid, p_request bigint, p_now timestamptz, p_hours integer[], p_limit integer,
    p_volunteer boolean, p_needs bigint[], p_team text, p_kind text, p_appointment bigint
) RETURNS TABLE (need_id bigint, lead_id bigint, ends_at timestamptz)
LANGUAGE plpgsql VOLATILE AS $claim$
#variable_conflict use_column
BEGIN
    -- Three statements, each with a snapshot of its own, so that the third sees what others committed while the first
    -- two waited.

    -- A person's claims one after the other: two taps at once cannot both take the last place they have left.
    PERFORM pg_advisory_xact_lock(p_space, hashtext(p_person::text));

    -- The request and those that are linked with it, lowest id first: every change of a need takes these locks.
    PERFORM id FROM help_requests
    WHERE id = (SELECT coalesce(linked_to, id) FROM help_requests WHERE id = p_request)
       OR linked_to = (SELECT coalesce(linked_to, id) FROM help_requests WHERE id = p_request)
    ORDER BY id
    FOR UPDATE;

    RETURN QUERY
    WITH lead AS MATERIALIZED (
        SELECT coalesce(linked_to, id) AS id FROM help_requests WHERE id = p_request
    ),
    asked AS MATERIALIZED (
        SELECT r.id, r.urgency, r.tambon_code, r.cell_tambon_code
        FROM help_requests AS r
        WHERE (r.id = (SELECT id FROM lead) OR r.linked_to = (SELECT id FROM lead)) AND r.closed_at IS NULL
          AND NOT (r.held AND p_volunteer)
    ),
    -- The most urgent of them says for how long.
    lease AS MATERIALIZED (
        SELECT p_now + (p_hours::int[])[min(urgency)] * interval '1 hour' AS ends_at FROM asked
    ),
    -- A place is left: other requests this person holds now, a lead and those linked with it counting as one. And
    -- neither their right has ended nor have they paused while this waited for its turn.
    allowed AS MATERIALIZED (
        SELECT (p_limit::int IS NULL OR p_limit::int > (
            SELECT count(DISTINCT coalesce(other.linked_to, other.id))
            FROM help_needs AS need
            JOIN help_requests AS other ON other.id = need.request_id
            WHERE need.holder_id = p_person AND need.lease_ends_at > p_now
              AND coalesce(other.linked_to, other.id) <> (SELECT id FROM lead)
        )) AND EXISTS (
            SELECT FROM people WHERE id = p_person AND suspended_at IS NULL AND erased_at IS NULL
        ) AND (p_appointment::bigint IS NULL OR EXISTS (
            SELECT FROM appointments
            WHERE id = p_appointment::bigint AND (ended_at IS NULL OR ended_at > p_now)
        )) AND NOT (p_volunteer AND EXISTS (
            SELECT FROM volunteers WHERE person_id = p_person AND paused_at IS NOT NULL
        )) AS yes
    ),
    -- What is free at this moment (states.is_free): open, or its lease has run out, which is a drop.
    got AS (
        UPDATE help_needs AS need
        SET state = 'claimed', holder_id = p_person::uuid, lease_ends_at = lease.ends_at,
            drops = need.drops + (need.state <> 'open')::int
        FROM asked, lease, allowed
        WHERE need.request_id = asked.id AND allowed.yes
          AND (need.state = 'open' OR need.lease_ends_at <= p_now)
          AND (p_needs::bigint[] IS NULL OR need.id = ANY (p_needs::bigint[]))
        RETURNING need.id, need.request_id
    ),
    ended AS (
        UPDATE help_leases AS old SET ended_at = old.ends_at, how_ended = 'expired'
        FROM got
        WHERE old.need_id = got.id AND old.ended_at IS NULL
        RETURNING old.need_id, old.request_id, old.ends_at
    ),
    -- The team's name, for each request by itself: each is erased by itself.
    named AS (
        INSERT INTO written_texts (subject_kind, subject_id, words, by_person, at)
        SELECT DISTINCT 'request', request_id::text, p_team, p_person::uuid, p_now::timestamptz
        FROM got
        WHERE p_team IS NOT NULL
        RETURNING id, subject_id
    ),
    -- Counting what has ended makes sure that it has, before the index that allows one lease of a need is asked.
    begun AS (
        INSERT INTO help_leases (need_id, request_id, holder_id, team_text, begun_at, ends_at)
        SELECT got.id, got.request_id, p_person::uuid, named.id, p_now, lease.ends_at
        FROM lease, (SELECT count(*) FROM ended) AS first, got
        LEFT JOIN named ON named.subject_id = got.request_id::text
    ),
    told AS (
        INSERT INTO help_events (request_id, need_id, cell_tambon_code, tambon_code, at, action, actor_kind, person_id,
                                 appointment_id)
        SELECT asked.id, what.need_id, asked.cell_tambon_code, asked.tambon_code, p_now, what.action,
               CASE WHEN what.action = 'expired' THEN 'system' ELSE p_kind END,
               CASE WHEN what.action <> 'expired' THEN p_person::uuid END,
               CASE WHEN what.action <> 'expired' THEN p_appointment::bigint END
        FROM (
            SELECT request_id, need_id, 'expired' AS action, 1 AS place FROM ended
            UNION ALL SELECT request_id, id, 'claimed', 2 FROM got
            UNION ALL SELECT DISTINCT request_id, NULL::bigint, 'place_shown', 3 FROM got
        ) AS what
        JOIN asked ON asked.id = what.request_id
        ORDER BY what.place, asked.id, what.need_id
    ),
    -- As states.settle would say it; this statement does not see its own changes, so what it got is counted apart.
    settled AS (
        UPDATE help_requests AS r
        SET changed_at = p_now, first_claimed_at = coalesce(r.first_claimed_at, p_now),
            free_from = least((SELECT ends_at FROM lease), (
                SELECT min(CASE WHEN need.state = 'open' THEN r.posted_at ELSE need.lease_ends_at END)
                FROM help_needs AS need
                WHERE need.request_id = r.id AND need.id NOT IN (SELECT id FROM got)
            ))
        WHERE r.id IN (SELECT request_id FROM got)
    )
    SELECT got.id, lead.id, lease.ends_at FROM got, lead, lease ORDER BY got.id;
END
$claim$
"""


def upgrade() -> None:
    """Adds it."""
    op.execute(CLAIM)


def downgrade() -> None:
    """Takes it away; older code sends the statements itself."""
    op.execute("DROP FUNCTION claim_help")
