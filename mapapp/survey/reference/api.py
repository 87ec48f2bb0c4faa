"""Official figures for programs, with what they say against each other."""

from __future__ import annotations

from dataclasses import asdict

from mapapp.accounts import edge
from mapapp.core.errors import N_, invalid
from mapapp.survey.reference import contradictions, queries
from mapapp.survey.reference.schemas import ReferenceContradiction, ReferenceFigure, ReferenceOut, ReferenceQuery
from mapapp.web.openapi import Api
from mapapp.web.request import session

api = Api("survey_reference", __name__)

VIEW = "survey.view"


@api.private(
    "/survey/reference",
    response=ReferenceOut,
    action=VIEW,
    query=ReferenceQuery,
    summary="Official vaccination figures of a province",
)
def figures(query: ReferenceQuery) -> ReferenceOut:
    """What others have published, as they have published it; the survey's own figures are not among them. Figures that
    contradict each other are all there, and named in `contradictions`."""
    edge.allow_somewhere(VIEW)
    if len(query.province) != 2:
        raise invalid("province", N_("Give a province: a code of 2 digits."))
    rows = queries.of(session(), [query.province]).get(query.province, {})
    apart = contradictions.found({key: row.value for key, row in rows.items()})
    return ReferenceOut(
        province=query.province,
        figures=[
            ReferenceFigure(day=row.on_day, measure=row.measure, value=row.value, source=row.source)
            for row in rows.values()
            if query.since is None or row.on_day >= query.since
        ],
        contradictions=[
            ReferenceContradiction(**asdict(one)) for one in apart if query.since is None or one.day >= query.since
        ],
    )
