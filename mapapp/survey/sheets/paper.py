"""The survey on paper: a PDF of a tambon, sheets for each village with a code that leads to its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import segno
from fpdf import FPDF

from mapapp.areas.results import AreaName
from mapapp.core.config import ROOT
from mapapp.survey.assigning.schemas import VillageName
from mapapp.survey.groups import FIELDS, GROUPS
from mapapp.survey.rounds.schemas import Round

FONTS: Final = ROOT / "static" / "vendor" / "pictures"
"""Where the set-up unpacks the letters of the service."""

ROWS: Final = 13
"""Households on a sheet."""

LEFT, TOP, WIDTH = 10.0, 10.0, 277.0
HOUSE, ROW, GROUP, HEAD = 25.0, 7.8, 10.5, 23.0
QR_SIZE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheets of one village."""

    village: VillageName
    address: str
    """Of its form."""
    pages: int = 1
    """How many sheets it has."""


_DAY: Final = "........../........../.........."


@dataclass(frozen=True)
class Words:
    """What stands on every sheet, in its language."""

    title: str
    day: str
    """The day on which it was made."""
    rule: str
    fields: Mapping[str, str]
    groups: Mapping[str, str]
    hints: Mapping[str, str]
    """Who counts in a group, by the group's code: on paper nothing can be looked up."""
    filling: str
    """What to write where no one of a group lives, and where nobody was asked."""
    household: str = "บ้านเลขที่"
    total: str = "รวม"
    recorder: str = f"ลงชื่อ {'.' * 45} อาสาสมัครข้อมูล  วันที่ {_DAY}"
    checker: str = f"ลงชื่อ {'.' * 45} ผู้ตรวจสอบ  วันที่ {_DAY}"
    scan: str = "สแกนเพื่อบันทึก"


class _Paper(FPDF):
    """A4, across; the letters are the service's own, shaped so that vowels and tone marks stand where they belong."""

    def __init__(self) -> None:
        super().__init__(orientation="landscape", unit="mm", format="A4")
        self.set_auto_page_break(False)
        self.set_margins(LEFT, TOP)
        for style, weight in (("", 400), ("B", 700)):
            self.add_font("thai", style, FONTS / f"sarabun-thai-{weight}.ttf")
            self.add_font("latin", style, FONTS / f"sarabun-latin-{weight}.ttf")
        self.set_fallback_fonts(["latin"], exact_match=False)
        self.set_font("thai", size=11)
        self.set_text_shaping(True)

    def said(self, x: float, y: float, text: str, *, size: float = 11, bold: bool = False, width: float = 0,
             align: str = "L") -> None:  # fmt: skip
        """One line of text."""
        self.set_font("thai", "B" if bold else "", size)
        self.set_xy(x, y)
        self.cell(width or WIDTH, size * 0.5, text, align=align)


def document(found: Round, names: Mapping[str, AreaName], sheets: Sequence[Sheet], words: Words) -> bytes:
    """The PDF of a tambon."""
    made = _Paper()
    made.set_title(f"{words.title}: {found.name}")
    made.set_lang("th")
    number, of = 0, sum(one.pages for one in sheets)
    for one in sheets:
        for at in range(one.pages):
            number += 1
            made.add_page()
            _head(made, found, names, one, words, (at + 1, number, of))
            _table(made, words)
            _foot(made, words, number, of)
    return bytes(made.output())


def _place(names: Mapping[str, AreaName], village: VillageName) -> str:
    code = village.code
    levels = (("ต.", 6), ("อ.", 4), ("จ.", 2)) if not code.startswith("10") else (("แขวง", 6), ("เขต", 4), ("", 2))
    return " ".join(f"{word}{names[code[:length]].name_th}" for word, length in levels if code[:length] in names)


