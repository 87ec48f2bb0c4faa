"""A Friday to pass on: ten lines, and a card in which every word is only a word."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from mapapp.statistics.charts.drawing import Part
from mapapp.statistics.sharing import card, lines
from mapapp.statistics.sharing.schemas import Friday, Told
from mapapp.statistics.states import NOT_ENTERED, WITHHELD, shown
from tests.maps import png
from tests.maps.test_documents import PAYLOADS

TREND = (shown(100), NOT_ENTERED, shown(0), WITHHELD, shown(130), shown(160))
FRIDAY = Friday(
    "สถิติวันศุกร์", "จังหวัดเชียงใหม่", "27 พ.ย. 2569 16:00 น.",
    Told("ได้รับวัคซีนอย่างน้อย 1 เข็ม", "78 %", "+2 จากศุกร์ก่อน", "+2", TREND),
    [Told(f"ตัวเลข {number}", "ไม่เผยแพร่", "", "", TREND) for number in range(5)],
    [(Part("more", shown(500)), "3 เข็มขึ้นไป", "500"), (Part("one", WITHHELD), "1 เข็ม", "ไม่เผยแพร่"),
     (Part("none", shown(0)), "ยังไม่ได้ฉีด", "0")],
    "ตัวเลขปัดเศษ", "https://help.example.org/statistics/50", "สำนักงานจังหวัด",
)  # fmt: skip


def test_the_text_for_a_chat_has_ten_lines_and_says_what_is_not_known() -> None:
    made = lines.text(FRIDAY).split("\n")
    assert len(made) == 10
    assert made[0] == "สถิติวันศุกร์ จังหวัดเชียงใหม่"
    assert made[2] == "• ได้รับวัคซีนอย่างน้อย 1 เข็ม: 78 % (+2 จากศุกร์ก่อน)"
    assert made[3].endswith(": ไม่เผยแพร่")
    assert made[9] == "https://help.example.org/statistics/50"
    broken = replace(FRIDAY, place="a\nb\r\nc", notes="x\u2028y")
    assert len(lines.text(broken).splitlines()) == 10


def test_the_card_is_a_picture_of_the_size_that_chats_show() -> None:
    picture = png.read(card.png(FRIDAY))
    assert (picture.width, picture.height) == (1200, 630)
    assert picture.at(60, 350) == "#0b6e4f"  # what is done, at the left of the bar


def test_words_on_the_card_are_only_words() -> None:
    for payload in PAYLOADS:
        told = Told(payload, payload, payload)
        drawn = card.drawn(replace(FRIDAY, place=payload, headline=told, rows=[told] * 5, owner=payload))
        root = ElementTree.fromstring(drawn)
        assert {one.tag.rpartition("}")[2] for one in root.iter()} <= {"svg", "rect", "path", "circle", "g", "text"}
        assert any(payload in (one.text or "") for one in root.iter())


def test_words_that_are_too_long_stay_on_the_card() -> None:
    long = Told("ก" * 400, "9" * 200, "ศ" * 300)
    made = card.drawn(replace(FRIDAY, place="ข" * 500, headline=long, rows=[long] * 5, notes="ค" * 900))
    assert made.count("…") >= 10
