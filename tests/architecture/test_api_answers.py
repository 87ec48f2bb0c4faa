"""What the API's document promises is what it answers, and programs for maps can read it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pyogrio
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.accounts.models import Appointment
from mapapp.core.clock import today
from mapapp.coverage import service as coverage
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.resident import links
from mapapp.lists import geopackages
from mapapp.rooms import APIS
from mapapp.survey.followups.consent import CONSENT_VERSION as FOLLOW_UP_CONSENT
from mapapp.survey.publishing import service as publishing
from mapapp.survey.reference import service as reference
from mapapp.web.openapi import GEOJSON, JSON, PREFIX, Operation, document
from tests.conftest import NOON
from tests.data import add_facility, small_country
from tests.help_requests.build import VAULT, add_request, needs_of
from tests.help_requests.resident.conftest import hold
from tests.people import appoint, browser, token_for
from tests.survey.build import add_follow_up, add_round, entry, record

DOCUMENT = document(APIS, "test")

EXAMPLES = {
    "areas_areas": ["/areas?lat=14.05&lon=100.05", "/areas?q=900101", "/areas?level=tambon&limit=2"],
    "areas_area": ["/areas/9001", "/areas/900101?geometry=none", "/areas/900101?geometry=full"],
    "facilities_facilities": ["/facilities", "/facilities?area=9001&limit=1"],
    "facilities_nearest": ["/facilities/nearest?lat=14.05&lon=100.05"],
    "facilities_nearest_file": [
        "/facilities/nearest/file?lat=14.05&lon=100.05",
        "/facilities/nearest/file?lat=14.05&lon=100.05&format=csv",
        "/facilities/nearest/file?lat=14.05&lon=100.05&format=gpkg",
    ],
    "facilities_area_file": [
        "/facilities/file?area=90",
        "/facilities/file?area=90&format=csv",
        "/facilities/file?area=90&format=gpkg",
    ],
    "facilities_clusters": ["/facilities/clusters?zoom=5", "/facilities/clusters?zoom=13&bbox=100,14,100.2,14.2"],
    "facilities_facility": ["/facilities/{facility}"],
    "coverage_table": [
        "/coverage?level=tambon",
        "/coverage?format=geojson&level=tambon",
        "/coverage?format=csv",
        "/coverage?format=gpkg&level=tambon",
    ],
    "coverage_one_area": ["/coverage/areas/900101?kind=vaccination_site", "/coverage/areas/90?kind=hospital"],
    "coverage_compare": [
        "/coverage/compare?level=tambon&left=hospital&right=test_site",
        "/coverage/compare?format=csv",
    ],
    "coverage_one_more": ["/coverage/one-more?lat=14.05&lon=100.05&kind=vaccination_site&radius_km=5"],
    "coverage_values": ["/coverage/values?level=tambon&metric=beyond_people"],
    "coverage_best_site": ["/coverage/best-site?radius_km=5"],
    "help_nearby_listing": ["/help-requests", "/help-requests?area=9001"],
    "help_nearby_counted": ["/help-requests/cells", "/help-requests/cells?level=amphoe&bbox=100,14,100.2,14.2"],
    "help_nearby_one": ["/help-requests/{held}"],
    "help_resident_mine": ["/help-requests/resident"],
    "help_resident_resident": ["/help-requests/resident/{page}"],
    "help_board_measures": ["/help-requests/measures?area=90&weeks=2"],
    "accounts_appointments": ["/appointments?area=90", "/appointments?role=province_admin"],
    "survey_list_rounds": ["/survey/rounds"],
    "survey_villages": ["/survey/villages?round={survey}"],
    "survey_reference_figures": ["/survey/reference?province=90"],
    "statistics_published_table": [
        "/statistics?area=90&level=tambon",
        "/statistics?format=csv",
        "/statistics?format=xlsx&hxl=true",
    ],
    "statistics_published_values": ["/statistics/values?measure=completeness&figure=entered"],
    "statistics_published_fridays": ["/statistics/fridays"],
    "survey_published_table": ["/survey/vaccinated", "/survey/vaccinated?format=csv"],
    "survey_published_values": ["/survey/vaccinated/values"],
    "survey_households": ["/survey/rounds/{survey}/villages/90010103/records"],
    "survey_followups_list_follow_ups": ["/survey/follow-ups"],
    "statistics_live": [
        "/statistics/live?area=90&measure=vaccination",
        "/statistics/live?area=90&measure=facilities&level=tambon",
    ],
}
"""Operation → requests that between them show every form its answer has."""

PRIVATE = {
    "accounts_appointments", "help_nearby_one", "help_board_measures", "survey_list_rounds", "survey_villages",
    "survey_households", "survey_reference_figures", "survey_followups_list_follow_ups",
    "statistics_live",
}  # fmt: skip
"""Not for everybody: an administrator asks."""

OPERATIONS = {operation.name: operation for api in APIS for operation in api.operations if operation.method == "get"}

HOUSEHOLD = {
    "round": "{survey}", "village": "90010104", "household": "9", "observed_at": "2026-11-20T09:30:00+07:00",
    "groups": {"adult": {"here": 2, "more": 2}, "child": {"here": 0}, "elderly": None},
}  # fmt: skip
PERSON = {
    "entry": "{entry}", "reason": "transport", "name": "ยายบัว", "phone": "0812345670", "consent": FOLLOW_UP_CONSENT,
}  # fmt: skip
NEW = {"kind": "test_site", "name_th": "จุดตรวจ", "lat": 14.05, "lon": 100.05}
WRITTEN: dict[str, list[tuple[str, dict[str, Any], int]]] = {
    "facilities_add_facility": [
        ("/facilities", {**NEW, "ref": "1"}, 201),
        ("/facilities", {**NEW, "ref": "1"}, 200),
    ],
    "facilities_edit_facility": [("/facilities/{facility}", {"version": 1, "phone": None, "doses_per_day": 5}, 200)],
    "facilities_close_facility": [("/facilities/{facility}", {"reason": "ย้าย"}, 200)],
    "facilities_say_capacity": [("/facilities/{facility}/capacity", {"doses_per_day": 400, "status": "full"}, 200)],
    "facilities_report": [
        ("/facilities/{facility}/reports", {"reason": "other", "note": "ย้ายแล้ว"}, 201),
        ("/facilities/{facility}/reports", {"reason": "full"}, 201),
    ],
    "accounts_add_appointment": [
        (
            "/appointments",
            {"person": {"name": "คนใหม่", "phone": "0812345678"}, "role": "volunteer", "area_code": "900101"},
            201,
        ),
        ("/appointments", {"person_id": "{officer}", "role": "volunteer", "area_code": "900101"}, 201),
    ],
    "accounts_end_appointment": [("/appointments/{appointment}", {"reason": "ลาออก"}, 200)],
    "help_asking_ask": [
        (
            "/help-requests",
            {
                "needs": [{"kind": "food"}],
                "urgency": "urgent",
                "tambon": "900101",
                "phone": "0812345679",
                "consent": CONSENT_VERSION,
            },
            201,
        ),
    ],
    "help_working_claim": [("/help-requests/{free}/claim", {}, 200), ("/help-requests/{free}/claim", {}, 200)],
    "help_working_renew": [("/help-requests/{held}/renew", {}, 200)],
    "help_working_release": [("/help-requests/{held}/release", {"reason": "cannot_go"}, 200)],
    "help_working_progress": [
        ("/help-requests/{held}/progress", {"step": "there"}, 200),
        ("/help-requests/{held}/progress", {"step": "done", "given": "ข้าว"}, 200),
    ],
    "help_working_hand_over": [("/help-requests/{held}/hand-over", {"to_person": "{ally}"}, 200)],
    "help_working_contact": [("/help-requests/{held}/contact", {"reason": "agree"}, 200)],
    "help_resident_mine_do": [
        ("/help-requests/resident", {"do": "stop_sharing"}, 200),
        ("/help-requests/resident", {"do": "erase", "sure": "yes"}, 200),
    ],
    "help_resident_resident_do": [
        ("/help-requests/resident/{page}", {"do": "stop_sharing"}, 200),
        ("/help-requests/resident/{page}", {"do": "erase", "sure": "yes"}, 200),
    ],
    "survey_record": [
        ("/survey/entries/6f1a2f0e-4c1b-4b0e-9a53-3a6d8e2f9a10", HOUSEHOLD, 201),
        ("/survey/entries/6f1a2f0e-4c1b-4b0e-9a53-3a6d8e2f9a10", HOUSEHOLD, 200),
    ],
    "survey_record_many": [
        ("/survey/entries", {"entries": [{**HOUSEHOLD, "key": "6f1a2f0e-4c1b-4b0e-9a53-3a6d8e2f9a11"}]}, 200),
        ("/survey/entries", {"entries": [HOUSEHOLD, {}, 3]}, 200),
    ],
    "survey_followups_add": [
        ("/survey/follow-ups/0f6d2f0e-4c1b-4b0e-9a53-3a6d8e2f9a11", PERSON, 201),
        ("/survey/follow-ups/0f6d2f0e-4c1b-4b0e-9a53-3a6d8e2f9a11", PERSON, 200),
    ],
    "survey_followups_contact": [("/survey/follow-ups/{follow_up}/contact", {"reason": "visit"}, 200)],
    "survey_followups_step": [
        ("/survey/follow-ups/{follow_up}/steps", {"do": "request"}, 200),
        ("/survey/follow-ups/{follow_up}/steps", {"do": "done"}, 200),
    ],
}
"""Operation that changes something → what is sent, one after the other, and the status of its answer."""

WRITES = {operation.name: operation for api in APIS for operation in api.operations if operation.method != "get"}


@pytest.fixture
def facility(session: Session) -> int:
    """The small country with its figures; the id of a facility that has every fact."""
    small_country(session)
    made = add_facility(
        session, "vaccination_site", lat=14.15, lon=100.15, tambon_code="900202", name_en="Site", doses_per_day=500,
        opening_hours="Mo-Fr 08:30-16:30; PH off", phone="+6653140774", address="1", serves="ทุกคน",
    )  # fmt: skip
    coverage.refresh_all(session)
    session.commit()
    return made.id


@pytest.fixture
def asked(session: Session, facility: int) -> dict[str, Any]:
    """One request that is free, one that an administrator holds, the resident's link to it, and a volunteer."""
    holder, ally = appoint(session, "province_admin", "90"), appoint(session, "volunteer", "900101")
    free, held = add_request(session), add_request(session)
    hold(session, needs_of(session, held.id)[0], holder, ends=NOON + timedelta(hours=1))
    link = links.make(session, VAULT, held.id, made_by="post", now=NOON)
    survey = add_round(session)
    house = record(session, holder, entry(survey.id)).entry
    follow_up = add_follow_up(session, holder, house)
    people = {"adult": {"here": 160, "more": 160}}
    record(session, holder, entry(survey.id, None, village="90020101", groups=people))
    publishing.publish(session, NOON.date(), [publishing.Amphoe("9001", 150, 75)])
    given = {("90", "Vac Given 1 Cum", today(NOON)): 5.0, ("90", "Vac Given 2 Cum", today(NOON)): 7.0}
    reference.load(session, given, "test", NOON)
    session.commit()
    return {"free": free.id, "held": held.id, "page": link.token, "ally": str(ally.id), "holder": holder,
            "survey": survey.id, "entry": house, "follow_up": follow_up.id}  # fmt: skip


