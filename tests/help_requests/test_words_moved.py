"""The words that stood in the record before move beside it, and come back; those of erased requests go."""

from __future__ import annotations

from sqlalchemy import Connection, text

from mapapp.database import migrate
from tests.conftest import make_database

BEFORE, AFTER = "0016", "0017"

_REQUEST = """
INSERT INTO help_requests (urgency, description, tambon_code, cell, cell_key, cell_size, cell_tambon_code, posted_at,
    changed_at, confirmed_at, consent_version, consent_at, closed_at, outcome, outcome_reason, erased_at)
VALUES (2, '', '900101', 'POINT(100 14)', 't:900101', 0, '900101', now(), now(), now(), 'x', now(), now(),
    'not_genuine', 'closed because', {erased}) RETURNING id
"""


def _fill(connection: Connection, erased: str) -> int:
    made: int = connection.execute(text(_REQUEST.format(erased=erased))).scalar_one()
    need = connection.execute(
        text("INSERT INTO help_needs (request_id, kind, state) VALUES (:id, 'food', 'cancelled') RETURNING id"),
        {"id": made},
    ).scalar_one()
    for how, reason in (("released", "cannot_go: my note"), ("taken_back", "officer: took it"), ("done", "done: so"),
                        ("closed", "cancel"), ("released", "other")):  # fmt: skip
        connection.execute(
            text(
                "INSERT INTO help_leases (need_id, request_id, team, begun_at, ends_at, ended_at, how_ended, reason)"
                " VALUES (:need, :id, 'my team', now(), now(), now(), :how, :reason)"
            ),
            {"need": need, "id": made, "how": how, "reason": reason},
        )
    connection.execute(
        text(
            "INSERT INTO help_reports (request_id, tambon_code, about, reason, note, at)"
            " VALUES (:id, '900101', 'request', 'other', 'report note', now());"
            "INSERT INTO help_blocks (phone_index, request_id, area_code, reason, at, until, lifted_at)"
            " VALUES ('x', :id, '900101', 'block reason', now(), now(), now())"
        ),
        {"id": made},
    )
    for action, details in (("called", '{"outcome": "answered", "note": "call note"}'),
                            ("urgency", '{"from": "life", "to": "normal", "reason": "urgency reason"}'),
                            ("reported", '{"reason": "other"}')):  # fmt: skip
        connection.execute(
            text(
                "INSERT INTO help_events (request_id, cell_tambon_code, tambon_code, at, action, actor_kind, details)"
                " VALUES (:id, '900101', '900101', now(), :action, 'person', cast(:details AS jsonb))"
            ),
            {"id": made, "action": action, "details": details},
        )
    return made


WORDS = {"closed because", "my note", "took it", "done: so", "my team", "report note", "block reason", "call note",
         "urgency reason"}  # fmt: skip


def test_words_move_beside_the_record_and_back(worker: str) -> None:
    engine = make_database(f"mapapp_words_{worker}")
    try:
        migrate.upgrade(engine, BEFORE)
        with engine.begin() as connection:
            whole, erased = _fill(connection, "NULL"), _fill(connection, "now()")
        migrate.upgrade(engine, AFTER)
        with engine.connect() as connection:
            kept = connection.execute(text("SELECT subject_kind, subject_id, words FROM written_texts")).all()
            assert {(row.subject_kind, row.subject_id) for row in kept} == {("request", str(whole))}
            assert {row.words for row in kept} == WORDS
            leases = connection.execute(
                text(
                    "SELECT l.reason, note.words AS note, team.words AS team FROM help_leases AS l"
                    " LEFT JOIN written_texts AS note ON note.id = l.note_text"
                    " LEFT JOIN written_texts AS team ON team.id = l.team_text WHERE request_id = :id ORDER BY l.id"
                ),
                {"id": whole},
            ).all()
            assert [tuple(row) for row in leases] == [
                ("cannot_go", "my note", "my team"), ("officer", "took it", "my team"), (None, "done: so", "my team"),
                ("cancel", None, "my team"), ("other", None, "my team"),
            ]  # fmt: skip
            details = connection.execute(
                text("SELECT request_id, details FROM help_events ORDER BY request_id, id")
            ).all()
            assert [sorted(row.details) for row in details if row.request_id == whole] == [
                ["outcome", "text"], ["from", "text", "to"], ["reason"],
            ]  # fmt: skip
            assert [row.details for row in details if row.request_id == erased] == [
                {"outcome": "answered"}, {"from": "life", "to": "normal"}, {"reason": "other"},
            ]  # fmt: skip
        migrate.downgrade(engine, BEFORE)
        with engine.connect() as connection:
            back = connection.execute(
                text(
                    "SELECT outcome_reason,"
                    " (SELECT array_agg(reason ORDER BY id) FROM help_leases WHERE request_id = r.id) AS leases,"
                    " (SELECT details ->> 'note' FROM help_events WHERE request_id = r.id AND action = 'called')"
                    " AS note FROM help_requests AS r WHERE id = :id"
                ),
                {"id": whole},
            ).one()
            assert back.outcome_reason == "closed because"
            assert back.leases == ["cannot_go: my note", "officer: took it", "done: so", "cancel", "other"]
            assert back.note == "call note"
    finally:
        engine.dispose()
