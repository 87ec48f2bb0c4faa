"""``POST /api/v1/help-requests``: a program posts for somebody, and gets their page and code."""

from __future__ import annotations

import uuid
from typing import Annotated

from flask import Response, request
from pydantic import Field

from mapapp.accounts import edge
from mapapp.core import geo
from mapapp.core import problem_types as types
from mapapp.core.errors import N_, Conflict, invalid
from mapapp.help_requests.asking import service, submission
from mapapp.help_requests.asking.schemas import AskedFeature, AskedNeed, AskedProperties, HelpRequestIn
from mapapp.help_requests.resident import links
from mapapp.web.openapi import GEOJSON, Api
from mapapp.web.request import session

api = Api("help_asking", __name__)

IDEMPOTENCY = {
    "Idempotency-Key": "A random UUID (version 4) of yours, kept secret: the same request sent again within a day adds "
    "nothing and is answered with a fresh link to the same page."
}


class HelpRequestPost(HelpRequestIn):
    """A request for help, as a program posts it."""

    another: Annotated[bool, Field(description="Not needed any more: taken and ignored.", deprecated=True)] = False


@api.write(
    "post",
    "/help-requests",
    body=HelpRequestPost,
    response=AskedFeature,
    media_type=GEOJSON,
    status=201,
    headers=IDEMPOTENCY,
    summary="Ask for help",
    problems=(types.OUTSIDE_AREA, types.NUMBER_PAUSED, types.KEY_REUSED, types.GONE),
)
def ask(body: HelpRequestPost) -> Response:
    """Anybody may, without a token. Beyond 5 a day for one telephone number from one address, and 20 an hour from one
    address, an officer looks at a request before volunteers see it; far beyond, a post has to wait (429). What is
    life-threatening is always taken. The person who needs help must have agreed to the text whose version `consent`
    names; it stands on /requests/new.

    The answer has the page of the person who needs help and its code. Give them both: nobody can look them up later.
    It does not tell whether the number has asked before; officers link what belongs together. 400: the point is outside
    the area of this service, or known too roughly. 403: an officer has paused this number there.
    """
    data = HelpRequestIn.model_validate(body.model_dump(exclude={"another"}))
    try:
        made = submission.post(data, key=_key(), source="api")
    except submission.SentOther:
        raise Conflict(N_("This key was used for another request. Use a new key."), kind=types.KEY_REUSED) from None
    return Response(_feature(data, made).model_dump_json(), 201, mimetype=GEOJSON)


def _key() -> uuid.UUID | None:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return None
    key = submission.random_key(given)
    if key is None:
        raise invalid("Idempotency-Key", N_("Use a random UUID (version 4), for example from uuidgen."))
    return key


def _feature(data: HelpRequestIn, made: service.Submitted) -> AskedFeature:
    posted = service.posted(session(), made.request_id)
    point = data.point
    return AskedFeature(
        id=made.request_id,
        geometry=geo.feature(lat=point.lat, lon=point.lon, properties={})["geometry"] if point else None,
        properties=AskedProperties(
            urgency=data.urgency,
            people=data.people or 1,
            needs=[AskedNeed(kind=one.kind, detail=one.detail, quantity=one.quantity) for one in data.needs],
            posted_at=posted.posted_at.isoformat(),
            tambon_code=posted.tambon_code,
            page=edge.whole_address(f"/requests/mine/{made.token}"),
            code=links.spoken(made.code),
        ),
    )
