"""Who reads neither Thai nor English is told what is missing, and is thanked, in the language of the page."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.core.languages import LANGUAGES
from mapapp.web import catalogues

ROOT = Path(__file__).parents[3]
OTHERS = [one.code for one in LANGUAGES if not one.for_staff]
ENGLISH = re.compile("[A-Za-z]{3,}")


@pytest.mark.parametrize("lang", OTHERS)
@pytest.mark.parametrize("sent", [{}, {"place": "Xyz", "phone": "12", "people": "0", "quantity_food": "3 kg"}])
def test_what_is_missing_is_told_in_the_language_of_the_form(
    client: FlaskClient, country: Session, lang: str, sent: dict[str, str]
) -> None:
    answer = client.post(f"/requests/new?lang={lang}", data=sent)
    assert answer.status_code == 400
    told = re.findall(r'<li><a href="#[\w-]+">([^<]+)<', answer.text[answer.text.index('id="problems"') :])
    assert len(told) >= 4
    assert not [one for one in told if ENGLISH.search(one)]


def refusals() -> set[str]:
    """What the form, the resident's page and the API for residents can refuse something with."""
    rooms = ROOT / "mapapp/help_requests"
    asking = ("schemas", "place_fields", "limits", "forms", "service", "api")
    resident = ("changes", "schemas", "steps", "api")
    files = [*(f"asking/{name}.py" for name in asking), *(f"resident/{name}.py" for name in resident)]
    return {
        call.args[0].value
        for file in files
        for call in ast.walk(ast.parse((rooms / file).read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"N_", "gettext"}
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


NOT_REFUSED = {"I do not feel safe", "Someone contacted me who should not have my details"}
"""Reasons of a report: labels of the page."""


@pytest.mark.parametrize("lang", OTHERS)
def test_every_refusal_of_a_request_is_translated(lang: str) -> None:
    made = {message.id: message.string for message in catalogues.messages(catalogues.read(lang))}
    texts = refusals() - NOT_REFUSED
    assert len(texts) > 30, "nothing was read"
    assert not [text for text in texts if not made.get(text)]


@pytest.mark.parametrize("lang", OTHERS)
@pytest.mark.parametrize(
    "answered", ["Thank you. We are glad that you got help.", "Thank you. It stays open.", "Today", "Older"]
)
def test_answers_to_a_resident_are_translated(lang: str, answered: str) -> None:
    made = {message.id: message.string for message in catalogues.messages(catalogues.read(lang))}
    assert made.get(answered)