def key_of(operation: Operation, asked: dict[str, Any]) -> dict[str, str]:
    """The header of an operation that takes a key of its own."""
    return {"Authorization": f"Bearer {asked[operation.own_key]}"} if operation.own_key else {}


def names(value: Any, path: str = "") -> set[str]:
    """Every member of a JSON value, by its path; what a GeoJSON geometry holds is its own matter."""
    if isinstance(value, list):
        return {name for item in value for name in names(item, path + "[]")}
    if isinstance(value, dict) and not path.endswith(".geometry"):
        return {name for key, item in value.items() for name in {f"{path}.{key}"} | names(item, f"{path}.{key}")}
    return set()


def said_of(operation: Operation, media: str, status: str) -> OAS31Validator:
    """What the document itself says of an answer, as a program reads it: without our models."""
    path = PREFIX + re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", operation.rule)
    schema = DOCUMENT["paths"][path][operation.method]["responses"][status]["content"][media]["schema"]
    return OAS31Validator({**schema, "components": DOCUMENT["components"]})


def test_every_operation_has_an_example() -> None:
    assert set(EXAMPLES) == set(OPERATIONS)
    assert set(WRITTEN) == set(WRITES)


def _filled(sent: Any, values: dict[str, Any]) -> Any:
    """What is sent, with its places filled."""
    if isinstance(sent, dict):
        return {key: _filled(one, values) for key, one in sent.items()}
    if isinstance(sent, list):
        return [_filled(one, values) for one in sent]
    return sent.format(**values) if isinstance(sent, str) else sent


