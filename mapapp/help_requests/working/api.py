"""Claiming and finishing requests, for programs: the same services as the pages, with a personal API key."""

from __future__ import annotations

from collections.abc import Callable

from mapapp.accounts import edge
from mapapp.core import problem_types as types
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, NotFound
from mapapp.core.problem_types import ProblemType
from mapapp.help_requests.working import queries, service
from mapapp.help_requests.working.schemas import (
    ClaimIn,
    ContactIn,
    ContactOut,
    ContactsOut,
    HandOverIn,
    HeldOut,
    NothingIn,
    OfferOut,
    ProgressIn,
    ReleaseIn,
)
from mapapp.help_requests.working.service import Held, Terms
from mapapp.web.openapi import Api
from mapapp.web.request import config, now, session

api = Api("help_working", __name__)

ACTION = "requests.claim"

_OF_HOLDERS = (types.TAKEN, types.LEASE_OVER, types.WRONG_STATE)


def _may() -> object:
    return edge.allow_somewhere(ACTION)


def _place(request_id: int) -> tuple[int, Actor]:
    """The leading request, and the actor with the appointment that allows a claim.

    Raises:
        NotFound: there is none for this actor; whether it exists in another area is not revealed.
    """
    found = queries.place(session(), request_id)
    area = None if found is None else queries.right(session(), edge.actor(), ACTION, found, now())
    if found is None or area is None:
        raise NotFound(N_("Request not found near you."))
    return found[0], edge.demand(ACTION, area)


def _told(held: Held) -> HeldOut:
    return HeldOut(id=held.request_id, needs=list(held.needs), lease_ends_at=held.ends_at, is_new=held.is_new)


def _write(
    path: str, body: type, summary: str, *problems: ProblemType, has_own_limit: bool = False
) -> Callable[..., Callable[..., object]]:
    return api.write(
        "post", f"/help-requests/<int:request_id>/{path}", body=body, response=HeldOut, action=ACTION, guard=_may,
        summary=summary, has_own_limit=has_own_limit, problems=problems,
    )  # fmt: skip


# The limit is the number of claims of a person; a return counts like every other write.
@_write(
    "claim", ClaimIn, "Claim a help request", types.TAKEN, types.FULL, types.PAUSED, types.RETRY, types.WRONG_STATE,
    has_own_limit=True,
)  # fmt: skip
def claim(body: ClaimIn, request_id: int) -> HeldOut:
    """Claims all open needs of the request and of requests linked with it. The time limit depends on the urgency.

    A repeated call returns the same answer. 409: another volunteer was faster, the request is closed, or you have as
    many claims as allowed. 429: you have seen as many locations as allowed (10 an hour, 30 a day), or have returned
    several requests today.
    """
    lead, actor = _place(request_id)
    terms = Terms.of(config())
    return _told(service.claim(session(), actor, lead, needs=body.needs, terms=terms, now=now()))


@_write("renew", NothingIn, "Renew a claim", types.NO_MORE_TIME, *_OF_HOLDERS)
def renew(body: NothingIn, request_id: int) -> HeldOut:
    """The claim lasts one time limit from now, if half of your time has passed. Earlier or repeated calls change
    nothing."""
    lead, actor = _place(request_id)
    return _told(service.renew(session(), actor, lead, terms=Terms.of(config()), now=now()))


@_write("release", ReleaseIn, "Return a help request", *_OF_HOLDERS)
def release(body: ReleaseIn, request_id: int) -> HeldOut:
    """Other volunteers can claim it immediately. A repeated call returns the same answer."""
    lead, actor = _place(request_id)
    return _told(service.release(session(), actor, lead, reason=body.reason, note=body.note, now=now()))


@_write("progress", ProgressIn, "Report progress", *_OF_HOLDERS)
def progress(body: ProgressIn, request_id: int) -> HeldOut:
    """On the way, arrived or done: for the needs you name, or all that you claimed. A repeated call returns the same
    answer."""
    lead, actor = _place(request_id)
    return _told(
        service.progress(
            session(), actor, lead, step=body.step, needs=body.needs, given=body.given, note=body.note, now=now()
        )
    )


@api.write(
    "post", "/help-requests/<int:request_id>/hand-over", body=HandOverIn, response=OfferOut, action=ACTION, guard=_may,
    summary="Offer a request to another volunteer", problems=_OF_HOLDERS,
)  # fmt: skip
def hand_over(body: HandOverIn, request_id: int) -> OfferOut:
    """The other volunteer accepts or declines within 24 hours and before your claim ends; until then you keep the
    claim."""
    lead, actor = _place(request_id)
    made = service.offer(session(), actor, lead, body.to_person, kind="hand_over", note=body.note, now=now())
    return OfferOut(id=made.offer_id, request_id=made.request_id, expires_at=made.expires_at, is_new=made.is_new)


_PLACE = ("lat", "lon", "tambon_code", "village_code", "landmark")


@api.write(
    "post", "/help-requests/<int:request_id>/contact", body=ContactIn, response=ContactsOut, action=ACTION, guard=_may,
    summary="Location and contact details of a request you claimed", problems=_OF_HOLDERS,
)  # fmt: skip
def contact(body: ContactIn, request_id: int) -> ContactsOut:
    """Recorded in the audit log; the resident sees that you viewed them. At most 10 an hour and 30 a day; then 429."""
    lead, actor = _place(request_id)
    found = service.reveal(session(), edge.vault(), actor, lead, reason=body.reason, now=now())
    where = {one.request_id: one for one in queries.places(session(), edge.vault(), [one.request_id for one in found])}
    return ContactsOut(
        contacts=[
            ContactOut(
                **{name: getattr(where[one.request_id], name) for name in _PLACE},
                request_id=one.request_id, name=one.contact.name, phone=one.contact.phone, other=one.contact.other,
                is_shared=one.is_shared,
            )
            for one in found
        ]
    )  # fmt: skip
