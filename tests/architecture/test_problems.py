"""Programs tell refusals apart by ``type``: each kind is in one table, has a page, is raised, and a test shows it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mapapp.app import create_app
from mapapp.core import config, errors
from mapapp.core import problem_types as types
from mapapp.core.problem_types import ProblemType
from mapapp.rooms import APIS
from mapapp.web import openapi, problems
from tests.conftest import KEYS

TABLE = Path(types.__file__)
OPERATIONS = [operation for api in APIS for operation in api.operations]


def _kinds_of(error: type[errors.DomainError]) -> Iterator[tuple[type[errors.DomainError], type[errors.DomainError]]]:
    """Each class of error below this one, with the general one it belongs to."""
    for general in error.__subclasses__():
        below = [general]
        while below:
            one = below.pop()
            yield one, general
            below += one.__subclasses__()


def _names(folder: str) -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted((config.ROOT / folder).rglob("*.py")):
        if path not in (TABLE, Path(__file__)):
            for node in ast.walk(ast.parse(path.read_text())):
                yield path, node


def test_a_row_is_told_by_its_slug_alone_and_has_the_words_of_a_page() -> None:
    assert len(types.BY_SLUG) == len(types.ALL) > 30
    assert len({row.title for row in types.ALL}) == len(types.ALL)
    for row in types.ALL:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", row.slug)
        assert 400 <= row.status < 600
        assert row.meaning.endswith("."), row.slug
        assert row.to_do, row.slug
        assert row.title == row.title.rstrip("."), row.slug


def test_an_error_has_a_row_of_the_status_of_its_class() -> None:
    found = dict(_kinds_of(errors.DomainError))
    assert len(found) > 20
    for one, general in found.items():
        assert one.kind.status == general.kind.status, f"{one.__name__} would have another status than {general}"


def test_every_row_is_raised_somewhere() -> None:
    named = {node.attr for _path, node in _names("mapapp") if isinstance(node, ast.Attribute)}
    named |= {node.id for _path, node in _names("mapapp") if isinstance(node, ast.Name)}
    constants = {row: name for name, row in vars(types).items() if isinstance(row, ProblemType)}
    general = set(types.OF_STATUS.values())
    unused = {row.slug for row in types.ALL if constants[row] not in named and row not in general}
    assert not unused


def _shown(node: ast.AST) -> set[str]:
    """Slugs that an ``assert`` compares with what ``slug_of`` or ``type`` says of an answer."""
    if not isinstance(node, ast.Assert) or not {"slug_of", "type"} & _words(node):
        return set()
    return {text.removeprefix(types.PATH) for text in _words(node)} & set(types.BY_SLUG)


def _words(node: ast.AST) -> set[str]:
    parts = list(ast.walk(node))
    texts = {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}
    return texts | {part.id for part in parts if isinstance(part, ast.Name)}


SHOWN_ELSEWHERE = {"conflict", "forbidden", "internal-error", "unavailable", "taken", "bad-request", "too-slow"}
"""Their slugs are parameters of a test: ``tests/web/test_edge.py``, ``tests/web/serving/test_front.py``."""


def test_every_row_is_shown_by_a_test() -> None:
    shown = {slug for _path, node in _names("tests") for slug in _shown(node)}
    parameters = (config.ROOT / "tests/web/test_edge.py").read_text() + (
        config.ROOT / "tests/web/serving/test_front.py"
    ).read_text()
    assert all(f'"{slug}"' in parameters for slug in SHOWN_ELSEWHERE)
    assert set(types.BY_SLUG) == shown | SHOWN_ELSEWHERE


# The document ---------------------------------------------------------------------------------------------------


def _refusals(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    yield f"{method} {path}", status, answer["content"][openapi.PROBLEM]


def test_each_operation_names_the_kinds_it_can_answer_and_an_example_of_each(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    examples = document["components"]["examples"]
    assert set(examples) == set(types.BY_SLUG)
    told = list(_refusals(document))
    assert len(told) > 4 * len(OPERATIONS)
    for where, status, content in told:
        kinds = content["schema"]["properties"]["type"]["enum"]
        slugs = [kind.removeprefix("/problems/") for kind in kinds]
        assert slugs, where
        assert {types.BY_SLUG[slug].status for slug in slugs} == {int(status)}, where
        assert content["examples"] == {slug: {"$ref": f"#/components/examples/{slug}"} for slug in slugs}
    for slug, example in examples.items():
        made = openapi.Problem.model_validate(example["value"])
        assert (made.type, made.status) == (f"/problems/{slug}", types.BY_SLUG[slug].status)


def test_what_no_operation_can_answer_is_of_the_edge() -> None:
    declared = {row for operation in OPERATIONS for row in operation.answers_problems}
    assert set(types.ALL) - declared == {types.NO_SUCH_ADDRESS, types.METHOD_NOT_ALLOWED}


def test_a_member_that_a_row_promises_is_in_the_schema() -> None:
    for row in types.ALL:
        assert set(row.members) <= set(openapi.Problem.model_fields), row.slug


def test_a_type_is_whole_where_the_service_knows_its_address_and_never_the_askers_host() -> None:
    settings = config.Config(tile_url="none", public_url="https://map.example", secret_keys=KEYS)
    client = create_app(settings, object()).test_client()  # type: ignore[arg-type]  # no session is opened
    kind = client.get("/api/v1/nothing", headers={"Host": "evil.example"}).get_json()["type"]
    assert kind == "https://map.example/problems/no-such-address"
    document = client.get("/api/v1/openapi.json", headers={"Host": "evil.example"}).get_json()
    for where, _status, content in _refusals(document):
        for one in content["schema"]["properties"]["type"]["enum"]:
            assert one.startswith("https://map.example/problems/"), where


# The pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", types.ALL, ids=lambda row: row.slug)
def test_a_type_is_the_address_of_a_page_that_explains_it_in_both_languages(
    app: Flask, client: FlaskClient, row: ProblemType
) -> None:
    with app.test_request_context("/api/v1/areas"):
        address = problems.address(row)
    thai, english = client.get(address), client.get(f"{address}?lang=en")
    assert (thai.status_code, english.status_code) == (200, 200)
    assert f"<h1>{row.title}</h1>" in english.text
    assert row.title not in thai.text
    words = re.sub(r"</?code>", "`", english.text).replace("&#39;", "'")
    assert row.meaning in words
    assert row.to_do in words
    example = json.loads(re.search(r"<pre[^>]*><code>(.*?)</code>", english.text, re.S)[1].replace("&#34;", '"'))  # type: ignore[index]
    assert (example["type"], example["status"], example["title"]) == (address, row.status, row.title)
    assert set(row.members) <= set(example)


def test_the_list_has_every_kind_and_may_be_kept(client: FlaskClient) -> None:
    listed = client.get("/problems/?lang=en")
    for row in types.ALL:
        assert f'href="/problems/{row.slug}?lang=en"' in listed.text
    for address in ("/problems/", "/problems/taken"):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_a_kind_that_is_none_is_not_found(client: FlaskClient) -> None:
    for unknown in ("x", "about:blank", "TAKEN", "%00", "taken/x", "a" * 900):
        assert client.get(f"/problems/{unknown}").status_code == 404
    assert client.get("/problems").status_code == 308
