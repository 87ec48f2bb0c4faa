"""What the access matrix knocks at: one of everything, in tambon 900101 of the small country."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts import contacts
from mapapp.accounts.models import Appointment, Invitation
from mapapp.core.vault import new_token, token_hash
from mapapp.facilities.models import Facility, FacilityChange, FacilityImport, FacilityReport
from mapapp.help_requests.models import HelpOffer
from mapapp.help_requests.resident import links
from tests.conftest import NOON
from tests.data import add_area, add_facility
from tests.help_requests.build import VAULT, add_request
from tests.people import appoint, person
from tests.statistics.build import add_old_form, freeze_empty
from tests.survey.build import add_follow_up, add_import, add_round, assign, entry, record
from tests.volunteers.build import profile


@dataclass
class Things:
    """Names in braces, in addresses and bodies, and what they stand for."""

    values: dict[str, Any] = field(default_factory=dict)

    def filled(self, text: str) -> str:
        for name, value in self.values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def filled_values(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in values.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            bare = value.strip("{}")
            return self.values[bare] if value == "{" + bare + "}" else self.filled(value)
        if isinstance(value, list):
            return [self._value(inner) for inner in value]
        return value


def make_things(session: Session) -> Things:
    """One of everything, committed."""
    hospital = session.scalars(select(Facility.id)).one()
    add_area(session, "91", (103.0, 14.0, 103.2, 14.2), name_th="จังหวัดอื่น", name_en="Other Province")
    twin = add_facility(session, "hospital", lat=14.0501, lon=100.0501, tambon_code="900101", name_th="แห่งที่สอง")
    step = FacilityChange(
        facility_id=hospital, version=1, at=NOON, action="edit", actor_kind="person", changes={"beds": [4, None]}
    )
    report = FacilityReport(facility_id=hospital, reason="closed", at=NOON, sender=b"somebody")
    joiner = person(session, "ผู้ได้รับเชิญ", first_signed_in_at=None)
    contacts.keep_phone(VAULT, joiner, "+66812345670")
    token = new_token()
    invitation = Invitation(
        person_id=joiner.id, purpose="join", token_hash=token_hash(token), created_at=NOON,
        expires_at=NOON + timedelta(days=7),
    )  # fmt: skip
    helper = appoint(session, "data_volunteer", "900101", to=person(session, "อาสาข้อมูล"))
    helping = session.scalars(select(Appointment.id).where(Appointment.person_id == helper.id)).one()
    listed = FacilityImport(
        person_id=joiner.id, area_code="900101", file_name="list.csv", source="list", kind="hospital", state="uploaded",
        file="ชื่อ,lat,lon\nโรงพยาบาลในไฟล์,14.03,100.03\n".encode(), created_at=NOON,
    )  # fmt: skip
    session.add_all([step, report, invitation, listed])
    asked = add_request(session, at=NOON - timedelta(days=1))
    other = add_request(session, lat=14.15, lon=100.15, at=NOON - timedelta(days=1))
    link, other_link = (links.make(session, VAULT, one.id, made_by="post", now=NOON) for one in (asked, other))
    waiting, ally = person(session, "ผู้สมัคร"), appoint(session, "volunteer", "900101", to=person(session, "เพื่อน"))
    session.add_all([profile(waiting, state="waiting"), profile(ally)])
    offer = HelpOffer(
        request_id=other.id, kind="assign", to_person=ally.id, at=NOON, expires_at=NOON + timedelta(days=1)
    )
    session.add(offer)
    survey = add_round(session, "900101")
    assign(session, survey.id, "90010102", helper)
    data_volunteers = [
        appoint(session, "data_volunteer", "900101", to=person(session, name)) for name in ("หนึ่ง", "สอง")
    ]
    first, second = (record(session, one, entry(survey.id)) for one in data_volunteers)
    assert (first.state, second.state) == ("counted", "conflict")
    sheet = add_import(session, survey.id, joiner, "900101", "90010103,91,1,1")
    old_form, friday = add_old_form(session, "900101"), freeze_empty(session)
    session.commit()
    follow_up = add_follow_up(session, data_volunteers[0], first.entry)
    session.commit()
    return Things(
        {
            "hospital": hospital, "twin": twin.id, "step": step.id, "report": report.id, "invitation": token,
            "invitation_id": invitation.id,
            "helper": helper.id, "helping": helping, "import": listed.id,
            "asked": asked.id, "page": link.token,
            "right_page": link.token, "other_page": other_link.token, "no_page": new_token(),
            "waiting": waiting.id, "ally": ally.id, "offer": offer.id, "survey": survey.id,
            "survey_record": second.entry, "survey_import": sheet.id, "follow_up": follow_up.id,
            "old_form": old_form.id, "friday": friday.isoformat(),
        }
    )  # fmt: skip
