"""Who may do what: every route × method has a row here, and every row holds for every actor.

A new route without a row fails; so does a row whose route is gone. What is expected of an actor is written down here
once more, by hand, so that a slip in the policy is told: these tables are the specification, not a copy of the code.

The thing acted upon lies in tambon 900101 (amphoe 9001, province 90) of the small country.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.signing_in import sessions
from mapapp.audit.models import AuditEntry
from mapapp.core import actors, config
from mapapp.coverage import service as coverage
from mapapp.facilities.models import Facility, FacilityImport
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.models import HelpEvent, HelpLease
from mapapp.help_requests.working import service as working
from mapapp.help_requests.working.lease_terms import Terms
from mapapp.volunteers.models import Volunteer
from tests.architecture.things import Things, make_things
from tests.conftest import KEYS, NOON
from tests.data import small_country
from tests.people import Browser, appoint, browser, person, token_for
from tests.volunteers.build import profile

SAFE = {"HEAD", "OPTIONS"}
"""Answered by the framework wherever GET is."""

# Actors ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Actor:
    """Somebody who knocks at every door."""

    role: str | None = None
    area: str = ""
    scopes: tuple[str, ...] = ()
    """Of a token of theirs; empty: a browser."""
    appointment: dict[str, Any] = field(default_factory=dict)
    suspended: bool = False
    second_factor: bool = True
    page: str = "no_page"
    """The resident's page this actor has the link of, by its name in ``Things``."""
    volunteer: bool = False
    """Has signed up as a volunteer and waits for an officer."""
    lease: str = ""
    """``live`` or ``over``: has claimed the request of tambon 900101 and still holds it, or does not any more."""

    @property
    def is_signed_in(self) -> bool:
        return self.role is not None or self.volunteer

    @property
    def is_token(self) -> bool:
        return bool(self.scopes)


ENDED = {"ended_at": NOON - timedelta(minutes=1)}
ACTORS = {
    "anonymous": Actor(),
    "resident with the right link": Actor(page="right_page"),
    "resident with another's link": Actor(page="other_page"),
    "unvetted volunteer": Actor(volunteer=True),
    "lease holder": Actor("volunteer", "900101", lease="live"),
    "former holder": Actor("volunteer", "900101", lease="over"),
    "ministry": Actor("ministry", "TH"),
    "province administrator": Actor("province_admin", "90"),
    "administrator of another province": Actor("province_admin", "91"),
    "amphoe coordinator": Actor("amphoe_coordinator", "9001"),
    "coordinator of another amphoe": Actor("amphoe_coordinator", "9002"),
    "officer of the tambon": Actor("tambon_officer", "900101"),
    "officer of another tambon": Actor("tambon_officer", "900102"),
    "data volunteer": Actor("data_volunteer", "900101"),
    "volunteer in the area": Actor("volunteer", "900101"),
    "volunteer elsewhere": Actor("volunteer", "9002"),
    "auditor of the country": Actor("auditor", "TH"),
    "auditor of another amphoe": Actor("auditor", "9002"),
    "suspended": Actor("amphoe_coordinator", "9001", suspended=True),
    "appointment ended": Actor("amphoe_coordinator", "9001", appointment=ENDED),
    "appointment to come": Actor("amphoe_coordinator", "9001", appointment={"starts_at": NOON + timedelta(days=1)}),
    "without second factor": Actor("amphoe_coordinator", "9001", second_factor=False),
    "without confidentiality agreement": Actor("amphoe_coordinator", "9001", appointment={"confidentiality_on": None}),
    "training run out": Actor(
        "amphoe_coordinator", "9001", appointment={"training_expires_on": (NOON - timedelta(days=1)).date()}
    ),
    "program of the tambon, for free beds": Actor("tambon_officer", "900101", scopes=("facilities.capacity",)),
    "program of the tambon, for pins": Actor("tambon_officer", "900101", scopes=("facilities.edit",)),
    "program of another tambon": Actor("tambon_officer", "900102", scopes=("facilities.edit", "facilities.capacity")),
}

OFFICERS = {"ministry", "province_admin", "amphoe_coordinator", "tambon_officer"}
ROLES = {
    "facilities.view": OFFICERS | {"auditor"},
    "facilities.export": OFFICERS | {"auditor"},
    "facilities.edit": OFFICERS,
    "facilities.import": OFFICERS,
    "facilities.reports": OFFICERS,
    "facilities.capacity": OFFICERS,
    "requests.nearby": OFFICERS | {"volunteer"},
    "requests.claim": OFFICERS | {"volunteer"},
    "requests.view": OFFICERS,
    "requests.handle": OFFICERS,
    "requests.measures": OFFICERS | {"auditor"},
    "volunteers.vet": OFFICERS,
    "people.view": OFFICERS | {"auditor"},
    "people.appoint": OFFICERS,
    "tokens.manage": OFFICERS,
    "audit.read": {"ministry", "province_admin", "auditor"},
    "audit.export": {"ministry", "province_admin", "auditor"},
}
PERSONAL = {"people.view", "people.appoint", "requests.claim", "requests.view", "requests.handle", "volunteers.vet"}

