"""Who may do what in this room: a row for each of its routes, gathered by the access matrix."""

from __future__ import annotations

from tests.architecture.matrix import OFFICERS, SOMEWHERE, Row, Rows

PIN = {
    "kind": "hospital",
    "name_th": "โรงพยาบาลใหม่",
    "place": "14.02, 100.02",
}

ROLES = {
    "facilities.view": OFFICERS | {"auditor"},
    "facilities.export": OFFICERS | {"auditor"},
    "facilities.edit": OFFICERS,
    "facilities.import": OFFICERS,
    "facilities.reports": OFFICERS,
    "facilities.capacity": OFFICERS,
}
"""Action → who may do it in their area."""

ROWS: Rows = {
    ("facilities.nearest", "GET"): Row("/nearest?lat=14.05&lon=100.05"),
    ("facilities.page", "GET"): Row("/facilities/{hospital}"),
    ("facilities_api.facilities", "GET"): Row("/api/v1/facilities?area=90"),
    ("facilities_api.facility", "GET"): Row("/api/v1/facilities/{hospital}"),
    ("facilities_api.nearest_file", "GET"): Row("/api/v1/facilities/nearest/file?lat=14.05&lon=100.05"),
    ("facilities_api.area_file", "GET"): Row("/api/v1/facilities/file?area=90"),
    ("facilities_api.nearest", "GET"): Row("/api/v1/facilities/nearest?lat=14.05&lon=100.05"),
    ("facilities_api.clusters", "GET"): Row("/api/v1/facilities/clusters?bbox=100,14,101,15&zoom=8"),
    # The console
    ("console.home", "GET"): Row("/officer", "facilities.view", SOMEWHERE),
    ("console.table", "GET"): Row("/officer/facilities", "facilities.view", SOMEWHERE),
    ("console.pins", "GET"): Row("/officer/facilities/pins", "facilities.view", SOMEWHERE),
    ("console.export", "GET"): Row("/officer/facilities/export?format=csv", "facilities.export", SOMEWHERE),
    ("console.stale", "GET"): Row("/officer/facilities/stale", "facilities.edit", SOMEWHERE),
    ("console.bulk", "POST"): Row(
        "/officer/facilities/bulk",
        "facilities.edit",
        ok=303,
        refused=303,
        form={"pick": ["{hospital}.1"], "do": "confirm"},
        but=dict.fromkeys(["program of the tambon, for pins", "program of another tambon"], 403),
        why="rows outside one's area are left as they are, and the page says how many; programs do not see the console",
    ),
    ("console.check", "POST"): Row(
        "/officer/facilities/stale",
        "facilities.edit",
        ok=303,
        refused=303,
        form={"still": "{hospital}.1"},
        why="as above",
    ),
    ("console.undo", "POST"): Row(
        "/officer/facilities/undo",
        "facilities.edit",
        ok=403,
        form={"first": "{step}", "last": "{step}"},
        why="only what one has just done oneself is taken back here",
    ),
    # Editing
    ("facility_editing.new", "GET"): Row("/officer/facilities/new?kind=hospital", "facilities.edit", SOMEWHERE),
    ("facility_editing.create", "POST"): Row("/officer/facilities/new", "facilities.edit", ok=303, form=PIN),
    ("facility_editing.edit", "GET"): Row("/officer/facilities/{hospital}/edit", "facilities.edit"),
    ("facility_editing.save", "POST"): Row(
        "/officer/facilities/{hospital}/edit", "facilities.edit", ok=303, form={**PIN, "version": "1"}
    ),
    ("facility_editing.confirm", "POST"): Row("/officer/facilities/{hospital}/confirm", "facilities.edit", ok=303),
    ("facility_editing.place", "GET"): Row(
        "/officer/facilities/place?place=14.02,100.02", "facilities.edit", SOMEWHERE
    ),
    ("facility_editing.hours", "GET"): Row("/officer/facilities/hours", "facilities.edit", SOMEWHERE),
    ("facility_steps.closing", "GET"): Row("/officer/facilities/{hospital}/close", "facilities.edit"),
    ("facility_steps.close", "POST"): Row(
        "/officer/facilities/{hospital}/close",
        "facilities.edit",
        ok=303,
        form={"version": "1", "how": "for_good", "closed_reason": "ย้าย"},
    ),
    ("facility_steps.reopen", "POST"): Row(
        "/officer/facilities/{hospital}/reopen", "facilities.edit", ok=303, form={"version": "1"}
    ),
    ("facility_steps.history", "GET"): Row("/officer/facilities/{hospital}/history", "facilities.view"),
    ("facility_steps.undo", "POST"): Row(
        "/officer/facilities/{hospital}/history/{step}/undo", "facilities.edit", ok=303
    ),
    ("facility_steps.merging", "GET"): Row("/officer/facilities/{hospital}/merge", "facilities.edit"),
    ("facility_steps.merge", "POST"): Row(
        "/officer/facilities/{hospital}/merge?with={twin}",
        "facilities.edit",
        ok=303,
        form={"version": "1", "other_version": "1", "stays": "this", "reason": "ซ้ำ"},
    ),
    # Reports
    ("facility_reports.queue", "GET"): Row("/officer/facilities/reports", "facilities.reports", SOMEWHERE),
    ("facility_reports.handle", "POST"): Row(
        "/officer/facilities/reports",
        "facilities.reports",
        ok=303,
        form={"facility": "{hospital}", "answer": "dismiss", "upto": "{report}"},
    ),
    # Lists that are brought in
    ("facility_imports.index", "GET"): Row("/officer/facilities/import", "facilities.import", SOMEWHERE),
    ("facility_imports.upload", "POST"): Row(
        "/officer/facilities/import", "facilities.import", SOMEWHERE, ok=400, form={"source": "x"}
    ),
    ("facility_imports.template", "GET"): Row(
        "/officer/facilities/import/template?kind=hospital", "facilities.import", SOMEWHERE
    ),
    ("facility_imports.page", "GET"): Row("/officer/facilities/import/{import}", "facilities.import"),
    ("facility_imports.progress", "GET"): Row("/officer/facilities/import/{import}/progress", "facilities.import"),
    ("facility_imports.problems", "GET"): Row("/officer/facilities/import/{import}/problems.csv", "facilities.import"),
    ("facility_imports.options", "POST"): Row(
        "/officer/facilities/import/{import}/options", "facilities.import", ok=303, form={"kind": "hospital"}
    ),
    ("facility_imports.columns", "POST"): Row(
        "/officer/facilities/import/{import}/columns", "facilities.import", ok=303, form={"name_th": "0"}
    ),
    ("facility_imports.run", "POST"): Row(
        "/officer/facilities/import/{import}/run", "facilities.import", ok=303, form={"rows": "good"}
    ),
    ("facility_imports.undo", "POST"): Row("/officer/facilities/import/{import}/undo", "facilities.import", ok=409),
    ("facility_imports.discard", "POST"): Row(
        "/officer/facilities/import/{import}/discard", "facilities.import", ok=303
    ),
    # The API
    ("facilities_api.add_facility", "POST"): Row(
        "/api/v1/facilities",
        "facilities.edit",
        ok=201,
        json={"kind": "hospital", "name_th": "โรงพยาบาลใหม่", "lat": 14.02, "lon": 100.02},
    ),
    ("facilities_api.edit_facility", "PATCH"): Row(
        "/api/v1/facilities/{hospital}", "facilities.edit", json={"version": 1, "beds": 5}
    ),
    ("facilities_api.close_facility", "DELETE"): Row(
        "/api/v1/facilities/{hospital}", "facilities.edit", json={"reason": "ย้าย"}
    ),
    ("facilities_api.say_capacity", "PATCH"): Row(
        "/api/v1/facilities/{hospital}/capacity", "facilities.capacity", json={"beds_free": 3}
    ),
    ("facilities_api.report", "POST"): Row("/api/v1/facilities/{hospital}/reports", ok=201, json={"reason": "closed"}),
    ("facility_reports.form", "GET"): Row("/facilities/{hospital}/report"),
    ("facility_reports.send", "POST"): Row("/facilities/{hospital}/report", ok=303, form={"reason": "closed"}),
    ("facility_reports.thanks", "GET"): Row("/facilities/{hospital}/report/thanks"),
}
