"""A pin's values in plain words: opening hours said back, fields and what they hold as a history tells them."""

from __future__ import annotations

from mapapp.errors import N_
from mapapp.facilities.editing import weekly
from mapapp.facilities.said import WEEKDAYS
from mapapp.web.i18n import translate


def hours(expression: str | None, lang: str) -> str:
    """“จันทร์–ศุกร์ 08:30–16:30 น. หยุดวันหยุดราชการ” / “Monday–Friday 08:30–16:30, closed on public holidays”.

    An expression that is more than a week of choices is said as it is written; nothing where nobody told us.
    """
    if not expression:
        return ""
    week = weekly.read(expression)
    if week is None:
        return expression
    if week.always:
        return translate(N_("Open 24 hours every day"), lang)
    said = [f"{_days(numbers, lang)} {_times(week.days[numbers[0]], lang)}" for numbers in weekly.groups(week)]
    if not said:
        return translate(N_("Closed every day"), lang)
    if week.holidays_off:
        said.append(translate(N_("closed on public holidays"), lang))
    return (" " if lang == "th" else ", ").join(said)


def _days(numbers: list[int], lang: str) -> str:
    if len(numbers) == 7:
        return translate(N_("Every day"), lang)
    parts = []
    for first, last in weekly.runs(numbers):
        names = [translate(WEEKDAYS[number], lang) for number in sorted({first, last})]
        parts.append(("–" if last - first > 1 else ", ").join(names))
    return ", ".join(parts)


def _times(one: weekly.Day, lang: str) -> str:
    if one == weekly.ALL_DAY:
        return translate(N_("24 hours"), lang)
    said = ", ".join(f"{weekly.clock(opens)}–{weekly.clock(closes)}" for opens, closes in one.spans)
    return f"{said} น." if lang == "th" else said
