"""Open requests for programs, with the detail each may see: counts of cells for everyone, requests by cell for
volunteers and officers."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel

from mapapp.accounts import edge, policy
from mapapp.core.clock import today
from mapapp.core.errors import N_, NotFound
from mapapp.help_requests.nearby import cell_counts, daily_counts, features, queries
from mapapp.help_requests.nearby.rate_limit import NEARBY, within_share
from mapapp.help_requests.nearby.schemas import CellsQuery, Collection, Feature, RequestsQuery
from mapapp.web.cache import cached
from mapapp.web.openapi import FOR_SOME, GEOJSON, Api
from mapapp.web.params import query as parse_query
from mapapp.web.request import now, session

api = Api("help_nearby", __name__)


@api.get(
    "/help-requests", query=RequestsQuery, response=Collection, media_type=GEOJSON, is_limited=True, problems=FOR_SOME,
    summary="List open help requests",
)  # fmt: skip
def listing(query: RequestsQuery) -> BaseModel | Response:
    """Without special rights: the number of open requests in each cell at the start of the day (only `area` is used; at
    most 5,000 cells, the largest numbers first). With an API key of the scope `requests.nearby`, or signed in: the
    requests in your area that can be claimed, each at the centre of its cell. The exact location is shown only after a
    claim; this also applies to officers.

    With `lat` and `lon` the most urgent come first, then the nearest by the centre of the cell; otherwise they are
    ordered by number. Send `next` as `after` to get more. At most 60 times a minute; then 429.

    For Open311: `service_codes` are its service codes, `status` its status, `requested_on` the day of its
    requested_datetime.
    """
    if not policy.areas_of(edge.actor(), NEARBY):
        return _anonymous()
    within_share()
    actor = edge.allow_somewhere(NEARBY)
    mine = policy.areas_of(actor, NEARBY)
    if query.area is not None:
        edge.demand(NEARBY, query.area)
        mine = (query.area,)
    day = today(now())
    if query.point is not None:
        wanted = queries.Wanted(query.point, mine, query.km, frozenset(query.kind), query.beginning, query.limit)
        found, has_more = queries.near(session(), wanted, now())
    else:
        after = query.beginning.id if query.beginning else 0
        found, has_more = queries.listed(session(), mine, now(), kinds=query.kind, after=after, limit=query.limit)
    return features.requests(found, day, found[-1].after.text if has_more else None)


@cached("areas", daily_counts.VERSION, max_age=30, takes=("area",))
def _anonymous() -> Response:
    query = parse_query(RequestsQuery)
    found, truncated = cell_counts.counts(session(), areas=[query.area] if query.area else [])
    return Response(features.cells(found, "cell", truncated=truncated).model_dump_json(), mimetype=GEOJSON)


@api.get(
    "/help-requests/cells", query=CellsQuery, response=Collection, media_type=GEOJSON,
    data=("areas", daily_counts.VERSION), max_age=30, summary="Numbers of open help requests by cell or area",
)  # fmt: skip
def counted(query: CellsQuery) -> Collection:
    """The numbers are those of midnight in Thailand and stay the same all day. A cell is a square of about 1 km (larger
    where few people live); the public sees nothing more exact. By need, urgency and age in whole days only where there
    are five or more requests, and never so that the rest can be calculated. At most 5,000 cells, the largest numbers
    first."""
    areas = [query.area] if query.area else []
    found, truncated = cell_counts.counts(session(), level=query.level, areas=areas, box=query.box)
    return features.cells(found, query.level, truncated=truncated)


@api.private(
    "/help-requests/<int:request_id>", response=Feature, action=NEARBY, is_limited=True,
    summary="One help request, located by its cell",
)  # fmt: skip
def one(request_id: int) -> Feature:
    """A request in your area, open or closed, at the centre of its cell. For a linked request: the request that leads
    the group."""
    edge.allow_somewhere(NEARBY)
    within_share()
    found = queries.facts(session(), [request_id], now()) if 0 < request_id < 2**63 else []
    if not found or policy.may(edge.actor(), NEARBY, found[0].cell_tambon_code) is None:
        raise NotFound(N_("Request not found near you."))
    return features.request(found[0], today(now()))
