"""What an officer's forms say about a pin, parsed once. A pin's own rules stay where lists meet them too: FacilityIn.

Only what stands here can be sent: source, versions of the past, who verified and the tambon are never the form's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, create_model
from pydantic_core import PydanticCustomError

from mapapp.core import geo
from mapapp.core.clock import BANGKOK
from mapapp.core.errors import N_, FieldProblem, Invalid, Message, message_of, refuse
from mapapp.core.fields import FormModel, clean, problems_of, without_national_id
from mapapp.facilities import fields
from mapapp.facilities.editing import weekly
from mapapp.facilities.fields import COMMON, with_fields
from mapapp.facilities.kinds import BY_NAME as KINDS_BY_NAME
from mapapp.facilities.kinds import KIND_ROWS, USUAL
from mapapp.facilities.schemas import FacilityIn
from mapapp.lists import coordinates

SOMEWHERE = {"lat": 13.75, "lon": 100.5}
"""Stands for the place while it is unknown, so that everything else is checked in the same go."""

Typed = Annotated[str, Field(max_length=4_000)]
"""As typed; what it may be says ``FacilityIn``."""


def _version(value: object) -> object:
    text = value.strip() if isinstance(value, str) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise refuse(N_("This form is too old. Reload the page and send it again."))
    return int(text)


Version = Annotated[int, BeforeValidator(_version)]
"""The version of the pin that the form was made from."""


@with_fields({row.name: (Typed, "") for row in fields.MADE})
class _Pin(FormModel):
    """Fields of a pin as the form has them; ``place`` is coordinates in any form."""

    place: Typed = ""
    kind: Typed = ""
    name_th: Typed = ""
    name_en: Typed = ""
    phone: Typed = ""
    phone_more: Typed = ""
    address: Typed = ""
    status: Typed = ""
    hours_how: Typed = ""
    """``unknown``, ``always``, ``weekly`` or ``text``."""
    opening_hours: Typed = ""
    holidays_off: Typed = ""
    also: Typed = ""
    """Fields of another kind than the pin's, by commas, that were shown because they are not empty."""
    anyway: Typed = ""
    """Ids of the pins that were shown as perhaps the same, by commas: this one is another place."""


DAY_PARTS = ("how", "from1", "to1", "from2", "to2")
_MEASURES = frozenset(name for kind in KIND_ROWS for name in kind.fields)
WEEK = {f"{day.lower()}_{part}": (Typed, "") for day in weekly.DAYS for part in DAY_PARTS}

COMPARED = (*COMMON, "point", "opening_hours", "status", *sorted(_MEASURES))
"""Fields of the edit form, in which two officers can differ."""

PinForm = create_model("PinForm", __base__=_Pin, **WEEK)  # type: ignore[call-overload]  # fields made by name
"""A new pin."""

EditForm = create_model(  # type: ignore[call-overload]  # fields made by name
    "EditForm",
    __base__=PinForm,
    version=(Version, ...),
    conflicts=(Typed, ""),
    **{f"choose_{name}": (Typed, "") for name in COMPARED},
)
"""A pin that is there. ``conflicts``: the fields in which both officers differed, by commas; ``choose_*``: ``mine`` or
``theirs`` for each of them."""


class CloseForm(FormModel):
    """Closing. ``how``: ``temporarily`` or ``for_good``; days as a person or a date field writes them."""

    version: Version
    how: Typed = ""
    closed_from: Typed = ""
    closed_until: Typed = ""
    closed_reason: Typed = ""


class VersionForm(FormModel):
    """A button of a page that showed this version."""

    version: Version


class _Merge(FormModel):
    version: Version
    other_version: Version
    stays: Typed = ""
    reason: Annotated[str, Field(max_length=500), AfterValidator(without_national_id), BeforeValidator(clean)] = ""


MERGED = tuple(name for name in COMPARED if name != "status")

MergeForm = create_model(  # type: ignore[call-overload]  # fields made by name
    "MergeForm", __base__=_Merge, **{f"take_{name}": (Typed, "") for name in MERGED}
)
"""Two pins become one. ``stays`` and ``take_*``: ``this`` or ``other``; ``version`` is this one's."""


@dataclass
class Draft:
    """What a form says of a pin: field of ``changes.FIELDS`` → value."""

    values: dict[str, Any] = field(default_factory=dict)
    facility: FacilityIn | None = None


def draft(form: Any, *, source: str, source_ref: str, inside: coordinates.Inside | None = None) -> Draft:
    """A pin out of its form.

    Args:
        form: a ``PinForm`` or ``EditForm``.
        source, source_ref: where the pin comes from, by the server.
        inside: tells whether a place lies in Thailand, for UTM without a zone.

    Raises:
        Invalid: with a problem for each field that cannot be used.
    """
    problems: list[FieldProblem] = []
    point = _point(form.place, inside, problems)
    hours = _hours(form, problems)
    # What a pin has of another kind, because a list said so, is shown and can be taken away, too.
    also = {name for name in re.split(r"[,\n]", form.also) if name in _MEASURES}
    kind = KINDS_BY_NAME.get(form.kind)
    of_kind = () if kind is None else kind.fields
    names = list(dict.fromkeys([*COMMON, *of_kind, *sorted(also)]))
    given: dict[str, Any] = {name: getattr(form, name) for name in names}
    if form.status in ("open", "full"):
        given["status"] = form.status
    elif form.status:
        problems.append(FieldProblem("status", Message(N_("Choose one from the list."))))
    at = SOMEWHERE if point is None else {"lat": point.lat, "lon": point.lon}
    made = _facility({**given, **at, "opening_hours": hours, "source": source, "source_ref": source_ref}, problems)
    if problems or made is None or point is None:
        raise Invalid(problems)
    values = {name: getattr(made, name) for name in given} | {"opening_hours": made.opening_hours, "point": point}
    return Draft(values, made)


