"""What is seen, as a file: XLSX and CSV with Thai headers that the import understands again, and GeoJSON.

A cell that a spreadsheet would take for a formula gets an apostrophe in front of it. Files are written to disk beyond a
megabyte and rows are read a thousand at a time, so that a large one costs no memory; a failure half-way is an error
and not half a file.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.areas.results import AreaName
from mapapp.core import geo, phones
from mapapp.core.clock import BANGKOK
from mapapp.facilities import fields
from mapapp.facilities.console.queries import Line, by_ids
from mapapp.facilities.freshness import ConfirmedBy, Lifetimes, confirmed_by
from mapapp.facilities.list_words import kind_words, status_words
from mapapp.lists import sheets

MOST: Final = 20_000
"""Rows of one file."""

BATCH: Final = 1_000

MIMETYPES: Final = {
    "xlsx": sheets.MIME,
    "csv": sheets.CSV,
    "geojson": "application/geo+json",
}

_BEFORE: Final = (
    "source_ref", "kind", "name_th", "name_en", "lat", "lon", "status", "closed_from", "closed_until", "closed_reason",
    "opening_hours", "phone", "phone_more", "address",
)  # fmt: skip
COLUMNS: Final = {name: fields.BY_NAME[name].head for name in (*_BEFORE, *(row.name for row in fields.MADE), "pin")}
"""Field → how the column is headed; the import reads these heads (``list_rows.HEADERS``)."""

ABOUT: Final = {
    "tambon": "ตำบล", "amphoe": "อำเภอ", "province": "จังหวัด", "confirmed_at": "ข้อมูล ณ วันที่",
    "confirmed_by": "ยืนยันโดย", "is_stale": "อาจไม่เป็นปัจจุบัน", "reports": "เรื่องแจ้งที่ยังไม่ได้จัดการ", "source": "แหล่งข้อมูล",
}  # fmt: skip
"""Columns for the reader; the import passes over them."""

CONFIRMED_BY: Final[dict[ConfirmedBy | None, str]] = {
    "person": "เจ้าหน้าที่", "list": "ตามรายการเท่านั้น ยังไม่มีผู้ยืนยัน", None: "ไม่ทราบวันที่ของข้อมูล ยังไม่มีผู้ยืนยัน",
}  # fmt: skip


def write(session: Session, ids: Sequence[int], format: str, lifetimes: Lifetimes, now: datetime) -> IO[bytes]:
    """The file of these pins, in this order, at its beginning.

    Args:
        format: one of ``MIMETYPES``.
    """
    made: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=1_000_000)  # noqa: SIM115 - the caller sends and closes it
    try:
        _WRITERS[format](made, _pins(session, ids), lifetimes, now)
    except BaseException:
        made.close()
        raise
    made.seek(0)
    return made


def chunks(made: IO[bytes]) -> Iterator[bytes]:
    """The file piece by piece; closed at its end, or when nobody reads on."""
    with made:
        while piece := made.read(65_536):
            yield piece


Named = tuple[Line, dict[str, AreaName]]


def _pins(session: Session, ids: Sequence[int]) -> Iterator[Named]:
    known: dict[str, AreaName] = {}
    for start in range(0, len(ids), BATCH):
        lines = by_ids(session, ids[start : start + BATCH])
        codes = {line.pin.tambon_code[:length] for line in lines if line.pin.tambon_code for length in (2, 4, 6)}
        known |= areas.names(session, codes - set(known))
        for line in lines:
            code = line.pin.tambon_code or ""
            path = ((level, known.get(code[:length])) for level, length in _LEVELS)
            yield line, {level: area for level, area in path if area is not None}


_LEVELS: Final = (("tambon", 6), ("amphoe", 4), ("province", 2))


# Tables ---------------------------------------------------------------------------------------------------------


def _cells(named: Named, lifetimes: Lifetimes, now: datetime) -> list[Any]:
    line, path = named
    pin = line.pin
    facts = pin._asdict() | {"source_ref": line.source_ref, "pin": pin.id}
    facts["kind"], facts["status"] = kind_words()[pin.kind][0], status_words()[pin.status][0]
    facts["lat"], facts["lon"] = round(pin.lat, 6), round(pin.lon, 6)
    facts["phone"] = None if pin.phone is None else phones.spoken(pin.phone)
    for name in ("closed_from", "closed_until"):
        facts[name] = _moment(facts[name])
    stale = lifetimes.is_stale(pin.kind, pin.confirmed_at, now)
    about = {
        **{level: area.name_th for level, area in path.items()},
        "confirmed_at": _moment(pin.confirmed_at and pin.confirmed_at.replace(second=0, microsecond=0)),
        "confirmed_by": CONFIRMED_BY[confirmed_by(pin.confirmed_at, pin.verified_at)],
        "is_stale": "ใช่" if stale else None,
        "reports": line.reports or None,
        "source": pin.source,
    }
    return [sheets.neutral(facts[name]) for name in COLUMNS] + [sheets.neutral(about.get(name)) for name in ABOUT]


def _moment(value: datetime | None) -> str | None:
    """In Bangkok, exact: “2026-11-20”, or with the time of day where it is not midnight."""
    if value is None:
        return None
    local = value.astimezone(BANGKOK).replace(tzinfo=None)
    return local.date().isoformat() if local.time() == datetime.min.time() else local.isoformat(" ")


def _csv(made: IO[bytes], found: Iterator[Named], lifetimes: Lifetimes, now: datetime) -> None:
    text = io.TextIOWrapper(made, encoding="utf-8-sig", newline="", write_through=True)
    rows = csv.writer(text)
    rows.writerow([*COLUMNS.values(), *ABOUT.values()])
    rows.writerows(_cells(named, lifetimes, now) for named in found)
    text.detach()


_WIDE: Final = {"name_th": 40, "name_en": 30, "address": 40, "opening_hours": 26, "closed_reason": 26}


def _xlsx(made: IO[bytes], found: Iterator[Named], lifetimes: Lifetimes, now: datetime) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("จุดบริการ")
    sheet.freeze_panes = "A2"
    for number, name in enumerate((*COLUMNS, *ABOUT), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDE.get(name, 14)
    heads = []
    for text in (*COLUMNS.values(), *ABOUT.values()):
        cell = WriteOnlyCell(sheet, value=text)
        cell.font = Font(bold=True)
        heads.append(cell)
    sheet.append(heads)
    for named in found:
        sheet.append(_cells(named, lifetimes, now))
    book.save(made)


# GeoJSON --------------------------------------------------------------------------------------------------------


def _geojson(made: IO[bytes], found: Iterator[Named], lifetimes: Lifetimes, now: datetime) -> None:
    """A FeatureCollection of RFC 7946; properties are named as the API names them."""
    made.write(b'{"type":"FeatureCollection","features":[')
    for number, (line, path) in enumerate(found):
        facts = line.pin._asdict()
        facts |= {"source_ref": line.source_ref, "reports_open": line.reports}
        facts["confirmed_by"] = confirmed_by(line.pin.confirmed_at, line.pin.verified_at)
        facts["is_stale"] = lifetimes.is_stale(line.pin.kind, line.pin.confirmed_at, now)
        facts |= {level: area.name_th for level, area in path.items()}
        facility_id, lat, lon = facts.pop("id"), facts.pop("lat"), facts.pop("lon")
        one = geo.feature(lat=lat, lon=lon, id=facility_id, properties=facts)
        made.write((b",\n" if number else b"\n") + json.dumps(one, ensure_ascii=False, default=_iso).encode())
    made.write(b"\n]}\n")


def _iso(value: Any) -> str:
    return str(value.isoformat())


_WRITERS: Final = {"xlsx": _xlsx, "csv": _csv, "geojson": _geojson}
