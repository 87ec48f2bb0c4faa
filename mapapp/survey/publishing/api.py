"""Published figures for programs."""

from __future__ import annotations

from flask import Response

from mapapp.lists import sheets
from mapapp.survey.publishing import queries
from mapapp.survey.publishing.rules import DATA
from mapapp.survey.publishing.schemas import Vaccinated, VaccinatedQuery, VaccinatedTable, VaccinatedValues
from mapapp.web.openapi import Api
from mapapp.web.request import session

api = Api("survey_published", __name__)


@api.get(
    "/survey/vaccinated",
    query=VaccinatedQuery,
    response=VaccinatedTable,
    summary="Share of vaccinated people by amphoe",
    also={sheets.CSV: None},
    data=DATA,
)
def table(query: VaccinatedQuery) -> VaccinatedTable | Response:
    """People with a dose at least, of the people who live in an amphoe now and were recorded in the vaccination survey.
    That is neither the registered population nor everyone who lives there.

    An amphoe is there from 100 recorded people on. The figures are those of the last Friday that was published in the
    statistics (`/statistics`): rounded, so that they tell of no one household."""
    rows = queries.table(session(), query.within)
    if query.format == "json":
        return VaccinatedTable(within=query.within, amphoe=rows)
    names = list(Vaccinated.model_fields)
    body = sheets.as_csv(names, ([getattr(row, name) for name in names] for row in rows))
    response = Response(body, content_type=f"{sheets.CSV}; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="vaccinated.csv"'
    return response


@api.get(
    "/survey/vaccinated/values",
    response=VaccinatedValues,
    summary="The same by area code, to colour a map",
    data=DATA,
)
def values() -> VaccinatedValues:
    """Only the shares (0–1), with the bounds of the classes: value v is in class i if breaks[i-1] <= v < breaks[i]."""
    return queries.values(session())
