"""The checks that script/test adds find what they are for: each is shown the fault it guards against."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from mapapp.rooms import APIS
from mapapp.web import openapi
from tests.architecture.test_api_inputs import strangers

ROOT = Path(__file__).parents[2]


def test_code_that_only_its_own_tests_use_is_found(tmp_path: Path) -> None:
    room, templates, tests = (tmp_path / name for name in ("mapapp", "templates", "tests"))
    for folder in (room, templates, tests):
        folder.mkdir()
    (room / "counts.py").write_text(
        "def most_used(): ...\ndef shown(): ...\ndef told(): ...\ntold()\n@pages.get('/')\ndef page(): ...\n"
    )
    (templates / "page.html").write_text("{{ shown() }}")
    (tests / "test_counts.py").write_text("from mapapp.counts import most_used\nmost_used()\n")
    looked = subprocess.run(
        [sys.executable, ROOT / "script" / "lib" / "unused.py", tmp_path], capture_output=True, text=True, check=False
    )
    assert looked.returncode == 1
    assert [line for line in looked.stdout.splitlines() if line.startswith("mapapp")] == [
        "mapapp/counts.py:1: nobody uses function 'most_used'"
    ]


def test_a_document_that_is_no_openapi_is_found() -> None:
    document = openapi.document(APIS, "test")
    path = "/api/v1/facilities/{facility_id}"
    spoilings: list[Callable[[dict[str, Any]], object]] = [
        lambda told: told["responses"]["200"].pop("description"),
        lambda told: told["parameters"][0].update(required=False),
        lambda told: told["parameters"][0]["schema"].update(type="integre"),
        lambda told: told["parameters"].clear(),
    ]
    for spoil in spoilings:
        spoilt = copy.deepcopy(document)
        spoil(spoilt["paths"][path]["get"])
        with pytest.raises(OpenAPIValidationError):
            validate(spoilt)
    document["paths"][path]["get"]["parameters"][0]["schema"]["minimal"] = 1
    assert strangers(document) == {"minimal"}
