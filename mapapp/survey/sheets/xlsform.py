"""A round as an XLSForm, for ODK Collect and Kobo: places to choose from, the six groups with the rules of our form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from openpyxl import Workbook

from mapapp.areas.results import AreaName
from mapapp.lists import sheets
from mapapp.survey.assigning.schemas import VillageName
from mapapp.survey.entering.schemas import MOST_IN_HOUSEHOLD, MOST_IN_VILLAGE
from mapapp.survey.groups import FIELDS, GROUPS, PARTS, RULE
from mapapp.survey.rounds.schemas import Round
from mapapp.web.i18n import translate

MOST_VILLAGES: Final = 10_000
"""A form with more choices does not open on a cheap phone: make it for a province or an amphoe."""

_LANGS: Final = (("th", "ไทย (th)"), ("en", "English (en)"))
_SAID: Final = tuple(f"label::{name}" for _code, name in _LANGS)
_HINT: Final = tuple(f"hint::{name}" for _code, name in _LANGS)
_UNTOLD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WHY: Final = tuple(f"constraint_message::{name}" for _code, name in _LANGS)
_HEADS: Final = (
    "type", "name", *_SAID, *_HINT, "required", "relevant", "constraint", *_WHY, "choice_filter", "calculation",
    "default", "appearance",
)  # fmt: skip

Row = dict[str, Any]


def _both(text: str) -> tuple[str, str]:
    """A message in the languages of the form."""
    return translate(text, "th"), text


def form(found: Round, villages: Sequence[VillageName], names: Mapping[str, AreaName]) -> bytes:
    """The form of a round for these villages; ``names``: of their tambons, amphoe and provinces."""
    book = Workbook()
    survey: Any = book.active
    _sheet(survey, "survey", _HEADS, _questions(found))
    _sheet(book.create_sheet(), "choices", ("list_name", "name", *_SAID, "amphoe", "tambon"), _choices(villages, names))
    settings = {
        "form_title": f"สำรวจการฉีดวัคซีน: {_words(found.name)}", "form_id": f"mapapp_survey_{found.id}",
        "version": str(found.version), "default_language": _LANGS[0][1],
    }  # fmt: skip
    _sheet(book.create_sheet(), "settings", tuple(settings), [settings])
    return sheets.packed(book)


def _sheet(sheet: Any, title: str, heads: Sequence[str], rows: Sequence[Row]) -> None:
    sheet.title = title
    sheet.append(list(heads))
    for row in rows:
        sheet.append([_plain(row.get(head)) for head in heads])


def _plain(cell: Any) -> Any:
    """Names come from lists: one that begins as a formula does is kept text by a blank sign in front."""
    return f"\u200b{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell


def _labels(heads: Sequence[str], said: tuple[str, str]) -> Row:
    return dict(zip(heads, said, strict=True))


def _questions(found: Round) -> list[Row]:
    rows: list[Row] = [
        {"type": "start", "name": "start"}, {"type": "end", "name": "end"},
        {"type": "calculate", "name": "version", "calculation": str(found.version)},
        _choice("amphoe", ("อำเภอ", "Amphoe"), None),
        _choice("tambon", ("ตำบล", "Tambon"), "amphoe=${amphoe}"),
        _choice("village", ("หมู่บ้าน", "Village"), "tambon=${tambon}"),
        {
            "type": "select_one unit", "name": "unit", **_labels(_SAID, ("บันทึกแบบ", "Recorded as")),
            "required": "yes", "default": "household",
        },
        {
            "type": "text", "name": "household", **_labels(_SAID, ("บ้านเลขที่", "House number")),
            **_labels(_HINT, ("เช่น 12/3 ไม่ต้องใส่ชื่อใคร", "For example 12/3. No names.")),
            "required": "yes", "relevant": "${unit}='household'", "constraint": "regex(., '.*[0-9๐-๙].*')",
            **_labels(_WHY, ("กรอกบ้านเลขที่ เช่น 12/3", "Enter the house number, for example 12/3.")),
        },
        {"type": "note", "name": "rule", **_labels(_SAID, _both(RULE))},
        {"type": "begin group", "name": "figures", **_labels(_SAID, ("กลุ่มเป้าหมาย", "Target groups"))},
    ]  # fmt: skip
    for group in GROUPS:
        rows += _of_group(group.code, _both(group.name), _both(group.hint))
    return [*rows, {"type": "end group"}]


def _choice(name: str, said: tuple[str, str], narrowed: str | None) -> Row:
    return {
        "type": f"select_one {name}", "name": name, **_labels(_SAID, said), "required": "yes",
        "choice_filter": narrowed, "appearance": "minimal autocomplete",
    }  # fmt: skip


def _of_group(code: str, name: tuple[str, str], hint: tuple[str, str]) -> list[Row]:
    """One group: whether it was asked about, how many live there, and of them how many by dose."""
    here, asked = f"${{{code}_here}}", f"${{{code}_asked}}='yes'"
    doses = " + ".join(f"coalesce(${{{code}_{part}}}, 0)" for part in PARTS if part != "unasked")
    most = f"if(${{unit}}='household', {MOST_IN_HOUSEHOLD}, {MOST_IN_VILLAGE})"
    rows: list[Row] = [
        {"type": "begin group", "name": code, **_labels(_SAID, name), "appearance": "field-list"},
        {
            "type": "select_one asked", "name": f"{code}_asked", **_labels(_SAID, ("ถามแล้วหรือไม่", "Asked?")),
            **_labels(_HINT, hint), "required": "yes",
        },
    ]  # fmt: skip
    for field, text in FIELDS.items():
        rule, why = f". >= 0 and . <= {most}", ("จำนวนมากเกินไป ตรวจอีกครั้ง", "This is too many. Check the number.")
        if field == "unasked":
            rule += f" and . + {doses} = {here}"
            why = (
                "ผลรวมทุกเข็มกับถามไม่ได้ต้องเท่ากับคนที่อยู่จริง",
                "Doses and not asked must add up to the people living here.",
            )
        elif field == "refusing":
            rule += " and . <= " + " + ".join(f"coalesce(${{{code}_{part}}}, 0)" for part in ("none", "one", "two"))
            why = (
                "ผู้ไม่ประสงค์ฉีดมากกว่าคนที่ฉีดไม่ถึง 3 เข็ม",
                "More people refuse than have fewer than 3 doses.",
            )
        rows.append(
            {
                "type": "integer", "name": f"{code}_{field}", **_labels(_SAID, _both(text)), "required": "yes",
                "relevant": asked if field == "here" else f"{asked} and {here} > 0", "constraint": rule,
                **_labels(_WHY, why), "default": None if field == "here" else "0",
            }
        )  # fmt: skip
    return [*rows, {"type": "end group"}]


def _choices(villages: Sequence[VillageName], names: Mapping[str, AreaName]) -> list[Row]:
    rows: list[Row] = [
        {"list_name": "asked", "name": "yes", **_labels(_SAID, ("ถามแล้ว", "Asked"))},
        {"list_name": "asked", "name": "no", **_labels(_SAID, ("ยังไม่ได้ถาม", "Not asked"))},
        {"list_name": "unit", "name": "household", **_labels(_SAID, ("ครัวเรือน", "A household"))},
        {"list_name": "unit", "name": "village", **_labels(_SAID, ("ทั้งหมู่บ้าน", "The whole village"))},
    ]
    tambons = sorted({one.tambon_code for one in villages})
    for code in sorted({one[:4] for one in tambons}):
        rows.append({"list_name": "amphoe", "name": code, **_labels(_SAID, _named(names, code))})
    for code in tambons:
        rows.append({"list_name": "tambon", "name": code, **_labels(_SAID, _named(names, code)), "amphoe": code[:4]})
    for one in villages:
        thai, english = _words(one.name_th or ""), _words(one.name_en or one.name_th or "")
        said = (f"หมู่ที่ {one.number} {thai}".strip(), f"Village {one.number} {english}".strip())
        rows.append({"list_name": "village", "name": one.code, **_labels(_SAID, said), "tambon": one.tambon_code})
    return rows


def _named(names: Mapping[str, AreaName], code: str) -> tuple[str, str]:
    found = names.get(code)
    if found is None:
        return code, code
    return _words(found.name_th), _words(found.name_en or found.name_th)


def _words(name: str) -> str:
    """A name as a form may show it: without what XML cannot hold, and none that reads as a reference to a question."""
    return _UNTOLD.sub("", name).replace("${", "$\u200b{")
