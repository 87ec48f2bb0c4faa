"""Who may do what in this room: a row for each of its routes, gathered by the access matrix."""

from __future__ import annotations

from tests.architecture.matrix import OFFICERS, SELF, SOMEWHERE, Row, Rows

JOINING = {"suspended": 403, "without second factor": 303}

SIGNED_IN = "who is signed in adds a profile to their own account, and has to have signed in wholly"

ROLES = {
    "volunteers.vet": OFFICERS,
}
"""Action → who may do it in their area."""

PERSONAL = {"volunteers.vet"}
"""Only with agreement and training (letters L3.8, L3.14)."""

ROWS: Rows = {
    ("vetting.index", "GET"): Row("/officer/volunteers", "volunteers.vet", SOMEWHERE),
    ("vetting.one", "GET"): Row("/officer/volunteers/{waiting}", "volunteers.vet", refused=404),
    ("vetting.decide", "POST"): Row(
        "/officer/volunteers/{waiting}", "volunteers.vet", ok=303, refused=404, form={"do": "refuse", "reason": "x"}
    ),
    ("volunteers.join_page", "GET"): Row("/volunteer/join", but=JOINING | {"unvetted volunteer": 303}, why=SIGNED_IN),
    ("volunteers.join", "POST"): Row("/volunteer/join", ok=400, form={"name": "x"}, but=JOINING, why=SIGNED_IN),
    ("volunteers.profile_page", "GET"): Row(
        "/volunteer", SELF, ok=303, but={"unvetted volunteer": 200}, why="who has no profile yet is led to making one"
    ),
    ("volunteers.profile", "POST"): Row(
        "/volunteer", SELF, ok=303, form={"do": "nothing"}, but={"unvetted volunteer": 400}, why="as above"
    ),
}
