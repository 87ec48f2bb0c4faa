"""The form of a help request: turns the flat fields that a form sends without JavaScript into the input of ``schemas``,
and a location in words into a place. All problems are returned together, each with its field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, ValidationError
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.areas.resolving.resolver import resolve, says_more
from mapapp.areas.resolving.results import ADDRESS, Resolved, Wanted
from mapapp.core import geo
from mapapp.core.errors import N_, FieldProblem, Message, message_of
from mapapp.core.fields import FormModel, clean, problems_of
from mapapp.help_requests.asking import place_fields
from mapapp.help_requests.asking.schemas import ITEMS, MAX_FOUND, MAX_WORDS, NO_CONTACT, NO_PLACE, HelpRequestIn
from mapapp.help_requests.asking.text_rules import phones_in
from mapapp.help_requests.labels import KINDS

_Typed = Annotated[str, Field(max_length=4_000)]
_Words = Annotated[str, Field(max_length=MAX_WORDS), BeforeValidator(clean)]

GROUPS: Final = ("bedridden", "elderly", "small_children", "pregnant")


class AskForm(FormModel):
    """The fields of ``/requests/new``. ``HelpRequestIn`` checks their limits."""

    needs: list[_Typed] = Field(default_factory=list)
    detail_medical: _Typed = ""
    detail_transport: _Typed = ""
    detail_food: _Typed = ""
    detail_medicine: _Typed = ""
    detail_equipment: _Typed = ""
    detail_home_visit: _Typed = ""
    detail_other: _Typed = ""
    quantity_food: _Typed = ""
    quantity_medicine: _Typed = ""
    quantity_equipment: _Typed = ""
    quantity_other: _Typed = ""
    urgency: _Typed = ""
    people: _Typed = ""
    bedridden: _Typed = ""
    elderly: _Typed = ""
    small_children: _Typed = ""
    pregnant: _Typed = ""
    who: _Typed = ""
    point: Annotated[_Typed, Field(description="lat, lon: from the map or the phone's own place")] = ""
    place: Annotated[_Words, Field(description="tambon or village in words, coordinates, or a map link")] = ""
    area: Annotated[_Typed, Field(description="the one chosen of several places of that name")] = ""
    area_for: Annotated[_Words, Field(description="the words it was chosen for")] = ""
    landmark: _Typed = ""
    phone: _Typed = ""
    other: _Typed = ""
    name: _Typed = ""
    description: _Typed = ""
    consent: _Typed = ""
    another: _Typed = ""


@dataclass
class Place:
    """The location that a form describes, as far as it is understood."""

    point: geo.Point | None = None
    code: str | None = None
    found: Resolved = field(default_factory=Resolved)
    problem: Message | None = None
    forget_point: bool = False
    """The point is unusable, or it contradicts the words; then the words are kept."""
    words: str = ""
    """What was typed, if it is more than the name of the place."""

    @property
    def asks(self) -> bool:
        """Whether there are places to choose from."""
        return self.point is None and bool(self.found.choices or self.found.inside)


@dataclass
class Reading:
    """The result of reading a form: the request, or the problems."""

    data: HelpRequestIn | None
    place: Place
    problems: list[FieldProblem] = field(default_factory=list)


def read(session: Session, form: AskForm, language: str) -> Reading:
    """Makes a request from a form.

    Args:
        form: the form.
        language: of the page: the resident's own page and calls are in it.
    """
    place = where(session, form.point, form.place, form.area if form.area_for == form.place else "")
    wanted = [kind for kind in KINDS if kind in form.needs]
    values = _values(form, wanted, place) | {"language": language}
    problems: list[FieldProblem] = []
    data = None
    try:
        data = HelpRequestIn.model_validate(values)
    except ValidationError as error:
        problems = [_beside(problem, wanted) for problem in problems_of(error)]
    problems = [problem for problem in problems if problem.field]
    if set(form.needs) - set(KINDS):
        problems.append(FieldProblem("needs", Message(N_("Choose one from the list."))))
    told = {problem.field for problem in problems}
    if place.problem is not None:
        problems.append(FieldProblem("place", place.problem))
    elif place.point is None and place.code is None and "place" not in told:
        problems.append(FieldProblem("place", Message(NO_PLACE)))
    reachable = form.phone.strip() or form.other.strip() or phones_in(form.description)
    if not reachable and "phone" not in told:
        problems.append(FieldProblem("phone", Message(NO_CONTACT)))
    return Reading(None if problems else data, place, problems)


def where(session: Session, point: str, words: str, chosen: str) -> Place:
    """Reads the location of a form: a point, words, or the choice between places of the same name.

    A point outside the area of this service is not accepted: it is removed, and the field shows what to do.
    """
    here, unusable = None, None
    if point.strip():
        lat, _, lon = point.partition(",")
        try:
            here = geo.point(lat=lat, lon=lon)
        except ValueError as error:
            unusable = message_of(error)
        else:
            unusable = areas.outside_said(session) if areas.outside(session, here) else None
    if chosen and (choice := place_fields.named(session, chosen)) is not None:
        is_its_name = words.strip() in (choice.name_th, choice.name_en)
        found = Resolved(place=choice, more=not is_its_name and says_more(words))
    else:
        try:
            found = resolve(session, words, Wanted(ADDRESS)) if words.strip() else Resolved()
            if found.point is not None and found.place is None and areas.outside(session, found.point):
                return Place(problem=areas.outside_said(session))
        except ValueError as error:
            return Place(here, problem=message_of(error))
    told = words.strip() if found.more else ""
    code = found.place.own_code if found.place is not None and found.point is None else None
    if unusable is not None:
        return Place(found.point, code, found, unusable, forget_point=True, words=told)
    if here is not None:
        return _both(session, here, code, found, words, told)
    if found.point is not None or code is not None or not words.strip():
        return Place(found.point, code, found, words=told)
    return Place(found=found, problem=_unclear(found))


def _unclear(found: Resolved) -> Message:
    if found.elsewhere is not None:
        return found.elsewhere.said
    if found.inside:
        return Message(N_("Choose the tambon from the list. An amphoe or a province is too large to find someone."))
    if len(found.choices) == 1:
        return Message(N_("Is this the right place? Choose it, or enter another name."))
    if found.choices:
        return Message(N_("Several places have a name like this. Choose one."))
    return Message(N_("No place of this name was found. Try the tambon and the amphoe."))


def _both(session: Session, here: geo.Point, code: str | None, found: Resolved, words: str, told: str) -> Place:
    """Checks a point and words that were both sent: if they name two places, help could go to the wrong one."""
    at = areas.area_at(session, here)
    tambons = found.tambons if found.point is None else ()
    if not words.strip() or at is None or not tambons or at.tambon.code in tambons:
        return Place(here, words=told)
    return Place(
        None, code, found, forget_point=True,
        problem=Message(
            N_(
                "The point you chose is not in the tambon you entered, so we removed it. Choose a point "
                "again, or send the request with the place you entered."
            )
        ),
    )  # fmt: skip


def _landmark(place: Place, typed: str) -> str:
    """The landmark, with the words of the location that are more than its name: nothing that was typed is lost."""
    if not place.words or place.words in typed:
        return typed
    both = " · ".join(filter(None, (place.words, typed.strip())))
    return both if len(both) <= MAX_FOUND else typed  # a form that is changed repeatedly must not grow without limit


def _values(form: AskForm, wanted: Sequence[str], place: Place) -> dict[str, Any]:
    needs = [
        {
            "kind": kind,
            "detail": getattr(form, f"detail_{kind}"),
            "quantity": getattr(form, f"quantity_{kind}") if kind in ITEMS else None,
        }
        for kind in wanted
    ]
    made: dict[str, Any] = {
        "needs": needs,
        "on_behalf": form.who == "other",
        **{name: bool(getattr(form, name)) for name in GROUPS},
        **{name: getattr(form, name) for name in ("people", "phone", "other", "name", "description")},
        "landmark": _landmark(place, form.landmark),
        "consent": form.consent,
    }
    if form.urgency:
        made["urgency"] = form.urgency
    if place.point is not None:
        made |= {"lat": place.point.lat, "lon": place.point.lon}
    elif place.code is not None:
        made["village" if len(place.code) == 8 else "tambon"] = place.code
    return made


_NEED: Final = re.compile(r"needs\.(\d+)\.(kind|detail|quantity)")
_BESIDE: Final = {"lat": "place", "lon": "place", "tambon": "place", "village": "place", "on_behalf": "who"}
_URGENCY = Message(N_("Choose how urgent it is."))


def _beside(problem: FieldProblem, wanted: Sequence[str]) -> FieldProblem:
    """A problem of the request as a problem of a form field."""
    need = _NEED.fullmatch(problem.field)
    if need:
        kind = wanted[int(need[1])]
        return FieldProblem("needs" if need[2] == "kind" else f"{need[2]}_{kind}", problem.message)
    if problem.field == "urgency":
        return FieldProblem("urgency", _URGENCY)
    return FieldProblem(_BESIDE.get(problem.field, problem.field), problem.message)


def typed_of(form: AskForm | None, typed: Mapping[str, str]) -> dict[str, str]:
    """The input, for a form with errors; selected needs as ``need_food`` and so on."""
    made = dict(typed)
    ticked = form.needs if form is not None else typed.get("needs", "").split("\n")
    made |= {f"need_{kind}": "1" for kind in KINDS if kind in ticked}
    return made
