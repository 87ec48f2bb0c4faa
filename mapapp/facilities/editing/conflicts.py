"""Two officers saved the same pin: what each of them changed, and the choice between the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from mapapp.facilities import changes
from mapapp.facilities.editing import formatting, forms, queries
from mapapp.facilities.editing.queries import Step
from mapapp.facilities.editing.service import differs
from mapapp.web.i18n import gettext
from mapapp.web.params import Asked


@dataclass
class Conflict:
    """What differs between the pin as it is now and what is being saved over an older version of it."""

    theirs: Mapping[str, Any]
    mine: Mapping[str, Any]
    by: Step | None
    """The newest step by somebody else."""
    both: list[str] = field(default_factory=list)
    """Fields that both changed, to different things: somebody has to choose."""
    taken: list[str] = field(default_factory=list)
    """Fields only the other one changed: their value is put into the form."""

    @property
    def taken_labels(self) -> str:
        """Those by their names."""
        return ", ".join(map(formatting.label, self.taken))


def between(session: Session, facility_id: int, mine: Mapping[str, Any], version: int) -> Conflict:
    """Compares what is being saved with the pin as it is now and as it was at the version it was made from."""
    theirs = changes.current(session, facility_id)
    base = queries.as_of(session, facility_id, version)
    newest = queries.steps(session, facility_id, limit=1)
    found = Conflict(theirs, mine, newest[0] if newest else None)
    for name in forms.COMPARED:
        if name not in mine or not differs(name, theirs[name], mine[name]):
            continue
        if not differs(name, base[name], theirs[name]):
            continue  # only this one changed it
        (found.both if differs(name, base[name], mine[name]) else found.taken).append(name)
    return found


def typed(found: Conflict) -> dict[str, str]:
    """What goes into the form: the version it is about by now, and what only the other one changed."""
    made = {"version": str(found.theirs["version"]), "conflicts": ",".join(found.both)}
    shown = forms.typed(found.theirs)
    for name in found.taken:
        made |= {key: shown[key] for key in _inputs(name)}
    return made


def _inputs(name: str) -> list[str]:
    """The inputs of a field."""
    if name == "point":
        return ["place"]
    return list(forms.typed_hours(None)) if name == "opening_hours" else [name]


def asked_in(sent: Mapping[str, str]) -> list[str]:
    """The fields a form asks to choose in."""
    return [name for name in sent.get("conflicts", "").split(",") if name in forms.COMPARED]


def choose(form: Asked[Any], values: dict[str, Any], current: Mapping[str, Any]) -> None:
    """Applies the choices of a form to its values; one that is missing becomes a problem beside it."""
    for name in asked_in(form.typed):
        choice = form.typed.get(f"choose_{name}", "")
        if choice == "theirs":
            values[name] = current[name]
        elif choice != "mine":
            form.problems[f"choose_{name}"] = [gettext("Choose which of the two is correct.")]
