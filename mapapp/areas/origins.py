"""Where the boundaries of an area come from, and on which terms: for what leaves the service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.areas.labels import LICENCES, SOURCES
from mapapp.areas.models import Area
from mapapp.areas.queries import scope
from mapapp.core.languages import Language
from mapapp.lists.credits import Credit
from mapapp.web.translating import translate


class Origin(NamedTuple):
    """A source of boundaries, and the newest day its boundaries stand for."""

    source: str
    as_of: date | None
    approximate: bool

    @property
    def licence(self) -> str:
        """The terms of its data; empty where they are not known here."""
        return LICENCES.get(self.source, "")

    def told(self, lang: Language) -> str:
        """The source and its terms, in a language."""
        name = translate(SOURCES.get(self.source, self.source), lang.code)
        return f"{name} ({self.licence})" if self.licence else name


def origins(session: Session, code: str | None = None) -> Sequence[Origin]:
    """The sources of an area's boundary and of all inside it, the one with the most areas first.

    Args:
        code: None for the whole country.
    """
    found = session.execute(
        select(Area.source, func.max(Area.source_as_of), Area.approximate)
        .where(scope(Area.code, code))
        .group_by(Area.source, Area.approximate)
        .order_by(func.count().desc(), Area.source, Area.approximate)
    )
    return [Origin(*row) for row in found]


def credit(session: Session, code: str | None, lang: Language, *, as_of: datetime | None, owner: str) -> Credit:
    """What a file about an area (None: the whole country) says of itself."""
    known = origins(session, code)
    names = (translate(SOURCES.get(one.source, one.source), lang.code) for one in known)
    return Credit(
        as_of=as_of,
        boundary_source=", ".join(dict.fromkeys(names)),
        boundary_licence=", ".join(dict.fromkeys(one.licence for one in known if one.licence)),
        owner=owner,
    )
