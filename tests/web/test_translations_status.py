"""What is not translated is counted and named, and said in English meanwhile."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from mapapp.cli import main
from mapapp.core.languages import LANGUAGES
from mapapp.operations import translations
from mapapp.web import catalogues, i18n

PARTLY = [one for one in LANGUAGES if not one.is_complete]
by_code = pytest.mark.parametrize("row", PARTLY, ids=lambda row: row.code)
ASKING = (
    "What is needed?", "Where is help needed?", "Send the request", "Phone number", "How urgent is it?",
    "A life is in danger", "Is a life in danger? Call 1669 now. This page does not replace the call.",
    "Waiting for a volunteer", "The nearest facility", "Page not found",
    "Choose one from the list.", "Fill in this field.", "Enter at most %(max_length)s characters.",
)  # fmt: skip


def test_the_status_counts_for_each_language_and_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    said = CliRunner().invoke(main, ["translations", "status"], catch_exceptions=False).output
    whole = {one.room: one.all for one in translations.shares("th")}
    assert sum(whole.values()) > 2000
    assert f"ไทย Thai: {sum(whole.values())} of {sum(whole.values())} translated, 0 fall back to English" in said
    for row in PARTLY:
        told = translations.shares(row.code)
        assert {one.room: one.all for one in told} == whole
        done = sum(one.translated for one in told)
        rest = sum(whole.values()) - done
        assert 0 < done < sum(whole.values())
        assert f"{row.name} {row.english}: {done} of {done + rest} translated, {rest} fall back to English" in said


@by_code
def test_what_is_missing_can_be_filled_in(row: object) -> None:
    code = str(getattr(row, "code", ""))
    found = json.loads(CliRunner().invoke(main, ["translations", "missing", code]).output)
    told = translations.shares(code)
    counted = sum(len(one) if isinstance(one, dict) else 1 for one in found.values())
    assert counted == sum(one.all - one.translated for one in told)


@by_code
def test_residents_are_asked_in_their_language_and_the_rest_is_english(row: object) -> None:
    code = str(getattr(row, "code", ""))
    for text in ASKING:
        assert i18n.translate(text, code) != text, text
    assert i18n.translate("Appoint someone", code) == "Appoint someone"


@by_code
def test_each_place_of_a_message_is_in_its_translation(row: object) -> None:
    code = str(getattr(row, "code", ""))
    for message in catalogues.messages(catalogues.read(code)):
        for text in catalogues.forms(message):
            assert text % _Anything(), message.id


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "1"


@by_code
def test_a_page_says_its_language_and_loads_its_letters_only_there(client: FlaskClient, row: object) -> None:
    code, sheet = str(getattr(row, "code", "")), str(getattr(row, "stylesheet", ""))
    page = client.get(f"/requests/new?lang={code}").text
    assert f'<html lang="{code}" dir="ltr"' in page
    assert sheet in page
    for other in LANGUAGES:
        if other.code != code:
            assert f'hreflang="{other.code}"' in page
            assert sheet not in client.get(f"/requests/new?lang={other.code}").text


@by_code
def test_officers_pages_are_thai_and_english_only(client: FlaskClient, row: object) -> None:
    code = str(getattr(row, "code", ""))
    page = client.get(f"/sign-in?lang={code}").text
    assert '<html lang="en"' in page
    assert "hreflang=" in page
    assert f'hreflang="{code}"' not in page
