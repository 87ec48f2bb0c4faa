"""Follow-ups for programs: a phone app with a personal API key of scope ``survey.follow_up``, for those that its owner
wrote down. Officers see those of others on the pages only."""

from __future__ import annotations

import uuid

from flask import Response

from mapapp.accounts import edge
from mapapp.core import problem_types as types
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, NotFound
from mapapp.core.fields import FormModel
from mapapp.help_requests.resident import links
from mapapp.survey.entering import queries as entries
from mapapp.survey.followups import asking, queries, rights, service
from mapapp.survey.followups.reasons import ViewReason
from mapapp.survey.followups.schemas import (
    FollowUpContactOut,
    FollowUpIn,
    FollowUpOut,
    FollowUpPost,
    FollowUpsOut,
    FollowUpStepIn,
    FollowUpStepOut,
    Listed,
    OwnQuery,
)
from mapapp.web.openapi import JSON, Api
from mapapp.web.request import config, now, session

api = Api("survey_followups", __name__)

PAGE = 100


def _may() -> object:
    return edge.allow_somewhere(rights.OWN)


def _facts(row: Listed) -> dict[str, object]:
    return {
        "id": row.id, "round": row.round_id, "entry": row.entry_id, "village": row.village_code, "reason": row.reason,
        "language": row.language, "state": row.state, "made_at": row.made_at, "request": row.request_id,
        "mine": row.by_person is not None and row.by_person == edge.actor().person_id,
        "request_outcome": row.request_outcome, "ended_at": row.ended_at,
    }  # fmt: skip


def _mine(follow_up_id: int) -> tuple[Listed, Actor]:
    row = queries.one(session(), follow_up_id)
    return row, rights.demand(edge.actor(), row, now())


@api.private("/survey/follow-ups", response=FollowUpsOut, action=rights.OWN, query=OwnQuery, summary="Follow-ups")
def list_follow_ups(query: OwnQuery) -> FollowUpsOut:
    """Those that the owner of the API key wrote down. Without `state`, those that are not finished. Names and phone
    numbers are never in a list."""
    acting = edge.allow_somewhere(rights.OWN)
    assert acting.person_id is not None
    which = [queries.inside(edge.my_areas(rights.OWN)), queries.of_person(acting.person_id)]
    rows = queries.listed(session(), *which, reason=query.reason, state=query.state, after=query.after, limit=PAGE + 1)
    made = [FollowUpOut.model_validate(_facts(row)) for row in rows[:PAGE]]
    return FollowUpsOut(follow_ups=made, next=made[-1].id if len(rows) > PAGE else None)


@api.write(
    "put",
    "/survey/follow-ups/<uuid:key>",
    body=FollowUpPost,
    response=FollowUpOut,
    status=201,
    action=rights.OWN,
    guard=_may,
    summary="Write a follow-up down",
    problems=(types.KEY_REUSED,),
    again="Already written down under this key: the follow-up as it is now",
)
def add(key: uuid.UUID, body: FollowUpPost) -> Response:
    """For a person of a recorded household who heard the consent text and agreed to it; its version is in `consent`,
    the text on the page of the form. Name and phone number are stored encrypted; no answer repeats them.

    `key` is a random UUID that the phone makes once. If you send it again, there is still one follow-up.
    """
    entry = entries.one(session(), body.entry)
    if not edge.may(rights.OWN, entry.village_code[:6]):
        raise NotFound(N_("This record was not found."))
    acting = edge.demand(rights.OWN, entry.village_code[:6])
    data = FollowUpIn.model_validate(body.model_dump(exclude={"entry"}))
    days = config().survey_follow_up_days
    made, is_new = service.add(session(), edge.vault(), acting, key, entry, data, now(), kept_days=days)
    out = FollowUpOut.model_validate(_facts(made))
    return Response(out.model_dump_json(), 201 if is_new else 200, mimetype=JSON)


class FollowUpContactIn(FormModel):
    """Why name and phone number are viewed."""

    reason: ViewReason


@api.write(
    "post", "/survey/follow-ups/<int:follow_up_id>/contact", body=FollowUpContactIn, response=FollowUpContactOut,
    action=rights.OWN, guard=_may, summary="Name and phone number of a follow-up",
)  # fmt: skip
def contact(follow_up_id: int, body: FollowUpContactIn) -> FollowUpContactOut:
    """Recorded in the audit log. At most 10 an hour and 30 a day; then 429. 409: it has ended, and both
    were deleted."""
    row, acting = _mine(follow_up_id)
    found = service.reveal(session(), edge.vault(), acting, row, body.reason, now())
    return FollowUpContactOut(name=found.name, phone=found.phone, other=found.other)


@api.write(
    "post", "/survey/follow-ups/<int:follow_up_id>/steps", body=FollowUpStepIn, response=FollowUpStepOut,
    action=rights.OWN, guard=_may, summary="Request help for a person, or end a follow-up",
    problems=(types.WRONG_STATE, types.NUMBER_PAUSED),
)  # fmt: skip
def step(follow_up_id: int, body: FollowUpStepIn) -> FollowUpStepOut:
    """`request`: a help request is sent for the person (home visit if bedridden, transport); again it changes nothing.
    `done`, `unwanted`: ends the follow-up, and with it a help request that is still open; name and phone number are
    deleted."""
    row, acting = _mine(follow_up_id)
    if body.do != "request":
        return FollowUpStepOut.model_validate(_facts(service.end(session(), acting, row.id, body.do, now())))
    made = asking.ask(
        session(), edge.vault(), acting, row.id, address=edge.address(), now=now(), kept_days=config().erase_after_days
    )
    code = None if made.code is None else links.spoken(made.code)
    return FollowUpStepOut.model_validate({**_facts(made.row), "code": code})
