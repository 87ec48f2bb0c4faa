"""API routes, declared once: route, validation and OpenAPI document use the same models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import Any, Final, Literal

from flask import Blueprint, Response
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from mapapp.core import problem_types as types
from mapapp.core.languages import CODES
from mapapp.core.problem_types import ProblemType
from mapapp.web.cache import cached
from mapapp.web.params import parse_json
from mapapp.web.params import query as parse_query

PREFIX = "/api/v1"
GEOJSON = "application/geo+json"
JSON = "application/json"
PROBLEM = "application/problem+json"


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str = Field(
        description="identifies the problem type: the address of its page, relative to the address of the request"
    )
    title: str
    status: int
    detail: str | None = Field(default=None, description="explains this occurrence to a person; the wording can change")
    errors: list[ProblemField] | None = Field(default=None, description="the fields with errors")
    version: int | None = Field(default=None, description="version-conflict: the current version of the object")
    state: str | None = Field(default=None, description="wrong-state: the current state of the need")
    merged_into: int | None = Field(default=None, description="merged: the number of the facility that was kept")
    step: str | None = Field(
        default=None, description="step-needed: second_factor (two-step sign-in) or confirm (password)"
    )
    retry_after: int | None = Field(default=None, description="seconds to wait before the next attempt")
    current: dict[str, Any] | None = Field(default=None, description="the record as the service has it now")
    sent: dict[str, Any] | None = Field(default=None, description="the record as it was sent")
    differs: list[str] | None = Field(default=None, description="where both differ")


class ProblemField(BaseModel):
    """One invalid field, and how to correct it."""

    field: str
    detail: str


@dataclass(frozen=True)
class Operation:
    """One operation of the API, as the OpenAPI document describes it."""

    rule: str
    name: str
    summary: str
    description: str
    query: type[BaseModel] | None
    answers: Mapping[str, type[BaseModel] | None]
    """The models of the answer by media type; None: text without a model."""
    tag: str
    method: str = "get"
    body: type[BaseModel] | None = None
    """The model of the JSON body."""
    action: str | None = None
    """The action of the policy; None: no rights needed."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    """Optional request headers and their meaning."""
    own_key: str | None = None
    """One of ``OWN_KEYS``: the content of the header ``Authorization`` here."""
    is_limited: bool = False
    """Whether it answers 429 above a rate limit."""
    again: str | None = None
    """The meaning of status 200, if ``status`` is another one."""
    problems: tuple[ProblemType, ...] = ()
    """The problems it can answer in addition to the general ones."""

    @property
    def answers_problems(self) -> tuple[ProblemType, ...]:
        """All problems that it can answer, in the order of the table."""
        may = {*ALWAYS, *self.problems}
        may |= set() if self.own_key else {types.TOKEN_REFUSED}
        may |= {types.NOT_SIGNED_IN, types.LINK_UNKNOWN} if self.own_key else set()
        may |= set() if self.method == "get" else set(WRITING)
        may |= {types.LIMIT} if self.is_limited else set()
        may |= set() if self.action is None else set(FOR_SOME)
        return tuple(row for row in types.ALL if row in may)


ALWAYS: Final = (
    types.BAD_REQUEST, types.INVALID, types.NOT_FOUND, types.ADDRESS_TOO_LONG, types.INTERNAL_ERROR, types.UNAVAILABLE,
    types.NOT_READY,
)  # fmt: skip
"""Problems of every operation."""

WRITING: Final = (types.CSRF, types.CONFLICT, types.TOO_SLOW, types.TOO_LARGE)
"""Additional problems of operations that change something."""

FOR_SOME: Final = (
    types.NOT_SIGNED_IN, types.FORBIDDEN, types.NOT_YOUR_AREA, types.WRONG_TOKEN, types.STEP_NEEDED, types.SUSPENDED,
    types.PAPERS_MISSING,
)  # fmt: skip
"""Additional problems of operations that ask the policy."""


OWN_KEYS = {
    "page": "The key of a resident's page: the last part of the link that the answer to a new request has.",
}
"""Keys that are not API keys, by the name of their scheme in the document."""


class Api:
    """The part of ``/api/v1`` of one room. Answers have an ``ETag`` and are cached until the named data versions
    change."""

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
        problems: tuple[ProblemType, ...] = (),
    ) -> Callable[[Callable[..., BaseModel | Response]], Callable[..., Response]]:
        """Declares ``GET /api/v1<rule>``.

        The view takes ``query=`` (an instance of the query model, if there is one) and the rule's own parts, and
        returns an instance of ``response`` (serialised here) or a finished ``Response``. ``also`` has the other media
        types that a parameter can select, with their models (None: no JSON). ``data`` names the data versions that the
        answer is made from; empty means that it is not cached on the server. ``own_key``: the header ``Authorization``
        has a key of this kind (``OWN_KEYS``) instead of an API key. ``is_limited``: the view counts requests, and
        answers 429 above a limit. ``problems``: additional problems (``Operation.answers_problems``).
        """

        def decorate(view: Callable[..., BaseModel | Response]) -> Callable[..., Response]:
            def answer(**parts: Any) -> Response:
                if query is not None:
                    parts["query"] = parse_query(query)
                return _response(view(**parts), media_type, 200)

            # An address with a query model refuses unknown parameters; one without a model accepts none.
            takes = () if query is None else None
            kept = cached(*data, max_age=max_age, every=every, takes=takes)(answer) if data else answer
            answers = {media_type: response, **(also or {})}
            kept.own_key = own_key  # type: ignore[attr-defined]  # read before each request
            return self._added(
                view, kept, rule=rule, summary=summary, query=query, answers=answers, is_limited=is_limited,
                own_key=own_key, problems=problems,
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
        problems: tuple[ProblemType, ...] = (),
    ) -> Callable[[Callable[..., BaseModel | Response]], Callable[..., Response]]:
        """Declares a read for signed-in people: as ``get``, but never cached. ``action`` as for ``write``.

        ``is_limited``, ``problems`` as for ``get``.
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
                is_limited=is_limited, problems=problems,
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
        problems: tuple[ProblemType, ...] = (),
        again: str | None = None,
    ) -> Callable[[Callable[..., BaseModel | Response]], Callable[..., Response]]:
        """Declares an unsafe operation: ``POST /api/v1<rule>`` and the like. Its answers are never cached.

        The view takes ``body=`` (an instance of the body model, if there is one) and the rule's own parts. ``action``
        is the action of the policy that its view asks for; it is part of the document and of the access matrix.
        ``guard`` runs before the body is read: people without the right anywhere are refused before the body is
        checked. ``headers`` are optional request headers and their meaning. ``has_own_limit``: it counts its own uses,
        so the general limit of writes does not apply. ``own_key``, ``problems``: as for ``get``. ``again``: the meaning
        of status 200 instead of ``status``.
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
                problems=problems, again=again,
            )  # fmt: skip

        return decorate

    def _added(
        self, view: Callable[..., Any], answer: Callable[..., Response], **facts: Any
    ) -> Callable[..., Response]:
        """Registers the operation at its address and in the document."""
        made = Operation(
            name=f"{self.room}_{view.__name__}", description=(view.__doc__ or "").strip(), tag=self.room, **facts
        )
        self.blueprint.add_url_rule(
            made.rule, endpoint=view.__name__, view_func=answer, methods=[made.method.upper()]
        )  # fmt: skip
        self.operations.append(made)
        return update_wrapper(answer, view)


def _response(made: BaseModel | Response, media_type: str, status: int) -> Response:
    if isinstance(made, Response):
        return made
    return Response(made.model_dump_json(by_alias=True), status, mimetype=media_type)


def document(apis: Sequence[Api], version: str, origin: str = "") -> dict[str, Any]:
    """The OpenAPI 3.1 document of all rooms; ``origin`` is the beginning of the address of each problem type."""
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
        paths.setdefault(path, {})[one.method] = _operation(one, origin)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mapapp",
            "version": version,
            "description": "Areas, facilities and coverage of Thailand. Public data can be read "
            "without a key. Changes need a personal API key (`Authorization: Bearer …`), unless the operation says "
            "otherwise. One key can make 600 changes an hour, and update what is free at one facility 60 times an "
            "hour; after that, 429 says when to continue. "
            "Coordinates are WGS 84 (EPSG:4326); GeoJSON is longitude, latitude; distances are metres. "
            "Errors are RFC 9457 problem documents, in the language of `lang` or `Accept-Language`; programs "
            "tell them apart by `type`, and /problems/ explains each.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "examples": {row.slug: {"summary": row.title, "value": example(row, origin)} for row in types.ALL},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                **{name: {"type": "http", "scheme": "bearer", "description": said} for name, said in OWN_KEYS.items()},
            },
        },
    }


def example(row: ProblemType, origin: str = "", said: Callable[[str], str] = str) -> dict[str, Any]:
    """An example document of this row; ``said`` translates its texts."""
    made = {"type": origin + row.path, "title": said(row.title), "status": row.status, **row.members}
    if "errors" in made:
        made["errors"] = [{**one, "detail": said(one["detail"])} for one in made["errors"]]
    return made


def _refusals(operation: Operation, origin: str) -> dict[str, Any]:
    """The problem answers by status."""
    found: dict[str, list[ProblemType]] = {}
    for row in operation.answers_problems:
        found.setdefault(str(row.status), []).append(row)
    return {
        status: {
            "description": "; ".join(row.title for row in rows),
            "content": {
                PROBLEM: {
                    "schema": {
                        "allOf": [{"$ref": "#/components/schemas/Problem"}],
                        "properties": {"type": {"enum": [origin + row.path for row in rows]}},
                    },
                    "examples": {row.slug: {"$ref": f"#/components/examples/{row.slug}"} for row in rows},
                }
            },
        }
        for status, rows in found.items()
    }


def _operation(operation: Operation, origin: str) -> dict[str, Any]:
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
            "schema": {"type": "string", "enum": list(CODES)},
        }
    )
    content: dict[str, Any] = {
        media_type: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"} if model else {"type": "string"}}
        for media_type, model in operation.answers.items()
    }
    responses: dict[str, Any] = {str(operation.status): {"description": "OK", "content": content}}
    responses |= _refusals(operation, origin)
    more: dict[str, Any] = {}
    if operation.again is not None:
        responses["200"] = {"description": operation.again, "content": content}
    if operation.action is not None:
        more["security"] = [{"token": []}]
    if operation.own_key is not None:
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
    """A parameter without a value is left out, not sent as null: a query string has no null."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    made = {key: value for key, value in schema.items() if not (key == "default" and value is None)}
    if len(choices) == 1:
        del made["anyOf"]
        made = {**choices[0], **made}
    return made


def _inlined(schema: Any, defs: dict[str, Any]) -> Any:
    """The schema of a parameter without references: they would point to a part that the document does not have."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(defs[schema["$ref"].rsplit("/", 1)[1]], defs)
        return {key: _inlined(value, defs) for key, value in schema.items() if key not in {"title"}}
    if isinstance(schema, list):
        return [_inlined(item, defs) for item in schema]
    return schema
