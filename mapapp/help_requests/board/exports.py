"""The rows of the board as a file for a spreadsheet: without contact details, name, description or exact location."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from mapapp.areas.results import AreaName
from mapapp.help_requests import labels
from mapapp.help_requests.board.queries import Line
from mapapp.help_requests.labels import KIND_LABELS, OUTCOME_LABELS, STATE_LABELS, URGENCIES, URGENCY_LABELS
from mapapp.lists import sheets
from mapapp.web.i18n import translate

MOST: Final = 10_000
"""Maximum number of rows in one file."""

HEADS: Final = (
    "เลขที่", "จังหวัด", "อำเภอ", "ตำบล", "รหัสตำบล", "ความเร่งด่วน", "สิ่งที่ต้องการ", "สถานะ", "จำนวนคน", "กลุ่มเปราะบาง",
    "ช่องทาง", "แทนผู้อื่น", "แจ้งเมื่อ", "รับงานครั้งแรก", "รับไว้ถึง", "คืนงาน (ครั้ง)", "แจ้งว่ายังไม่ได้ช่วย", "ช่วยเสร็จ", "ปิดเมื่อ",
    "ผล", "เชื่อมกับเลขที่", "ตัวอย่าง",
)  # fmt: skip


def rows(lines: Sequence[Line], names: Mapping[str, AreaName]) -> list[list[Any]]:
    """The cells; texts are in Thai like the headings."""
    return [_cells(line, names) for line in lines]


def _thai(text: str) -> str:
    return translate(text, "th")


def _cells(line: Line, names: Mapping[str, AreaName]) -> list[Any]:
    area = [names[code].name_th if (code := line.tambon_code[:length]) in names else code for length in (2, 4, 6)]
    groups = [_thai(label) for name, label in labels.GROUPS.items() if getattr(line, name)]
    return [
        line.id, *area, line.tambon_code, _thai(URGENCY_LABELS[URGENCIES[line.urgency]]),
        ", ".join(_thai(KIND_LABELS[need.kind]) + _how_many(need.quantity) for need in line.needs),
        ", ".join(dict.fromkeys(_thai(STATE_LABELS[need.state]) for need in line.needs)),
        line.people, ", ".join(groups) or None, _thai(labels.SOURCES[line.source]), _yes(line.on_behalf),
        _minute(line.posted_at), _minute(line.first_claimed_at), _minute(line.held_until), line.drops or None,
        _yes(line.contested), _minute(line.done_at), _minute(line.closed_at),
        _thai(OUTCOME_LABELS[line.outcome]) if line.outcome else None, line.linked_to, _yes(line.is_example),
    ]  # fmt: skip


def _how_many(quantity: int | None) -> str:
    return f" × {quantity}" if quantity else ""


def _yes(value: bool) -> str | None:
    return "ใช่" if value else None


def _minute(value: datetime | None) -> datetime | None:
    return None if value is None else value.replace(second=0, microsecond=0)


def file_of(lines: Sequence[Line], names: Mapping[str, AreaName], format: str) -> bytes:
    """The complete file. Texts that a spreadsheet would run as formulas are neutralised (``sheets``)."""
    made = rows(lines, names)
    return sheets.workbook(HEADS, made, title="คำขอความช่วยเหลือ") if format == "xlsx" else sheets.as_csv(HEADS, made)


MIMES: Final = {"xlsx": sheets.MIME, "csv": sheets.CSV}
