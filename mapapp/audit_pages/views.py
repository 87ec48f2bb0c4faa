"""The audit log of an area, for the people responsible for it: who did and viewed what, newest first; and as CSV."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from flask import Blueprint, Response, render_template
from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from mapapp.accounts import edge, labels, policy
from mapapp.accounts import queries as people
from mapapp.areas import queries as areas
from mapapp.areas.models import COUNTRY
from mapapp.areas.results import AreaName
from mapapp.audit import queries
from mapapp.audit.labels import ACTION_LABELS, ACTIONS, FIELDS, SUBJECTS, VALUES, WITHOUT_NAME
from mapapp.audit.models import AuditEntry
from mapapp.audit.queries import Wanted
from mapapp.core.clock import BANGKOK, midnight
from mapapp.core.dates import Day
from mapapp.core.errors import N_, refuse
from mapapp.core.fields import BlankIsNone, Id, PlainText, QueryModel
from mapapp.lists import sheets
from mapapp.web import page_freshness
from mapapp.web.i18n import gettext, moment, name_of
from mapapp.web.params import asked
from mapapp.web.request import session

pages = Blueprint("audit", __name__)

SHOWN = 50
EXPORTED = 20_000
"""Maximum number of entries in one download, the newest first. Narrow the days to get others."""

_PEOPLE = 500
_LONG = 300

Text = Annotated[PlainText, Field(max_length=100)]


class AuditQuery(QueryModel):
    """Filters of the audit log. Days are those of Bangkok, both included."""

    area: Text = ""
    action: Text = ""
    subject: Text = ""
    subject_id: Text = ""
    who: Text = ""
    since: Annotated[Day | None, BlankIsNone] = None
    until: Annotated[Day | None, BlankIsNone] = None
    before: Annotated[Id | None, BlankIsNone] = None

    @model_validator(mode="after")
    def _in_order(self) -> AuditQuery:
        if self.since and self.until and self.until < self.since:
            raise refuse(N_("The last day is before the first one."))
        return self


@dataclass(frozen=True)
class Line:
    """One entry, ready to show."""

    seq: int
    at: datetime
    who: str
    """A name, or a text for an actor without a name."""
    role: str
    """The role in which they acted; empty if none."""
    is_named: bool
    what: str
    subject: str
    subject_name: str
    link: str | None
    area: str
    changes: list[tuple[str, str | None, str]]
    """Field, old value (None if there is only one value), new value."""
    address: str | None


@pages.get("/officer/audit")
@edge.officer_page("audit.read")
def index() -> Response:
    """The entries of the reader's area, with filters, 50 on a page."""
    form = asked(AuditQuery)
    area = edge.my_area("audit.read")
    found = [] if form.value is None else _entries(form.value, area, limit=SHOWN + 1, before=form.value.before)
    same = page_freshness.unchanged([one.seq for one in found])
    if same is not None:
        return same
    page = render_template(
        "accounts/audit.html",
        form=form,
        area=area,
        areas=_choices(area),
        actions=ACTIONS,
        subjects=SUBJECTS,
        lines=_lines(session(), found[:SHOWN]),
        older=found[SHOWN - 1].seq if len(found) > SHOWN else None,
        asked_for={} if form.value is None else _given(form.value),
        most=EXPORTED,
    )
    return Response(page, form.status, mimetype="text/html")


@pages.get("/officer/audit.csv")
@edge.officer_page("audit.export")
def export() -> Response:
    """The same entries for a spreadsheet. The download is recorded as an entry. Opening the page is not: each view
    would make the next one longer."""
    form = asked(AuditQuery)
    area = edge.my_area("audit.export")
    by = edge.demand("audit.export", area)
    if form.value is None:
        return index()
    found = _entries(form.value, area, limit=EXPORTED)
    edge.on_record("audit.export", "audit", area, by=by, area_code=area)
    made = Response(_csv(found), content_type=f"{sheets.CSV}; charset=utf-8")
    made.headers["Content-Disposition"] = f'attachment; filename="audit-{area}.csv"'
    return made


# Filters ----------------------------------------------------------------------------------------------------------


def _entries(query: AuditQuery, area: str, *, limit: int, before: int | None = None) -> list[AuditEntry]:
    wanted = Wanted(
        action=query.action,
        subject_kind=query.subject,
        subject_id=query.subject_id,
        since=None if query.since is None else midnight(query.since),
        until=None if query.until is None else midnight(query.until, 1),
        # Names are searched only among entries that the reader may see.
        actors=people.called(session(), query.who, limit=_PEOPLE) if query.who else None,
    )
    return queries.entries(session(), areas.scope(AuditEntry.area_code, area), wanted, limit=limit, before=before)


def _given(query: AuditQuery) -> dict[str, Any]:
    """The current filters, for links that keep them."""
    told = query.model_dump(mode="json", exclude={"before"})
    return {name: value for name, value in told.items() if value}


def _choices(area: str) -> list[tuple[str, str]]:
    """Areas to choose from: the reader's, those above the chosen one inside them, and those directly below it."""
    mine = edge.my_areas("audit.read")
    codes = [*mine]
    if area != COUNTRY:
        codes += [
            area[:length] for length in (2, 4, 6) if length <= len(area) and edge.may("audit.read", area[:length])
        ]
    below = areas.children(session(), area)
    names = areas.names(session(), set(codes))
    chosen = [(code, gettext(labels.COUNTRY) if code == COUNTRY else _named(names, code)) for code in codes]
    return list(dict.fromkeys([*chosen, *((one.code, name_of(one)) for one in below)]))


