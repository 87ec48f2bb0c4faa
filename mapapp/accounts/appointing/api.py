"""Appointments over the API, for signed-in people. A program's key may read and change facilities, not people."""

from __future__ import annotations

from mapapp.accounts import edge
from mapapp.accounts.appointing import rules
from mapapp.accounts.appointing import service as appointing
from mapapp.accounts.appointing.rules import Terms
from mapapp.accounts.models import Appointment, Person
from mapapp.accounts.people import service as people
from mapapp.accounts.people.service import BroughtIn
from mapapp.accounts.schemas import (
    AppointmentIn,
    AppointmentMade,
    AppointmentOut,
    Appointments,
    AppointmentsQuery,
    Ended,
    EndIn,
    first_moment_after,
)
from mapapp.core import problem_types as types
from mapapp.core.errors import N_, NotAllowed
from mapapp.web.openapi import Api
from mapapp.web.request import now, session

api = Api("accounts", __name__)


def _may_appoint() -> object:
    return edge.allow_somewhere("people.appoint")


@api.private(
    "/appointments",
    response=Appointments,
    query=AppointmentsQuery,
    summary="List appointments in an area",
    action="people.view",
)
def appointments(query: AppointmentsQuery) -> Appointments:
    """Current and future appointments, with names but without phone numbers."""
    mine = edge.my_areas("people.view")
    edge.demand("people.view", query.area or (mine[0] if mine else None))
    areas = (query.area,) if query.area is not None else mine
    rows = people.listed(session(), areas, query.role, now(), limit=query.limit + 1, after=query.cursor)
    shown = rows[: query.limit]
    return Appointments(
        appointments=[AppointmentOut.model_validate(_out(row, person)) for row, person in shown],
        next_cursor=shown[-1][0].id if len(rows) > query.limit else None,
    )


@api.write(
    "post",
    "/appointments",
    body=AppointmentIn,
    response=AppointmentMade,
    status=201,
    summary="Appoint someone",
    problems=(types.FULL, types.ALREADY_SO, types.PERSON_KNOWN, types.PERSON_SUSPENDED),
    action="people.appoint",
    guard=_may_appoint,
)
def add_appointment(body: AppointmentIn) -> AppointmentMade:
    """Only to lower roles, and only inside your own area. Needs a signed-in session (with its CSRF token in
    `X-CSRF-Token`) whose password was entered in the last 15 minutes. A phone number that belongs to an account is
    accepted only with the `person_id` of that account. `join_link` asks for the phone number that you send here."""
    actor = edge.actor()
    rules.permit(actor, body.role, body.area_code, now())
    terms = Terms(
        body.role,
        body.area_code,
        now(),
        first_moment_after(body.until),
        body.confidentiality_on,
        body.training_expires_on,
    )
    if body.person_id is not None:
        people.see(session(), actor, body.person_id, now())
        made = people.again(session(), edge.vault(), actor, body.person_id, terms, now())
    else:
        assert body.person is not None  # the model has checked it
        try:
            made = people.bring_in(session(), edge.vault(), actor, body.person, terms, existing=False, now=now())
        except people.AlreadyKnown as error:
            # The audit log records that the caller looked up whose number this is, as on the page.
            by = edge.demand("people.appoint", body.area_code)
            session().rollback()
            edge.on_record("person.match", "person", error.known.person_id, by=by, area_code=body.area_code)
            raise
    return _made(made)


def _made(made: BroughtIn) -> AppointmentMade:
    row = session().get_one(Appointment, made.appointment_id)
    return AppointmentMade(
        **_out(row, made.person),
        join_link=None if made.link is None else edge.whole_address(made.link.path),
        join_link_expires_at=None if made.link is None else made.link.expires_at,
    )


@api.write(
    "delete",
    "/appointments/<int:appointment_id>",
    body=EndIn,
    response=Ended,
    summary="End an appointment",
    problems=(types.ALREADY_SO, types.LAST_ONE),
    action="people.appoint",
    guard=_may_appoint,
)
def end_appointment(appointment_id: int, body: EndIn) -> Ended:
    """Takes effect with the person's next request. API keys made with this appointment stop working."""
    actor = edge.allow_somewhere("people.appoint")
    if actor.kind == "token":
        raise NotAllowed(N_("An API key cannot appoint people."), kind=types.WRONG_TOKEN)
    row = people.appointment(session(), actor, appointment_id)
    appointing.end(session(), actor, row.id, body.reason, now())
    return Ended(id=row.id, ended_at=now())


def _out(row: Appointment, person: Person) -> dict[str, object]:
    names = (
        "id", "person_id", "role", "area_code", "starts_at", "ends_at", "confidentiality_on", "training_expires_on",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "name": person.name,
        "first_signed_in_at": person.first_signed_in_at,
    }
