"""API routes declared once: the route, its validation and its page in the OpenAPI document are the same models."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from mapapp.web.cache import cached
from mapapp.web.params import query as parse_query

PREFIX = "/api/v1"
GEOJSON = "application/geo+json"
JSON = "application/json"


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    errors: list[ProblemField] | None = None


class ProblemField(BaseModel):
    """One field that cannot be used, and what to do."""

    field: str
    detail: str


@dataclass(frozen=True)
class Operation:
    """One GET of the API as the OpenAPI document tells it."""

    rule: str
    name: str
    summary: str
    description: str
    query: type[BaseModel] | None
    response: type[BaseModel]
    media_types: tuple[str, ...]
    tag: str


class Api:
    """A room's part of ``/api/v1``. Answers carry ``ETag`` and are kept until the named data versions move."""

    def __init__(self, room: str, import_name: str) -> None:
        self.blueprint = Blueprint(f"{room}_api", import_name, url_prefix=PREFIX)
        self.room = room
        self.operations: list[Operation] = []

    def get(
        self,
        rule: str,
        *,
        response: type[BaseModel],
        summary: str,
        query: type[BaseModel] | None = None,
        media_type: str = JSON,
        also: tuple[str, ...] = (),
        data: tuple[str, ...] = (),
        max_age: int = 60,
        every: int | None = None,
    ) -> Callable[[Callable[..., BaseModel | Response]], Callable[..., Response]]:
        """Declares ``GET /api/v1<rule>``.

        The view takes ``query=`` (an instance of the query model, where there is one) and the rule's own
        parts, and returns an instance of ``response`` (serialised here) or a finished ``Response``.
        ``data`` names the data versions the answer is made from; empty means it is not cached on the server.
        """

        def decorate(view: Callable[..., BaseModel | Response]) -> Callable[..., Response]:
            def answer(**parts: Any) -> Response:
                if query is not None:
                    parts["query"] = parse_query(query)
                made = view(**parts)
                if isinstance(made, Response):
                    return made
                return Response(made.model_dump_json(by_alias=True), mimetype=media_type)

            # An address with a query model refuses what it does not know; one without takes nothing.
            takes = () if query is None else None
            kept = cached(*data, max_age=max_age, every=every, takes=takes)(answer) if data else answer
            self.blueprint.add_url_rule(rule, endpoint=view.__name__, view_func=kept)
            self.operations.append(
                Operation(
                    rule=rule,
                    name=f"{self.room}_{view.__name__}",
                    summary=summary,
                    description=(view.__doc__ or "").strip(),
                    query=query,
                    response=response,
                    media_types=(media_type, *also),
                    tag=self.room,
                )
            )
            return kept

        return decorate


def document(apis: list[Api], version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of all rooms."""
    operations = [operation for api in apis for operation in api.operations]
    models = {operation.response for operation in operations} | {Problem}
    _, schemas = models_json_schema(
        [(model, "serialization") for model in sorted(models, key=lambda model: model.__name__)],
        ref_template="#/components/schemas/{model}",
    )
    paths = {PREFIX + re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", o.rule): {"get": _operation(o)} for o in operations}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mapapp",
            "version": version,
            "description": "Areas, facilities and coverage of Thailand. Everything here is public and read-only. "
            "Coordinates are WGS 84 (EPSG:4326); GeoJSON is longitude, latitude; distances are metres. "
            "Errors are RFC 9457 problem documents, in Thai or English by `lang` or `Accept-Language`.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {"schemas": schemas["$defs"]},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"<(?:[^:<>]+:)?([^<>]+)>", operation.rule)
    ]
    if operation.query is not None:
        schema = operation.query.model_json_schema(mode="validation", ref_template="#/components/schemas/{model}")
        defs = schema.get("$defs", {})
        for name, prop in schema.get("properties", {}).items():
            parameters.append(
                {
                    "name": name,
                    "in": "query",
                    "required": name in schema.get("required", []),
                    "description": prop.get("description", ""),
                    "schema": _inlined(prop, defs),
                }
            )
    parameters.append(
        {
            "name": "lang",
            "in": "query",
            "required": False,
            "description": "Language of error messages.",
            "schema": {"type": "string", "enum": ["th", "en"]},
        }
    )
    reference = {"$ref": f"#/components/schemas/{operation.response.__name__}"}
    content: dict[str, Any] = {
        kind: {"schema": reference if "json" in kind else {"type": "string"}} for kind in operation.media_types
    }
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses = {
        "200": {"description": "OK", "content": content},
        "400": {"description": "A parameter cannot be used", "content": problem},
        "404": {"description": "There is no such thing", "content": problem},
    }
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "tags": [operation.tag],
        "parameters": parameters,
        "responses": responses,
    }


def _inlined(schema: Any, defs: dict[str, Any]) -> Any:
    """A parameter's schema without references: they would point into a part the document does not have."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(defs[schema["$ref"].rsplit("/", 1)[1]], defs)
        return {key: _inlined(value, defs) for key, value in schema.items() if key not in {"title"}}
    if isinstance(schema, list):
        return [_inlined(item, defs) for item in schema]
    return schema
