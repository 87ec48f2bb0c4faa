"""Who may do what in this room: a row for each of its routes, gathered by the access matrix."""

from __future__ import annotations

from tests.architecture.matrix import OFFICERS, SELF, SOMEWHERE, STEP, Row, Rows

ROLES = {
    "people.view": OFFICERS | {"auditor"},
    "people.appoint": OFFICERS,
    "tokens.manage": OFFICERS,
}
"""Action → who may do it in their area."""

PERSONAL = {"people.view", "people.appoint"}
"""Only with agreement and training (letters L3.8, L3.14)."""

ROWS: Rows = {
    # People
    ("people.index", "GET"): Row("/officer/people", "people.view", SOMEWHERE),
    ("people.person", "GET"): Row("/officer/people/{helper}", "people.view", refused=404),
    ("people.change", "POST"): Row(
        "/officer/people/{helper}",
        "people.appoint",
        ok=303,
        refused=404,
        form={"do": "end", "appointment": "{helping}", "reason": "ลาออก"},
    ),
    ("people.new", "GET"): Row("/officer/people/new", "people.appoint", SOMEWHERE),
    ("people.add", "POST"): Row(
        "/officer/people/new",
        "people.appoint",
        refused=400,
        form={"name": "คนใหม่", "phone": "0812345678", "role": "volunteer", "area": "900101"},
        why="the form is told beside its field that the area is none of theirs",
    ),
    ("people_bulk.start", "GET"): Row("/officer/people/bulk", "people.appoint", SOMEWHERE),
    ("people_bulk.template", "GET"): Row("/officer/people/bulk/template.xlsx", "people.appoint", SOMEWHERE),
    ("people_bulk.hand_in", "POST"): Row("/officer/people/bulk", "people.appoint", SOMEWHERE, ok=400, form={}),
    ("accounts_api.appointments", "GET"): Row("/api/v1/appointments?area=900101", "people.view"),
    ("accounts_api.add_appointment", "POST"): Row(
        "/api/v1/appointments",
        "people.appoint",
        ok=201,
        json={
            "person": {"name": "คนใหม่", "phone": "0812345678"},
            "role": "volunteer",
            "area_code": "900101",
        },
    ),
    ("accounts_api.end_appointment", "DELETE"): Row(
        "/api/v1/appointments/{helping}", "people.appoint", refused=404, json={"reason": "ลาออก"}
    ),
    ("tokens.listed", "GET"): Row("/account/tokens", "tokens.manage", SOMEWHERE),
    ("tokens.change", "POST"): Row("/account/tokens", "tokens.manage", SOMEWHERE, ok=400, form={"name": "x"}),
    ("account.sign_in_page", "GET"): Row("/sign-in"),
    ("account.sign_in", "POST"): Row("/sign-in", ok=400, form={"name": "x", "password": "y"}),
    ("account.enter", "GET"): Row("/join/{invitation}", ok=303, gives_key=True),
    ("account.join_page", "GET"): Row("/join/for/{invitation_id}"),
    ("account.join", "POST"): Row("/join/for/{invitation_id}", ok=400, form={"password": "x"}),
    ("account.account_page", "GET"): Row("/account", SELF),
    ("account.account", "POST"): Row("/account", SELF, ok=303, form={"name": "ชื่อใหม่", "language": "th"}),
    ("account.contacts_page", "GET"): Row("/account/contacts", SELF),
    ("account.change_contacts", "POST"): Row("/account/contacts", SELF, ok=400, form={"password": "x"}),
    ("account.erase_page", "GET"): Row("/account/delete", SELF),
    ("account.erase", "POST"): Row("/account/delete", SELF, ok=400, form={"password": "x"}),
    ("account.download", "GET"): Row("/account/download", SELF),
    ("account.password_page", "GET"): Row("/account/password", SELF),
    ("account.change_password", "POST"): Row("/account/password", SELF, ok=400, form={"password": "x"}),
    ("account.renew_codes_page", "GET"): Row("/account/recovery-codes", SELF),
    ("account.renew_codes", "POST"): Row("/account/recovery-codes", SELF),
    ("account.renew_factor_page", "GET"): Row("/account/second-factor", SELF),
    ("account.renew_factor", "POST"): Row("/account/second-factor", SELF, form={"code": "1"}),
    ("account.end_session", "POST"): Row("/account/sessions/end", SELF, ok=303, form={"session": "others"}),
    ("account.confirm_page", "GET"): Row("/sign-in/confirm", STEP),
    ("account.confirm", "POST"): Row("/sign-in/confirm", STEP, ok=400, form={"password": "x"}),
    ("account.second_factor_page", "GET"): Row(
        "/sign-in/second-factor", STEP, ok=303, but={"without second factor": 200}, why="who has shown it goes on"
    ),
    ("account.second_factor", "POST"): Row("/sign-in/second-factor", STEP, form={"code": "1"}),
    ("account.give_up_page", "GET"): Row("/account/appointments/{helping}/end", SELF, ok=404, why="it is not theirs"),
    ("account.give_up", "POST"): Row("/account/appointments/{helping}/end", SELF, ok=404, why="as above"),
    ("account.sign_out", "POST"): Row("/sign-out", STEP, ok=303, but={"suspended": 303}, why="anybody may leave"),
}
