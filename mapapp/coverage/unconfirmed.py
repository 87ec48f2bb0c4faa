"""Places that nobody has confirmed lately: how many of a kind, and whether a page counts them unasked.

Where a whole kind comes from one old list, figures without them say that nobody in the country is within reach of
anything. That is no figure of coverage, it is one of the list's age. So a page whose address does not say which places
to count takes all of such a kind, and says so. The API counts what it is asked for, and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp.coverage.models import CoverageSite
from mapapp.facilities.kinds import KINDS

NEARLY_ALL = 0.9
"""Above this share of a kind's places, what is left over when they are left out tells nothing of the kind."""


@dataclass(frozen=True)
class Unconfirmed:
    """Facilities of one kind in the whole country: stale ones, and all."""

    count: int = 0
    total: int = 0

    @property
    def nearly_all(self) -> bool:
        """Whether the confirmed ones alone would tell nothing of the kind."""
        return self.count > NEARLY_ALL * self.total

    def counted(self, said: bool | None) -> bool:
        """Whether a page counts them, too. ``said``: what its address says of it; None where it says nothing."""
        return self.nearly_all if said is None else said


def by_kind(session: Session, kinds: Collection[str] = KINDS) -> dict[str, Unconfirmed]:
    """For each of the kinds. The whole country, whatever area is looked at: who goes from area to area compares."""
    found = session.execute(
        select(CoverageSite.kind, func.count().filter(CoverageSite.stale), func.count())
        .where(CoverageSite.kind.in_(kinds))
        .group_by(CoverageSite.kind)
    )
    known = {kind: Unconfirmed(count, total) for kind, count, total in found}
    return {kind: known.get(kind, Unconfirmed()) for kind in kinds}