# Rows -----------------------------------------------------------------------------------------------------------

SOMEWHERE = "somewhere"
"""The page is about the actor's own area, not about a thing in tambon 900101."""

SELF = "self"
"""Everybody who has wholly signed in in a browser may; it is about themselves."""

STEP = "step"
"""The same, while the second factor is still to come."""

LINK = "link"
"""A resident's page: who has its link may, whoever they are; ``{page}`` in the address is each actor's own link."""


@dataclass(frozen=True)
class Row:
    """One route × method: an address that exists, what it asks of the policy, and the answer for those who may."""

    address: str
    action: str | None = None
    """None: anybody."""
    where: str = "900101"
    ok: int = 200
    form: dict[str, Any] | None = None
    json: dict[str, Any] | None = None
    refused: int = 403
    """404 where those out of scope are not even told that the thing exists."""
    why: str = ""
    held: int = 0
    """Only the lease's holder may: what others get who might hold it. 0: holding it makes no difference."""
    another: int = 200
    """With another's link: they see and do what is theirs."""
    key: bool = False
    """Each actor's own link goes along in the header ``Authorization``, in place of any other."""
    gives_key: bool = False
    """Its address is a key, which the browser keeps from then on."""
    cached: bool = False
    but: dict[str, int] = field(default_factory=dict)
    """Actor → another answer than the rule gives, with the reason in ``why``."""


PUBLIC: dict[str, Row] = {
    "home.index": Row("/"),
    "home.data": Row("/about/data"),
    "home.api_docs": Row("/api/v1/docs"),
    "home.openapi_document": Row("/api/v1/openapi.json"),
    "home.problems": Row("/problems/"),
    "home.problem": Row("/problems/taken"),
    "home.healthz": Row("/healthz"),
    "home.readyz": Row("/readyz"),
    "areas.places": Row("/places?q=ตะวันตก"),
    "areas_api.areas": Row("/api/v1/areas?lat=14.05&lon=100.05"),
    "areas_api.area": Row("/api/v1/areas/9001"),
    "facilities.nearest": Row("/nearest?lat=14.05&lon=100.05"),
    "facilities.page": Row("/facilities/{hospital}"),
    "facilities_api.facilities": Row("/api/v1/facilities?area=90"),
    "facilities_api.facility": Row("/api/v1/facilities/{hospital}"),
    "facilities_api.nearest": Row("/api/v1/facilities/nearest?lat=14.05&lon=100.05"),
    "facilities_api.clusters": Row("/api/v1/facilities/clusters?bbox=100,14,101,15&zoom=8"),
    "coverage.index": Row("/coverage?level=tambon&kind=hospital"),
    "coverage.area": Row("/areas/9001"),
    "coverage.best_site": Row("/coverage/best-site?kind=hospital&radius_km=10"),
    "coverage_api.table": Row("/api/v1/coverage?level=tambon&metric=nearest_km&kind=hospital"),
    "coverage_api.values": Row("/api/v1/coverage/values?level=tambon&metric=nearest_km&kind=hospital"),
    "coverage_api.best_site": Row("/api/v1/coverage/best-site?kind=hospital"),
    "help_nearby_api.counted": Row("/api/v1/help-requests/cells"),
    "help_nearby.public": Row("/requests"),
    "maps.document": Row("/maps/home"),
    "tiles.tile": Row("/tiles/areas/6/49/29.mvt"),
}

PIN = {
    "kind": "hospital",
    "name_th": "โรงพยาบาลใหม่",
    "place": "14.02, 100.02",
}
ASKING = {
    "needs": "food", "urgency": "normal", "point": "14.02, 100.02", "phone": "0812340002", "who": "self",
    "consent": CONSENT_VERSION,
}  # fmt: skip
AS_THEY_WERE = "a token is refused; a half signed-in session still sees its own account, to finish signing in"

