"""What tests of this room share."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from mapapp.coverage import service
from tests.conftest import NOON
from tests.coverage.drawing import cells, draw, pin


@pytest.fixture
def drawn(session: Session) -> Session:
    """The drawn country with one hospital in tambon 450101, and its figures."""
    draw(session)
    lon, lat = cells()["450101"]
    pin(session, lat=lat, lon=lon, beds=40)
    service.refresh_all(session, now=NOON)
    session.commit()
    return session
