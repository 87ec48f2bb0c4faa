"""Many pins at once: what an officer does to the rows they chose, and takes back a moment later.

Each pin asks the policy by its own tambon and is saved in the version that was seen. What somebody else has changed
meanwhile, and what lies outside the officer's area, is listed and left as it is; the rest is done, in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts import policy
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, NotAllowed, invalid
from mapapp.facilities import changes, service
from mapapp.facilities.console import queries
from mapapp.facilities.console.query_params import BulkForm, Picked
from mapapp.facilities.models import Facility

ACTION: Final = "facilities.edit"

MOST: Final = 1_000
"""Pins in one action: about five seconds, and more than anybody has looked at."""

UNDO_FOR: Final = timedelta(hours=1)
"""So long after it an action can be taken back as a whole; each pin's history knows no end."""

_OPEN: Final = {"closed_from": None, "closed_until": None, "closed_reason": None}


@dataclass
class Done:
    """What became of the rows."""

    ids: list[int] = field(default_factory=list)
    """Pins that were changed."""
    changed: list[int] = field(default_factory=list)
    """Somebody else has saved these meanwhile; they were left as they are."""
    outside: list[int] = field(default_factory=list)
    """These lie outside the area in which the actor may do this, or are gone."""
    steps: tuple[int, int] | None = None
    """The first and last number of the steps in the history, for ``undo``."""


def rows(session: Session, form: BulkForm, conditions: queries.Conditions) -> tuple[list[Picked], list[int]]:
    """What an action is about: the rows that are named, or all that match as they were seen.

    Returns:
        the rows, and the ids of those that have changed since the page was made.

    Raises:
        Invalid: there are more than ``MOST``.
    """
    if form.still is not None or not form.all:
        return form.rows, []
    found = queries.all_matching(session, conditions, limit=MOST + 1)
    if len(found) > MOST:
        raise invalid("all", N_("More than %(most)s facilities match. Narrow the filters first."), most=f"{MOST:,}")
    assert form.seen is not None
    picked = [Picked(one.id, one.version) for one in found if one.updated_at <= form.seen]
    return picked, [one.id for one in found if one.updated_at > form.seen]


def bulk(session: Session, actor: Actor, picked: Iterable[Picked], form: BulkForm, now: datetime) -> Done:
    """Does the same to each of these pins.

    Raises:
        Invalid: it is to open again on a day that has passed.
    """
    if form.until is not None and form.until <= now:
        raise invalid("until", N_("This day has passed. Enter the day when it opens again."))
    done = Done()
    wanted = {one.facility_id: one.version for one in picked}
    known = _known(session, wanted)
    for facility_id, version in sorted(wanted.items()):
        pin = known.get(facility_id)
        acting = None if pin is None else _acting(actor, pin.tambon_code, now)
        if pin is None or acting is None:
            done.outside.append(facility_id)
        elif pin.merged_into is not None:
            done.changed.append(facility_id)
        else:
            values, action = _meant(form, pin.status)
            try:
                changes.change(
                    session, acting, facility_id, values, action=action, now=now, version=version,
                    reason=form.reason or None, keep_stamps=True, tell=False,
                )  # fmt: skip
                done.ids.append(facility_id)
            except changes.VersionConflict:
                done.changed.append(facility_id)
    _tell(session, actor, done, now)
    return done


def undo(session: Session, actor: Actor, first: int, last: int, now: datetime) -> Done:
    """Takes an action of this actor back: each pin that is still as the action left it becomes what it was before.

    Raises:
        NotAllowed: it is somebody else's, or longer ago than ``UNDO_FOR``.
    """
    found = (
        queries.steps(session, actor.person_id, first, last, now - UNDO_FOR, limit=MOST + 1)
        if actor.person_id is not None
        else []
    )
    if not found:
        raise NotAllowed(N_("This can no longer be undone here. Open the facility's history instead."))
    done = Done()
    for step in found:
        acting = _acting(actor, step.tambon_code, now)
        if acting is None:
            done.outside.append(step.facility_id)
        elif step.version != step.version_now:
            done.changed.append(step.facility_id)
        else:
            before = {name: _restored(name, pair[0]) for name, pair in step.changes.items()}
            try:
                changes.change(
                    session, acting, step.facility_id,
                    {name: value for name, value in before.items() if name in changes.FIELDS},
                    action="undo", now=now, version=step.version, tell=False,
                    stamps={name: value for name, value in before.items() if name in changes.KEPT},
                )  # fmt: skip
                done.ids.append(step.facility_id)
            except changes.VersionConflict:
                done.changed.append(step.facility_id)
    _tell(session, actor, done, now)
    return done


def _known(session: Session, ids: Iterable[int]) -> dict[int, Any]:
    columns = (Facility.id, Facility.tambon_code, Facility.status, Facility.merged_into)
    return {row.id: row for row in session.execute(select(*columns).where(Facility.id.in_(list(ids))))}


def _acting(actor: Actor, tambon_code: str | None, now: datetime) -> Actor | None:
    """The actor by the appointment that allows it in this tambon; None where none does."""
    try:
        return policy.demand(actor, ACTION, tambon_code, now)
    except NotAllowed:
        return None


def _meant(form: BulkForm, status: str) -> tuple[dict[str, Any], str]:
    """What is to be set, and what the history calls it."""
    if form.do == "confirm":
        return {}, "confirm"
    if form.do in ("open", "full"):
        was_closed = status in ("closed", "temporarily_closed")
        return {"status": form.do, **_OPEN}, "reopen" if was_closed else "edit"
    values = {"status": form.do, "closed_from": None, "closed_until": form.until, "closed_reason": form.reason}
    return values, "close"


def _restored(name: str, value: Any) -> Any:
    """A value of the history as the database takes it."""
    return datetime.fromisoformat(value) if isinstance(value, str) and name.endswith(_MOMENTS) else value


_MOMENTS: Final = ("_at", "closed_from", "closed_until")


def _tell(session: Session, actor: Actor, done: Done, now: datetime) -> None:
    if done.ids:
        service.tell_changed(session, set(done.ids))
        done.steps = queries.numbers(session, actor.person_id, done.ids, now)
