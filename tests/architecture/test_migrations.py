"""The migrations run up, down and up again, and make just what the models say."""

from __future__ import annotations

from sqlalchemy import inspect

from mapapp.core.config import ROOT
from mapapp.database import migrate
from tests.conftest import make_database


def test_up_down_up_leaves_what_the_models_say(worker: str) -> None:
    engine = make_database(f"mapapp_migrations_{worker}")
    try:
        migrate.upgrade(engine)
        first = sorted(inspect(engine).get_table_names())
        migrate.downgrade(engine, "base")
        assert set(inspect(engine).get_table_names()) <= {"alembic_version", "spatial_ref_sys"}
        migrate.upgrade(engine)
        assert sorted(inspect(engine).get_table_names()) == first
        with engine.connect() as connection:
            assert migrate.current(connection) == migrate.head()
        migrate.differences(engine)
    finally:
        engine.dispose()


def test_the_head_that_is_checked_in_is_the_newest_migration() -> None:
    assert (ROOT / "migrations" / ".head").read_text() == f"{migrate.head()}\n", "script/lib/migrations.py --head"
