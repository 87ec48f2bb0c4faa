"""Reads of published figures; nothing here looks at what is recorded."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from mapapp.areas.models import Area
from mapapp.areas.queries import scope
from mapapp.survey.models import SurveyRound
from mapapp.survey.publishing.models import SurveyPublished
from mapapp.survey.publishing.rules import BREAKS, EDGE
from mapapp.survey.publishing.schemas import Vaccinated, VaccinatedValues


def table(session: Session, within: str | None = None) -> list[Vaccinated]:
    """The amphoe that have a figure, the smallest share first."""
    amphoe, province = aliased(Area), aliased(Area)
    rows = session.execute(
        select(SurveyPublished, amphoe, province.name_th, province.name_en, SurveyRound.name, SurveyRound.is_example)
        .join(amphoe, amphoe.code == SurveyPublished.area_code)
        .join(province, province.code == amphoe.parent_code)
        .join(SurveyRound, SurveyRound.id == SurveyPublished.round_id)
        .where(scope(SurveyPublished.area_code, within))
        .order_by(SurveyPublished.share, SurveyPublished.area_code)
    )
    return [
        Vaccinated(
            code=one.area_code, name_th=area.name_th, name_en=area.name_en, province_th=row[2], province_en=row[3],
            share_percent=one.share,
            bound="at_most" if one.share <= EDGE else "at_least" if one.share >= 100 - EDGE else "exactly",
            people_at_least=one.people, day=one.on_day, survey=row[4], is_example=row[5],
        )
        for row in rows
        for one, area in [(row[0], row[1])]
    ]  # fmt: skip


def values(session: Session, within: str | None = None) -> VaccinatedValues:
    """The same to colour a map."""
    asked = select(SurveyPublished.area_code, SurveyPublished.share).where(scope(SurveyPublished.area_code, within))
    found = {row[0]: row[1] / 100 for row in session.execute(asked.order_by(SurveyPublished.area_code))}
    return VaccinatedValues(breaks=list(BREAKS), values=found)


def holds_examples(session: Session) -> bool:
    """Whether a figure is one of an example survey: a map says so."""
    asked = select(SurveyPublished.area_code).join(SurveyRound).where(SurveyRound.is_example).limit(1)
    return session.execute(asked).first() is not None
