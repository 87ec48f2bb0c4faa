"""Reads of the resident's page: progress, volunteers, history, views of personal data, open questions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from geoalchemy2 import Geometry
from sqlalchemy import and_, cast, func, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Appointment, Person
from mapapp.core import geo
from mapapp.core.vault import Vault
from mapapp.database import free_texts
from mapapp.help_requests import contacts
from mapapp.help_requests.contacts import Contact
from mapapp.help_requests.labels import FINISHED, LEASED, URGENCIES
from mapapp.help_requests.models import HelpEvent, HelpLease, HelpNeed, HelpRequest
from mapapp.help_requests.states import STEPS, now_in

SHOWN_EVENTS: Final = 200

AGAIN_WITHIN: Final = timedelta(days=7)
"""For this long after a request was closed it can be reopened on its page; later, a new one must be sent."""

BY_OFFICERS: Final = ("duplicate", "out_of_area", "not_genuine")
"""Outcomes that only an officer can undo."""

LOOKS: Final = ("place_shown", "contact_shown")

UNTOLD_EVENTS: Final = ("looked",)
"""Events of a check by an officer. They are not shown: a mark can reveal that the number has sent a request before, and
anyone can send a request with any number."""

_TITLE: Final = re.compile(
    r"(?:(?:นางสาว|น\.ส\.|นาง|นาย|ดร\.|นพ\.|พญ\.)(?=\s|[ก-ฮเ-ไ]|$)|(?:Mr|Mrs|Ms|Miss|Dr)\b\.?)\s*", re.IGNORECASE
)
"""A title before a name, with or without a blank; if a vowel sign follows, it is part of the name (นายิกา)."""

By = Literal["resident", "helper", "officer", "service"]
Question = Literal["still_needed", "is_it_done"]


@dataclass(frozen=True, slots=True)
class Who:
    """A person, as a resident may know them. ``name`` is None if the account was deleted."""

    name: str | None
    organisation: str | None = None
    team: str | None = None
    """An officer's team, in words."""


@dataclass(frozen=True, slots=True)
class NeedShown:
    """A need and its current progress."""

    id: int
    kind: str
    detail: str | None
    quantity: int | None
    state: str
    who: Who | None
    """The person who has claimed it or has done it."""
    since: datetime | None
    until: datetime | None
    done_at: datetime | None
    given: str | None
    was_dropped: bool
    """It was claimed before, and is not claimed now."""
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, shown once for all needs it concerned at that moment."""

    at: datetime
    action: str
    by: By
    who: Who | None
    kinds: tuple[str, ...]
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the resident's page shows."""

    id: int
    posted_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    outcome: str | None
    urgency: str
    people: int
    flags: tuple[str, ...]
    description: str
    contact: Contact
    landmark: str | None
    point: geo.Point | None
    tambon_code: str
    village_code: str | None
    phone_shared: bool
    held: bool
    """Volunteers see it only after an officer has checked it."""
    on_behalf: bool
    language: str
    is_example: bool
    consent_version: str
    consent_at: datetime
    kept_days: int
    needs: tuple[NeedShown, ...]
    events: tuple[Happened, ...]
    """The newest first, without views."""
    looks: tuple[Happened, ...]
    questions: tuple[Question, ...]
    helpers: tuple[tuple[int, Who], ...]
    """Everyone who has had a claim of it."""
    may: tuple[str, ...]
    """Possible actions on the whole request now: values of ``schemas.Do``."""

    def kept_for(self, after_days: int) -> int:
        """Days after which it is deleted once it is closed, if the setting of the service is ``after_days``."""
        return min(self.kept_days, after_days)

    def erased_on(self, after_days: int) -> datetime | None:
        """When it will be deleted; None while it is open."""
        return None if self.closed_at is None else self.closed_at + timedelta(days=self.kept_for(after_days))

    @property
    def is_open(self) -> bool:
        """Whether it has not been closed."""
        return self.closed_at is None


def first_name(name: str | None) -> str | None:
    """The first name, without a title: enough to ask for at the gate."""
    words = _TITLE.sub("", (name or "").strip(), count=1).split()
    return words[0] if words else None


