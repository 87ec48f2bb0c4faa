"""People by target group and doses, from the survey."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_
from mapapp.statistics.measures import Measure, Ratio, Sum
from mapapp.statistics.registered.rounds import CURRENT, within
from mapapp.survey.groups import CODES, FIELDS, GROUPS, PARTS

REFUSING: Final = "refusing"

CELLS: Final = tuple(f"{group}_{part}" for group in CODES for part in (*PARTS, REFUSING))
"""Each person living there is in one cell of ``PARTS``; who refuses is counted once more."""

REACHED: Final = ("one", "two", "more")
UNREACHED: Final = ("none", "unasked")


def _columns() -> str:
    return ", ".join(
        f"sum(s.\"{part}\") FILTER (WHERE s.target_group = '{group}')" for group in CODES for part in (*PARTS, REFUSING)
    )


SQL: Final = f"""
WITH {CURRENT}
SELECT current.code, CAST(ARRAY[{_columns()}] AS bigint[]) AS values
FROM current JOIN survey_sums AS s ON s.round_id = current.round_id AND {within("s.village_code", "current.code")}
GROUP BY current.code
"""  # noqa: S608 - our own words


def _sums(group: str) -> list[Sum]:
    """The figures of one target group; empty: of everyone."""
    before = f"{group}." if group else ""
    codes = (group,) if group else CODES

    def made(key: str, label: str, parts: tuple[str, ...], worse: str = "", *, is_shown: bool = True) -> Sum:
        cells = tuple(f"{code}_{part}" for code in codes for part in parts)
        return Sum(f"{before}{key}", label, cells, "people", worse, group, is_shown)  # type: ignore[arg-type]

    return [
        made("unreached", N_("Not reached"), UNREACHED, "high"),
        made("here", FIELDS["here"], PARTS),
        made("reached", N_("With a dose at least"), REACHED, "low"),
        *(made(part, FIELDS[part], (part,)) for part in PARTS),
        made("refusing", FIELDS["refusing"], (REFUSING,)),
    ]


def _ratio(group: str) -> Ratio:
    before = f"{group}." if group else ""
    return Ratio(f"{before}share", N_("Share with a dose at least"), f"{before}reached", f"{before}here", group=group)


_SHARES: Final = (0.5, 0.6, 0.7, 0.8, 0.9)

MEASURE: Final = Measure(
    key="vaccination",
    label=N_("Vaccination"),
    definition=N_(
        "People who live there now and were recorded in the survey, by target group and doses. “Not reached” are "
        "people without a dose and people who could not be asked."
    ),
    source=N_("Vaccination survey of this service"),
    cells=CELLS,
    sums=tuple(one for group in ("", *CODES) for one in _sums(group)),
    ratios=tuple(_ratio(group) for group in ("", *CODES)),
    main="unreached",
    people=True,
    sources=frozenset({"survey", "areas"}),
    sql=SQL,
    absent="not_entered",
    groups={group.code: group.name for group in GROUPS},
    group_label=N_("Target group"),
    breaks={"share": _SHARES},
    rows=lambda code: f"/officer/survey?area={code}",
)
