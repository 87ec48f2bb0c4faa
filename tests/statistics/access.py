"""Who may do what in this room: a row for each of its routes, gathered by the access matrix."""

from __future__ import annotations

from tests.architecture.matrix import OFFICERS, SOMEWHERE, Row, Rows

ROLES = {"statistics.view": OFFICERS | {"auditor"}, "statistics.contact": OFFICERS}
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
}