OFFICER: dict[tuple[str, str], Row] = {
    # The console
    ("console.home", "GET"): Row("/officer", "facilities.view", SOMEWHERE),
    ("console.table", "GET"): Row("/officer/facilities", "facilities.view", SOMEWHERE),
    ("console.pins", "GET"): Row("/officer/facilities/pins", "facilities.view", SOMEWHERE),
    ("console.export", "GET"): Row("/officer/facilities/export?format=csv", "facilities.export", SOMEWHERE),
    ("console.stale", "GET"): Row("/officer/facilities/stale", "facilities.edit", SOMEWHERE),
    ("console.bulk", "POST"): Row(
        "/officer/facilities/bulk",
        "facilities.edit",
        ok=303,
        refused=303,
        form={"pick": ["{hospital}.1"], "do": "confirm"},
        but=dict.fromkeys(["program of the tambon, for pins", "program of another tambon"], 403),
        why="rows outside one's area are left as they are, and the page says how many; programs do not see the console",
    ),
    ("console.check", "POST"): Row(
        "/officer/facilities/stale",
        "facilities.edit",
        ok=303,
        refused=303,
        form={"still": "{hospital}.1"},
        why="as above",
    ),
    ("console.undo", "POST"): Row(
        "/officer/facilities/undo",
        "facilities.edit",
        ok=403,
        form={"first": "{step}", "last": "{step}"},
        why="only what one has just done oneself is taken back here",
    ),
    # Editing
    ("facility_editing.new", "GET"): Row("/officer/facilities/new?kind=hospital", "facilities.edit", SOMEWHERE),
    ("facility_editing.create", "POST"): Row("/officer/facilities/new", "facilities.edit", ok=303, form=PIN),
    ("facility_editing.edit", "GET"): Row("/officer/facilities/{hospital}/edit", "facilities.edit"),
    ("facility_editing.save", "POST"): Row(
        "/officer/facilities/{hospital}/edit", "facilities.edit", ok=303, form={**PIN, "version": "1"}
    ),
    ("facility_editing.confirm", "POST"): Row("/officer/facilities/{hospital}/confirm", "facilities.edit", ok=303),
    ("facility_editing.place", "GET"): Row(
        "/officer/facilities/place?place=14.02,100.02", "facilities.edit", SOMEWHERE
    ),
    ("facility_editing.hours", "GET"): Row("/officer/facilities/hours", "facilities.edit", SOMEWHERE),
    ("facility_steps.closing", "GET"): Row("/officer/facilities/{hospital}/close", "facilities.edit"),
    ("facility_steps.close", "POST"): Row(
        "/officer/facilities/{hospital}/close",
        "facilities.edit",
        ok=303,
        form={"version": "1", "how": "for_good", "closed_reason": "ย้าย"},
    ),
    ("facility_steps.reopen", "POST"): Row(
        "/officer/facilities/{hospital}/reopen", "facilities.edit", ok=303, form={"version": "1"}
    ),
    ("facility_steps.history", "GET"): Row("/officer/facilities/{hospital}/history", "facilities.view"),
    ("facility_steps.undo", "POST"): Row(
        "/officer/facilities/{hospital}/history/{step}/undo", "facilities.edit", ok=303
    ),
    ("facility_steps.merging", "GET"): Row("/officer/facilities/{hospital}/merge", "facilities.edit"),
    ("facility_steps.merge", "POST"): Row(
        "/officer/facilities/{hospital}/merge?with={twin}",
        "facilities.edit",
        ok=303,
        form={"version": "1", "other_version": "1", "stays": "this", "reason": "ซ้ำ"},
    ),
    # Reports
    ("facility_reports.queue", "GET"): Row("/officer/facilities/reports", "facilities.reports", SOMEWHERE),
    ("facility_reports.handle", "POST"): Row(
        "/officer/facilities/reports",
        "facilities.reports",
        ok=303,
        form={"facility": "{hospital}", "answer": "dismiss", "upto": "{report}"},
    ),
    # Lists that are brought in
    ("facility_imports.index", "GET"): Row("/officer/facilities/import", "facilities.import", SOMEWHERE),
    ("facility_imports.upload", "POST"): Row(
        "/officer/facilities/import", "facilities.import", SOMEWHERE, ok=400, form={"source": "x"}
    ),
    ("facility_imports.template", "GET"): Row(
        "/officer/facilities/import/template?kind=hospital", "facilities.import", SOMEWHERE
    ),
    ("facility_imports.page", "GET"): Row("/officer/facilities/import/{import}", "facilities.import"),
    ("facility_imports.progress", "GET"): Row("/officer/facilities/import/{import}/progress", "facilities.import"),
    ("facility_imports.problems", "GET"): Row("/officer/facilities/import/{import}/problems.csv", "facilities.import"),
    ("facility_imports.options", "POST"): Row(
        "/officer/facilities/import/{import}/options", "facilities.import", ok=303, form={"kind": "hospital"}
    ),
    ("facility_imports.columns", "POST"): Row(
        "/officer/facilities/import/{import}/columns", "facilities.import", ok=303, form={"name_th": "0"}
    ),
    ("facility_imports.run", "POST"): Row(
        "/officer/facilities/import/{import}/run", "facilities.import", ok=303, form={"rows": "good"}
    ),
    ("facility_imports.undo", "POST"): Row("/officer/facilities/import/{import}/undo", "facilities.import", ok=409),
    ("facility_imports.discard", "POST"): Row(
        "/officer/facilities/import/{import}/discard", "facilities.import", ok=303
    ),
    # People
    ("people.index", "GET"): Row("/officer/people", "people.view", SOMEWHERE),
    ("people.person", "GET"): Row("/officer/people/{helper}", "people.view", refused=404),
    ("people.change", "POST"): Row(
        "/officer/people/{helper}",
        "people.appoint",
        ok=303,
        refused=404,
        form={"do": "end", "appointment": "{helping}", "reason": "ลาออก"},
    ),
    ("people.new", "GET"): Row("/officer/people/new", "people.appoint", SOMEWHERE),
    ("people.add", "POST"): Row(
        "/officer/people/new",
        "people.appoint",
        refused=400,
        form={"name": "คนใหม่", "phone": "0812345678", "role": "volunteer", "area": "900101"},
        why="the form is told beside its field that the area is none of theirs",
    ),
    ("people_bulk.start", "GET"): Row("/officer/people/bulk", "people.appoint", SOMEWHERE),
    ("people_bulk.template", "GET"): Row("/officer/people/bulk/template.xlsx", "people.appoint", SOMEWHERE),
    ("people_bulk.hand_in", "POST"): Row("/officer/people/bulk", "people.appoint", SOMEWHERE, ok=400, form={}),
    ("accounts_api.appointments", "GET"): Row("/api/v1/appointments?area=900101", "people.view"),
    ("accounts_api.add_appointment", "POST"): Row(
        "/api/v1/appointments",
        "people.appoint",
        ok=201,
        json={
            "person": {"name": "คนใหม่", "phone": "0812345678"},
            "role": "volunteer",
            "area_code": "900101",
        },
    ),
    ("accounts_api.end_appointment", "DELETE"): Row(
        "/api/v1/appointments/{helping}", "people.appoint", refused=404, json={"reason": "ลาออก"}
    ),
    ("tokens.listed", "GET"): Row("/account/tokens", "tokens.manage", SOMEWHERE),
    ("tokens.change", "POST"): Row("/account/tokens", "tokens.manage", SOMEWHERE, ok=400, form={"name": "x"}),
    # The officers' board of help requests
    ("help_board.board", "GET"): Row("/officer/requests", "requests.view", SOMEWHERE),
    ("help_board.one", "GET"): Row("/officer/requests/{asked}", "requests.view", refused=404),
    ("help_board.act", "POST"): Row(
        "/officer/requests/{asked}", "requests.handle", ok=303, refused=404, form={"do": "still_needed"}
    ),
    ("help_board.export", "GET"): Row("/officer/requests/export?format=csv", "requests.view", SOMEWHERE),
    ("help_board.figures", "GET"): Row("/officer/requests/measures", "requests.measures", SOMEWHERE),
    ("help_board.figures_file", "GET"): Row("/officer/requests/measures.csv", "requests.measures", SOMEWHERE),
    ("help_board_api.measures", "GET"): Row("/api/v1/help-requests/measures", "requests.measures", SOMEWHERE),
    ("help_asking.take", "GET"): Row("/officer/requests/new", "requests.handle", SOMEWHERE),
    ("help_asking.taken", "POST"): Row("/officer/requests/new", "requests.handle", ok=303, form=ASKING),
    ("help_asking.sheet", "GET"): Row("/officer/requests/new/sheet", "requests.handle", SOMEWHERE, ok=404),
    ("help_live.stream", "GET"): Row("/live/requests", "requests.nearby", SOMEWHERE),
    # Volunteers, and what they do
    ("help_nearby.filter_nearby", "POST"): Row("/volunteer/nearby", "requests.nearby", SOMEWHERE, ok=303, form={}),
    ("help_nearby_api.one", "GET"): Row("/api/v1/help-requests/{asked}", "requests.nearby", refused=404),
    ("help_working.tasks", "GET"): Row("/volunteer/tasks", "requests.nearby", SOMEWHERE),
    ("help_working.page", "GET"): Row("/volunteer/requests/{asked}", "requests.nearby", refused=404),
    ("help_working.claim", "POST"): Row(
        "/volunteer/requests/{asked}/claim", "requests.claim", ok=303, refused=404, form={}
    ),
    ("help_working.renew", "POST"): Row(
        "/volunteer/requests/{asked}/renew", "requests.claim", ok=303, refused=404, held=409, form={}
    ),
    ("help_working.release", "POST"): Row(
        "/volunteer/requests/{asked}/release",
        "requests.claim",
        ok=303,
        refused=404,
        held=409,
        form={"reason": "cannot_go"},
    ),
    ("help_working.hand_over", "POST"): Row(
        "/volunteer/requests/{asked}/hand-over",
        "requests.claim",
        ok=303,
        refused=404,
        held=409,
        form={"to_person": "{ally}"},
    ),
    ("help_working.progress", "POST"): Row(
        "/volunteer/requests/{asked}/progress", "requests.claim", ok=303, refused=404, held=409, form={"step": "there"}
    ),
    ("help_working.contact", "POST"): Row(
        "/volunteer/requests/{asked}/contact", "requests.claim", refused=404, held=409, form={"reason": "agree"}
    ),
    ("help_working.report", "POST"): Row(
        "/volunteer/requests/{asked}/report", "requests.nearby", ok=303, refused=404, form={"reason": "unsafe"}
    ),
    ("help_working.answer", "POST"): Row(
        "/volunteer/offers/{offer}", "requests.nearby", ok=404, refused=404, form={"answer": "accept"}
    ),
    ("help_working_api.claim", "POST"): Row(
        "/api/v1/help-requests/{asked}/claim", "requests.claim", refused=404, json={}
    ),
    ("help_working_api.renew", "POST"): Row(
        "/api/v1/help-requests/{asked}/renew", "requests.claim", refused=404, held=409, json={}
    ),
    ("help_working_api.release", "POST"): Row(
        "/api/v1/help-requests/{asked}/release", "requests.claim", refused=404, held=409, json={"reason": "cannot_go"}
    ),
    ("help_working_api.hand_over", "POST"): Row(
        "/api/v1/help-requests/{asked}/hand-over",
        "requests.claim",
        refused=404,
        held=409,
        json={"to_person": "{ally}"},
    ),
    ("help_working_api.progress", "POST"): Row(
        "/api/v1/help-requests/{asked}/progress", "requests.claim", refused=404, held=409, json={"step": "there"}
    ),
    ("help_working_api.contact", "POST"): Row(
        "/api/v1/help-requests/{asked}/contact", "requests.claim", refused=404, held=409, json={"reason": "agree"}
    ),
    ("vetting.index", "GET"): Row("/officer/volunteers", "volunteers.vet", SOMEWHERE),
    ("vetting.one", "GET"): Row("/officer/volunteers/{waiting}", "volunteers.vet", refused=404),
    ("vetting.decide", "POST"): Row(
        "/officer/volunteers/{waiting}", "volunteers.vet", ok=303, refused=404, form={"do": "refuse", "reason": "x"}
    ),
    # The audit log
    ("audit.index", "GET"): Row("/officer/audit", "audit.read", SOMEWHERE),
    ("audit.export", "GET"): Row("/officer/audit.csv", "audit.export", SOMEWHERE),
    # The API
    ("facilities_api.add_facility", "POST"): Row(
        "/api/v1/facilities",
        "facilities.edit",
        ok=201,
        json={"kind": "hospital", "name_th": "โรงพยาบาลใหม่", "lat": 14.02, "lon": 100.02},
    ),
    ("facilities_api.edit_facility", "PATCH"): Row(
        "/api/v1/facilities/{hospital}", "facilities.edit", json={"version": 1, "beds": 5}
    ),
    ("facilities_api.close_facility", "DELETE"): Row(
        "/api/v1/facilities/{hospital}", "facilities.edit", json={"reason": "ย้าย"}
    ),
    ("facilities_api.say_capacity", "PATCH"): Row(
        "/api/v1/facilities/{hospital}/capacity", "facilities.capacity", json={"beds_free": 3}
    ),
}

