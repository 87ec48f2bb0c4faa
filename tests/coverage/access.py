"""Who may do what in this room: a row for each of its routes, gathered by the access matrix."""

from __future__ import annotations

from tests.architecture.matrix import Row, Rows

ROWS: Rows = {
    ("coverage.index", "GET"): Row("/coverage?level=tambon&kind=hospital"),
    ("coverage.area", "GET"): Row("/areas/9001"),
    ("coverage.best_site", "GET"): Row("/coverage/best-site?kind=hospital&radius_km=10"),
    ("compare.page", "GET"): Row("/coverage/compare?level=tambon&left=hospital&right=test_site"),
    ("coverage_api.compare", "GET"): Row("/api/v1/coverage/compare?level=tambon&left=hospital&right=test_site"),
    ("one_more.page", "GET"): Row("/coverage/one-more?kind=hospital&lat=14.05&lon=100.05"),
    ("coverage_api.one_more", "GET"): Row("/api/v1/coverage/one-more?kind=hospital&lat=14.05&lon=100.05"),
    ("coverage_api.table", "GET"): Row("/api/v1/coverage?level=tambon&metric=nearest_km&kind=hospital"),
    ("coverage_api.values", "GET"): Row("/api/v1/coverage/values?level=tambon&metric=nearest_km&kind=hospital"),
    ("coverage_api.one_area", "GET"): Row("/api/v1/coverage/areas/900101?kind=hospital"),
    ("coverage_api.best_site", "GET"): Row("/api/v1/coverage/best-site?kind=hospital"),
}
