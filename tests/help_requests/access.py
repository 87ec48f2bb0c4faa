"""Who may do what in this room: a row for each of its routes, gathered by the access matrix."""

from __future__ import annotations

from mapapp.help_requests.asking.consent import CONSENT_VERSION
from tests.architecture.matrix import LINK, OFFICERS, SOMEWHERE, Row, Rows

ASKING = {
    "needs": "food", "urgency": "normal", "point": "14.02, 100.02", "phone": "0812340002", "who": "self",
    "consent": CONSENT_VERSION,
}  # fmt: skip

ROLES = {
    "requests.nearby": OFFICERS | {"volunteer"},
    "requests.claim": OFFICERS | {"volunteer"},
    "requests.view": OFFICERS,
    "requests.handle": OFFICERS,
    "requests.measures": OFFICERS | {"auditor"},
}
"""Action → who may do it in their area."""

PERSONAL = {"requests.claim", "requests.view", "requests.handle"}
"""Only with agreement and training (letters L3.8, L3.14)."""

ROWS: Rows = {
    ("help_nearby_api.counted", "GET"): Row("/api/v1/help-requests/cells"),
    ("help_nearby.public", "GET"): Row("/requests"),
    # The officers' board of help requests
    ("help_board.board", "GET"): Row("/officer/requests", "requests.view", SOMEWHERE),
    ("help_board.one", "GET"): Row("/officer/requests/{asked}", "requests.view", refused=404),
    ("help_board.act", "POST"): Row(
        "/officer/requests/{asked}", "requests.handle", ok=303, refused=404, form={"do": "still_needed"}
    ),
    ("help_board.export", "GET"): Row("/officer/requests/export?format=csv", "requests.view", SOMEWHERE),
    ("help_board.figures", "GET"): Row("/officer/requests/measures", "requests.measures", SOMEWHERE),
    ("help_board.figures_file", "GET"): Row("/officer/requests/measures.csv", "requests.measures", SOMEWHERE),
    ("help_board_api.measures", "GET"): Row("/api/v1/help-requests/measures", "requests.measures", SOMEWHERE),
    ("help_asking.take", "GET"): Row("/officer/requests/new", "requests.handle", SOMEWHERE),
    ("help_asking.taken", "POST"): Row("/officer/requests/new", "requests.handle", ok=303, form=ASKING),
    ("help_asking.sheet", "GET"): Row("/officer/requests/new/sheet", "requests.handle", SOMEWHERE, ok=404),
    ("help_live.stream", "GET"): Row("/live/requests", "requests.nearby", SOMEWHERE),
    # Volunteers, and what they do
    ("help_nearby.filter_nearby", "POST"): Row("/volunteer/nearby", "requests.nearby", SOMEWHERE, ok=303, form={}),
    ("help_nearby_api.one", "GET"): Row("/api/v1/help-requests/{asked}", "requests.nearby", refused=404),
    ("help_working.tasks", "GET"): Row("/volunteer/tasks", "requests.nearby", SOMEWHERE),
    ("help_working.page", "GET"): Row("/volunteer/requests/{asked}", "requests.nearby", refused=404),
    ("help_working.claim", "POST"): Row(
        "/volunteer/requests/{asked}/claim", "requests.claim", ok=303, refused=404, form={}
    ),
    ("help_working.renew", "POST"): Row(
        "/volunteer/requests/{asked}/renew", "requests.claim", ok=303, refused=404, held=409, form={}
    ),
    ("help_working.release", "POST"): Row(
        "/volunteer/requests/{asked}/release",
        "requests.claim",
        ok=303,
        refused=404,
        held=409,
        form={"reason": "cannot_go"},
    ),
    ("help_working.hand_over", "POST"): Row(
        "/volunteer/requests/{asked}/hand-over",
        "requests.claim",
        ok=303,
        refused=404,
        held=409,
        form={"to_person": "{ally}"},
    ),
    ("help_working.progress", "POST"): Row(
        "/volunteer/requests/{asked}/progress", "requests.claim", ok=303, refused=404, held=409, form={"step": "there"}
    ),
    ("help_working.contact", "POST"): Row(
        "/volunteer/requests/{asked}/contact", "requests.claim", refused=404, held=409, form={"reason": "agree"}
    ),
    ("help_working.report", "POST"): Row(
        "/volunteer/requests/{asked}/report", "requests.nearby", ok=303, refused=404, form={"reason": "unsafe"}
    ),
    ("help_working.answer", "POST"): Row(
        "/volunteer/offers/{offer}", "requests.nearby", ok=404, refused=404, form={"answer": "accept"}
    ),
    ("help_working_api.claim", "POST"): Row(
        "/api/v1/help-requests/{asked}/claim", "requests.claim", refused=404, json={}
    ),
    ("help_working_api.renew", "POST"): Row(
        "/api/v1/help-requests/{asked}/renew", "requests.claim", refused=404, held=409, json={}
    ),
    ("help_working_api.release", "POST"): Row(
        "/api/v1/help-requests/{asked}/release", "requests.claim", refused=404, held=409, json={"reason": "cannot_go"}
    ),
    ("help_working_api.hand_over", "POST"): Row(
        "/api/v1/help-requests/{asked}/hand-over",
        "requests.claim",
        refused=404,
        held=409,
        json={"to_person": "{ally}"},
    ),
    ("help_working_api.progress", "POST"): Row(
        "/api/v1/help-requests/{asked}/progress", "requests.claim", refused=404, held=409, json={"step": "there"}
    ),
    ("help_working_api.contact", "POST"): Row(
        "/api/v1/help-requests/{asked}/contact", "requests.claim", refused=404, held=409, json={"reason": "agree"}
    ),
    ("help_resident.enter", "GET"): Row("/requests/mine/{page}", LINK, ok=303, another=303),
    ("help_resident.mine", "GET"): Row("/requests/mine/{asked}", LINK, another=404),
    ("help_resident.act", "POST"): Row("/requests/mine/{asked}", LINK, ok=303, another=404, form={"do": "extend"}),
    ("help_resident.data", "GET"): Row("/requests/mine/{asked}/data.json", LINK, another=404),
    ("help_resident_api.mine", "GET"): Row("/api/v1/help-requests/resident", LINK, key=True),
    ("help_resident_api.mine_do", "POST"): Row("/api/v1/help-requests/resident", LINK, key=True, json={"do": "extend"}),
    ("help_resident_api.resident", "GET"): Row("/api/v1/help-requests/resident/{page}", LINK),
    ("help_resident_api.resident_do", "POST"): Row(
        "/api/v1/help-requests/resident/{page}", LINK, json={"do": "extend"}
    ),
    ("help_nearby.nearby", "GET"): Row(
        "/volunteer/nearby", but={"without second factor": 303}, why="who has no right to more sees counts there"
    ),
    ("help_nearby_api.listing", "GET"): Row(
        "/api/v1/help-requests", but={"without second factor": 403}, why="who has no right to more is given cells"
    ),
    ("help_asking.new", "GET"): Row("/requests/new"),
    ("help_asking.send", "POST"): Row("/requests/new", ok=303, form=ASKING),
    ("help_asking.posted", "GET"): Row(
        "/requests/posted/{asked}", ok=303, why="without the key of the browser that asked it leads to the page"
    ),
    ("help_asking.place", "POST"): Row("/requests/new/place", form={"place": "ตำบล01"}),
    ("help_asking_api.ask", "POST"): Row(
        "/api/v1/help-requests",
        ok=201,
        json={
            "needs": [{"kind": "food"}],
            "urgency": "normal",
            "tambon": "900101",
            "phone": "0812340001",
            "consent": CONSENT_VERSION,
        },
    ),
    ("help_resident.find", "GET"): Row("/requests/find"),
    ("help_resident.open_by_code", "POST"): Row("/requests/find", ok=400, form={"code": "1"}),
}