MINE: dict[tuple[str, str], Row] = {
    ("help_resident.enter", "GET"): Row("/requests/mine/{page}", LINK, ok=303, another=303),
    ("help_resident.mine", "GET"): Row("/requests/mine/{asked}", LINK, another=404),
    ("help_resident.act", "POST"): Row("/requests/mine/{asked}", LINK, ok=303, another=404, form={"do": "extend"}),
    ("help_resident.data", "GET"): Row("/requests/mine/{asked}/data.json", LINK, another=404),
    ("help_resident_api.mine", "GET"): Row("/api/v1/help-requests/resident", LINK, key=True),
    ("help_resident_api.mine_do", "POST"): Row("/api/v1/help-requests/resident", LINK, key=True, json={"do": "extend"}),
    ("help_resident_api.resident", "GET"): Row("/api/v1/help-requests/resident/{page}", LINK),
    ("help_resident_api.resident_do", "POST"): Row(
        "/api/v1/help-requests/resident/{page}", LINK, json={"do": "extend"}
    ),
}

JOINING = {"suspended": 403, "without second factor": 303}
SIGNED_IN = "who is signed in adds a profile to their own account, and has to have signed in wholly"

ANYBODY: dict[tuple[str, str], Row] = {
    ("facilities_api.report", "POST"): Row("/api/v1/facilities/{hospital}/reports", ok=201, json={"reason": "closed"}),
    ("facility_reports.form", "GET"): Row("/facilities/{hospital}/report"),
    ("facility_reports.send", "POST"): Row("/facilities/{hospital}/report", ok=303, form={"reason": "closed"}),
    ("facility_reports.thanks", "GET"): Row("/facilities/{hospital}/report/thanks"),
    ("volunteers.join_page", "GET"): Row("/volunteer/join", but=JOINING | {"unvetted volunteer": 303}, why=SIGNED_IN),
    ("volunteers.join", "POST"): Row("/volunteer/join", ok=400, form={"name": "x"}, but=JOINING, why=SIGNED_IN),
    ("help_nearby.nearby", "GET"): Row(
        "/volunteer/nearby", but={"without second factor": 303}, why="who has no right to more sees counts there"
    ),
    ("help_nearby_api.listing", "GET"): Row(
        "/api/v1/help-requests", but={"without second factor": 403}, why="who has no right to more is given cells"
    ),
    ("help_asking.new", "GET"): Row("/requests/new"),
    ("help_asking.send", "POST"): Row("/requests/new", ok=303, form=ASKING),
    ("help_asking.posted", "GET"): Row(
        "/requests/posted/{asked}", ok=303, why="without the key of the browser that asked it leads to the page"
    ),
    ("help_asking.place", "POST"): Row("/requests/new/place", form={"place": "ตำบล01"}),
    ("help_asking_api.ask", "POST"): Row(
        "/api/v1/help-requests",
        ok=201,
        json={
            "needs": [{"kind": "food"}],
            "urgency": "normal",
            "tambon": "900101",
            "phone": "0812340001",
            "consent": CONSENT_VERSION,
        },
    ),
    ("help_resident.find", "GET"): Row("/requests/find"),
    ("help_resident.open_by_code", "POST"): Row("/requests/find", ok=400, form={"code": "1"}),
    ("account.sign_in_page", "GET"): Row("/sign-in"),
    ("account.sign_in", "POST"): Row("/sign-in", ok=400, form={"name": "x", "password": "y"}),
    ("account.enter", "GET"): Row("/join/{invitation}", ok=303, gives_key=True),
    ("account.join_page", "GET"): Row("/join/for/{invitation_id}"),
    ("account.join", "POST"): Row("/join/for/{invitation_id}", ok=400, form={"password": "x"}),
}

