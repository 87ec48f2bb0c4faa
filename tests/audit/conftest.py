"""The record as the role that owns its tables has it: for what the service itself may not do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session


@pytest.fixture
def owned(owner: Engine) -> Iterator[Session]:
    """A session as the role that owns the tables, undone after the test."""
    with owner.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()
