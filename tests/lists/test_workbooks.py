"""Workbooks as people make them: merged cells, titles, totals, hidden rows and sheets; .xlsx, .xls and .ods."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from mapapp.core.errors import Invalid
from mapapp.facilities import list_rows
from mapapp.lists import headings, tables, workbooks

OLD = (
    "eNrtWE1IVFEUPvf9zIyTHkebSTQazBitUSGzH1voTEVZi8TaJBGYpotQtIY2tSjLXEQEQZuSNoKbKKwI+qH/XVBg2CIIirFo1SooaKG+"
    "zjnvPRptFg6UZLzvcc8799x7vnve/Xn3vvd6vCg9crtsEuagCXSYsfLAl2FTlPLcTAio3LJYde8BSpaHRYW8AA2kz4SHBa/8PIY83pOg"
    "wS3jOUmAj5QOwBFo6e/rLl9AbJUYOhTH0EhSwVWyIJRKVMUiD4lcKvKm1HwkMimWCyIbqW5a7YfxREu8wZnFbVqFlCEw7z3xeSeWOojA"
    "C57Fpy4qu64JW1KHO3r/zYKokQ+jQOPW3N3XneroTUOYBnAUvlvlAN/clfqs3LMvrF0B2X/Mtvuz2C9pBsAAWAdlgg9RrW2GLEKl4S6s"
    "xZW4GWM4BZchSFZOflAluBaTWIYbsAJL0QAVwXrKxlgN4ibcSY4mqCiuR4V1GEbyiZFPhAwBIgxjgA216KesayKHODYQbwlGuTxAmTBW"
    "UwMbidCPPtcUF0cd1Cqsovg4JvsVEpr1CimQpZVPsgsKRS+SBRaiTWLq2teJ3Z2tiXaxDMi2YW8uMe4PsOA0e5AzgssHwCVx8agWeUZY"
    "l4teJjJMy4Lula0RR9kxKHXOSmkltVMveJOoytBXkz70Zc/96NCnxBrSx5onT4TH3iZGoII2uy7y52sQalSNGr7CeJBw78p5Eb0XWfrb"
    "SymghZzYLWcHLYRpGUeg/mA8oT4C6R2+dPFQWTyUeLC0c25/2jlNfJmNho40l0mbw8TlmtO2rSthZRZNWAyHUxMW03kGPUtEuvD4nPq6"
    "MPHwP6Y+0YWrfQXXuD4MTjRGlmgMJxrmMISDZ4NOI28Ix538ozfOv1yXtC0c07mJD+klT9uSzMjx6XPiMoWRjykntaBMhCLp8c80e0yq"
    "bTizTckzKukDO/cLOjRpxXBXTMkMexA8ePDgwYMHDx4WPfhIqcmRxz5im86B2+/815mmNOP9JvlvsRf66TpGH6bboY/uKTie0/xZBqZy"
    "udQ8fdz/hYx91HoKeqBT4ujJef7SB5jKfJ55O4b+3BLKtf2ZXOL8y+3/BKm744I="
)
"""The list of ``REGISTER`` as an .xls, packed."""


def packed(book: Workbook) -> bytes:
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def register() -> Workbook:
    """A title over all columns, two rows of headings, one tambon merged over its rows, a hidden row, a total."""
    book = Workbook()
    sheet: Any = book.active
    for row in (
        ["ทะเบียนจุดฉีดวัคซีน"], ["ตำบล", "ชื่อ", "พิกัด", None], [None, None, "ละติจูด", "ลองจิจูด"],
        ["สุเทพ", "จุดหนึ่ง", 18.79, 98.98], [None, "จุดสอง", "๑๘.๗๙๕๑", "๙๘.๙๘๕๑"], [None, "จุดซ่อน", 18.7, 98.9],
        ["ช้างเผือก", "จุดสาม", 18.8, 98.97], ["รวม", None, 4, None],
    ):  # fmt: skip
        sheet.append(row)
    for cells in ("A1:D1", "A2:A3", "B2:B3", "C2:D2", "A4:A6", "A8:B8"):
        sheet.merge_cells(cells)
    sheet.row_dimensions[6].hidden = True
    return book


def read(data: bytes, **more: Any) -> tables.Table:
    return tables.read_bytes(data, is_heading=list_rows.is_heading, **more)


def test_a_merged_tambon_is_that_of_all_its_rows_and_totals_and_hidden_rows_are_named() -> None:
    table = read(packed(register()))
    assert table.headers == ["ตำบล", "ชื่อ", "ละติจูด", "ลองจิจูด"]
    assert table.paths["ละติจูด"] == ("พิกัด", "ละติจูด")
    assert [(row, cells["ตำบล"], cells["ชื่อ"]) for row, cells in table.rows] == [
        (4, "สุเทพ", "จุดหนึ่ง"), (5, "สุเทพ", "จุดสอง"), (7, "ช้างเผือก", "จุดสาม"),
    ]  # fmt: skip
    assert [str(one) for one in table.remarks] == [
        "Total, left out: row 8.", "Hidden in the workbook, left out: row 6.",
    ]  # fmt: skip
    found = list_rows.check(table, source="s", kind="vaccination_site")
    assert [str(one) for one in found.problems] == []
    assert [(one.lat, one.lon) for one in found.valid] == [(18.79, 98.98), (18.7951, 98.9851), (18.8, 98.97)]
    assert found.remarks == table.remarks


def test_an_old_workbook_is_read_like_a_new_one() -> None:
    table = read(zlib.decompress(base64.b64decode(OLD)))
    assert table.headers == ["ตำบล", "ชื่อ", "ละติจูด", "ลองจิจูด"]
    assert table.rows == [
        (4, {"ตำบล": "สุเทพ", "ชื่อ": "จุดหนึ่ง", "ละติจูด": 18.79, "ลองจิจูด": 98.98}),
        (5, {"ตำบล": "สุเทพ", "ชื่อ": "จุดสอง", "ละติจูด": 18.7951, "ลองจิจูด": 98.9851}),
    ]
    assert [str(one) for one in table.remarks] == ["Total, left out: row 6."]


def said(more: dict[str, Any]) -> str:
    return "".join(f' table:{name.replace("_", "-")}="{value}"' for name, value in more.items())


def cell(value: Any = None, **more: Any) -> str:
    given_ = said(more)
    if value is None:
        return f"<table:table-cell{given_}/>"
    kind = "string" if isinstance(value, str) else f'float" office:value="{value}'
    return f'<table:table-cell{given_} office:value-type="{kind}"><text:p>{value}</text:p></table:table-cell>'


def open_document(*rows: str) -> bytes:
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="รายการ">{"".join(rows)}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", mime)
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/></manifest:manifest>',
        )
    return made.getvalue()


def row(*cells: str, **more: Any) -> str:
    return f"<table:table-row{said(more)}>{''.join(cells)}</table:table-row>"


def test_an_open_document_with_its_million_empty_rows() -> None:
    data = open_document(
        row(cell("ตำบล"), cell("ชื่อ"), cell("ละติจูด"), cell("ลองจิจูด")),
        row(cell("สุเทพ", number_rows_spanned=3), cell("จุดหนึ่ง"), cell(18.79), cell(98.98)),
        row("<table:covered-table-cell/>", cell("จุดสอง"), cell(18.7951), cell(2, formula="of:=1+1")),
        row("<table:covered-table-cell/>", cell("จุดซ่อน"), cell(18.7), cell(98.9), visibility="collapse"),
        row(cell("รวมทั้งสิ้น ๓ แห่ง")),
        row(cell(number_columns_repeated=16_384), number_rows_repeated=1_048_571),
    )
    table = read(data)
    assert [(number, cells["ตำบล"], cells["ชื่อ"]) for number, cells in table.rows] == [
        (2, "สุเทพ", "จุดหนึ่ง"), (3, "สุเทพ", "จุดสอง"),
    ]  # fmt: skip
    assert table.rows[1][1]["ลองจิจูด"] == tables.Unusable("D3", "formula", "=1+1")
    assert [str(one) for one in table.remarks] == [
        "Total, left out: row 5.", "Hidden in the workbook, left out: row 4.",
    ]  # fmt: skip


def test_what_would_fill_the_memory_is_refused_before_it_is_read() -> None:
    book = register()
    sheet: Any = book.active
    sheet.cell(1_048_576, 180, "x")
    wide = open_document(row(cell("ชื่อ", number_columns_repeated=16_384), number_rows_repeated=1_048_576))
    for data in (packed(book), wide):
        with pytest.raises(Invalid, match="too large when unpacked"):
            read(data)


def test_a_cover_an_empty_and_a_hidden_sheet_stand_before_the_list() -> None:
    book = Workbook()
    cover: Any = book.active
    cover.append(["แบบรายงาน"])
    book.create_sheet("ว่าง")
    draft = book.create_sheet("ฉบับร่าง")
    draft.append(["ชื่อ", "ละติจูด", "ลองจิจูด"])
    draft.append(["จุดในฉบับร่าง", 1, 2])
    draft.sheet_state = "hidden"
    found = book.create_sheet("อ.แม่ริม")
    for line in [[f"คำชี้แจงข้อ {number}"] for number in range(1, 13)]:
        found.append(line)
    found.append(["ชื่อ", "ละติจูด", "ลองจิจูด"])
    found.append(["จุดฉีดวัคซีน", 18.913, 98.944])
    data = packed(book)
    table = read(data)
    assert (table.sheet, table.rows[0][0]) == ("อ.แม่ริม", 14)
    assert tables.sheets(data) == ["Sheet", "ว่าง", "อ.แม่ริม"]


def test_a_list_of_totals_and_hidden_rows_alone_is_told() -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["ชื่อ", "ละติจูด", "ลองจิจูด"])
    sheet.append(["ก", 18, 98])
    sheet.row_dimensions[2].hidden = True
    with pytest.raises(Invalid, match="Every row of this list is hidden"):
        read(packed(book))


def test_headings_in_two_rows_of_a_csv_have_lost_their_merges() -> None:
    lines = ["ทะเบียน;;;", "ชื่อ;พิกัด;;โทรศัพท์", ";ละติจูด;ลองจิจูด;", "จุดหนึ่ง;๑๘.๗๙;๙๘.๙๘;053920300", "รวม;1;;"]
    for encoding in ("utf-8", "utf-8-sig", "cp874", "utf-16"):
        table = read("\r\n".join(lines).encode(encoding))
        assert table.headers == ["ชื่อ", "ละติจูด", "ลองจิจูด", "โทรศัพท์"], encoding
        assert [number for number, _cells in table.rows] == [4]


@pytest.mark.parametrize(
    ("first", "so"),
    [
        ("รวม", True), ("รวมทั้งสิ้น", True), ("ยอดรวม", True), ("รวม ต.สุเทพ", True), ("รวมทั้งอำเภอ", True),
        ("รวม ๑๒ แห่ง", True),
        ("Total", True), ("Grand total:", True), ("รวมไทย", False), ("รวมแพทย์", False), ("บ้านรวมใจ", False),
        ("รวมพลัง หมู่ 3", False), ("Total Care Clinic", False), ("1", False),
    ],
)  # fmt: skip
def test_a_total_is_told_from_a_place_of_such_a_name(first: str, so: bool) -> None:
    assert headings.is_total([None, first, 12]) is so


@given(st.lists(st.lists(st.sampled_from(["", "ชื่อ", "12", "ก"]), min_size=1, max_size=5), min_size=2, max_size=6))
def test_no_list_is_read_with_another_cell_under_a_heading(rows: list[list[str]]) -> None:
    """Whatever is taken for headings: each cell below stands under the heading of its own column."""
    data = "\n".join(",".join(line) for line in rows).encode()
    try:
        table = tables.read_bytes(data)
    except Invalid:
        return
    for number, cells in table.rows:
        for at, header in enumerate(table.headers):
            if header and at < len(rows[number - 1]):
                assert cells.get(header, "") == rows[number - 1][at]


def sharing(longest: int, cells: int, merges: str = "") -> bytes:
    """An .xlsx in which many cells name one text."""
    source, made = io.BytesIO(packed(register())), io.BytesIO()
    table = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(2, cells + 2))
    head = '<row r="1"><c r="A1" t="s"><v>1</v></c></row>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                text = f'<worksheet xmlns="{main}"><sheetData>{head}{table}</sheetData>{merges}</worksheet>'
            if name == "xl/_rels/workbook.xml.rels":
                more = f'<Relationship Id="rId99" Type="{kind}" Target="/xl/sharedStrings.xml"/>'
                text = text.replace("</Relationships>", f"{more}</Relationships>")
            new.writestr(name, text)
        texts = f"<si><t>{'ก' * longest}</t></si><si><t>ชื่อ</t></si>"
        new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}">{texts}</sst>')
    return made.getvalue()


def test_a_long_text_that_many_cells_share_does_not_fill_the_memory() -> None:
    assert len(tables.read_bytes(sharing(30_000, 100)).rows) == 100
    long = cell("ก" * 300_000, number_columns_repeated=50)
    repeated = open_document(row(cell("ชื่อ")), row(long, number_rows_repeated=20))
    for data in (sharing(1_000_000, 101), repeated):
        with pytest.raises(Invalid, match="too large when unpacked"):
            tables.read_bytes(data)


def test_merges_that_overlap_cost_no_more_than_their_columns() -> None:
    each = "".join(f'<mergeCell ref="A2:A{end}"/>' for end in range(3, 20_003))
    book = workbooks.Book(sharing(5, 3, f"<mergeCells>{each}</mergeCells>"), 200).sheet("Sheet")
    tall = tables._Merged(book.merges, 1)
    assert len(book.merges) == 20_000
    assert tall.filled(2, ["หนึ่ง"]) == ["หนึ่ง"]
    assert tall.filled(3, [None, "x"]) == ["หนึ่ง", "x"]
    assert len(tall._live) == 1, "each row costs as much as there are columns, not as there are merges"
