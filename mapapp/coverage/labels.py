"""What a page or a file says of the places that nobody has confirmed lately."""

from __future__ import annotations

from mapapp.core.errors import N_
from mapapp.coverage.unconfirmed import Unconfirmed
from mapapp.web.i18n import gettext, ngettext, number


def of_unconfirmed(left: Unconfirmed, *, counted: bool) -> str:
    """Whether they are counted, and how many they are, in one sentence; empty where there are none."""
    if not left.count:
        return ""
    if counted and left.nearly_all:
        return gettext(
            N_(
                "%(num)s of %(total)s places of this kind have not been confirmed lately, so they are counted here too."
            ),
            num=number(left.count),
            total=number(left.total),
        )
    if counted:
        return ngettext(
            "%(num)s place that nobody has confirmed lately is counted here.",
            "%(num)s places that nobody has confirmed lately are counted here.",
            left.count,
        )
    return ngettext(
        "%(num)s place is not counted: nobody has confirmed it lately.",
        "%(num)s places are not counted: nobody has confirmed them lately.",
        left.count,
    )
