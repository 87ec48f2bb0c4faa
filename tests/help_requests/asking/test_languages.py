"""Who reads neither Thai nor English is told what is missing, and is thanked, in the language of the page."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.core.languages import LANGUAGES
from mapapp.web import catalogues

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


@pytest.mark.parametrize("lang", OTHERS)
@pytest.mark.parametrize(
    "answered", ["Thank you. We are glad that you got help.", "Thank you. It stays open.", "Today", "Older"]
)
def test_answers_to_a_resident_are_translated(lang: str, answered: str) -> None:
    made = {message.id: message.string for message in catalogues.messages(catalogues.read(lang))}
    assert made.get(answered)