@pytest.mark.parametrize("name", WRITTEN)
def test_an_answer_to_a_write_is_what_the_document_says(
    app: Flask, client: FlaskClient, session: Session, facility: int, asked: dict[str, Any], name: str
) -> None:
    scopes = ["facilities.edit", "facilities.capacity", "requests.claim", "survey.enter", "survey.follow_up"]
    administrator = asked["holder"]
    headers = token_for(session, administrator, scopes)
    officer = appoint(session, "tambon_officer", "900101")
    held = session.scalars(select(Appointment.id).where(Appointment.person_id == officer.id)).one()
    values = {**asked, "facility": facility, "officer": str(officer.id), "appointment": held}
    visitor = browser(app, session, administrator)  # a program's key cannot appoint anybody
    operation = WRITES[name]
    headers = key_of(operation, asked) or headers
    for address, sent, status in WRITTEN[name]:
        address = PREFIX + address.format(**values)
        sent = _filled(sent, values)
        method = operation.method.upper()
        answer = (
            visitor.open(address, method, json=sent)
            if name.startswith("accounts_")
            else client.open(address, method=method, json=sent, headers=headers)
        )
        assert answer.status_code == status, answer.text
        model = operation.answers[answer.mimetype or ""]
        assert model is not None
        body = json.loads(answer.data)
        said_of(operation, answer.mimetype or "", str(status)).validate(body)
        assert names(body) == names(model.model_validate_json(answer.data).model_dump(mode="json", by_alias=True))
    assert WRITTEN[name][0][2] == operation.status


