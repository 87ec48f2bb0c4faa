"""What a program reads from a refusal, and whether the OpenAPI document tells of it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from flask import Flask, Response, request
from werkzeug.test import TestResponse

from mapapp.core.problem_types import BY_SLUG, PATH, ProblemType
from mapapp.rooms import APIS
from mapapp.web import i18n, openapi


def slug_of(answer: TestResponse) -> str:
    """The kind of a problem document, by the last part of its type."""
    assert answer.mimetype == openapi.PROBLEM, answer.text[:200]
    kind: str = answer.get_json()["type"]
    return kind.removeprefix(PATH)


@cache
def _document() -> dict[str, Any]:
    return openapi.document(APIS, "test")


def watch(app: Flask) -> list[str]:
    """Looks at every refusal for programs from now on; what is wrong with one of them is added to the list."""
    found: list[str] = []

    def look(response: Response) -> Response:
        program = request.path.startswith("/api/v1/") and i18n.is_for_programs(request.path)  # its own page is not
        if response.status_code >= 400 and program:
            wrong = _wrong(response)
            if wrong:
                where = request.url_rule or request.path
                found.append(f"{request.method} {where} answers {response.status_code}: {wrong}")
        return response

    app.after_request(look)
    return found


def _wrong(response: Response) -> str:
    if response.mimetype != openapi.PROBLEM:
        return f"no problem document, but {response.mimetype}"
    told: dict[str, Any] = response.get_json()
    row = BY_SLUG.get(told["type"].removeprefix(PATH))
    if row is None:
        return f"{told['type']} is in no row"
    return _unlike(row, told, response.status_code) or _undeclared(told["type"], response.status_code)


def _unlike(row: ProblemType, told: dict[str, Any], status: int) -> str:
    if (row.status, status) != (told["status"], told["status"]):
        return f"{row.slug} is {row.status}"
    promised, extra = set(row.members), set(told) - {"type", "title", "status", "detail"}
    return "" if promised == extra else f"{row.slug} promises {promised} and has {extra}"


def _undeclared(kind: str, status: int) -> str:
    rule = request.url_rule
    if rule is None or not rule.endpoint.split(".")[0].endswith("_api"):
        return ""
    path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
    operation = _document()["paths"][path].get(request.method.lower().replace("head", "get"), {})
    answers = operation.get("responses", {})
    if str(status) not in answers:
        return f"{kind}, a status that the document does not tell of"
    declared = answers[str(status)]["content"][openapi.PROBLEM]["schema"]["properties"]["type"]["enum"]
    return "" if kind in declared else f"{kind}, declared are {declared}"
