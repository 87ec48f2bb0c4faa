"""What tests of this room share."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mapapp.areas import service
from tests.areas.drawing import drawn, write

_ELSEWHERE = ("home.index", "home.data", "home.api_docs", "facilities.nearest", "coverage.index", "coverage.area")


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application; where a room that base.html links to is not built yet, its address is made up."""
    for endpoint in _ELSEWHERE:
        if endpoint not in app.view_functions:
            app.add_url_rule(f"/-/{endpoint}", endpoint=endpoint, view_func=str)
    return app


@pytest.fixture
def loaded(session: Session, tmp_path: Path) -> Session:
    """A session in which the drawn areas are loaded: province 50 with two amphoe and three tambons."""
    service.import_boundaries(session, [write(tmp_path / "drawn.geojson", drawn())], service.ImportOptions())
    session.commit()
    return session