@pytest.mark.parametrize(("name", "address"), [(name, one) for name, some in EXAMPLES.items() for one in some])
def test_an_answer_is_what_the_document_says(
    app: Flask, session: Session, client: FlaskClient, facility: int, asked: dict[str, Any], name: str, address: str
) -> None:
    reader = client if name not in PRIVATE else browser(app, session, appoint(session, "province_admin", "90"))
    key = key_of(OPERATIONS[name], asked)
    answer = reader.get(PREFIX + address.format(**asked, facility=facility), headers=key)
    assert answer.status_code == 200, answer.text
    answers = OPERATIONS[name].answers
    assert answer.mimetype is not None
    assert answer.mimetype in answers
    model = answers[answer.mimetype]
    if model is None:
        return
    body = json.loads(answer.data)
    said_of(OPERATIONS[name], answer.mimetype, "200").validate(body)
    # Nothing that is sent is missing in the document, nothing that it promises is missing in the answer.
    assert names(body) == names(model.model_validate_json(answer.data).model_dump(mode="json", by_alias=True))


def test_every_media_type_is_shown_by_an_example(client: FlaskClient, facility: int, asked: dict[str, Any]) -> None:
    for name, some in EXAMPLES.items():
        if name in PRIVATE:
            continue
        key = key_of(OPERATIONS[name], asked)
        seen = {client.get(PREFIX + one.format(**asked, facility=facility), headers=key).mimetype for one in some}
        assert seen == set(OPERATIONS[name].answers), name


def test_a_parameter_can_be_sent_as_documented(client: FlaskClient) -> None:
    told = client.get(f"{PREFIX}/openapi.json").get_json()
    for path, methods in told["paths"].items():
        for parameter in [one for operation in methods.values() for one in operation["parameters"]]:
            schema = parameter["schema"]
            if schema.get("type") == "array":  # several of a name, as OpenAPI has it by default
                assert "style" not in parameter
                assert "explode" not in parameter
                schema = schema["items"]
            assert schema.get("type") in {"string", "integer", "number", "boolean"}, (path, parameter)
            assert schema.get("default", "") is not None
    facility_id = told["paths"][f"{PREFIX}/facilities/{{facility_id}}"]["get"]["parameters"][0]
    assert facility_id["schema"] == {"type": "integer"}
    table = told["paths"][f"{PREFIX}/coverage"]["get"]["responses"]["200"]["content"]
    assert set(table) == {JSON, "text/csv", GEOJSON, geopackages.MIME}
    assert table[JSON] != table[GEOJSON]


@pytest.mark.parametrize(
    ("address", "geometry", "features", "columns"),
    [
        ("/facilities", "Point", 2, {"kind", "name_th", "status", "opening_hours", "verified_at", "is_example"}),
        ("/facilities/nearest?lat=14.05&lon=100.05", "Point", 2, {"name_th", "distance_m", "measure"}),
        ("/facilities/nearest/file?lat=14.05&lon=100.05", "Point", 2, {"name_th", "distance_m", "measure"}),
        ("/facilities/file?area=90", "Point", 2, {"kind", "name_th", "status", "is_stale"}),
        ("/areas?level=tambon", "Point", 4, {"code", "name_th", "name_en", "population", "area_km2"}),
        ("/areas/9001", "MultiPolygon", 1, {"code", "name_th", "population"}),
        ("/coverage?format=geojson&level=tambon", "MultiPolygon", 4, {"code", "value", "within_share", "nearest_km"}),
    ],
)
def test_gdal_reads_the_geojson(
    client: FlaskClient, facility: int, address: str, geometry: str, features: int, columns: set[str]
) -> None:
    answer = client.get(PREFIX + address)
    assert answer.mimetype == GEOJSON
    found = pyogrio.read_info(answer.data, force_feature_count=True)
    assert found["driver"] == "GeoJSON"
    assert (found["geometry_type"], found["features"], found["crs"]) == (geometry, features, "EPSG:4326")
    assert columns <= set(found["fields"])
