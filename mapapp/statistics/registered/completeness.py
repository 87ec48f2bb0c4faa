"""How far the survey has come: villages and tambons with records, people recorded against people registered."""

from __future__ import annotations

from typing import Final

from mapapp.core.errors import N_
from mapapp.statistics.measures import Measure, Ratio, Sum
from mapapp.statistics.registered.rounds import CURRENT, within

SQL: Final = f"""
WITH {CURRENT},
entered AS (
    SELECT current.code, count(DISTINCT s.village_code) AS villages
    FROM current JOIN survey_sums AS s ON s.round_id = current.round_id AND {within("s.village_code", "current.code")}
        AND s.entries > 0
    GROUP BY current.code
),
known AS (
    SELECT place.code, v.code AS village FROM place JOIN villages AS v ON {within("v.code", "place.code")}
    UNION SELECT current.code, v.village_code
    FROM current JOIN survey_villages AS v ON v.round_id = current.round_id
        AND {within("v.village_code", "current.code")}
    UNION SELECT current.code, v.village_code
    FROM current JOIN survey_assignments AS v ON v.round_id = current.round_id
        AND {within("v.village_code", "current.code")}
),
counted AS (SELECT code, count(*) AS villages FROM known GROUP BY code)
SELECT place.code, CAST(ARRAY[
    COALESCE(counted.villages, 0), COALESCE(entered.villages, 0),
    CASE WHEN a.code IS NULL THEN 0 ELSE 1 END,
    CASE WHEN a.code IS NULL OR entered.villages IS NULL THEN 0 ELSE 1 END,
    CASE WHEN a.code IS NULL THEN 0 ELSE a.population END
] AS bigint[]) AS values
FROM place LEFT JOIN areas AS a ON a.code = place.code LEFT JOIN entered ON entered.code = place.code
    LEFT JOIN counted ON counted.code = place.code
WHERE a.code IS NOT NULL OR entered.villages > 0
"""  # noqa: S608 - our own words

MEASURE: Final = Measure(
    key="completeness",
    label=N_("Completeness"),
    definition=N_(
        "Villages with a record in the survey, of all villages known there; people recorded, of the registered "
        "population. More people can live in a place than are registered."
    ),
    source=N_("Vaccination survey of this service, list of villages and registered population"),
    cells=("villages", "villages_entered", "tambons", "tambons_entered", "registered"),
    sums=(
        Sum("entered", N_("Villages with a record"), ("villages_entered",), "villages", "low"),
        Sum("villages", N_("Villages"), ("villages",), "villages"),
        Sum("tambons_entered", N_("Tambons with a record"), ("tambons_entered",), "tambons", "low"),
        Sum("tambons", N_("Tambons"), ("tambons",), "tambons"),
        Sum("registered", N_("Registered population"), ("registered",), "people"),
    ),
    ratios=(
        Ratio("complete", N_("Share of villages with a record"), "entered", "villages"),
        Ratio("tambons_share", N_("Share of tambons with a record"), "tambons_entered", "tambons"),
        Ratio("recorded", N_("Recorded, of the registered population"), "vaccination:here", "registered"),
    ),
    main="complete",
    people=False,
    sources=frozenset({"survey", "areas"}),
    sql=SQL,
    absent="not_entered",
    strict=frozenset({"registered"}),
    breaks={
        "complete": (0.2, 0.4, 0.6, 0.8, 1.0),
        "tambons_share": (0.2, 0.4, 0.6, 0.8, 1.0),
        "recorded": (0.2, 0.4, 0.6, 0.8, 1.0),
    },
    rows=lambda code: f"/officer/survey?area={code}",
)