OWN: dict[tuple[str, str], Row] = {
    ("volunteers.profile_page", "GET"): Row(
        "/volunteer", SELF, ok=303, but={"unvetted volunteer": 200}, why="who has no profile yet is led to making one"
    ),
    ("volunteers.profile", "POST"): Row(
        "/volunteer", SELF, ok=303, form={"do": "nothing"}, but={"unvetted volunteer": 400}, why="as above"
    ),
    ("account.account_page", "GET"): Row("/account", SELF),
    ("account.account", "POST"): Row("/account", SELF, ok=303, form={"name": "ชื่อใหม่", "language": "th"}),
    ("account.contacts_page", "GET"): Row("/account/contacts", SELF),
    ("account.change_contacts", "POST"): Row("/account/contacts", SELF, ok=400, form={"password": "x"}),
    ("account.erase_page", "GET"): Row("/account/delete", SELF),
    ("account.erase", "POST"): Row("/account/delete", SELF, ok=400, form={"password": "x"}),
    ("account.download", "GET"): Row("/account/download", SELF),
    ("account.password_page", "GET"): Row("/account/password", SELF),
    ("account.change_password", "POST"): Row("/account/password", SELF, ok=400, form={"password": "x"}),
    ("account.renew_codes_page", "GET"): Row("/account/recovery-codes", SELF),
    ("account.renew_codes", "POST"): Row("/account/recovery-codes", SELF),
    ("account.renew_factor_page", "GET"): Row("/account/second-factor", SELF),
    ("account.renew_factor", "POST"): Row("/account/second-factor", SELF, form={"code": "1"}),
    ("account.end_session", "POST"): Row("/account/sessions/end", SELF, ok=303, form={"session": "others"}),
    ("account.confirm_page", "GET"): Row("/sign-in/confirm", STEP),
    ("account.confirm", "POST"): Row("/sign-in/confirm", STEP, ok=400, form={"password": "x"}),
    ("account.second_factor_page", "GET"): Row(
        "/sign-in/second-factor", STEP, ok=303, but={"without second factor": 200}, why="who has shown it goes on"
    ),
    ("account.second_factor", "POST"): Row("/sign-in/second-factor", STEP, form={"code": "1"}),
    ("account.give_up_page", "GET"): Row("/account/appointments/{helping}/end", SELF, ok=404, why="it is not theirs"),
    ("account.give_up", "POST"): Row("/account/appointments/{helping}/end", SELF, ok=404, why="as above"),
    ("account.sign_out", "POST"): Row("/sign-out", STEP, ok=303, but={"suspended": 303}, why="anybody may leave"),
}

