"""The form of a household or a village: what is typed, and what it means. Groups and fields come from ``groups``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, ValidationError, create_model

from mapapp.core.clock import midnight, today
from mapapp.core.dates import Day
from mapapp.core.errors import N_, FieldProblem, Message
from mapapp.core.fields import BlankIsNone, FormModel, Id, arabic_digits, clean, problems_of
from mapapp.survey.entering.schemas import EntryIn, Recorded
from mapapp.survey.entering.service import CLOCK_WRONG
from mapapp.survey.groups import CODES, FIELDS, PARTS

Typed = Annotated[str, Field(max_length=60), BeforeValidator(clean)]


class _Entry(FormModel):
    do: Literal["save", "same"] = "save"
    unit: Literal["household", "village"]
    household: Typed = ""
    rest: Annotated[Literal["nobody", "not_asked"] | None, BlankIsNone] = None
    """What is true of the groups that are left empty."""
    visited_on: Annotated[Day | None, BlankIsNone] = None
    observed_at: Typed = ""
    sent_at: Typed = ""
    """Of the phone, written by the page's script."""
    version: Annotated[int, Field(ge=1, le=1000)]
    entry: Annotated[Id | None, BlankIsNone] = None
    revision: Annotated[Id | None, BlankIsNone] = None


FIGURES: Final = tuple(f"{code}_{name}" for code in CODES for name in FIELDS)
"""The number fields of the form: ``elderly_two``."""

_blank: Final[Any] = (Typed, "")
EntryForm: type[_Entry] = create_model("EntryForm", __base__=_Entry, **dict.fromkeys(FIGURES, _blank))


@dataclass(frozen=True)
class Reading:
    """What a form means, or what is wrong with it."""

    data: EntryIn | None
    problems: list[FieldProblem]


def read(form: _Entry, round_id: int, village: str, last: Recorded | None, now: datetime) -> Reading:
    """The record that was typed.

    Args:
        last: what was recorded before, for “same as last time”.
    """
    problems: list[FieldProblem] = []
    if form.unit == "household" and not form.household:
        problems.append(FieldProblem("household", Message(N_("Enter the house number."))))
    figures = _same(last) if form.do == "same" else _typed(form, problems)
    if form.do == "same" and not figures:
        problems.append(FieldProblem("", Message(N_("There is no earlier record. Enter the numbers."))))
    observed, sent = _times(form, now, problems)
    if problems:
        return Reading(None, problems)
    try:
        data = EntryIn.model_validate(
            {
                "round": round_id, "village": village, "groups": figures, "version": form.version,
                "household": form.household if form.unit == "household" else None,
                "observed_at": observed, "sent_at": sent, "entry": form.entry, "revision": form.revision,
            }
        )  # fmt: skip
    except ValidationError as error:
        return Reading(None, [_beside(one) for one in problems_of(error)])
    return Reading(data, [])


def _same(last: Recorded | None) -> dict[str, Any]:
    return {} if last is None else {code: dict(one) for code, one in last.figures.items()}


def _typed(form: _Entry, problems: list[FieldProblem]) -> dict[str, Any]:
    """The groups that something was typed for; the number of people may be left out, doses say it too."""
    made: dict[str, Any] = {}
    empty = False
    for code in CODES:
        given = {name: text for name in FIELDS if (text := getattr(form, f"{code}_{name}").strip())}
        if given:
            made[code] = _with_people(given)
        elif form.rest == "nobody":
            made[code] = {"here": 0}
        else:
            empty = True
    if empty and form.rest is None:
        problems.append(FieldProblem("rest", Message(N_("Say what is true of the groups that you left empty."))))
    return made


def _with_people(given: dict[str, str]) -> dict[str, str]:
    if "here" in given:
        return given
    parts = [arabic_digits(given.get(name, "0")) for name in PARTS]
    total = sum(int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 6)
    return {**given, "here": str(total)}


def _times(form: _Entry, now: datetime, problems: list[FieldProblem]) -> tuple[datetime | None, datetime | None]:
    """When it was seen, and the phone's clock. A clock that is a day off is asked about; who answers is believed."""
    if form.visited_on is not None:
        if form.visited_on > today(now):
            problems.append(FieldProblem("visited_on", Message(N_("This day is in the future. Check the date."))))
        return min(midnight(form.visited_on) + timedelta(hours=12), now), None
    sent = _moment(form.sent_at)
    if sent is not None and abs(now - sent) > CLOCK_WRONG:
        problems.append(
            FieldProblem(
                "visited_on",
                Message(N_("The date on this phone seems to be wrong. Enter the day of the visit.")),
            )
        )
    return _moment(form.observed_at), sent


def _moment(text: str) -> datetime | None:
    """A time as scripts write it; anything else is none."""
    try:
        found = datetime.fromisoformat(text)
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _beside(problem: FieldProblem) -> FieldProblem:
    """The form's own name of a field: ``groups.elderly.two`` is ``elderly_two``."""
    parts = problem.field.split(".")
    name = "_".join(parts[1:3]) if parts[0] == "groups" else parts[0]
    return FieldProblem(name if name in {*FIGURES, *CODES, "household"} else "", problem.message)


def filled(record: Recorded | None) -> Mapping[str, str]:
    """A record as its form shows it; zeros stay empty where the group has people."""
    if record is None:
        return {}
    made: dict[str, str] = {}
    for code, numbers in record.figures.items():
        made |= {f"{code}_{name}": str(value) for name, value in numbers.items() if value or name == "here"}
    return made