def page(session: Session, vault: Vault, request_id: int, *, ask_after: timedelta, now: datetime) -> Page | None:
    """The page; None if there is no such request, or its data was deleted.

    Args:
        ask_after: the question whether it is still needed is shown after this time without a confirmation.
    """
    where = cast(HelpRequest.point, Geometry)
    found = session.execute(
        select(HelpRequest, func.ST_Y(where), func.ST_X(where))
        .where(HelpRequest.id == request_id, HelpRequest.erased_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        return None
    row, lat, lon = found
    needs = _needs(session, row, now)
    events, looks = _events(session, request_id, {need.id: need.kind for need in needs})
    # The time of the newest event that is shown: the time of a hidden event would reveal that it happened.
    changed_at = max((one.at for one in (*events, *looks)), default=row.posted_at)
    return Page(
        id=row.id, posted_at=row.posted_at, changed_at=changed_at, closed_at=row.closed_at, outcome=row.outcome,
        urgency=URGENCIES[row.urgency], people=row.people,
        flags=tuple(flag for flag in FLAGS if getattr(row, flag)), description=row.description,
        contact=contacts.of(vault, row.id, row.contact_sealed),
        landmark=contacts.landmark_of(vault, row.id, row.landmark_sealed),
        point=None if lat is None else geo.Point(lat=lat, lon=lon), tambon_code=row.tambon_code,
        village_code=row.village_code, phone_shared=row.phone_shared, held=row.held, on_behalf=row.on_behalf,
        language=row.language,
        is_example=row.is_example, consent_version=row.consent_version, consent_at=row.consent_at,
        kept_days=row.kept_days,
        needs=tuple(needs), events=tuple(events), looks=tuple(looks),
        questions=_questions(row, needs, ask_after, now), helpers=_helpers(session, request_id),
        may=_may_all(row, needs),
    )  # fmt: skip


FLAGS: Final = ("bedridden", "elderly", "small_children", "pregnant")


def _needs(session: Session, row: HelpRequest, now: datetime) -> list[NeedShown]:
    lease = and_(HelpLease.need_id == HelpNeed.id, HelpLease.holder_id == HelpNeed.holder_id)
    newest = (
        select(HelpLease.begun_at, free_texts.behind(HelpLease.team_text).label("team"))
        .where(lease)
        .order_by(HelpLease.id.desc())
        .limit(1)
        .correlate(HelpNeed)
        .lateral()
    )
    rows = session.execute(
        select(HelpNeed, Person.name, Person.organisation, Person.erased_at, newest.c.begun_at, newest.c.team)
        .outerjoin(Person, Person.id == HelpNeed.holder_id)
        .outerjoin(newest, HelpNeed.holder_id.is_not(None))
        .where(HelpNeed.request_id == row.id)
        .order_by(HelpNeed.id)
        .execution_options(populate_existing=True)
    )
    made = []
    for need, name, organisation, erased_at, since, team in rows:
        state = now_in(need.state, need.lease_ends_at, now)
        is_named = state in (*LEASED, "done", "helped") and need.holder_id is not None
        who = Who(None if erased_at else first_name(name), None if erased_at else organisation, team)
        made.append(
            NeedShown(
                id=need.id, kind=need.kind, detail=need.detail, quantity=need.quantity, state=state,
                who=who if is_named else None, since=since if is_named else None,
                until=need.lease_ends_at if state in LEASED else None, done_at=need.done_at, given=need.given,
                was_dropped=state == "open" and (need.drops > 0 or need.state != "open"), may=_may(row, state, now),
            )
        )  # fmt: skip
    return made


def _may(row: HelpRequest, state: str, now: datetime) -> tuple[str, ...]:
    """What the resident can do about a need in this state."""
    steps = [
        step for step in ("confirm", "contest", "helped_already", "cancel", "reopen") if state in STEPS[step].from_
    ]
    if state == "done":
        return ("confirm", "contest")
    if "reopen" in steps and not can_reopen(row.closed_at, row.outcome, now):
        steps.remove("reopen")
    return tuple(steps)


def can_reopen(closed_at: datetime | None, outcome: str | None, now: datetime) -> bool:
    """Whether the resident can reopen a part of it without an officer."""
    return closed_at is None or (outcome not in BY_OFFICERS and now - closed_at <= AGAIN_WITHIN)


def _may_all(row: HelpRequest, needs: Sequence[NeedShown]) -> tuple[str, ...]:
    shared = "stop_sharing" if row.phone_shared else "resume_sharing"
    always = (*([shared] if row.contact_sealed is not None else []), "report", "erase")
    if row.closed_at is not None:
        return (*(["reopen"] if any("reopen" in need.may for need in needs) else []), *always)
    steps = [step for step in ("helped_already", "cancel") if any(step in need.may for need in needs)]
    return ("change", "extend", *steps, *always)


def _questions(
    row: HelpRequest, needs: Sequence[NeedShown], ask_after: timedelta, now: datetime
) -> tuple[Question, ...]:
    """Decided by the clock: the page asks even if no background job has run."""
    made: list[Question] = []
    if row.closed_at is None and any(need.state == "done" for need in needs):
        made.append("is_it_done")
    waits = any(need.state not in (*FINISHED, "done") for need in needs)
    if row.closed_at is None and waits and row.confirmed_at <= now - ask_after:
        made.append("still_needed")
    return tuple(made)


def _events(session: Session, request_id: int, kinds: dict[int, str]) -> tuple[list[Happened], list[Happened]]:
    rows = session.execute(
        select(
            HelpEvent.at, HelpEvent.action, HelpEvent.actor_kind, HelpEvent.person_id, HelpEvent.need_id,
            HelpEvent.details, Person.name, Person.organisation, Person.erased_at, Appointment.role,
        )
        .outerjoin(Person, Person.id == HelpEvent.person_id)
        .outerjoin(Appointment, Appointment.id == HelpEvent.appointment_id)
        .where(HelpEvent.request_id == request_id, HelpEvent.action.not_in(UNTOLD_EVENTS))
        .order_by(HelpEvent.id.desc())
        .limit(SHOWN_EVENTS)
    ).all()  # fmt: skip
    groups: list[list[Any]] = []
    for row in rows:
        same = groups and (groups[-1][0].at, groups[-1][0].action, groups[-1][0].person_id) == (
            row.at, row.action, row.person_id,
        )  # fmt: skip
        if same:
            groups[-1].append(row)
        else:
            groups.append([row])
    every = [_happened(group, kinds) for group in groups]
    return [one for one in every if one.action not in LOOKS], [one for one in every if one.action in LOOKS]


def _happened(group: Sequence[Any], kinds: dict[int, str]) -> Happened:
    row = group[0]
    by: By = "service"
    if row.actor_kind in ("resident", "public"):
        by = "resident"
    elif row.person_id is not None:
        by = "helper" if row.role in ("volunteer", None) else "officer"
    who = None
    if row.person_id is not None:
        who = Who(None) if row.erased_at else Who(first_name(row.name), row.organisation)
    named = {kinds[one.need_id] for one in group if one.need_id in kinds}
    return Happened(row.at, row.action, by, who, tuple(kind for kind in kinds.values() if kind in named), row.details)


def _helpers(session: Session, request_id: int) -> tuple[tuple[int, Who], ...]:
    rows = session.execute(
        select(
            HelpLease.id,
            HelpLease.holder_id,
            Person.name,
            Person.organisation,
            Person.erased_at,
            free_texts.behind(HelpLease.team_text).label("team"),
        )
        .join(Person, Person.id == HelpLease.holder_id)
        .where(HelpLease.request_id == request_id)
        .order_by(HelpLease.id.desc())
        .limit(SHOWN_EVENTS)
    )
    made: dict[Any, tuple[int, Who]] = {}
    for row in rows:
        if row.erased_at is None:
            made.setdefault(row.holder_id, (row.id, Who(first_name(row.name), row.organisation, row.team)))
    return tuple(made.values())
