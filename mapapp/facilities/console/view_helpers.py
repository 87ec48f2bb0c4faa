"""What the console's pages show: rows with their names and states, the areas to choose from, what was just done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import url_for
from pydantic import Field

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.areas.results import AreaName
from mapapp.core.fields import QueryModel
from mapapp.facilities import formatting, hours, labels
from mapapp.facilities.console import queries, service
from mapapp.facilities.console.queries import Line, Name
from mapapp.facilities.freshness import Lifetimes
from mapapp.facilities.freshness import lifetimes as lifetimes_of
from mapapp.facilities.kinds import BY_NAME, KINDS
from mapapp.facilities.models import STATUSES
from mapapp.web.i18n import gettext, name_of, number
from mapapp.web.params import asked
from mapapp.web.request import config, now, session

VIEW: Final = "facilities.view"
EDIT: Final = "facilities.edit"

NAMED: Final = 10
"""So many of the pins that were left as they are can be named in an address; the others are counted."""


def lifetimes() -> Lifetimes:
    """The running service's."""
    return lifetimes_of(config())


@dataclass(frozen=True)
class Row:
    """A line of the table, ready to be shown."""

    line: Line
    tambon: AreaName | None
    state: hours.OpenState
    is_stale: bool
    may_edit: bool

    @property
    def pin(self) -> Any:
        """The pin's facts."""
        return self.line.pin

    @property
    def pick(self) -> str:
        """As the form names the row: the pin in the version that is shown."""
        return f"{self.line.pin.id}.{self.line.version}"

    @property
    def measure(self) -> str:
        """Which field ``free`` is."""
        return BY_NAME[self.line.pin.kind].measure

    @property
    def free(self) -> tuple[int, int | None, Any] | None:
        """What is free or given a day, of how much, and when it was last said."""
        return self.line.free


def rows(lines: Sequence[Line], names: Mapping[str, AreaName]) -> list[Row]:
    """Lines with names and states."""
    known, moment = lifetimes(), now()
    return [
        Row(
            line=line,
            tambon=names.get(line.pin.tambon_code or ""),
            state=hours.state(line.pin, moment),
            is_stale=known.is_stale(line.pin.kind, line.pin.confirmed_at, moment),
            may_edit=edge.may(EDIT, line.pin.tambon_code),
        )
        for line in lines
    ]


# Areas ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """An area to choose, indented below the one it lies in."""

    code: str
    label: str


def tambons_of(lines: Sequence[Line]) -> set[str]:
    """The codes whose names the table shows."""
    return {line.pin.tambon_code for line in lines if line.pin.tambon_code}


def areas_shown(area: str, action: str, codes: set[str]) -> tuple[list[Choice], dict[str, AreaName]]:
    """The areas to choose from – one's own, those down to the chosen one, and those right below it – and names.

    Args:
        area: the chosen area's code.
        codes: further areas whose names are wanted.
    """
    own = edge.my_areas(action)
    root = next((code for code in own if code == "TH" or area.startswith(code)), own[0])
    above = [
        area[:length]
        for length in (2, 4, 6)
        if area != "TH" and len(root if root != "TH" else "") < length <= len(area)
    ]
    names = areas.names(session(), codes | set(above) | {code for code in own if code != "TH"})
    below = areas.children(session(), area) if len(area) < 6 else []
    found = []
    for code in own:
        found.append(Choice(code, _label(code, names)))
        if code == root:
            found += [Choice(one, _indented(one, root, names)) for one in above]
            depth = len(above) + 1
            found += [Choice(one.code, "\u2003" * depth + name_of(one)) for one in below]
    return found, names


def _label(code: str, names: Mapping[str, AreaName]) -> str:
    if code == "TH":
        return gettext("Whole country")
    return name_of(names[code]) if code in names else code


