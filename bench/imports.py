"""An officer's spreadsheet of 10,000 rows, as the pages load it, beside one statement that writes the same pins."""

from __future__ import annotations

import io
import json
import time
from datetime import UTC, datetime
from typing import Any

from openpyxl import Workbook
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core.actors import Actor, Standing
from mapapp.coverage import service as coverage
from mapapp.facilities import service
from mapapp.facilities.imports import jobs, queries

ROWS = 10_000
SOURCE = "benchmark list"

_BARE = text("""
    INSERT INTO facilities (kind, name_th, point, phone, status, source, source_ref)
    SELECT 'vaccination_site', name, ST_MakePoint(lon, lat)::geography, phone, 'open', 'bare', ref
    FROM json_to_recordset(:rows) AS given (ref text, name text, lat float8, lon float8, phone text)
""")


def measure(engine: Engine) -> dict[str, float]:
    """Seconds: ``page`` is upload to done with history and record; ``figures`` what coverage takes after it; ``bare``
    one INSERT of the same pins. The pins are taken away again."""
    rows = _rows(engine)
    data = _workbook(rows)
    with engine.connect() as connection:
        began = time.perf_counter()
        keys = ("ref", "name", "lat", "lon", "phone")
        listed = [dict(zip(keys, row[:5], strict=True)) for row in rows]
        connection.execute(_BARE, {"rows": json.dumps(listed)})
        bare = time.perf_counter() - began
        connection.rollback()
    factory = database.sessions(engine)
    actor = Actor("person", standings=(standing := Standing(1, "ministry", "TH"),), by=standing)
    try:
        began = time.perf_counter()
        with service.facilities_changed.muted():  # the service's scheduler computes them after the commit
            _load(factory, actor, data)
        page = time.perf_counter() - began
        began = time.perf_counter()
        with factory() as session:
            coverage.update(session)
            session.commit()
        figures = time.perf_counter() - began
    finally:
        _clean(factory)
    return {"page": page, "figures": figures, "bare": bare}


def _load(factory: Any, actor: Actor, data: bytes) -> None:
    now = datetime.now(UTC)
    with factory() as session:
        one = jobs.upload(
            session, actor, area="TH", file_name="b.xlsx", data=data, source=SOURCE, kind="vaccination_site",
            as_of=None, now=now,
        )  # fmt: skip
        name = jobs.claim(session, one, only_good=True, now=now)
        session.commit()
    jobs.run(factory, one, name, actor, lambda: datetime.now(UTC))
    with factory() as session:
        found = queries.get(session, one)
        if found.state != "done" or found.counts["new"] < ROWS * 0.9:
            raise RuntimeError(f"the import ended as {found.state}: {found.counts} {found.problem}")


def _rows(engine: Engine) -> list[list[Any]]:
    """Places spread as the generated pins are, a few metres beside them."""
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT ST_Y(point::geometry) AS lat, ST_X(point::geometry) AS lon FROM facilities"
                " WHERE source = 'generated' ORDER BY md5(source_ref) LIMIT :most"
            ),
            {"most": ROWS},
        ).all()
    return [
        [str(number), f"จุดฉีดวัคซีน {number}", round(lat + 0.0003, 6), round(lon, 6), f"05392{number:04}", "เปิด"]
        for number, (lat, lon) in enumerate(found)
    ]


def _workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet()
    sheet.append(["รหัส", "ชื่อ", "ละติจูด", "ลองจิจูด", "โทรศัพท์", "สถานะ"])
    for row in rows:
        sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _clean(factory: Any) -> None:
    session: Session
    with factory() as session:
        session.execute(text("DELETE FROM facilities WHERE source = :source"), {"source": SOURCE})
        session.execute(text("DELETE FROM facility_imports WHERE source = :source"), {"source": SOURCE})
        coverage.update(session)
        session.commit()