def _named(names: dict[str, AreaName], code: str) -> str:
    return name_of(names[code]) if code in names else code


# Texts ------------------------------------------------------------------------------------------------------------


def _lines(db: Session, found: Iterable[AuditEntry]) -> list[Line]:
    found = list(found)
    known = _people(db, found)
    places = areas.names(db, {entry.area_code for entry in found if entry.area_code})
    roles = people.roles(db, {entry.appointment_id for entry in found if entry.appointment_id})
    words = queries.words(db, found)
    return [
        _line(entry, known, places, gettext(labels.role(roles.get(entry.appointment_id or 0, ""))), words)
        for entry in found
    ]


def _people(db: Session, found: Iterable[AuditEntry]) -> dict[str, str]:
    """The names of actors and of people concerned, by id. Deleted accounts have none."""
    ids = {entry.actor_id for entry in found if entry.actor_id}
    for entry in found:
        about = [entry.details.get("person")] + ([entry.subject_id] if entry.subject_kind == "person" else [])
        for told in about:
            with contextlib.suppress(ValueError):
                ids.add(uuid.UUID(str(told)))
    return people.names(db, ids)


def _line(
    entry: AuditEntry, known: dict[str, str], places: dict[str, AreaName], role: str, words: dict[int, str | None]
) -> Line:
    who = known.get(str(entry.actor_id))
    code = entry.area_code
    return Line(
        seq=entry.seq,
        at=entry.at,
        who=_who(entry, who),
        role=role,
        is_named=who is not None,
        what=gettext(ACTION_LABELS[entry.action]) if entry.action in ACTION_LABELS else entry.action,
        subject=gettext(SUBJECTS[entry.subject_kind]) if entry.subject_kind in SUBJECTS else entry.subject_kind,
        subject_name=known.get(entry.subject_id, "") if entry.subject_kind == "person" else entry.subject_id,
        link=f"/facilities/{entry.subject_id}"
        if entry.subject_kind == "facility" and entry.subject_id.isdecimal()
        else None,
        area=gettext(labels.COUNTRY) if code in (None, COUNTRY) else _named(places, str(code)),
        changes=_changes(entry.details, known, words),
        address=entry.address,
    )


def _who(entry: AuditEntry, name: str | None) -> str:
    if name is None:
        text = WITHOUT_NAME.get(entry.actor_kind)
        return gettext(text) if text else entry.actor_kind
    return gettext("%(name)s, by a program", name=name) if entry.actor_kind == "token" else name


def _changes(
    details: dict[str, Any], known: dict[str, str], words: dict[int, str | None]
) -> list[tuple[str, str | None, str]]:
    """The changed values and other details, one line each."""
    made: list[tuple[str, str | None, str]] = []
    for name, value in _told(details, words).items():
        if name == "changes" and isinstance(value, dict):
            for field, pair in value.items():
                if isinstance(pair, list) and len(pair) == 2:
                    made.append((_field(field), _shown(field, pair[0]), _shown(field, pair[1])))
                else:
                    made.append((_field(field), None, _shown(field, pair)))
        elif name == "person":
            made.append((_field(name), None, known.get(str(value), gettext(WITHOUT_NAME["person"]))))
        elif name == "role":
            made.append((_field(name), None, gettext(labels.role(str(value)))))
        elif name not in {"version", "signature"}:
            made.append((_field(name), None, _shown(name, value)))
    return made


def _field(name: str) -> str:
    return gettext(FIELDS[name]) if name in FIELDS else name


def _shown(name: str, value: Any) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, list) and not any(isinstance(part, (list, dict)) for part in value):
        text = ", ".join(_word(name, part) for part in value)
    elif isinstance(value, (list, dict)):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = _word(name, value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _word(name: str, value: Any) -> str:
    """One value in the page's language: codes and times are shown as text."""
    if name.endswith(("_at", "_from", "_until")) and isinstance(value, str):
        with contextlib.suppress(ValueError):
            when = datetime.fromisoformat(value)
            return moment(when) if when.tzinfo else value
    meaning = (policy.scopes() if name == "scopes" else VALUES.get(name, {})).get(str(value))
    return gettext(meaning) if meaning else str(value)


def _told(details: dict[str, Any], words: dict[int, str | None]) -> dict[str, Any]:
    changed = gettext("This text was changed after it was recorded.")
    return queries.readable(details, words, gettext("(deleted)"), changed)


_HEADERS = (
    "entry", "time", "who", "role", "who_id", "who_kind", "appointment_id", "action", "action_in_words", "subject",
    "subject_id", "area_code", "area", "details", "address",
)  # fmt: skip


def _csv(found: list[AuditEntry]) -> bytes:
    words = queries.words(session(), found)
    rows = (
        (
            entry.seq, entry.at.astimezone(BANGKOK).isoformat(timespec="seconds"), line.who, line.role,
            entry.actor_id or "", entry.actor_kind, entry.appointment_id, entry.action, line.what, entry.subject_kind,
            entry.subject_id, entry.area_code, line.area,
            json.dumps(_told(entry.details, words), ensure_ascii=False, sort_keys=True), entry.address,
        )
        for entry, line in zip(found, _lines(session(), found), strict=True)
    )  # fmt: skip
    return sheets.as_csv(_HEADERS, rows)