def _indented(code: str, root: str, names: Mapping[str, AreaName]) -> str:
    start = 0 if root == "TH" else len(root)
    return "\u2003" * ((len(code) - start) // 2) + _label(code, names)


# What was just done ---------------------------------------------------------------------------------------------

_IDS = r"^\d{1,18}(,\d{1,18}){0,9}$"


class DidQuery(QueryModel):
    """What the page before did, in this page's address: numbers of steps, and pins that were left as they are."""

    did: Annotated[str, Field(pattern=r"^\d{1,18}-\d{1,18}$")] = ""
    changed: Annotated[str, Field(pattern=_IDS)] = ""
    outside: Annotated[str, Field(pattern=_IDS)] = ""
    left: Annotated[int, Field(ge=0, le=10_000)] = 0
    """How many were left as they are, named or not."""


@dataclass(frozen=True)
class Did:
    """What was just done, for the page that follows."""

    text: str = ""
    first: int = 0
    last: int = 0
    can_undo: bool = False
    changed: Sequence[Name] = ()
    outside: Sequence[Name] = ()
    more: int = 0
    """Left as they are and not named."""
    names: Sequence[str] = field(default_factory=tuple)


def after(done: service.Done) -> dict[str, str]:
    """What the address of the following page says of an action."""
    found = {
        "did": "" if done.steps is None else f"{done.steps[0]}-{done.steps[1]}",
        "changed": ",".join(map(str, done.changed[:NAMED])),
        "outside": ",".join(map(str, done.outside[:NAMED])),
        "left": str(len(done.changed) + len(done.outside) or ""),
    }
    return {name: value for name, value in found.items() if value}


def did(area: str) -> Did | None:
    """What this page's address says was just done; None where it says nothing, or nothing of this person's."""
    told = asked(DidQuery).value
    person = edge.actor().person_id
    if told is None or person is None or not (told.did or told.left):
        return None
    steps = []
    if told.did:
        first, last = map(int, told.did.split("-"))
        steps = queries.steps(session(), person, first, last, now() - service.UNDO_FOR, limit=service.MOST)
    changed = queries.names_of(session(), _ids(told.changed), area)
    outside = queries.names_of(session(), _ids(told.outside), area)
    if not steps and not told.left:
        return None
    return Did(
        text=_told(steps),
        first=first if steps else 0,
        last=last if steps else 0,
        can_undo=any(step.version == step.version_now and step.action != "undo" for step in steps),
        changed=changed,
        outside=outside,
        more=max(told.left - len(changed) - len(outside), 0),
    )


def _ids(text: str) -> list[int]:
    return [int(part) for part in text.split(",")] if text else []


def _told(steps: Sequence[queries.Step]) -> str:
    if not steps:
        return ""
    one, many = labels.DONE.get(steps[0].action, labels.DONE["edit"])
    return gettext(one if len(steps) == 1 else many, num=number(len(steps)))


def address(endpoint: str, *parts: Mapping[str, Any]) -> str:
    """A page of the console with these parameters, without the empty ones."""
    given = {name: value for part in parts for name, value in part.items() if value not in (None, "")}
    return url_for(endpoint, **given)


def added(path: str, told: Mapping[str, str]) -> str:
    """A path of ours with what was done, instead of what was done before."""
    parts = urlsplit(path)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in DidQuery.model_fields]
    asked_for = urlencode([*kept, *told.items()])
    return parts.path + (f"?{asked_for}" if asked_for else "")


WORDS: Final = {"said": formatting, "words": labels}
"""For every template of the console."""


MOST_DOTS: Final = 5_000
"""Pins on the console's map."""


def dots(found: Sequence[queries.Dot]) -> dict[str, Any]:
    """Pins as the console's map takes them."""
    pins = [
        [dot.id, round(dot.lon, 5), round(dot.lat, 5), KINDS.index(dot.kind), STATUSES.index(dot.status),
         int(dot.is_stale), name_of(dot)]
        for dot in found
    ]  # fmt: skip
    return {"kinds": KINDS, "statuses": STATUSES, "pins": pins}
