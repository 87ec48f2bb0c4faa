"""One plain word for one thing: what people read has none of the words that were given up for a better one."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import pytest

from mapapp import cli
from mapapp.core.config import Config
from mapapp.rooms import APIS
from mapapp.web import catalogues, openapi

ROOT = Path(__file__).parents[2]

OLD_WORDS: Final = {
    r"mend(s|ed|ing)?": "correct (a form, a list), fix (the installation)",
    r"anew|once more": "again",
    r"lately": "recently",
    r"reckon(s|ed|ing)?": "estimate",
    r"whoever": "anyone who, or name the person",
    r"(some|any|every)body": "someone, anyone, everyone, or name the person",
    r"nobody": "no one, or name the person",
    r"meanwhile": "in the meantime",
    r"perhaps": "possibly; may",
    r"(?<!user_)telephone[sd]?": "phone",
    r"e-mails?": "email",
    r"any more|no more": "no longer",
    r"(ran|run) out": "expired; out of stock",
    r"counts? until|good until": "valid until",
    r"for good|for the time being": "permanently; temporarily",
    r"as the crow flies": "straight-line distance",
    r"second factor": "two-step sign-in",
    r"master keys?": "encryption key",
    r"(un)?sealed": "encrypted",
    r"vouch(es|ed|ing)? for|stood for it": "approve (a volunteer), confirm (a facility)",
    r"(take|takes|took|taken|taking) on": "accept; claim",
    r"(give|gives|gave|given|giving) back": "return",
    r"on record": "recorded",
    r"posted": "sent",
    r"waiting centres?": "community isolation centre",
    r"by itself|by themselves": "automatically",
}
"""A pattern → what to write instead. A word is here once it has gone from every text below."""

OLD_THAI: Final = {
    "โปรด": "กรุณา",
    "รับเรื่อง": "รับงาน",
    "ถือ(งาน|อยู่)": "รับไว้, รับงาน",
    "(?<!คุณ)พักงาน": "พักรับงาน",  # but for the text that volunteers agreed to
    "เหตุฉุกเฉิน": "เจ็บป่วยฉุกเฉิน",
    "รหัส 12 ตัวเลข": "รหัส 12 หลัก",
    "น่าสงสัย": "ข้อมูลไม่แน่นอน",
    "สถานบริการ": "จุดบริการ",
    "เพิ่มหมุด": "เพิ่มจุดบริการ",
    "เรื่องที่แจ้ง": "เรื่องแจ้ง",
    "(ใน|นอก)รัศมี": "ในระยะ, ไกลเกินระยะ",
    "เปิดใหม่": "เปิดอีกครั้ง",
    "(?<!โทร)หาก": "ถ้า",
    "ผู้ดูแลระดับ": "ผู้ดูแลระบบกระทรวง, ผู้ดูแลระบบจังหวัด",
    "อาสาสมัครข้อมูล": "อาสาข้อมูล",
    "บทบาท(?!ฐานข้อมูล|ที่เป็นเจ้าของ|สตรี)": "หน้าที่",
    "สละหน้าที่|สั่งสิ้นสุด|หมดวาระ": "พ้นจากหน้าที่",
    "(เบอร์|หมายเลข)โทรศัพท์": "เบอร์โทร",
    "ชื่อต้น": "ชื่อ (ไม่มีนามสกุล)",
    "ขั้นที่สอง": "การยืนยันตัวตนสองขั้นตอน",
    "กุญแจ(สำหรับ|ของ)โปรแกรม": "กุญแจเชื่อมต่อระบบ",
    "กุญแจหลัก": "กุญแจเข้ารหัส",
    "คำเชิญ": "ใบเชิญ",
    "ลงลายมือชื่อ": "ลงนาม",
    "ค่าตั้งต้น": "การตั้งค่า",
    "รับรอง": "อนุมัติ",
    "ตำแหน่งแน่นอน": "ตำแหน่งจริง",
    "ช่องตาราง": "บริเวณกว้างราว 1 กม.",
    "(?<!ลาก)หมุด": "จุดบริการ",
    "ข้อมูลในช่วงนี้": "ข้อมูลมานาน",
}
"""The same in Thai, where no blank ends a word."""

NOT_WORDS: Final = re.compile(r"``?[^`]*``?|%\(\w+\)\w|https?://\S+|“[^”]*”")
"""Code, placeholders, addresses and quotations: a name in them is not a choice of words."""


def found(text: str) -> list[str]:
    """Each old word in a text, with what to write instead."""
    plain = NOT_WORDS.sub(" ", text)
    return [
        f"“{met[0]}” → {better}"
        for old, better in OLD_WORDS.items()
        for met in re.finditer(rf"(?i)\b(?:{old})\b", plain)
    ]


def messages() -> Iterator[tuple[str, str]]:
    for message in catalogues.messages(catalogues.read("th")):
        for text in [message.id] if isinstance(message.id, str) else message.id:
            yield f"message {text[:60]!r}", text


def commands(command: click.Command = cli.main, path: str = "mapapp") -> Iterator[tuple[str, str]]:
    yield path, command.help or ""
    for option in command.params:
        if isinstance(option, click.Option):
            yield f"{path} {option.opts[0]}", option.help or ""
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            yield from commands(one, f"{path} {name}")


def api(node: Any = None, path: str = "") -> Iterator[tuple[str, str]]:
    """Every summary and description of the OpenAPI document."""
    if not path:
        node = openapi.document(APIS, "test")
    if isinstance(node, dict):
        for name, inside in node.items():
            if name in {"summary", "description"} and isinstance(inside, str):
                yield f"{path}/{name}", inside
            else:
                yield from api(inside, f"{path}/{name}")
    elif isinstance(node, list):
        for number, inside in enumerate(node):
            yield from api(inside, f"{path}/{number}")


def settings() -> Iterator[tuple[str, str]]:
    for name, one in Config.model_fields.items():
        yield f"setting {name}", one.description or ""


def documents() -> Iterator[tuple[str, str]]:
    """What is written for people who use, run or change the service; of the changelog what is not released yet."""
    changes = (ROOT / "CHANGELOG.md").read_text()
    yield from lines("CHANGELOG.md", changes[: changes.index("\n## ", changes.index("\n## ") + 1)])
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        yield from lines(path.name, path.read_text())


PLAIN_ROOMS: Final = (
    "accounts", "audit", "audit_pages", "core", "help_requests", "operations", "volunteers", "web",
)  # fmt: skip
PLAIN_SCRIPTS: Final = ("asking", "console", "drafts", "fresh", "language", "live", "nearby", "site", "tasks")
"""Rooms and scripts whose comments and docstrings have been gone over."""

STANDARD_TERMS: Final = re.compile("second factor", re.IGNORECASE)
"""Terms of the field, which developers look up: in comments only. Pages have a plainer word."""


def comments() -> Iterator[tuple[str, str]]:
    """Comments and docstrings of the code: what new developers read."""
    for path in sorted(path for room in PLAIN_ROOMS for path in (ROOT / "mapapp" / room).rglob("*.py")):
        source, name = path.read_text(), str(path.relative_to(ROOT))
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            is_docstring = token.type == tokenize.STRING and token.string.startswith('"""')
            if token.type == tokenize.COMMENT or is_docstring:
                yield f"{name}:{token.start[0]}", STANDARD_TERMS.sub(" ", token.string)
    for path in (ROOT / "static" / "js" / f"{script}.js" for script in PLAIN_SCRIPTS):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if found := re.match(r"\s*/?\*+(.*)|.*?(?:^|\s)//(?= )(.*)", line):
                yield f"{path.relative_to(ROOT)}:{number}", found[1] or found[2] or ""


