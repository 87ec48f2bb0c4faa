"""Lists, plans and runs for the tests of imports."""

from __future__ import annotations

import io
import uuid
from typing import Any

from openpyxl import Workbook
from sqlalchemy.orm import Session, sessionmaker

from mapapp.accounts.models import Person
from mapapp.core.actors import Actor, Standing
from mapapp.facilities import list_rows
from mapapp.facilities.imports import jobs
from mapapp.facilities.imports.plan import Plan, plan
from mapapp.lists import tables
from tests.conftest import NOON

WEST = "9001"
"""The western amphoe of the small country."""

HEAD = ["รหัส", "ชื่อ", "ละติจูด", "ลองจิจูด", "โทรศัพท์", "สถานะ"]
IN_WEST = ["1", "จุดฉีด วัดเหนือ", 14.05, 100.06, "053920300", "เปิด"]
ALSO_WEST = ["2", "จุดฉีด โรงเรียน", 14.06, 100.07, None, "เต็ม"]
IN_EAST = ["3", "จุดฉีด ตลาด", 14.05, 100.15, None, "เปิด"]


def xlsx(*rows: list[Any], title: str = "รายการ") -> bytes:
    """A workbook of one sheet."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def officer(who: Person | None = None, area: str = WEST) -> Actor:
    """The coordinator of an amphoe, acting."""
    standing = Standing(7, "amphoe_coordinator", area, personal_data=True)
    return Actor(
        "person", "127.0.0.1", who.id if who else None, organisation="สสอ.", standings=(standing,), by=standing
    )


def planned(session: Session, *rows: list[Any], area: str = WEST, kind: str = "vaccination_site") -> Plan:
    """What a list under the usual headings would do."""
    table = tables.read_bytes(xlsx(HEAD, *rows), is_heading=list_rows.is_heading)
    return plan(session, list_rows.check(table, source=f"list [{area}]", kind=kind), area)


def uploaded(session: Session, data: bytes, *, area: str = WEST, kind: str = "vaccination_site") -> uuid.UUID:
    """An upload, committed."""
    given: dict[str, Any] = {"file_name": "รายการ.xlsx", "data": data, "source": "list", "kind": kind, "as_of": None}
    made = jobs.upload(session, officer(area=area), area=area, now=NOON, **given)
    session.commit()
    return made


def ran(factory: sessionmaker[Session], import_id: uuid.UUID, *, only_good: bool = False, area: str = WEST) -> None:
    """Claims the import and runs it to its end, here and now."""
    with factory() as session:
        name = jobs.claim(session, import_id, only_good=only_good, now=NOON)
        session.commit()
    jobs.run(factory, import_id, name, officer(area=area), lambda: NOON, beat_s=None)