def closing(form: CloseForm, now: datetime) -> dict[str, Any]:
    """The fields that a closing sets.

    Raises:
        Invalid: no reason, days that cannot be, or an end that has passed.
    """
    problems: list[FieldProblem] = []
    if form.how not in ("temporarily", "for_good"):
        problems.append(FieldProblem("how", Message(N_("Choose one from the list."))))
    if not form.closed_reason.strip():
        problems.append(FieldProblem("closed_reason", Message(N_("Enter the reason. People will read it."))))
    for_good = form.how == "for_good"
    given = {
        "status": "closed" if for_good else "temporarily_closed",
        "closed_reason": form.closed_reason,
        **({} if for_good else {"closed_from": form.closed_from, "closed_until": form.closed_until}),
    }
    filler = {"kind": USUAL, "name_th": "-", "source": "-", "source_ref": "-"}
    made = _facility({**filler, **SOMEWHERE, **given}, problems)
    if made is not None and made.closed_until is not None and made.closed_until <= now:
        problems.append(FieldProblem("closed_until", Message(N_("This day has passed."))))
    if problems or made is None:
        raise Invalid(problems)
    starts = made.closed_from if made.closed_from is not None and made.closed_from > now else None
    return {
        "status": made.status,
        "closed_from": starts,
        "closed_until": made.closed_until,
        "closed_reason": made.closed_reason,
    }


def _facility(values: Mapping[str, Any], problems: list[FieldProblem]) -> FacilityIn | None:
    try:
        return FacilityIn.model_validate(values)
    except ValidationError as error:
        problems += problems_of(error)
        return None


def _point(text: str, inside: coordinates.Inside | None, problems: list[FieldProblem]) -> geo.Point | None:
    if not text.strip():
        problems.append(FieldProblem("place", Message(N_("Tap the location on the map, or enter its coordinates."))))
        return None
    try:
        return coordinates.read(text, inside)
    except PydanticCustomError as error:
        problems.append(FieldProblem("place", message_of(error)))
        return None


# Opening hours --------------------------------------------------------------------------------------------------


def _hours(form: Any, problems: list[FieldProblem]) -> str | None:
    if form.hours_how in ("", "unknown"):
        return None
    if form.hours_how == "always":
        return "24/7"
    if form.hours_how == "text":
        return form.opening_hours.strip() or None
    if form.hours_how != "weekly":
        problems.append(FieldProblem("hours_how", Message(N_("Choose one from the list."))))
        return None
    before = len(problems)
    days = tuple(_day(form, code.lower(), problems) for code in weekly.DAYS)
    if len(problems) > before:
        return None
    return weekly.write(weekly.Weekly(days, bool(form.holidays_off) and any(day.spans for day in days)))


def hours_of(form: Any) -> str | None:
    """The hours a form says by now.

    Raises:
        Invalid: a time cannot be read.
    """
    problems: list[FieldProblem] = []
    found = _hours(form, problems)
    if problems:
        raise Invalid(problems)
    return found


def _day(form: Any, code: str, problems: list[FieldProblem]) -> weekly.Day:
    how, *times = (getattr(form, f"{code}_{part}").strip() for part in DAY_PARTS)
    if how == "all_day":
        return weekly.ALL_DAY
    if how in ("", "closed"):
        return weekly.Day()
    try:
        pairs = [pair for pair in (times[:2], times[2:]) if any(pair)]
        spans = [(weekly.parse_clock(opens), weekly.parse_clock(closes)) for opens, closes in pairs]
        if how != "spans" or not spans:
            raise ValueError
        return weekly.day(*spans)
    except PydanticCustomError as error:
        problems.append(FieldProblem(code, message_of(error)))
    except ValueError:
        problems.append(FieldProblem(code, Message(N_("Enter the opening and closing time for this day."))))
    return weekly.Day()


# Back into a form -----------------------------------------------------------------------------------------------


def typed(values: Mapping[str, Any]) -> dict[str, str]:
    """A pin's fields as its form shows them."""
    made = {name: "" if values.get(name) is None else str(values[name]) for name in (*COMMON, *_MEASURES)}
    made["status"] = values.get("status") or ""
    point = values.get("point")
    made["place"] = "" if point is None else f"{point.lat:.6f}, {point.lon:.6f}"
    return made | typed_hours(values.get("opening_hours"))


DEFAULT_WEEK = "Mo-Fr 08:30-16:30; PH off"
"""Office hours: what the weekly editor begins with."""


def typed_hours(expression: str | None) -> dict[str, str]:
    """Opening hours as the editor shows them: as a week where they are one, as text where they say more."""
    week = weekly.read(expression)
    how = "unknown" if not expression else "text" if week is None else "always" if week.always else "weekly"
    made = {"hours_how": how, "opening_hours": expression or ""}
    shown = week if week is not None and not week.always else weekly.read(DEFAULT_WEEK)
    assert shown is not None
    made["holidays_off"] = "1" if shown.holidays_off else ""
    for code, day in zip(weekly.DAYS, shown.days, strict=True):
        made[f"{code.lower()}_how"] = day.choice
        for number in (1, 2):
            opens, closes = (
                day.spans[number - 1] if day.choice == "spans" and len(day.spans) >= number else (None, None)
            )
            made[f"{code.lower()}_from{number}"] = "" if opens is None else weekly.clock(opens)
            made[f"{code.lower()}_to{number}"] = "" if closes is None else weekly.clock(closes)
    return made


def day_typed(moment: datetime | None) -> str:
    """A moment as a date field has it."""
    return "" if moment is None else moment.astimezone(BANGKOK).date().isoformat()
