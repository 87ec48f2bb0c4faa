"""Who may do what in this room: a row for each of its routes, gathered by the access matrix."""

from __future__ import annotations

from tests.architecture.matrix import SOMEWHERE, Row, Rows

ROWS: Rows = {
    ("maps.document", "GET"): Row("/maps/home"),
    ("pictures.coverage", "GET"): Row("/maps/coverage.png?level=amphoe&kind=hospital"),
    ("saved_maps.coverage", "GET"): Row("/maps/saved/coverage?level=tambon&kind=hospital&within=90"),
    ("saved_maps.nearest", "GET"): Row("/maps/saved/nearest?lat=14.05&lon=100.05"),
    ("saved_maps.table", "GET"): Row("/officer/facilities/map", "facilities.export", SOMEWHERE),
    ("saved_maps.survey_figures", "GET"): Row("/officer/survey/map?area=900101&round={survey}", "survey.view"),
    ("tiles.tile", "GET"): Row("/tiles/areas/6/49/29.mvt"),
    ("tiles.tilejson", "GET"): Row("/tiles/tambon.json"),
    ("tiles.metadata", "GET"): Row("/tiles/tambon/metadata.json"),
}