MATRIX: dict[tuple[str, str], Row] = {
    **{(endpoint, "GET"): row for endpoint, row in PUBLIC.items()},
    **ANYBODY,
    **MINE,
    **OWN,
    **OFFICER,
}


def _routes(app: Flask) -> set[tuple[str, str]]:
    return {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - SAFE}


def test_every_route_has_a_row_and_every_row_a_route(app: Flask) -> None:
    assert _routes(app) - set(MATRIX) == set(), "routes without an access rule"
    assert set(MATRIX) - _routes(app) == set(), "rules for routes that are gone"
    ruled = sum(row.action is not None for row in MATRIX.values())
    print(
        f"access matrix: {len(MATRIX)} routes × {len(ACTORS)} actors = {len(MATRIX) * len(ACTORS)} answers; "
        f"{ruled} routes ask the policy"
    )


def expected(name: str, row: Row, method: str) -> int:
    """What this actor gets at this row, by the tables above."""
    actor = ACTORS[name]
    if name in row.but:
        return row.but[name]
    program = row.address.startswith("/api/")
    if row.action is None:
        return row.ok
    if row.action == LINK:
        return row.ok if actor.page == "right_page" else row.another if actor.page == "other_page" else 404
    if not actor.is_signed_in:
        return 401 if program else 303
    if row.action in {SELF, STEP}:
        if actor.suspended:
            return 403
        half = not actor.second_factor and row.action == SELF
        return 303 if actor.is_token or half else row.ok
    if actor.is_token and row.action not in actor.scopes:
        return 403
    in_force = actor.appointment.keys() <= {"confidentiality_on", "training_expires_on"}
    inside = row.where == SOMEWHERE or actor.area == "TH" or row.where.startswith(actor.area)
    may_here = actor.role in ROLES[row.action] and inside and in_force and not actor.suspended
    if row.action in PERSONAL and set(actor.appointment) & {"confidentiality_on", "training_expires_on"}:
        return 403
    if not may_here:
        somewhere = actor.role in ROLES[row.action] and in_force and not actor.suspended
        return row.refused if somewhere else 403
    if not actor.second_factor:
        return 403 if program else 303
    return row.held if row.held and actor.lease != "live" else row.ok


