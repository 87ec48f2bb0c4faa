"""A round as a form for another tool: its villages are looked up, and the form is made."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.core.errors import N_, invalid
from mapapp.survey.assigning import queries as assigning
from mapapp.survey.rounds.schemas import Round
from mapapp.survey.sheets import xlsform


def of_round(session: Session, found: Round, area: str) -> bytes:
    """The XLSForm of a round, with the villages of an area in it.

    Raises:
        Invalid: the area has nothing to do with the round, has no known villages, or too many for one form.
    """
    villages = [one for one in assigning.villages(session, found.id, area) if found.covers(one.code)]
    if not villages:
        raise invalid("area", N_("No villages are known here. Assign them first, or choose another area."))
    if len(villages) > xlsform.MOST_VILLAGES:
        raise invalid(
            "area", N_("These are more than %(most)s villages. Choose a smaller area."), most=xlsform.MOST_VILLAGES
        )
    names = areas.with_parents(session, {one.tambon_code for one in villages})
    return xlsform.form(found, villages, names)
