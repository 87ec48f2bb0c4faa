"""API routes declared once: the route, its validation and its page in the OpenAPI document are the same models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Blueprint, Response
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from mapapp.web.cache import cached
from mapapp.web.params import parse_json
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
    version: int | None = Field(default=None, description="with 409: the version the thing has now")


class ProblemField(BaseModel):
    """One field that cannot be used, and what to do."""

    field: str
    detail: str


@dataclass(frozen=True)
class Operation:
    """One operation of the API as the OpenAPI document tells it."""

    rule: str
    name: str
    summary: str
    description: str
    query: type[BaseModel] | None
    answers: Mapping[str, type[BaseModel] | None]
    """What is answered, by media type; None: text without a model."""
    tag: str
    method: str = "get"
    body: type[BaseModel] | None = None
    """What is sent, as JSON."""
    action: str | None = None
    """What the policy is asked; None: anybody may."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    """What a request may carry besides, and what it means."""
    own_key: str | None = None
    """Of ``OWN_KEYS``: what the header ``Authorization`` has here."""
    is_limited: bool = False
    """Answered with 429 to whoever asks it too often."""
    again: str | None = None
    """What an answer of 200 means, where ``status`` is another."""


OWN_KEYS = {
    "page": "The key of a resident's page: the last part of its link, which is given out with the request.",
}
"""Keys that are no program's token, by the name of their scheme in the document."""


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
        also: Mapping[str, type[BaseModel] | None] | None = None,
        data: tuple[str, ...] = (),
        max_age: int = 60,
        every: int | None = None,
        own_key: str | None = None,
        is_limited: bool = False,
    ) -> Callable[[Callable[..., BaseModel | Response]], Callable[..., Response]]:
        """Declares ``GET /api/v1<rule>``.

        The view takes ``query=`` (an instance of the query model, where there is one) and the rule's own
        parts, and returns an instance of ``response`` (serialised here) or a finished ``Response``.
        ``also`` has the other media types that a parameter can ask for, with their models (None: no JSON).
        ``data`` names the data versions the answer is made from; empty means it is not cached on the server.
        ``own_key``: the header ``Authorization`` has no program's token here but a key of this kind (``OWN_KEYS``).
        ``is_limited``: the view counts how often somebody asks, and answers 429 beyond.
        """

        def decorate(view: Callable[..., BaseModel | Response]) -> Callable[..., Response]:
            def answer(**parts: Any) -> Response:
                if query is not None:
                    parts["query"] = parse_query(query)
                return _response(view(**parts), media_type, 200)

            # An address with a query model refuses what it does not know; one without takes nothing.
            takes = () if query is None else None
            kept = cached(*data, max_age=max_age, every=every, takes=takes)(answer) if data else answer
            answers = {media_type: response, **(also or {})}
            kept.own_key = own_key  # type: ignore[attr-defined]  # read before each request
            return self._added(
                view, kept, rule=rule, summary=summary, query=query, answers=answers, is_limited=is_limited,
                own_key=own_key,
            )  # fmt: skip

        return decorate

    def private(
        self,
        rule: str,
        *,
        response: type[BaseModel],
        summary: str,
        action: str,
        query: type[BaseModel] | None = None,
        is_limited: bool = False,
    ) -> Callable[[Callable[..., BaseModel | Response]], Callable[..., Response]]:
        """Declares a read for signed-in people: as ``get``, kept nowhere. ``action`` as for ``write``.

        ``is_limited`` as for ``get``.
        """

        def decorate(view: Callable[..., BaseModel | Response]) -> Callable[..., Response]:
            def answer(**parts: Any) -> Response:
                if query is not None:
                    parts["query"] = parse_query(query)
                made = _response(view(**parts), JSON, 200)
                made.headers["Cache-Control"] = "no-store"
                return made

            answers = {JSON: response}
            return self._added(
                view, answer, rule=rule, summary=summary, query=query, answers=answers, action=action,
                is_limited=is_limited,
            )  # fmt: skip

        return decorate

    def write(
        self,
        method: Literal["post", "patch", "put", "delete"],
        rule: str,
        *,
        response: type[BaseModel],
        summary: str,
        body: type[BaseModel] | None = None,
        action: str | None = None,
        guard: Callable[[], object] | None = None,
        media_type: str = JSON,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        has_own_limit: bool = False,
        own_key: str | None = None,
        again: str | None = None,
    ) -> Callable[[Callable[..., BaseModel | Response]], Callable[..., Response]]:
        """Declares an unsafe operation: ``POST /api/v1<rule>`` and the like. Its answers are never cached.

        The view takes ``body=`` (an instance of the body model, where there is one) and the rule's own parts.
        ``action`` is what its view asks of the policy; the document says so, and the access matrix reads it.
        ``guard`` runs before the body is read: who may not do this anywhere learns that first, not what a body needs.
        ``headers`` are what a request may carry besides, with what they mean.
        ``has_own_limit``: it counts for itself how often it is done, so the limit of all writes is not asked.
        ``own_key``: as for ``get``.
        ``again``: what it means that it answers 200 and not ``status``.
        """

        def decorate(view: Callable[..., BaseModel | Response]) -> Callable[..., Response]:
            def answer(**parts: Any) -> Response:
                if guard is not None:
                    guard()
                if body is not None:
                    parts["body"] = parse_json(body)
                made = _response(view(**parts), media_type, status)
                made.headers["Cache-Control"] = "no-store"
                return made

            answer.has_own_limit = has_own_limit  # type: ignore[attr-defined]  # read before each unsafe request
            answer.own_key = own_key  # type: ignore[attr-defined]  # read before each request
            return self._added(
                view, answer, rule=rule, summary=summary, query=None, answers={media_type: response}, method=method,
                body=body, action=action, status=status, headers=headers or {}, is_limited=True, own_key=own_key,
                again=again,
            )  # fmt: skip

        return decorate

    def _added(
        self, view: Callable[..., Any], answer: Callable[..., Response], **facts: Any
    ) -> Callable[..., Response]:
        """Puts the operation at its address and into the document."""
        made = Operation(
            name=f"{self.room}_{view.__name__}", description=(view.__doc__ or "").strip(), tag=self.room, **facts
        )
        self.blueprint.add_url_rule(
            made.rule, endpoint=view.__name__, view_func=answer, methods=[made.method.upper()]
        )  # fmt: skip
        self.operations.append(made)
        return answer