def _allowed(name: str, row: Row) -> bool:
    """Whether the tables above let this actor do it."""
    return expected(name, replace(row, ok=-1, refused=-2, but={}), "") == -1


def _changes(session: Session) -> tuple[Any, ...]:
    """What any privileged change moves: the record, the pins, the appointments."""
    answer = (
        session.scalar(select(func.count()).where(AuditEntry.action.not_like("person.%"))),
        session.scalar(select(func.sum(Facility.version))),
        session.scalar(select(func.count()).where(Appointment.ended_at.is_(None))),
        session.scalar(select(func.count()).select_from(FacilityImport)),
        session.scalar(select(func.count()).select_from(HelpEvent)),
        session.scalar(select(func.count()).select_from(HelpLease)),
        session.scalar(select(func.count()).select_from(Volunteer).where(Volunteer.state == "waiting")),
    )
    session.rollback()
    return answer


Visitor = tuple[Browser | None, dict[str, str]]


def _visitor(app: Flask, session: Session, actor: Actor, things: Things) -> Visitor:
    things.values["page"] = things.values[actor.page]
    if not actor.is_signed_in:
        return None, {}
    if actor.role is None:
        who = person(session, "ผู้สมัคร")
        session.add(profile(who, state="waiting"))
        return browser(app, session, who), {}
    who = appoint(session, actor.role, actor.area, **actor.appointment)
    if actor.lease:
        _claim(session, who, things, over=actor.lease == "over")
    if actor.is_token:
        return None, token_for(session, who, list(actor.scopes))
    made = browser(app, session, who, second_factor=actor.second_factor)
    if actor.suspended:
        who.suspended_at = NOON
        session.commit()
    return made, {}


