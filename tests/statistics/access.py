"""Who may do what in this room: a row for each of its routes, gathered by the access matrix."""

from __future__ import annotations

from tests.architecture.matrix import OFFICERS, SOMEWHERE, Row, Rows

ROLES = {
    "statistics.view": OFFICERS | {"auditor"},
    "statistics.contact": OFFICERS,
    "statistics.end": {"ministry", "province_admin"},
    "statistics.compare": OFFICERS,
    "statistics.confirm": {"province_admin"},
}
"""Action → who may do it in their area."""

PERSONAL = {"statistics.contact"}
"""Only with agreement and training (letters L3.8, L3.14)."""

ROWS: Rows = {
    ("statistics.index", "GET"): Row("/officer/statistics", "statistics.view", SOMEWHERE),
    ("statistics.area", "GET"): Row("/officer/statistics/900101", "statistics.view"),
    ("statistics.to_call", "GET"): Row("/officer/statistics/900101/to-call", "statistics.contact"),
    ("statistics.export", "GET"): Row("/officer/statistics/900101/export", "statistics.view"),
    # What everyone may read
    ("statistics_published.index", "GET"): Row("/statistics"),
    ("statistics_published.area", "GET"): Row("/statistics/900101"),
    ("statistics_published_api.table", "GET"): Row("/api/v1/statistics"),
    ("statistics_published_api.values", "GET"): Row("/api/v1/statistics/values"),
    ("statistics_published_api.fridays", "GET"): Row("/api/v1/statistics/fridays"),
    ("statistics_api.live", "GET"): Row("/api/v1/statistics/live?area=900101", "statistics.view"),
    # The end of reporting
    ("statistics_ending.index", "GET"): Row("/officer/statistics/endings", "statistics.end", SOMEWHERE),
    ("statistics_ending.act", "POST"): Row(
        "/officer/statistics/endings",
        "statistics.end",
        ok=303,
        form={"do": "end", "area": "900101", "reason": "ประกาศ"},
    ),
    # The old form beside the service
    ("statistics_parallel.index", "GET"): Row("/officer/statistics/parallel", "statistics.compare", SOMEWHERE),
    ("statistics_parallel.upload", "POST"): Row(
        "/officer/statistics/parallel?area=900101", "statistics.compare", ok=400
    ),
    ("statistics_parallel.one", "GET"): Row("/officer/statistics/parallel/{old_form}", "statistics.compare"),
    ("statistics_parallel.columns", "POST"): Row(
        "/officer/statistics/parallel/{old_form}",
        "statistics.compare",
        ok=303,
        form={"c0": "tambon", "c1": "vaccination:child.one"},
    ),
    ("statistics_parallel.discard", "POST"): Row(
        "/officer/statistics/parallel/{old_form}/discard", "statistics.compare", ok=303
    ),
    ("statistics_parallel.differences", "GET"): Row(
        "/officer/statistics/parallel/{old_form}.csv", "statistics.compare"
    ),
    # Fridays
    ("statistics_weeks.index", "GET"): Row("/officer/statistics/fridays", "statistics.view", SOMEWHERE),
    ("statistics_weeks.one", "GET"): Row("/officer/statistics/fridays/{friday}?area=900101", "statistics.view"),
    ("statistics_weeks.confirm", "POST"): Row(
        "/officer/statistics/fridays/{friday}?area=90",
        "statistics.confirm",
        "90",
        ok=303,
        form={"province": "90"},
    ),
    ("statistics_weeks.to_call", "GET"): Row(
        "/officer/statistics/fridays/{friday}/to-call", "statistics.contact", SOMEWHERE
    ),
    ("statistics_sharing.page", "GET"): Row("/statistics/90/friday", cached=True),
    ("statistics_sharing.picture", "GET"): Row("/statistics/90/friday.png", cached=True),
}
