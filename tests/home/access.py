"""Who may do what in this room: a row for each of its routes, gathered by the access matrix."""

from __future__ import annotations

from tests.architecture.matrix import Row, Rows

ROWS: Rows = {
    ("home.index", "GET"): Row("/"),
    ("home.data", "GET"): Row("/about/data"),
    ("home.api_docs", "GET"): Row("/api/v1/docs"),
    ("home.problems", "GET"): Row("/problems/"),
    ("home.problem", "GET"): Row("/problems/taken"),
    ("home.openapi_document", "GET"): Row("/api/v1/openapi.json"),
    ("home.healthz", "GET"): Row("/healthz"),
    ("home.readyz", "GET"): Row("/readyz"),
}
