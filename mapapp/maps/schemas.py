"""What can be asked of the maps room."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mapapp.core.fields import AreaCode, BlankIsNone, QueryModel
from mapapp.coverage.schemas import FigureQuery
from mapapp.facilities.kinds import USUAL, KindName


class TileQuery(QueryModel):
    """What the polygons of a tile carry."""

    kind: Annotated[KindName | None, BlankIsNone, Field(description="Names, and the figures of this kind.")] = None

    @property
    def figures(self) -> str:
        """The kind that a description of the tiles speaks of."""
        return self.kind or USUAL


class SavedQuery(FigureQuery):
    """Which map of coverage is saved."""

    chosen: Annotated[AreaCode | None, BlankIsNone, Field(description="The area whose outline is marked.")] = None
