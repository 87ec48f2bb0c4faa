"""``POST /api/v1/help-requests``: a program sends a request for a person, and gets the link and code of their page."""

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
    "Idempotency-Key": "Your own random UUID (version 4), kept secret: if the same request is sent again within a day, "
    "nothing is added and the answer has a new link to the same page."
}


class HelpRequestPost(HelpRequestIn):
    """A help request that a program sends."""

    another: Annotated[bool, Field(description="No longer needed: accepted and ignored.", deprecated=True)] = False


@api.write(
    "post",
    "/help-requests",
    body=HelpRequestPost,
    response=AskedFeature,
    media_type=GEOJSON,
    status=201,
    headers=IDEMPOTENCY,
    summary="Send a help request",
    problems=(types.OUTSIDE_AREA, types.NUMBER_PAUSED, types.KEY_REUSED, types.GONE),
)
def ask(body: HelpRequestPost) -> Response:
    """Needs no API key. After 5 requests a day for one phone number from one address, and after 20 an hour from one
    address, volunteers see a request only after an officer has checked it; far above these numbers the answer is 429.
    Life-threatening requests are always accepted. The person who needs help must have agreed to the text whose version
    `consent` names; it is on /requests/new.

    The answer has the link and the code of the person's page. Give both to the person: no one can look them up later.
    It does not say whether the number has sent a request before; officers link requests that belong together. 400: the
    point is outside the area of this service, or not exact enough. 403: an officer has blocked this number there.
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