def _claim(session: Session, who: Person, things: Things, *, over: bool) -> None:
    """The request of tambon 900101 is theirs, or was until an hour ago."""
    terms = Terms.of(config.Config(secret_keys=KEYS))
    at = NOON - timedelta(hours=terms.hours["urgent"] + 1) if over else NOON - timedelta(minutes=10)
    standing = sessions.standings(session, who.id, NOON)[0]
    them = actors.Actor("person", person_id=who.id, standings=(standing,), by=standing)
    working.claim(session, them, things.values["asked"], terms=terms, now=at)
    session.commit()


def _knock(
    app: Flask, who: Visitor, method: str, row: Row, things: Things, headers: dict[str, str] | None = None
) -> TestResponse:
    visitor, own = who
    address = things.filled(row.address)
    key = {"Authorization": f"Bearer {things.values['page']}"} if row.key else {}
    sent: dict[str, Any] = {"headers": {**own, **key, **(headers or {})}}
    if row.json is not None:
        sent["json"] = things.filled_values(row.json)
    if row.form is not None:
        sent["data"] = things.filled_values(row.form)
    client = app.test_client() if visitor is None else visitor.client
    _with_keys(client, things)
    if visitor is not None:
        if method == "POST" and row.json is None:
            return visitor.post(address, sent.get("data"), headers=sent["headers"])
        return visitor.open(address, method, **sent)
    return client.open(address, method=method, **sent)


def _with_keys(client: FlaskClient, things: Things) -> None:
    """As if each had opened their link, right or wrong, and everybody the invitation."""
    for name, key, path in (
        ("mine", "page", "/requests/mine/{asked}"),
        ("invited", "invitation", "/join/for/{invitation_id}"),
    ):
        client.set_cookie(name, things.values[key], domain="localhost", path=things.filled(path))


@pytest.mark.parametrize(("endpoint", "method"), sorted(MATRIX))
def test_the_matrix(app: Flask, session: Session, connection: Connection, endpoint: str, method: str) -> None:
    app.extensions["mapapp_background"] = lambda _work: None  # an import is claimed, its thread has no part in this
    small_country(session)
    coverage.refresh_all(session)
    things = make_things(session)
    row = MATRIX[endpoint, method]
    wrong = []
    for name, actor in ACTORS.items():
        session.close()
        connection.exec_driver_sql("SAVEPOINT knock")  # each finds the country as it was
        visitor = _visitor(app, session, actor, things)
        before = _changes(session)
        answer = _knock(app, visitor, method, row, things)
        if answer.status_code != expected(name, row, method):
            told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))[:200]
            wrong.append(f"{name}: {answer.status_code}, not {expected(name, row, method)}: {told}")
        elif answer.status_code == 303 and row.ok != 303 and name not in row.but:
            assert answer.location.startswith("/sign-in"), (name, answer.location)
        if row.action is not None:
            assert "no-store" in answer.headers.get("Cache-Control", ""), name
        if row.action in ROLES and method != "GET" and not _allowed(name, row):
            assert _changes(session) == before, f"{name} was refused and something changed"
        session.close()
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT knock")
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize(("endpoint", "method"), sorted(MATRIX))
def test_no_other_method_and_no_cookie_for_visitors(app: Flask, session: Session, endpoint: str, method: str) -> None:
    small_country(session)
    row = MATRIX[endpoint, method]
    things = make_things(session)
    address = things.filled(row.address)
    taken = {rule_method for rule, rule_method in MATRIX if rule == endpoint}
    taken |= {m for rule in app.url_map.iter_rules() for m in (rule.methods or ()) if _same_rule(app, rule, endpoint)}
    client = app.test_client()
    _with_keys(client, things)
    for unsafe in {"POST", "PUT", "PATCH", "DELETE"} - taken:
        assert client.open(address, method=unsafe).status_code == 405, unsafe
    if row.action is None and method == "GET":
        assert ("Set-Cookie" in client.get(address).headers) == row.gives_key
        assert client.head(address).status_code == client.get(address).status_code


def _same_rule(app: Flask, rule: Any, endpoint: str) -> bool:
    """Whether two endpoints share one address (GET here, POST there)."""
    mine = {other.rule for other in app.url_map.iter_rules() if other.endpoint == endpoint}
    return rule.rule in mine
