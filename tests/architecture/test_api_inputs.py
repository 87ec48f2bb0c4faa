"""Whatever is sent to the API, it answers: 2xx, or a 4xx problem that says what to do. Never a 5xx."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_specifications import REGISTRY as SPECIFICATIONS  # type: ignore[import-untyped]  # it has no types
from openapi_spec_validator import validate
from sqlalchemy.orm import Session

from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.help_requests.resident import links
from mapapp.rooms import APIS
from mapapp.web import openapi
from tests.conftest import NOON
from tests.data import small_country
from tests.help_requests.build import VAULT, add_request
from tests.people import appoint, token_for
from tests.survey.build import add_round

OPERATIONS = [(api, operation) for api in APIS for operation in api.operations if operation.method == "get"]
WRITES = [operation for api in APIS for operation in api.operations if operation.method != "get"]
DOCUMENT = openapi.document(APIS, "test")

NASTY = st.sampled_from(
    ["", " ", "0", "-1", "1", "5", "10", "20", "50", "5001", "900101", "TH90", "999999", "1000000000", "1e400", "nan",
     "inf", "-inf", "NaN", "13,7", "13.7", "100.5", "14.05", "100.05", "hospital", "tambon", "province", "nearest_km",
     "beyond_people", "true", "false", "maybe", "json", "csv", "geojson", "97,5,106,21", "106,21,97,5", "1,2,3,4,5",
     "-180,-90,180,90", "ตำบล", "ต.ศรีภูมิ อ.เมือง", "\x00", "a\x00b", "\ud800", "{{98765*54321}}", "{%", "${1}",
     "' OR 1=1 --",
     "%", "_", "\\", "<img src=x>", "๑๒๓", "\u202e", "a" * 3000, "🩺" * 100, "../../etc/passwd",
     "999999999999999999999"]
)  # fmt: skip
VALUE = st.one_of(NASTY, st.text(max_size=40), st.floats().map(str), st.integers().map(str))


def _names(operation: openapi.Operation) -> list[str]:
    return [*(operation.query.model_fields if operation.query else ()), "lang", "unknown"]


def _documented(operation: openapi.Operation) -> set[str]:
    """The statuses that the document tells of."""
    path = openapi.PREFIX + re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", operation.rule)
    return set(DOCUMENT["paths"][path][operation.method]["responses"])


@pytest.mark.parametrize(("api", "operation"), OPERATIONS, ids=lambda part: getattr(part, "name", ""))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_input_breaks_it(
    app: Flask, session: Session, api: openapi.Api, operation: openapi.Operation, data: st.DataObject
) -> None:
    if not session.info.get("country"):
        small_country(session)
        session.info["country"] = True
    sent: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(_names(operation)), VALUE, max_size=6))
    # A lone surrogate cannot leave a client as UTF-8; what arrives is its three bytes, so those are sent.
    query = {name: value.encode("utf-8", "surrogatepass") for name, value in sent.items()}
    rule = operation.rule
    for part in ("<int:facility_id>", "<code>", "<facility_id>", "<int:request_id>", "<token>", "<int:round_id>",
                 "<village>"):  # fmt: skip
        if part in rule:
            rule = rule.replace(
                part, data.draw(st.sampled_from(["1", "0", "999999999999999999999", "50", "9001", "x", "%00"]))
            )
    answer = app.test_client().get(openapi.PREFIX + rule, query_string=query)
    assert answer.status_code < 500, (sent, answer.text[:500])
    assert str(answer.status_code) in _documented(operation)
    if answer.status_code >= 400 and answer.status_code != 404:
        body = json.loads(answer.data)
        assert answer.content_type == "application/problem+json"
        assert body["status"] == answer.status_code
        assert body.get("errors") or body.get("detail"), body


JSON_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | VALUE
    | st.sampled_from([14.05, 100.05, 1, 10, "ทดสอบ", "open", "full", "closed", "other", "hospital", "2026-12-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
GOOD: dict[str, Any] = {"kind": "hospital", "name_th": "ทดสอบ", "lat": 14.05, "lon": 100.05, "version": 1,
                        "reason": "other", "status": "open", "beds_free": 1, "urgency": "urgent",
                        "consent": CONSENT_VERSION, "phone": "0812345678", "tambon": "900101", "step": "there",
                        "do": "extend", "to_person": str(uuid.uuid4()), "round": 1, "village": "90010103",
                        "household": "9", "groups": {"adult": {"here": 1, "one": 1}}}  # fmt: skip
"""What is right for some body; mixed into what is not, so that the search gets past the first field."""


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_breaks_it(app: Flask, session: Session, operation: openapi.Operation, data: st.DataObject) -> None:
    if "programs" not in session.info:
        small_country(session)
        who = appoint(session, "ministry", "TH")
        scopes = ["facilities.edit", "facilities.capacity", "requests.claim", "survey.enter"]
        asked = add_request(session)
        session.info["link"] = links.make(session, VAULT, asked.id, made_by="post", now=NOON).token
        session.info["asked"] = str(asked.id)
        session.info["survey"] = add_round(session).id
        session.info["programs"] = token_for(session, who, scopes)
    assert operation.body is not None
    names = [*operation.body.model_fields, "source", "tambon_code", "unknown"]
    sent = data.draw(st.dictionaries(st.sampled_from(names), JSON_VALUE, max_size=6))
    there = GOOD | {"round": session.info["survey"]}
    good = {name: there[name] for name in operation.body.model_fields if name in there and data.draw(st.booleans())}
    if "needs" in operation.body.model_fields and data.draw(st.booleans()):
        good["needs"] = [{"kind": "food", "quantity": data.draw(JSON_VALUE)}]
    parts = ["1", "999999", "9" * 21, "x", session.info["link"], session.info["asked"], str(uuid.uuid4())]
    rule = re.sub(r"<[^>]+>", data.draw(st.sampled_from(parts)), operation.rule)
    own = {"Authorization": f"Bearer {session.info['link']}"} if operation.own_key else session.info["programs"]
    answer = app.test_client().open(
        openapi.PREFIX + rule, method=operation.method.upper(), headers=own,
        data=json.dumps({**good, **sent}), content_type="application/json",
    )  # fmt: skip
    assert answer.status_code < 500, (good | sent, answer.text[:500])
    assert str(answer.status_code) in _documented(operation)
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"
        assert answer.get_json()["status"] == answer.status_code
    else:
        model = operation.answers[answer.mimetype or ""]
        assert model is not None
        model.model_validate_json(answer.data)


@pytest.mark.parametrize("operation", [one for one in WRITES if one.action], ids=lambda operation: operation.name)
def test_a_write_without_a_token_is_refused_before_its_body_is_read(app: Flask, operation: openapi.Operation) -> None:
    rule = re.sub(r"<uuid:[^>]+>", str(uuid.uuid4()), operation.rule)
    address = openapi.PREFIX + re.sub(r"<[^>]+>", "1", rule)
    for sent in ({"json": {"nonsense": 1}}, {"data": b"\xff"}, {}):
        answer = app.test_client().open(address, method=operation.method.upper(), **sent)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_document_says_what_a_write_needs(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["token"] == {"type": "http", "scheme": "bearer"}
    assert set(schemes) == {"token", *openapi.OWN_KEYS}
    for one in WRITES:
        path = openapi.PREFIX + re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", one.rule)
        told = document["paths"][path][one.method]
        assert one.body is not None
        sent = told["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][sent.rsplit("/", 1)[1]]
        assert schema["additionalProperties"] is False, "what the server sets cannot be sent"
        assert {"400", "404", "409", "413", "429", "503", str(one.status)} <= set(told["responses"])
        assert ("security" in told) == (one.action is not None or one.own_key is not None)
        assert all(scheme in schemes for asked in told.get("security", []) for scheme in asked)
        refusals = {row.slug for row in one.answers_problems}
        assert ("not-your-area" in refusals) == (one.action is not None)
        assert ("not-signed-in" in refusals) == (one.action is not None or one.own_key is not None)
        for status, answer in told["responses"].items():
            assert (list(answer["content"]) == ["application/problem+json"]) == (int(status) >= 400)


KEYWORDS = {"discriminator", "xml", "externalDocs", "example"} | {
    keyword
    for part in ("core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content")
    for keyword in SPECIFICATIONS.contents(f"https://json-schema.org/draft/2020-12/meta/{part}")["properties"]
}
"""What a schema of OpenAPI 3.1 can say: JSON Schema's vocabularies and OpenAPI's own."""


def strangers(document: dict[str, Any]) -> set[str]:
    """Keywords of its schemas that are none. A validator must pass over what it does not know, so it never tells."""
    found: set[str] = set()

    def look(schema: Any) -> None:
        if isinstance(schema, dict):
            found.update(schema.keys() - KEYWORDS)
            inner = [schema.get(name) for name in ("items", "contains", "not", "additionalProperties")]
            inner += [one for name in ("anyOf", "allOf", "oneOf", "prefixItems") for one in schema.get(name, ())]
            inner += [
                one for name in ("properties", "$defs", "patternProperties") for one in schema.get(name, {}).values()
            ]
            for one in inner:
                look(one)

    for schema in document["components"]["schemas"].values():
        look(schema)
    for methods in document["paths"].values():
        for operation in methods.values():
            contents = [operation.get("requestBody", {}), *operation["responses"].values()]
            media = [one for content in contents for one in content.get("content", {}).values()]
            for one in [*operation["parameters"], *media]:
                look(one.get("schema"))
    return found


def test_the_document_is_openapi_3_1_and_complete(app: Flask) -> None:
    document = json.loads(app.test_client().get("/api/v1/openapi.json").data)
    assert document["openapi"].startswith("3.1")
    validate(document)
    unknown = strangers(document)
    assert not unknown, "keywords that OpenAPI does not have: whoever reads the document does not see what they ask"
    documented = set(document["paths"])
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0].endswith("_api"):
            assert re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule) in documented
    for path, methods in document["paths"].items():
        for operation in methods.values():
            named = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))
        for reference in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(methods)):
            assert reference in document["components"]["schemas"]


def test_problems_speak_the_asked_language(app: Flask) -> None:
    client = app.test_client()
    address = "/api/v1/facilities/nearest?lat=100.5&lon=13.7"
    thai, english = client.get(address), client.get(address, headers={"Accept-Language": "en"})
    assert "สลับกัน" in thai.json["errors"][0]["detail"]  # type: ignore[index]
    assert "swapped" in english.json["errors"][0]["detail"]  # type: ignore[index]
