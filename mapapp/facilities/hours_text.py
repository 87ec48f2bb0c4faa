"""Opening hours as people type them, turned into OSM ``opening_hours`` syntax: Thai and English words, dots in times,
long dashes, Buddhist years.

``plain`` mends signs that can mean one thing only. ``read`` understands a week told in words; whatever has a word it
does not know is left to a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from mapapp.core.fields import arabic_digits

_QUOTED = re.compile(r'"[^"]*"')
_QUOTES = str.maketrans(dict.fromkeys("“”„″", '"'))
_SIGNS = str.maketrans(dict.fromkeys("‐‑‒–—―−~～ー", "-") | {"：": ":", "；": ";", "，": ","})
_DOT_TIME = re.compile(r"(?<![\d.:])([01]?\d|2[0-4])\.([0-5]\d)(?![\d.])")
_BUDDHIST = re.compile(r"(?<![\d:.])(2[56]\d\d)(?![\d:.])")

WORKING_HOURS: Final = "Mo-Fr 08:30-16:30; PH off"
"""วันและเวลาราชการ: when offices of the state are open."""


def plain(text: str) -> str:
    """The text with other signs for the same thing made the syntax's own; comments in quotes stay as they are.

    Thai digits, long dashes, “08.30”, a separator at the end; years from 2500 to 2699 are Buddhist.
    """
    text = unicodedata.normalize("NFC", text).translate(_QUOTES)
    return _outside_quotes(text, _plain).strip().rstrip(";,").strip()


def _plain(part: str) -> str:
    part = re.sub(r"\s+", " ", arabic_digits(part).translate(_SIGNS))
    part = _DOT_TIME.sub(r"\1:\2", part)
    return _BUDDHIST.sub(lambda found: str(int(found[1]) - 543), part)


def _outside_quotes(text: str, change: Callable[[str], str]) -> str:
    made, end = [], 0
    for quoted in _QUOTED.finditer(text):
        made += [change(text[end : quoted.start()]), quoted.group()]
        end = quoted.end()
    return "".join([*made, change(text[end:])])


# A week in words ------------------------------------------------------------------------------------------------

_DAYS: Final = {
    "Mo": ("จันทร์", "จ", "monday", "mon", "mo"),
    "Tu": ("อังคาร", "อ", "tuesday", "tues", "tue", "tu"),
    "We": ("พุธ", "พ", "wednesday", "weds", "wed", "we"),
    "Th": ("พฤหัสบดี", "พฤหัสฯ", "พฤหัส", "พฤ", "thursday", "thurs", "thur", "thu", "th"),
    "Fr": ("ศุกร์", "ศ", "friday", "fri", "fr"),
    "Sa": ("เสาร์", "ส", "saturday", "sat", "sa"),
    "Su": ("อาทิตย์", "อา", "sunday", "sun", "su"),
}
_WORDS: Final = {
    "office": ("วันและเวลาราชการ", "วันเวลาราชการ", "เวลาราชการ", "office hours", "working hours"),
    "PH": (
        "วันหยุดนักขัตฤกษ์", "วันหยุดนักขัต", "วันนักขัตฤกษ์", "นักขัตฤกษ์", "วันหยุดราชการ", "หยุดราชการ", "วันหยุดตามประเพณี",
        "วันหยุดพิเศษ", "public holidays", "public holiday", "holidays", "ph",
    ),
    "24/7": (
        "ตลอด24ชั่วโมง", "ตลอด24ชม", "24ชั่วโมง", "24ชม", "ตลอดเวลา", "ตลอดวัน",
        "24hours", "24hrs", "24hr", "24h", "24/7",
    ),
    "Mo-Su": ("ทุกวัน", "every day", "everyday", "daily"),
    "state": ("วันทำการ", "วันราชการ"),
    "Mo-Fr": ("วันธรรมดา", "weekdays"),
    "Sa,Su": ("วันหยุดสุดสัปดาห์", "สุดสัปดาห์", "weekends"),
    "off": ("ปิดทำการ", "ปิดบริการ", "หยุดทำการ", "หยุดให้บริการ", "งดให้บริการ", "หยุด", "ปิด", "closed", "off"),
    "but": ("ยกเว้น", "เว้น", "except"),
    "-": ("จนถึง", "ถึง", "until", "till", "to", "-"),
    ",": ("และ", "กับ", "and", "&", ",", "/"),
    "": (
        "เปิดให้บริการ", "เปิดบริการ", "เปิดทำการ", "เปิด", "ให้บริการ", "บริการ", "ทำการ", "ตั้งแต่", "ระหว่าง", "ช่วง", "เวลา",
        "ใน", "นาฬิกา", "น.", "น", "วัน", "ของ", "เฉพาะ", "open", "hours", "from", "only", ".", ":", "(", ")", "*",
    ),
    ";": (";", "|", "\n"),
}  # fmt: skip

_MEANT: Final = {word: code for words in (_DAYS, _WORDS) for code, known in words.items() for word in known}
_TIME = r"(?:([01]?\d|2[0-4])[:.]([0-5]\d)|([01]\d|2[0-4])([0-5]\d)|([01]?\d|2[0-4])(?=\s*(?:-|ถึง|น|นาฬิกา|$)))(?!\d)"
_AT = re.compile(_TIME)
_WORD = re.compile(
    "|".join(
        re.escape(word).replace(r"\ ", r"\s*") + (r"(?![a-z])" if word.isascii() and word.isalpha() else "")
        for word in sorted(_MEANT, key=len, reverse=True)
    )
)
_LETTER_OF_A_DAY = frozenset("จอพศส") | {"พฤ", "อา"}
_THAI_LETTER = re.compile(r"[ก-ฺเ-๎]")


def read(text: str) -> str | None:
    """The week that words tell, in the syntax; None where a word is not understood or no time is told.

    “จันทร์-ศุกร์ 08.30-16.30 น.”, “ทุกวัน 24 ชั่วโมง”, “Mon to Fri 8.30-16.30, closed on public holidays”.
    """
    if '"' in text:
        return None
    found = _tokens(unicodedata.normalize("NFC", arabic_digits(text)).translate(_SIGNS).casefold())
    return None if found is None else _rules(found)


def _tokens(text: str) -> list[str] | None:
    """Days, times, ``off``, ``PH``, ``24/7``, ``-`` and ``,`` in their order."""
    text = re.sub(r"24\s+(?=ชม|ชั่วโมง|h)", "24", re.sub(r"ตลอด\s+24", "ตลอด24", text))
    tokens: list[str] = []
    place = 0
    while place < len(text):
        if text[place].isspace() and text[place] != "\n":
            place += 1
            continue
        word = _WORD.match(text, place)
        if word is not None and _stands_alone(text, word):
            code = _MEANT[re.sub(r"\s+", " ", word.group())] if " " in word.group() else _meaning(word.group())
            tokens += [code] if code else []
            place = word.end()
            continue
        time = _AT.match(text, place)
        if time is None:
            return None
        hour, minute = time[1] or time[3] or time[5], time[2] or time[4] or "00"
        tokens.append(f"{int(hour):02}:{minute}")
        place = time.end()
    return tokens


def _meaning(word: str) -> str:
    return _MEANT.get(word) or next((code for known, code in _MEANT.items() if known.replace(" ", "") == word), "")


def _stands_alone(text: str, word: re.Match[str]) -> bool:
    """One letter is a day only where no other Thai letter touches it: “จ.-ศ.”, and not a word that begins with it."""
    if word.group() not in _LETTER_OF_A_DAY and word.group() != "น":
        return True
    before, after = text[word.start() - 1 : word.start()], text[word.end() : word.end() + 1]
    return not _THAI_LETTER.match(after or " ") and (word.group() == "น" or not _THAI_LETTER.match(before or " "))


class _Reader:
    """Rules out of tokens: days, then what holds on them; a day behind a time begins the next rule."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []
        self.days = self.times = self.held = ""
        self.off = self.off_first = self.holidays = self.bad = False

    def end(self) -> None:
        """Closes the rule that is being read."""
        if self.days or self.times or self.off:
            self.bad |= self.off == bool(self.times)
            self.made.append((self.days or "Mo-Su", "off" if self.off else self.times))
        self.days = self.times = ""
        self.off = False

    def take(self, word: str) -> None:
        """The next word."""
        if word == ";":
            self.end()
        elif word in (",", "-"):
            self.times += word if self.times else ""
            self.days += word if self.days and not self.times else ""
        elif word in ("off", "but"):
            self._shut(word)
        elif word[0].isdigit():
            self._time("00:00-24:00" if word == "24/7" else word)
        else:
            self._day(word)

    def _shut(self, word: str) -> None:
        if word == "but" and self.days and not self.times:
            # “every day except Sunday 08:30–16:30”: the times are those of the days in front.
            self.held, self.days = self.days, ""
        elif self.times or not self.days:
            self.end()
        self.off, self.off_first = True, not self.days

    def _time(self, word: str) -> None:
        if self.off and self.held:
            self.end()
            self.days, self.held = self.held, ""
        self.bad |= self.off
        self.times += ("," if self.times and self.times[-1] not in ",-" else "") + word

    def _day(self, word: str) -> None:
        if word == "state":
            word, self.holidays = "Mo-Fr", True
        # Behind “Sunday closed” another day begins a rule; behind “closed Sunday” it may be closed as well.
        if self.times or (self.off and not self.off_first):
            self.end()
        if self.days == "Mo-Su":
            self.days = ""  # “ทุกวันจันทร์” is every Monday
        self.days += ("," if self.days and self.days[-1] not in ",-" else "") + word


def _rules(tokens: list[str]) -> str | None:
    if tokens == ["office"]:
        return WORKING_HOURS
    reader = _Reader()
    for word in tokens:
        reader.take("state" if word == "office" else word)
    reader.end()
    if reader.bad or reader.held or not reader.made:
        return None
    # What is excepted comes behind what it is excepted from.
    return _written(sorted(reader.made, key=lambda rule: rule[1] == "off"), reader.holidays)


_DAYS_OF = re.compile(
    r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?(?:,(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?)*"
)
_SPANS = re.compile(r"\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*")


def _written(made: list[tuple[str, str]], holidays: bool) -> str | None:
    rules = []
    for days, what in made:
        days, what = re.sub(r"[,-]+$", "", days), re.sub(r"[,-]+$", "", what)
        if _DAYS_OF.fullmatch(days) is None or (what != "off" and _SPANS.fullmatch(what) is None):
            return None
        rules.append(f"{days} {what}")
    if all(rule.endswith(" off") for rule in rules):
        return None  # when it is closed says nothing of when it is open
    if rules == ["Mo-Su 00:00-24:00"]:
        return "24/7"
    if holidays and not any("PH" in rule for rule in rules):
        rules.append("PH off")
    return "; ".join(rules)
