"""Changing a request: the form comes filled, says back what has to be mended, and saves what is different."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from geoalchemy2 import Geometry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import cast, func, select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Person
from mapapp.core.contact_fields import phone_index
from mapapp.help_requests import contacts
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.asking.limits import A_DAY_ANYWHERE
from mapapp.help_requests.models import HelpBlock, HelpEvent, HelpRequest
from mapapp.help_requests.resident.changes import ChangeForm
from tests.architecture.test_form_inputs import VALUE
from tests.conftest import NOON
from tests.help_requests.build import VAULT, events_of, leases_of, needs_of
from tests.help_requests.resident.conftest import Resident, put

InState = Callable[..., HelpRequest]
Open = Callable[[HelpRequest], Resident]


def filled(page: Resident) -> dict[str, Any]:
    """What the form would send if nothing were touched."""
    shown = page.text("?do=change")
    form = re.search(r'<form class="asking".*?</form>', shown, re.S)
    assert form is not None
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<(?:input|textarea)[^>]*>", form[0]):
        at = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if at.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        value = html.unescape(at.get("value", ""))
        if tag.startswith("<textarea"):
            value = html.unescape(form[0].split(tag)[1].split("</textarea>")[0])
        if at["name"] == "needs":
            sent.setdefault("needs", []).append(value)
        else:
            sent[at["name"]] = value
    assert sent.pop("do") == "change"
    assert re.findall(r'type="submit"', form[0]) == ['type="submit"']
    return sent


def where(session: Session, request: HelpRequest) -> tuple[float, float] | None:
    point = cast(HelpRequest.point, Geometry)
    lat, lon = session.execute(select(func.ST_Y(point), func.ST_X(point)).where(HelpRequest.id == request.id)).one()
    return None if lat is None else (lat, lon)


def fields(session: Session, request: HelpRequest) -> list[str]:
    """Which fields the last change was of."""
    statement = select(HelpEvent.details).where(HelpEvent.request_id == request.id, HelpEvent.action == "changed")
    found: list[str] = session.scalars(statement.order_by(HelpEvent.id.desc()).limit(1)).one()["fields"]
    return found


@pytest.mark.parametrize("has_point", [True, False])
def test_the_form_comes_filled_and_unchanged_changes_nothing(
    session: Session, in_state: InState, resident: Open, has_point: bool
) -> None:
    made = in_state(
        "open", needs=("food", {"kind": "medicine", "quantity": 3, "detail": "ยาความดัน"}), elderly=True, people=4,
        other="ไลน์ pakam", on_behalf=True, lat=14.05731234567, **({} if has_point else {"point": None}),
    )  # fmt: skip
    page = resident(made)
    before = where(session, made)
    sent = filled(page)
    assert sent["needs"] == ["food", "medicine"]
    assert (sent["quantity_medicine"], sent["detail_medicine"], sent["people"]) == ("3", "ยาความดัน", "4")
    assert (sent["phone"], sent["name"], sent["other"]) == ("081 234 5678", "ป้าคำ", "ไลน์ pakam")
    assert "consent" not in sent
    answer = page.post("change", **sent)
    assert answer.location.endswith("notice=mine_so"), answer.get_data(as_text=True)
    assert events_of(session, made.id) == []
    assert where(session, made) == before


def test_what_is_changed_is_saved(session: Session, in_state: InState, resident: Open) -> None:
    made = in_state("open", consent_version="2020-01")
    page = resident(made)
    cell = made.cell_key
    sent = filled(page) | {
        "needs": ["medicine", "transport"], "detail_medicine": "ยาเบาหวาน", "quantity_medicine": "2", "urgency": "life",
        "people": "7", "pregnant": "1", "phone": "089 876 5432", "name": "ลุงมา", "landmark": "ข้างสะพาน",
        "description": "ต้องการยาก่อนค่ำ", "point": "14.150000, 100.150000", "place": "",
    }  # fmt: skip
    answer = page.post("change", **sent)
    assert answer.location.endswith("notice=mine_change"), answer.get_data(as_text=True)
    session.refresh(made)
    contact = contacts.of(VAULT, made.id, made.contact_sealed)
    assert (contact.phone, contact.name) == ("+66898765432", "ลุงมา")
    assert made.phone_index == phone_index(VAULT, "+66898765432")
    assert contacts.landmark_of(VAULT, made.id, made.landmark_sealed) == "ข้างสะพาน"
    assert (made.urgency, made.people, made.pregnant, made.description) == (1, 7, True, "ต้องการยาก่อนค่ำ")
    assert where(session, made) == (14.15, 100.15)
    assert made.tambon_code == "900202"
    assert made.cell_key != cell
    assert made.consent_version == "2020-01"
    assert [(need.kind, need.state, need.quantity) for need in needs_of(session, made.id)] == [
        ("food", "cancelled", None), ("transport", "open", None), ("medicine", "open", 2),
    ]  # fmt: skip
    assert fields(session, made) == [
        "contact", "description", "landmark", "needs", "people", "place", "pregnant", "urgency",
    ]  # fmt: skip
    assert events_of(session, made.id) == ["cancelled", "changed"]


def test_what_somebody_has_taken_on_cannot_be_left_out(
    session: Session, in_state: InState, resident: Open, helper: Person
) -> None:
    made = in_state("open", needs=("food", "transport"))
    put(session, needs_of(session, made.id)[0], helper, "on_the_way")
    session.commit()
    page = resident(made)
    sent = filled(page) | {"needs": ["transport", "medicine"], "people": "9"}
    answer = page.post("change", **sent)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert 'id="needs-problem"' in shown
    assert 'value="9"' in shown
    session.refresh(made)
    assert made.people == 1
    assert [need.state for need in needs_of(session, made.id)] == ["on_the_way", "open"]
    sent["needs"] = ["food", "transport"]
    assert page.post("change", **sent).location.endswith("notice=mine_change")
    assert leases_of(session, made.id)[0].ended_at is None


def test_what_has_run_out_can_be_left_out(session: Session, in_state: InState, resident: Open, helper: Person) -> None:
    made = in_state("open", needs=("food", "transport"))
    put(session, needs_of(session, made.id)[0], helper, "expired")
    session.commit()
    page = resident(made)
    assert page.post("change", **(filled(page) | {"needs": ["transport"]})).status_code == 303
    assert [need.state for need in needs_of(session, made.id)] == ["cancelled", "open"]
    assert [lease.how_ended for lease in leases_of(session, made.id)] == ["expired"]


@pytest.mark.parametrize(
    ("wrong", "beside"),
    [
        ({"needs": []}, "needs"), ({"urgency": "soon"}, "urgency"), ({"people": "0"}, "people"),
        ({"phone": "12"}, "phone"), ({"phone": "", "other": ""}, "phone"), ({"name": "1101700230708"}, "name"),
        ({"description": "โทร 081 234 5678 หรือ 089 876 5432"}, "description"),
        ({"point": "51.5, 0.1"}, "place"), ({"point": "", "place": ""}, "place"), ({"point": "x"}, "place"),
        ({"detail_food": "x" * 201}, "detail_food"), ({"quantity_food": "-1"}, "quantity_food"),
    ],
)  # fmt: skip
def test_what_cannot_be_saved_is_told_beside_its_field(
    session: Session, in_state: InState, resident: Open, wrong: dict[str, Any], beside: str
) -> None:
    made = in_state("open")
    page = resident(made)
    answer = page.post("change", **(filled(page) | {"landmark": "ที่ใหม่"} | wrong))
    assert answer.status_code == 400
    shown = answer.get_data(as_text=True)
    assert f'id="{beside}-problem"' in shown
    assert "ที่ใหม่" in shown
    assert events_of(session, made.id) == []


def test_fields_that_are_none_of_ours_are_refused(session: Session, in_state: InState, resident: Open) -> None:
    made = in_state("open")
    page = resident(made)
    for name in ("outcome", "tambon_code", "id", "consent_version", "closed_at"):
        assert page.post("change", **(filled(page) | {name: "1"})).status_code == 400
    assert events_of(session, made.id) == []


def test_a_closed_request_is_not_changed(in_state: InState, resident: Open) -> None:
    page = resident(in_state("open"))
    sent = filled(page)
    page.post("cancel")
    assert page.post("change", **sent).status_code == 409
    assert page.get("?do=change").status_code == 200


def test_a_number_that_is_paused_here_is_not_put_in_by_changing_unless_a_life_is_in_danger(
    session: Session, in_state: InState, resident: Open
) -> None:
    session.add(
        HelpBlock(
            phone_index=phone_index(VAULT, "+66899999999"), area_code="90", at=NOON,
            until=NOON + timedelta(days=1),
        )
    )  # fmt: skip
    made = in_state("open")
    page = resident(made)
    sent = filled(page)
    refused = page.post("change", **(sent | {"phone": "0899999999", "description": "ของใหม่"}))
    assert (refused.status_code, "ของใหม่" in refused.text) == (403, True)
    assert page.post("change", **(sent | {"phone": "0899999999", "urgency": "life"})).status_code == 303
    session.refresh(made)
    assert (made.look, made.held) == ("blocked", False)


def test_numbers_that_are_changed_all_the_time_are_marked_and_not_refused(
    session: Session, in_state: InState, resident: Open
) -> None:
    made = in_state("open")
    page = resident(made)
    sent = filled(page)
    for turn in range(A_DAY_ANYWHERE + 1):
        assert page.post("change", **(sent | {"phone": "0898765432"})).status_code == 303, turn
        page.post("change", **(sent | {"phone": "", "other": "เพื่อนบ้าน"}))
    session.refresh(made)
    assert (made.look, made.held) == ("number", False)


def test_what_is_held_is_seen_at_once_when_a_life_is_in_danger(
    session: Session, in_state: InState, resident: Open
) -> None:
    made = in_state("open", look="network", held=True)
    page = resident(made)
    assert "checks it first" in page.text("?lang=en")
    assert page.post("change", **(filled(page) | {"urgency": "life"})).status_code == 303
    session.refresh(made)
    assert (made.look, made.held) == ("network", False)


def test_a_change_says_that_it_is_still_needed(
    session: Session, in_state: InState, resident: Open, clock: dict[str, datetime]
) -> None:
    made = in_state("open", asked_at=NOON)
    page = resident(made)
    sent = filled(page)
    clock["now"] = NOON + timedelta(days=15)
    page.post("change", **(sent | {"people": "2"}))
    session.refresh(made)
    assert (made.confirmed_at, made.asked_at) == (clock["now"], None)


def test_programs_change_it_too(session: Session, in_state: InState, resident: Open, client: FlaskClient) -> None:
    made = in_state("open")
    page = resident(made)
    address = f"/api/v1/help-requests/resident/{page.link.token}"
    wanted = {
        "needs": [{"kind": "food"}], "urgency": "normal", "tambon": "900102", "phone": "0812345678",
        "consent": CONSENT_VERSION,
    }  # fmt: skip
    answer = client.post(address, json={"do": "change", "request": wanted})
    assert answer.get_json()["changed"] is True, answer.get_json()
    session.refresh(made)
    assert (made.tambon_code, made.cell_key, made.urgency, where(session, made)) == ("900102", "t:900102", 3, None)
    assert client.post(address, json={"do": "change", "request": wanted}).get_json()["changed"] is False
    assert client.post(address, json={"do": "change"}).status_code == 400


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_sent_is_answered(in_state: InState, resident: Open, data: st.DataObject) -> None:
    page = resident(in_state("open"))
    names = st.sampled_from(sorted(ChangeForm.model_fields.keys() - {"do"}))
    wrong = data.draw(st.dictionaries(names, VALUE, min_size=1, max_size=4))
    sent = filled(page) | {name: value.encode("utf-8", "surrogatepass") for name, value in wrong.items()}
    answer = page.post("change", **sent)
    assert answer.status_code in (303, 400, 403, 429), (wrong, answer.text[:300])
    assert "<script>window" not in answer.text
