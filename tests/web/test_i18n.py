"""Languages, dates, distances: as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from mapapp.core.errors import NC_, Message
from mapapp.web import catalogues, i18n

EVENING = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)  # 03:30 on the 21st in Bangkok


@pytest.mark.parametrize(
    ("lang", "shown"), [("th", ["21 พ.ย. 2569", "21 พ.ย. 2569 03:30 น."]), ("en", ["21 Nov 2026", "21 Nov 2026 03:30"])]
)
def test_dates_are_bangkoks_and_buddhist_in_thai(app: Flask, lang: str, shown: list[str]) -> None:
    with app.test_request_context(f"/?lang={lang}"):
        assert [i18n.day(EVENING), i18n.moment(EVENING)] == shown
        assert i18n.day(date(2026, 11, 21)) == shown[0]
        assert i18n.day(None) == i18n.moment(None) == "–"


@pytest.mark.parametrize(
    ("metres", "thai", "english"),
    [(7, "7 ม.", "7 m"), (847, "850 ม.", "850 m"), (996, "1.0 กม.", "1.0 km"), (3249, "3.2 กม.", "3.2 km"),
     (1_234_567, "1,234.6 กม.", "1,234.6 km"), (None, "–", "–")],
)  # fmt: skip
def test_distances(app: Flask, metres: float | None, thai: str, english: str) -> None:
    with app.test_request_context("/"):
        assert i18n.distance(metres) == thai
    with app.test_request_context("/?lang=en"):
        assert i18n.distance(metres) == english


def test_a_share_is_never_rounded_to_all_or_nothing(app: Flask) -> None:
    with app.test_request_context("/"):
        assert [i18n.percent(x) for x in (0, 0.0001, 0.5, 0.99999, 1, None)] == [
            "0 %", "< 0.1 %", "50.0 %", "> 99.9 %", "100 %", "–",
        ]  # fmt: skip


def test_relative_times(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        gaps = (timedelta(seconds=5), timedelta(minutes=12), timedelta(hours=1, minutes=5), timedelta(days=3))
        assert [i18n.ago(EVENING - gap, EVENING) for gap in gaps] == [
            "just now", "12 minutes ago", "1 hour ago", "3 days ago",
        ]  # fmt: skip
        assert i18n.ago(EVENING - timedelta(days=30), EVENING) == "22 Oct 2026"
    with app.test_request_context("/"):
        assert i18n.ago(EVENING - timedelta(minutes=12), EVENING) == "12 นาทีที่แล้ว"


def test_pages_speak_thai_whatever_the_browser_asks_and_programs_are_negotiated(app: Flask) -> None:
    english = {"Accept-Language": "en-GB,en;q=0.8"}
    with app.test_request_context("/nearest", headers=english):
        assert i18n.language() == "th"
    with app.test_request_context("/nearest?lang=en"):
        assert i18n.language() == "en"
    with app.test_request_context("/nearest?lang=xx"):
        assert i18n.language() == "th"
    with app.test_request_context("/api/v1/areas", headers=english):
        assert i18n.language() == "en"
    with app.test_request_context("/api/v1/areas?lang=th", headers=english):
        assert i18n.language() == "th"


def test_no_thai_sentence_says_when_twice() -> None:
    """What stands for a time ago may begin with “เมื่อ” itself: “เมื่อสักครู่”, “เมื่อวาน”."""
    texts = [text for one in catalogues.messages(catalogues.read("th")) for text in catalogues.forms(one)]
    assert any("%(when)s" in text for text in texts)
    assert [text for text in texts if "เมื่อ %(when)s" in text or "เมื่อ%(when)s" in text] == []


@pytest.mark.parametrize(
    ("seconds", "english", "thai"),
    [
        (0.2, "1 second", "1 วินาที"), (1, "1 second", "1 วินาที"), (15, "15 seconds", "15 วินาที"),
        (60, "1 minute", "1 นาที"), (61, "2 minutes", "2 นาที"), (3_600, "60 minutes", "60 นาที"),
        (5_401, "2 hours", "2 ชั่วโมง"), (14_400, "4 hours", "4 ชั่วโมง"),
    ],
)  # fmt: skip
def test_a_wait_is_told_in_its_own_measure_and_never_too_short(seconds: float, english: str, thai: str) -> None:
    wait = timedelta(seconds=seconds)
    message = Message("You have changed this too many times. Try again in %(wait)s.", {"wait": wait})
    assert i18n.tell(message, "en").endswith(f"Try again in {english}.")
    assert thai in i18n.tell(message, "th")


@pytest.mark.parametrize(
    ("context", "english", "thai"),
    [
        ("request", "Closed", "ปิดคำขอ"), ("facility history", "Closed", "ปิดจุดบริการ"),
        ("illness", "What is wrong?", "อาการเป็นอย่างไร"), ("report", "What is wrong?", "มีปัญหาอะไร"),
        ("first day", "From", "ตั้งแต่"), ("before the change", "From", "จาก"),
        ("facility", "Open", "เปิด"), ("show", "Open", "เปิดดู"),
        ("request", "New", "ใหม่"), ("number of facilities", "New", "เพิ่มใหม่"),
    ],
)  # fmt: skip
def test_one_english_text_has_a_thai_one_for_each_of_its_meanings(context: str, english: str, thai: str) -> None:
    marked = NC_(context, english)
    assert i18n.translate(marked, "th") == thai
    assert i18n.translate(marked, "en") == english
    assert str(Message(marked)) == english


def test_a_context_that_no_catalogue_knows_still_says_the_english() -> None:
    assert i18n.translate(NC_("nowhere", "Row %(row)s is empty"), "th", row=3) == "Row 3 is empty"


def test_templates_ask_with_a_context_in_the_language_of_whoever_looks(app: Flask) -> None:
    counted = '{{ npgettext("nowhere", "a pin", "%(num)s pins", 2) }}'
    template = app.jinja_env.from_string('{{ pgettext("facility history", "Closed") }}|{{ _(marked) }}|' + counted)
    thai = "ปิดจุดบริการ|ปิดคำขอ|2 pins"
    for lang, said in (("th", thai), ("en", "Closed|Closed|2 pins"), ("th", thai)):
        with app.test_request_context(f"/?lang={lang}"):
            assert template.render(marked=NC_("request", "Closed")) == said