def _head(
    made: _Paper, found: Round, names: Mapping[str, AreaName], one: Sheet, words: Words, page: tuple[int, int, int]
) -> None:
    at, _number, _of = page
    village = one.village
    called = f"หมู่ที่ {village.number} {village.name_th or ''}".strip()
    made.said(LEFT, TOP, f"{words.title}: {found.name}", size=15, bold=True)
    made.said(LEFT, TOP + 8, f"{called}  {_place(names, village)}", size=14, bold=True)
    sheet = f"  แผ่นที่ {at}/{one.pages} ของหมู่บ้าน" if one.pages > 1 else ""
    made.said(LEFT, TOP + 16, f"รหัสหมู่บ้าน {village.code}{sheet}   พิมพ์เมื่อ {words.day}", size=11)
    made.set_font("thai", "", 9)
    made.set_xy(LEFT, TOP + 22)
    made.multi_cell(WIDTH - QR_SIZE - 8, 4.2, f"{words.rule}\n{words.filling}", align="L")
    _code(made, one.address, LEFT + WIDTH - QR_SIZE, TOP - 3)
    made.said(LEFT + WIDTH - QR_SIZE, TOP + QR_SIZE - 3, words.scan, size=9, width=QR_SIZE, align="C")


def _code(made: FPDF, address: str, left: float, top: float) -> None:
    """The address as a QR code with its quiet zone, drawn as squares: sharp however it is printed."""
    matrix = segno.make(address, error="m", micro=False).matrix_iter(border=4)
    rows = [list(row) for row in matrix]
    size = QR_SIZE / len(rows)
    made.set_fill_color(0)
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                made.rect(left + x * size, top + y * size, run * size, size, style="F")
            x += run + 1


def _table(made: _Paper, words: Words) -> None:
    """A row for each household: a column for each group's figures, and a row for the totals."""
    top = TOP + 34
    width = (WIDTH - HOUSE) / (len(GROUPS) * len(FIELDS))
    made.set_draw_color(90)
    made.set_fill_color(227, 241, 235)
    made.set_line_width(0.15)
    made.rect(LEFT, top, WIDTH, HEAD + GROUP, style="F")
    made.said(LEFT, top + (HEAD + GROUP) / 2 - 3, words.household, size=10, bold=True, width=HOUSE, align="C")
    bottom = top + GROUP + HEAD + (ROWS + 1) * ROW
    for number, group in enumerate(GROUPS):
        left = LEFT + HOUSE + number * len(FIELDS) * width
        wide = len(FIELDS) * width
        made.said(left, top + 1, words.groups[group.code], size=9, bold=True, width=wide, align="C")
        made.said(left, top + 5.4, words.hints[group.code], size=8, width=wide, align="C")
        for at, name in enumerate(FIELDS):
            x = left + at * width
            foot = top + GROUP + HEAD - 1.5
            with made.rotation(90, x + width / 2, foot):
                made.said(x + width / 2, foot - 1.6, words.fields[name], size=8, width=HEAD)
            made.line(x, top + (0 if at == 0 else GROUP), x, bottom)
    made.line(LEFT + HOUSE, top + GROUP, LEFT + WIDTH, top + GROUP)
    for row in range(ROWS + 2):
        y = top + GROUP + HEAD + row * ROW
        made.line(LEFT, y, LEFT + WIDTH, y)
    made.said(LEFT, bottom - ROW + 1.6, words.total, size=10, bold=True, width=HOUSE, align="C")
    made.set_line_width(0.5)
    made.rect(LEFT, top, WIDTH, bottom - top)
    for number in range(len(GROUPS)):
        x = LEFT + HOUSE + number * len(FIELDS) * width
        made.line(x, top, x, bottom)
    made.line(LEFT, bottom - ROW, LEFT + WIDTH, bottom - ROW)


def _foot(made: _Paper, words: Words, number: int, of: int) -> None:
    for at, line in enumerate((words.recorder, words.checker)):
        made.said(LEFT + at * 128, 192, line, size=10)
    made.said(LEFT, 199, f"หน้า {number}/{of}", size=10, align="R")
