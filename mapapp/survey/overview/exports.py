"""The overview as a file for a spreadsheet: a row for each village and target group, without house numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mapapp.areas.results import AreaName
from mapapp.lists import sheets
from mapapp.survey.assigning.schemas import VillageName
from mapapp.survey.groups import GROUPS
from mapapp.survey.overview.schemas import Line, Numbers
from mapapp.web.i18n import translate

HEADS: Final = (
    "จังหวัด", "อำเภอ", "ตำบล", "รหัสหมู่บ้าน", "หมู่ที่", "หมู่บ้าน", "กลุ่มเป้าหมาย", "จำนวนบันทึก", "ถามแล้วหรือไม่",
    "คนที่อยู่จริง", "ยังไม่ได้ฉีด", "1 เข็ม", "2 เข็ม", "3 เข็มขึ้นไป", "ถามไม่ได้", "ไม่ประสงค์ฉีด", "ตัวอย่าง",
)  # fmt: skip


def file_of(
    lines: Iterable[Line], villages: Mapping[str, VillageName], names: Mapping[str, AreaName], *, is_example: bool
) -> bytes:
    """CSV with a row for each village and group, in Thai as the heads are. “Not asked” stays empty: that is no zero."""
    return sheets.as_csv(HEADS, (row for line in lines for row in _rows(line, villages, names, is_example)))


def _rows(
    line: Line, villages: Mapping[str, VillageName], names: Mapping[str, AreaName], is_example: bool
) -> Iterable[list[Any]]:
    village = villages.get(line.code) or VillageName(line.code)
    place = [names[code].name_th if (code := line.code[:length]) in names else code for length in (2, 4, 6)]
    for group in GROUPS:
        numbers = line.groups.get(group.code)
        yield [
            *place, line.code, village.number, village.name_th, translate(group.name, "th"), line.records,
            "ยังไม่ได้ถาม" if numbers is None else "ถามแล้ว", *_cells(numbers), "ใช่" if is_example else None,
        ]  # fmt: skip


def _cells(numbers: Numbers | None) -> list[int | None]:
    if numbers is None:
        return [None] * 7
    return [
        numbers.here, numbers.none, numbers.one, numbers.two, numbers.more, numbers.unasked, numbers.refusing,
    ]  # fmt: skip
