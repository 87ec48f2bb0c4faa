"""A pin's values in plain words: opening hours said back, fields and what they hold as a history tells them."""

from __future__ import annotations

from typing import Any

from mapapp.areas.labels import LEVEL_LABELS
from mapapp.areas.results import AreaName, AreaPath
from mapapp.core.errors import N_
from mapapp.core.languages import BY_CODE
from mapapp.facilities.editing import queries, weekly
from mapapp.facilities.fields import BY_NAME, COUNTS
from mapapp.facilities.formatting import WEEKDAYS, kind, phone
from mapapp.facilities.labels import ACTION_LABELS, ACTOR_LABELS, FIELD_LABELS, STATUS_LABELS
from mapapp.web.i18n import gettext, here, language, moment, name_of, number, translate


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
    return BY_CODE[lang].separator.join(said)


def _days(numbers: list[int], lang: str) -> str:
    if len(numbers) == 7:
        return translate(N_("Every day"), lang)
    parts = []
    for first, last in weekly.runs(numbers):
        names = [translate(WEEKDAYS[number], lang).removeprefix("วัน") for number in sorted({first, last})]
        parts.append(("–" if last - first > 1 else ", ").join(names))
    return ", ".join(parts)


def _times(one: weekly.Day, lang: str) -> str:
    if one == weekly.ALL_DAY:
        return translate(N_("24 hours"), lang)
    said = ", ".join(f"{weekly.clock(opens)}–{weekly.clock(closes)}" for opens, closes in one.spans)
    return BY_CODE[lang].clock % said


def value(name: str, found: Any) -> str:
    """What a field of a pin holds, in the page's language; a dash where it holds nothing."""
    if found is None or found == "":
        return "–"
    if name == "kind":
        return kind(found)
    if name == "status":
        return gettext(STATUS_LABELS[found])
    if name == "point":
        return f"{found.lat:.6f}, {found.lon:.6f}"
    if name == "opening_hours":
        return hours(found, language())
    if name == "phone":
        return phone(found)
    if name in ("closed_from", "closed_until"):
        return moment(found)
    if name == "merged_into":
        return f"#{found}"
    return number(found) if name in COUNTS else str(found)


def told(name: str, stored: Any) -> str:
    """The same for a value as the history keeps it."""
    return value(name, queries.untold(name, stored))


def label(name: str) -> str:
    """What a field is called, in the page's language."""
    return gettext(FIELD_LABELS[name])


def hint(name: str) -> str:
    """How a field is written, in the page's language; nothing where its name says it."""
    text = BY_NAME[name].hint
    return gettext(text) if text else ""


def label_of(name: str) -> str:
    """“Phone: ” before what is wrong with a field; nothing for one whose sentence names it."""
    known = FIELD_LABELS.get("point" if name == "place" else name)
    return f"{gettext(known)}: " if known else ""


def action(one: queries.Step) -> str:
    """What was done in a step."""
    return gettext(ACTION_LABELS.get(one.action, one.action))


def who(one: queries.Step) -> str:
    """Who did a step: the name of a person who has an account, else what they were."""
    return one.actor_name or gettext(ACTOR_LABELS.get(one.actor_kind, one.actor_kind))


def path(found: AreaPath) -> str:
    """Where a place lies: “Tambon Si Phum, Amphoe Mueang Chiang Mai, Chiang Mai Province”, smallest first."""
    return here().separator.join(area(one) for one in (found.tambon, found.amphoe, found.province))


def area(one: AreaName) -> str:
    """An area with the word for its level in front."""
    return gettext("%(level)s %(name)s", level=gettext(LEVEL_LABELS[one.level]), name=name_of(one))
