"""Whatever is sent to the API, it answers: 2xx, or a 4xx problem that says what to do. Never a 5xx."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from mapapp.app import APIS
from mapapp.web import openapi
from tests.data import small_country

OPERATIONS = [(api, operation) for api in APIS for operation in api.operations]

NASTY = st.sampled_from(
    ["", " ", "0", "-1", "1", "5", "10", "20", "50", "5001", "900101", "TH90", "999999", "1000000000", "1e400", "nan",
     "inf", "-inf", "NaN", "13,7", "13.7", "100.5", "14.05", "100.05", "hospital", "tambon", "province", "nearest_km",
     "beyond_people", "true", "false", "maybe", "json", "csv", "geojson", "97,5,106,21", "106,21,97,5", "1,2,3,4,5",
     "-180,-90,180,90", "ตำบล", "ต.ศรีภูมิ อ.เมือง", "\x00", "a\x00b", "\ud800", "{{7*191}}", "{%", "${1}", "' OR 1=1 --",
     "%", "_", "\\", "<img src=x>", "๑๒๓", "\u202e", "a" * 3000, "🩺" * 100, "../../etc/passwd",
     "999999999999999999999"]
)  # fmt: skip
VALUE = st.one_of(NASTY, st.text(max_size=40), st.floats().map(str), st.integers().map(str))


def _names(operation: openapi.Operation) -> list[str]:
    return [*(operation.query.model_fields if operation.query else ()), "lang", "unknown"]


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
    for part in ("<int:facility_id>", "<code>", "<facility_id>"):
        if part in rule:
            rule = rule.replace(
                part, data.draw(st.sampled_from(["1", "0", "999999999999999999999", "50", "9001", "x", "%00"]))
            )
    answer = app.test_client().get(openapi.PREFIX + rule, query_string=query)
    assert answer.status_code < 500, (sent, answer.text[:500])
    if answer.status_code >= 400 and answer.status_code != 404:
        body = json.loads(answer.data)
        assert answer.content_type == "application/problem+json"
        assert body["status"] == answer.status_code
        assert body.get("errors") or body.get("detail"), body


def test_the_document_is_openapi_3_1_and_complete(app: Flask) -> None:
    document = json.loads(app.test_client().get("/api/v1/openapi.json").data)
    assert document["openapi"].startswith("3.1")
    documented = set(document["paths"])
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0].endswith("_api"):
            assert re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule) in documented
    for path, methods in document["paths"].items():
        named = {p["name"] for p in methods["get"]["parameters"] if p["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))
        for reference in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(methods)):
            assert reference in document["components"]["schemas"]


def test_problems_speak_the_asked_language(app: Flask) -> None:
    client = app.test_client()
    address = "/api/v1/facilities/nearest?lat=100.5&lon=13.7"
    thai, english = client.get(address), client.get(address, headers={"Accept-Language": "en"})
    assert "สลับกัน" in thai.json["errors"][0]["detail"]  # type: ignore[index]
    assert "swapped" in english.json["errors"][0]["detail"]  # type: ignore[index]
