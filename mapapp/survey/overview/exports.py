"""The overview as a file: a row for each village or tambon and target group, without house numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mapapp.areas.results import AreaName
from mapapp.core.clock import BANGKOK
from mapapp.lists import sheets
from mapapp.lists.credits import Credit
from mapapp.survey.assigning.schemas import VillageName
from mapapp.survey.groups import GROUPS, Group
from mapapp.survey.overview.schemas import Line, Numbers
from mapapp.survey.rounds.schemas import Round
from mapapp.web.i18n import translate

GEOJSON: Final = "application/geo+json"

HEADS: Final = (
    "จังหวัด", "อำเภอ", "ตำบล", "รหัสหมู่บ้าน", "หมู่ที่", "หมู่บ้าน", "กลุ่มเป้าหมาย", "จำนวนบันทึก", "ถามแล้วหรือไม่",
    "คนที่อยู่จริง", "ยังไม่ได้ฉีด", "1 เข็ม", "2 เข็ม", "3 เข็มขึ้นไป", "ถามไม่ได้", "ไม่ประสงค์ฉีด", "ตัวอย่าง",
)  # fmt: skip

FIELDS: Final = ("here", "none", "one", "two", "more", "unasked", "refusing")


@dataclass(frozen=True, slots=True)
class About:
    """What a file says beside its figures."""

    villages: Mapping[str, VillageName]
    names: Mapping[str, AreaName]
    round: Round
    group: str | None
    """One group alone; None: all."""
    now: datetime
    credit: Credit

    @property
    def groups(self) -> list[Group]:
        """The groups that are in it."""
        return [one for one in GROUPS if self.group in (None, one.code)]


def made(kind: str, lines: list[Line], about: About, shapes: Callable[[], Mapping[str, str]]) -> tuple[bytes, str]:
    """The file, and its media type.

    Args:
        kind: ``csv``, ``xlsx`` or ``geojson``.
        shapes: GeoJSON geometries by code; asked only for a map.
    """
    if kind == "geojson":
        return _geojson(lines, about, shapes()), GEOJSON
    rows = (row for line in lines for row in _rows(line, about))
    if kind == "csv":
        return sheets.as_csv(HEADS, rows), sheets.CSV
    first = f"{about.round.name} · {about.now.astimezone(BANGKOK):%Y-%m-%d %H:%M}"
    notes = [["การสำรวจ"], [first], ["คนที่อยู่จริง คือคนที่อาศัยอยู่ขณะสำรวจ ไม่ใช่คนตามทะเบียนราษฎร"], [about.credit.owner]]
    return sheets.workbook(HEADS, rows, title="สำรวจ", notes=notes), sheets.MIME


def _rows(line: Line, about: About) -> Iterable[list[Any]]:
    """“Not asked” stays empty: that is no zero. A tambon has no village."""
    village = about.villages.get(line.code) or (VillageName(line.code) if len(line.code) == 8 else None)
    place = [about.names[code].name_th if (code := line.code[:length]) in about.names else code for length in (2, 4, 6)]
    named = [line.code, None, None] if village is None else [line.code, village.number, village.name_th]
    for group in about.groups:
        numbers = line.groups.get(group.code)
        yield [
            *place, *named, translate(group.name, "th"), line.records,
            "ยังไม่ได้ถาม" if numbers is None else "ถามแล้ว", *_cells(numbers),
            "ใช่" if about.round.is_example else None,
        ]  # fmt: skip


def _cells(numbers: Numbers | None) -> list[int | None]:
    return [None if numbers is None else getattr(numbers, name) for name in FIELDS]


def _geojson(lines: Iterable[Line], about: About, shapes: Mapping[str, str]) -> bytes:
    """A feature for each village or tambon; its geometry is null where its place is not known."""
    features = []
    for line in lines:
        properties = json.dumps(_properties(line, about), ensure_ascii=False)
        geometry = shapes.get(line.code) or "null"
        features.append(f'{{"type":"Feature","id":"{line.code}","geometry":{geometry},"properties":{properties}}}')
    told = about.credit.model_dump_json()
    return (f'{{"type":"FeatureCollection","credit":{told},"features":[' + ",\n".join(features) + "]}").encode()


def _properties(line: Line, about: About) -> dict[str, Any]:
    village = about.villages.get(line.code)
    area = about.names.get(line.code[:6])
    made: dict[str, Any] = {
        "code": line.code, "name_th": village.name_th if village else area.name_th if area else None,
        "tambon_th": area.name_th if area else None, "records": line.records, "villages": line.villages,
        "villages_known": line.known, "round": about.round.name, "example": about.round.is_example,
    }  # fmt: skip
    for group in about.groups:
        numbers = line.groups.get(group.code)
        made[group.code] = None if numbers is None else {name: getattr(numbers, name) for name in FIELDS}
    return made