def _response(made: BaseModel | Response, media_type: str, status: int) -> Response:
    if isinstance(made, Response):
        return made
    return Response(made.model_dump_json(by_alias=True), status, mimetype=media_type)


def document(apis: Sequence[Api], version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of all rooms."""
    operations = [operation for api in apis for operation in api.operations]
    answered = {model for operation in operations for model in operation.answers.values() if model} | {Problem}
    sent = {operation.body for operation in operations if operation.body}
    modes: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((model, "serialization") for model in sorted(answered, key=lambda model: model.__name__)),
        *((model, "validation") for model in sorted(sent, key=lambda model: model.__name__)),
    ]
    _, schemas = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        path = PREFIX + re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", one.rule)
        paths.setdefault(path, {})[one.method] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mapapp",
            "version": version,
            "description": "Areas, facilities and coverage of Thailand. Reading needs no key. What changes something "
            "needs a personal API token (`Authorization: Bearer …`) unless it says that anybody may; one token may "
            "do so 600 times an hour, and say what is free at each facility 60 times; then 429 says when to go on. "
            "Coordinates are WGS 84 (EPSG:4326); GeoJSON is longitude, latitude; distances are metres. "
            "Errors are RFC 9457 problem documents, in Thai or English by `lang` or `Accept-Language`.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                **{name: {"type": "http", "scheme": "bearer", "description": said} for name, said in OWN_KEYS.items()},
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer" if kind == "int:" else "string"}}
        for kind, name in re.findall(r"<([^:<>]+:)?([^<>]+)>", operation.rule)
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
                    "schema": _sendable(_inlined(prop, defs)),
                }
            )
    parameters += [
        {"name": name, "in": "header", "required": False, "description": meaning, "schema": {"type": "string"}}
        for name, meaning in operation.headers.items()
    ]
    parameters.append(
        {
            "name": "lang",
            "in": "query",
            "required": False,
            "description": "Language of error messages.",
            "schema": {"type": "string", "enum": ["th", "en"]},
        }
    )
    content: dict[str, Any] = {
        media_type: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"} if model else {"type": "string"}}
        for media_type, model in operation.answers.items()
    }
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses: dict[str, Any] = {
        str(operation.status): {"description": "OK", "content": content},
        "400": {"description": "Something that was sent cannot be used", "content": problem},
        "404": {"description": "There is no such thing", "content": problem},
        "414": {"description": "The address is too long", "content": problem},
        "503": {"description": "The service cannot answer now; try again as Retry-After says", "content": problem},
    }
    more: dict[str, Any] = {}
    if operation.again is not None:
        responses["200"] = {"description": operation.again, "content": content}
    if operation.method != "get":
        responses["409"] = {"description": "It has changed meanwhile, or its state forbids it", "content": problem}
        responses["413"] = {"description": "The body is too large", "content": problem}
    if operation.is_limited:
        responses["429"] = {"description": "Too many; wait as Retry-After says", "content": problem}
    if operation.action is not None:
        responses["401"] = {"description": "No token, or one that is no good", "content": problem}
        responses["403"] = {"description": "Not allowed here", "content": problem}
        more["security"] = [{"token": []}]
    if operation.own_key is not None:
        responses["401"] = {"description": "No key", "content": problem}
        more["security"] = [{operation.own_key: []}]
    if operation.body is not None:
        schema = {"$ref": f"#/components/schemas/{operation.body.__name__}"}
        more["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    return {
        **more,
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "tags": [operation.tag],
        "parameters": parameters,
        "responses": responses,
    }


def _sendable(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that may be absent is left away, not sent as null: a query string has none."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    made = {key: value for key, value in schema.items() if not (key == "default" and value is None)}
    if len(choices) == 1:
        del made["anyOf"]
        made = {**choices[0], **made}
    return made


def _inlined(schema: Any, defs: dict[str, Any]) -> Any:
    """A parameter's schema without references: they would point into a part the document does not have."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(defs[schema["$ref"].rsplit("/", 1)[1]], defs)
        return {key: _inlined(value, defs) for key, value in schema.items() if key not in {"title"}}
    if isinstance(schema, list):
        return [_inlined(item, defs) for item in schema]
    return schema
