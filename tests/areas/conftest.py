"""What tests of this room share."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from mapapp.areas import service
from tests.areas.drawing import drawn, write


@pytest.fixture
def loaded(session: Session, tmp_path: Path) -> Session:
    """A session in which the drawn areas are loaded: province 50 with two amphoe and three tambons."""
    service.import_boundaries(session, [write(tmp_path / "drawn.geojson", drawn())], service.ImportOptions())
    session.commit()
    return session
