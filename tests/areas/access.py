"""Who may do what in this room: a row for each of its routes, gathered by the access matrix."""

from __future__ import annotations

from tests.architecture.matrix import Row, Rows

ROWS: Rows = {
    ("areas.places", "GET"): Row("/places?q=ตะวันตก"),
    ("areas_api.areas", "GET"): Row("/api/v1/areas?lat=14.05&lon=100.05"),
    ("areas_api.area", "GET"): Row("/api/v1/areas/9001"),
}
