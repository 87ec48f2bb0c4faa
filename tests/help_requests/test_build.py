"""The builder makes what the form would: the cell of the place, a contact that opens, needs to claim."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mapapp.help_requests import contacts
from tests.data import small_country
from tests.help_requests.build import VAULT, add_request, events_of, leases_of, needs_of


def test_a_built_request_is_whole(session: Session) -> None:
    small_country(session)
    made = add_request(session, needs=("food", {"kind": "medicine", "quantity": 2}), phone="+66898765432")
    assert (made.tambon_code, made.cell_key, made.cell_tambon_code) == ("900101", "4:1404:10000", "900101")
    assert contacts.of(VAULT, made.id, made.contact_sealed).phone == "+66898765432"
    assert contacts.landmark_of(VAULT, made.id, made.landmark_sealed)
    assert [(need.kind, need.state) for need in needs_of(session, made.id)] == [("food", "open"), ("medicine", "open")]
    assert (leases_of(session, made.id), events_of(session, made.id)) == ([], [])
