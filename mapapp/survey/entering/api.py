"""The survey for programs: a phone app or a script that records with a personal API key of scope ``survey.enter``."""

from __future__ import annotations

import uuid

from flask import Response
from pydantic import BaseModel, Field

from mapapp.accounts import edge
from mapapp.core import problem_types as types
from mapapp.core.errors import DomainError, Invalid
from mapapp.core.fields import Id, QueryModel
from mapapp.survey import view_helpers
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.assigning.rules import ENTER
from mapapp.survey.entering import limits, queries, service
from mapapp.survey.entering.schemas import (
    AgainOut,
    BatchIn,
    EntryIn,
    EntryOut,
    HouseholdOut,
    HouseholdsOut,
    RoundOut,
    RoundsOut,
    SentIn,
    VillageOut,
    VillagesOut,
)
from mapapp.survey.groups import CODES
from mapapp.survey.rounds import queries as rounds
from mapapp.web import problems
from mapapp.web.openapi import JSON, Api, Problem
from mapapp.web.request import config, now, session

api = Api("survey", __name__)

PAGE = 100


def _may() -> object:
    return edge.allow_somewhere(ENTER)


@api.private("/survey/rounds", response=RoundsOut, action=ENTER, summary="Surveys that can be recorded")
def list_rounds() -> RoundsOut:
    """The surveys of the areas of the API key that were opened. A closed one still takes in what was recorded before;
    an officer looks at it."""
    edge.allow_somewhere(ENTER)
    found = view_helpers.rounds_of(ENTER, begun=True)
    return RoundsOut(
        rounds=[
            RoundOut(
                id=one.id, name=one.name, area=one.area_code, starts_on=one.starts_on.isoformat(),
                ends_on=one.ends_on.isoformat(), state=one.state, version=one.version, groups=list(CODES),
                ended_in=[ending.area_code for ending in rounds.endings(session(), one.id)],
            )
            for one in found
        ]
    )  # fmt: skip


class RoundQuery(QueryModel):
    """Which survey."""

    round: Id


@api.private(
    "/survey/villages", response=VillagesOut, action=ENTER, query=RoundQuery, summary="Villages assigned to me"
)
def villages(query: RoundQuery) -> VillagesOut:
    """The villages of a survey that are assigned to the owner of the API key."""
    acting = edge.allow_somewhere(ENTER)
    assert acting.person_id is not None
    found = rounds.get(session(), query.round)
    codes = assigning.of_person(session(), found.id, acting.person_id)
    names = assigning.named(session(), codes)
    done = queries.progress(session(), found.id, codes)
    made = []
    for code in codes:
        unit, count = done.get(code, (None, 0))
        one = names[code]
        made.append(
            VillageOut(code=code, number=one.number, name_th=one.name_th, name_en=one.name_en, unit=unit, records=count)
        )
    return VillagesOut(villages=made)


class VillageQuery(QueryModel):
    """Which village of a survey, from which record on."""

    after: int = 0


@api.private(
    "/survey/rounds/<int:round_id>/villages/<village>/records",
    response=HouseholdsOut,
    action=ENTER,
    query=VillageQuery,
    summary="What a village has",
)
def households(round_id: int, village: str, query: VillageQuery) -> HouseholdsOut:
    """The records of a village, for a revisit: 100 at a time. It must lie in the area of the API key."""
    edge.demand(ENTER, village[:6])
    found = rounds.get(session(), round_id)
    rows = queries.households(session(), found.id, village, after=query.after, limit=PAGE + 1)
    made = [
        HouseholdOut(
            entry=one.id, revision=one.revision, household=one.household, state=one.state,
            observed_at=one.observed_at, groups={code: dict(numbers) for code, numbers in one.figures.items()},
        )
        for one in rows[:PAGE]
    ]  # fmt: skip
    return HouseholdsOut(records=made, next=made[-1].entry if len(rows) > PAGE else None)


@api.write(
    "put",
    "/survey/entries/<uuid:key>",
    body=EntryIn,
    response=EntryOut,
    status=201,
    action=ENTER,
    guard=_may,
    summary="Record a household or a village",
    problems=(types.KEY_REUSED, types.RECORD_CHANGED),
    again="Already taken in under this key: the receipt, with the current state",
)
def record(key: uuid.UUID, body: EntryIn) -> Response:
    """`key` is a random UUID that the phone makes once for each record. If you send it again, whether or not an answer
    arrived, the record is not counted twice.

    Nothing is dropped: what comes late, from outside the assignment, or with older questions is taken in and waits for
    an officer (`state`: waiting). If another phone recorded the same household, both are kept (`state`: conflict).

    409 with `version`: the record that this one corrects has changed. `current` is what it is now, `sent` what you
    sent, `differs` the target groups in which they differ. Compare both, then send yours with the current revision
    and a new key, or leave it. 429: one person sent far more records than anyone can record; keep the record and send
    it again later.
    """
    most = limits.Most(config().survey_an_hour, config().survey_a_day)
    share = limits.share(edge.vault(), edge.actor(), body.village, most)
    receipt, is_new = service.taken_in(session(), edge.actor(), key, body, now(), share)
    return Response(receipt.model_dump_json(), 201 if is_new else 200, mimetype=JSON)


class AnswerOut(BaseModel):
    """What became of one of the records."""

    key: uuid.UUID | None = Field(description="of the record; null if it had none that can be read")
    status: int = Field(description="as if the record had been sent alone")
    receipt: EntryOut | None = None
    problem: Problem | None = None


class AnswersOut(BaseModel):
    """An answer for each record, in the order in which they were sent."""

    answers: list[AnswerOut]


@api.write(
    "post",
    "/survey/entries",
    body=BatchIn,
    response=AnswersOut,
    action=ENTER,
    guard=_may,
    summary="Record many households",
)
def record_many(body: BatchIn) -> AnswersOut:
    """Up to 50 records that a phone has kept, each with its `key`, as in `PUT /survey/entries/{key}`. Each has an
    answer of its own: one that is refused does not spoil the others. Sent again, nothing is counted twice. One with the
    status 429 is to be sent again later."""
    found = body.each()
    records = _within_limits([one if isinstance(one, Invalid) else (one.key, one.entry_in()) for one in found])
    outcomes = service.submit_many(session(), edge.actor(), records, now())
    return AnswersOut(answers=[_answer(one, outcome) for one, outcome in zip(found, outcomes, strict=True)])


def _within_limits(records: list[tuple[uuid.UUID, EntryIn] | DomainError]) -> list[service.Sent]:
    """The records, with the error instead of those that are more than one person may send."""
    good = [at for at, one in enumerate(records) if not isinstance(one, DomainError)]
    villages = [one[1].village for one in records if not isinstance(one, DomainError)]
    most = limits.Most(config().survey_an_hour, config().survey_a_day)
    beyond = limits.count_each(session(), edge.vault(), edge.actor(), villages, most, now())
    if beyond is not None:
        for at in good[beyond[0] :]:
            records[at] = beyond[1]
    return records


def _answer(sent: SentIn | Invalid, outcome: service.Outcome) -> AnswerOut:
    key = None if isinstance(sent, Invalid) else sent.key
    if isinstance(outcome, DomainError):
        problem = Problem.model_validate(problems.document(outcome))
        return AnswerOut(key=key, status=outcome.kind.status, problem=problem)
    return AnswerOut(key=key, status=200 if isinstance(outcome, AgainOut) else 201, receipt=outcome)