def lines(name: str, text: str) -> Iterator[tuple[str, str]]:
    plain = re.sub(r"(?ms)^ *```.*?^ *```$", lambda block: "\n" * block[0].count("\n"), text)
    for number, line in enumerate(plain.splitlines(), 1):
        yield f"{name}:{number}", line


READ: Final = {
    "messages": messages, "commands": commands, "api": api, "settings": settings, "documents": documents,
    "comments": comments,
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_people_read_has_no_word_that_was_given_up(name: str) -> None:
    texts = list(READ[name]())
    assert len(texts) > 20, "nothing was read"
    wrong = [f"{where}: {one}" for where, text in texts for one in found(text)]
    assert not wrong, "\n".join(wrong)


def test_an_old_word_is_found_and_a_name_in_code_is_not() -> None:
    assert found("Whoever has it, mends it.") == [
        "“mends” → correct (a form, a list), fix (the installation)",
        "“Whoever” → anyone who, or name the person",
    ]
    assert (
        found("Once `nobody` and ``whoever`` at %(nobody)s and https://x.example/lately, a commendable amendment") == []
    )


ENGLISH_MARKS: Final = {
    r"(\}\}|</\w+>|endif %\})\.(\s|<|\{|$)": "a full stop between texts: Thai has none. Put · between them",
    r"\|name_of(\(\"\w+\"\))? \}\}, ": "a comma after an area: use address_line or address_of",
    r"if not loop\.last %\}, ": "a comma in a list: use page_language().separator",
}
"""Punctuation of English in templates that are shown in every language → what to write instead."""


def test_templates_have_no_punctuation_of_one_language_between_texts() -> None:
    files = sorted((ROOT / "templates").rglob("*.html"))
    assert len(files) > 50, "nothing was read"
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {better}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for mark, better in ENGLISH_MARKS.items()
        if re.search(mark, line)
    ]
    assert not wrong, "\n".join(wrong)


def test_thai_that_people_read_has_no_word_that_was_given_up() -> None:
    texts = [
        text
        for message in catalogues.messages(catalogues.read("th"))
        for text in ([message.string] if isinstance(message.string, str) else message.string or [])
    ]
    assert len(texts) > 1000, "nothing was read"
    wrong = [
        f"“{old}” → {better}: {text}" for old, better in OLD_THAI.items() for text in texts if re.search(old, text)
    ]
    assert not wrong, "\n".join(wrong)
