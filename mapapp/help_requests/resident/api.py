"""The resident's page for programs: the same key and the same steps. The key is in a header, or in the address."""

from __future__ import annotations

from typing import Any, Final

from flask import Response
from pydantic import BaseModel

from mapapp.accounts import edge
from mapapp.core import problem_types as types
from mapapp.core.errors import N_, NotFound
from mapapp.help_requests.resident import links, service
from mapapp.help_requests.resident.queries import Happened, NeedShown, Page, Who
from mapapp.help_requests.resident.schemas import DoIn, DoneOut, EventOut, HelperOut, NeedOut, ResidentOut
from mapapp.help_requests.resident.view_context import look
from mapapp.web.openapi import JSON, Api
from mapapp.web.request import now, session

api = Api("help_resident", __name__)

KEY: Final = "page"
"""The name of the key of a resident's page in the OpenAPI document."""

_STEPS: Final = (
    types.LINK_UNKNOWN, types.OUTSIDE_AREA, types.NUMBER_PAUSED, types.CLOSED, types.WRONG_STATE,
)  # fmt: skip

_BY_KEY = "/help-requests/resident"
_BY_LINK = "/help-requests/resident/<token>"


@api.blueprint.after_request
def _secret(response: Response) -> Response:
    """Keeps the answer out of caches and referrers, as on the page."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@api.get(_BY_KEY, response=ResidentOut, own_key=KEY, summary="A request, as its resident sees it")
def mine() -> Response:
    """Progress, the volunteer, events, and who has viewed the location or the contact details. The key is the last part
    of the page's link. Send it as `Authorization: Bearer …`, so that it is not in any log. 404: the key is unknown or
    was revoked. The resident's own location and contact details are not in the answer; the page and its download have
    them."""
    return _json(_out(_page(_request(edge.own_key()))))


@api.write(
    "post",
    _BY_KEY,
    response=DoneOut,
    body=DoIn,
    own_key=KEY,
    problems=_STEPS,
    summary="Change, confirm, contest, cancel, share or delete",
)
def mine_do(body: DoIn) -> DoneOut:
    """Every step that the resident can do on their page. A repeated call changes nothing and returns the same answer,
    with `changed` false. 409: the step is not possible in the current state."""
    return _done(_request(edge.own_key()), body)


@api.get(
    _BY_LINK, response=ResidentOut, problems=(types.LINK_UNKNOWN,), summary="The same, with the key in the address"
)
def resident(token: str) -> Response:
    """As `/help-requests/resident`, for programs that cannot send a header: the address is then a secret, and logs
    along the way contain it."""
    return _json(_out(_page(_request(token))))


@api.write(
    "post", _BY_LINK, response=DoneOut, body=DoIn, problems=_STEPS, summary="The same, with the key in the address"
)
def resident_do(token: str, body: DoIn) -> DoneOut:
    """As `/help-requests/resident`, for programs that cannot send a header."""
    return _done(_request(token), body)


def _done(request_id: int, body: DoIn) -> DoneOut:
    changed = service.do(session(), edge.vault(), request_id, body, now())
    return DoneOut(changed=changed, request=None if body.do == "erase" else _out(_page(request_id)))


def _request(token: str) -> int:
    found = links.find(session(), token, now())
    if found is None:
        raise NotFound(N_("This link is wrong or was revoked."), kind=types.LINK_UNKNOWN)
    return found


def _page(request_id: int) -> Page:
    found = look(request_id)
    if found is None:
        raise NotFound(N_("This link is wrong or was revoked."), kind=types.LINK_UNKNOWN)
    return found


def _json(made: BaseModel) -> Response:
    return Response(made.model_dump_json(), mimetype=JSON)


def _out(page: Page) -> ResidentOut:
    facts: dict[str, Any] = {
        name: getattr(page, name)
        for name in ("id", "outcome", "urgency", "people", "description", "phone_shared", "posted_at")
    }
    happened = sorted((*page.events, *page.looks), key=lambda one: one.at, reverse=True)
    return ResidentOut(
        **facts, status="open" if page.is_open else "closed", updated_at=page.changed_at,
        questions=list(page.questions), may=list(page.may), needs=[_need(need) for need in page.needs],
        events=[_event(one) for one in happened],
    )  # fmt: skip


def _need(need: NeedShown) -> NeedOut:
    helper = None
    if need.who is not None and need.since is not None:
        helper = HelperOut(**_named(need.who), since=need.since, until=need.until)
    return NeedOut(
        id=need.id, kind=need.kind, detail=need.detail, quantity=need.quantity, status=need.state, helper=helper,
        given=need.given, may=list(need.may),
    )  # fmt: skip


def _event(one: Happened) -> EventOut:
    named = _named(one.who) if one.who else {"name": None, "organisation": None}
    return EventOut(at=one.at, action=one.action, by=one.by, **named)


def _named(who: Who) -> dict[str, str | None]:
    return {"name": who.name, "organisation": who.organisation}
